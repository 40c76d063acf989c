//! What a scalar of YAML is in JSON.
//!
//! Clients of Kubernetes turn YAML into JSON with `sigs.k8s.io/yaml`, which resolves plain scalars by
//! YAML 1.1 with a few changes: `yes`, `on` and `y` are truth values, `0o17`, `017` and `0b1` are
//! numbers, `_` may stand between digits, `1:30` and dates are texts. `tests/oracle.rs` asks the
//! library itself.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::node::Value;

/// Whose reading of plain scalars counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// kubectl's.
    Kubectl,
    /// kustomize's: `yes`, `on` and their like are texts, and are written out as such.
    Kustomize,
}

/// The value of a plain scalar without a tag.
pub(crate) fn plain(text: Cow<'_, str>, reading: Reading) -> Value<'_> {
    let value = match text.as_bytes().first() {
        None | Some(b'~' | b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') => {
            word(&text)
        }
        Some(b'.') => word(&text).or_else(|| float(&text)),
        Some(b'+' | b'-' | b'0'..=b'9') => word(&text).or_else(|| number(&text)),
        _ => None,
    };
    match value {
        Some(Value::Bool(_)) if reading == Reading::Kustomize && is_old_truth(&text) => {
            Value::Text(text)
        }
        Some(value) => value,
        None => Value::Text(text),
    }
}

/// A truth value of YAML 1.1 that is none of 1.2.
fn is_old_truth(text: &str) -> bool {
    !matches!(text.as_bytes().first(), Some(b't' | b'T' | b'f' | b'F'))
}

/// The value of a scalar with a tag of YAML's own, named without its prefix; none where the text is
/// not of that type.
pub(crate) fn tagged<'a>(tag: &str, text: Cow<'a, str>) -> Option<Value<'a>> {
    match tag {
        "str" | "timestamp" => return Some(Value::Text(text)),
        "binary" => {
            let letters: String = text.split_whitespace().collect();
            let bytes = STANDARD.decode(letters).ok()?;
            return Some(Value::Text(String::from_utf8_lossy(&bytes).into_owned().into()));
        }
        _ => {}
    }
    let value = plain(text, Reading::Kubectl);
    match (tag, value) {
        ("float", Value::Integer(number)) => Some(Value::Float(as_float(number))),
        ("int", value @ Value::Integer(_))
        | ("bool", value @ Value::Bool(_))
        | ("float", value @ Value::Float(_))
        | ("null", value @ Value::Null) => Some(value),
        _ => None,
    }
}

fn word(text: &str) -> Option<Value<'static>> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Value::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        ".nan" | ".NaN" | ".NAN" => Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

fn number(text: &str) -> Option<Value<'static>> {
    if is_date(text) {
        return None;
    }
    let digits = if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { text.into() };
    integer(&digits).or_else(|| is_float(&digits).then(|| float(&digits)).flatten())
}

/// Go's `strconv.ParseInt` with base 0: the prefix says the base, `0` alone that of eight.
fn integer(text: &str) -> Option<Value<'static>> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    // The sign is read above; one more is no number.
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    let signed = i128::from(magnitude);
    let signed = if negative { signed.checked_neg()? } else { signed };
    match i64::try_from(signed) {
        Ok(number) => Some(Value::Integer(number)),
        Err(_) if negative => None,
        #[expect(clippy::cast_precision_loss, reason = "no field of the API holds such a number")]
        Err(_) => Some(Value::Float(magnitude as f64)),
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mantissa_fits = (whole.is_empty() && digits(fraction) && mantissa.starts_with('.'))
        || (digits(whole) && (fraction.is_empty() || digits(fraction)));
    mantissa_fits
        && exponent.is_none_or(|text| digits(text.strip_prefix(['-', '+']).unwrap_or(text)))
}

fn float(text: &str) -> Option<Value<'static>> {
    // Rust reads `infinity` and `nan`, too.
    let shape = text.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    let number: f64 = text.parse().ok().filter(|_| shape)?;
    // Go calls an overflow an error; the text stays one.
    number.is_finite().then_some(Value::Float(number))
}

/// Four digits and a `-` begin a date, which stays a text. What only looks like one is no number
/// either.
fn is_date(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits == 4 && text.as_bytes().get(4) == Some(&b'-')
}

#[expect(clippy::cast_precision_loss, reason = "a tag asks for it")]
const fn as_float(number: i64) -> f64 {
    number as f64
}
