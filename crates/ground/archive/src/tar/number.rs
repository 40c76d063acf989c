//! Numbers in tar headers and PAX records, with Go's idea of what is valid.

/// A numeric header field: base-256 where the first bit is set, else octal.
pub(super) fn numeric(field: &[u8]) -> Option<i64> {
    match field.first() {
        Some(first) if first & 0x80 != 0 => base_256(field),
        _ => octal(field),
    }
}

/// Octal digits between any spaces and NULs; an empty field is 0. A NUL ends the digits.
pub(super) fn octal(field: &[u8]) -> Option<i64> {
    let is_padding = |byte: &u8| *byte == b' ' || *byte == 0;
    let Some(start) = field.iter().position(|byte| !is_padding(byte)) else { return Some(0) };
    let end = field.iter().rposition(|byte| !is_padding(byte))?;
    let digits = c_string(field.get(start..=end)?);
    let value = digits.iter().try_fold(0_u64, |value, digit| match digit {
        b'0'..=b'7' => value.checked_mul(8)?.checked_add(u64::from(digit & 7)),
        _ => None,
    });
    value.map(u64::cast_signed)
}

/// GNU's binary form: big-endian two's complement, the highest bit being the mark.
fn base_256(field: &[u8]) -> Option<i64> {
    let negative = field.first()? & 0x40 != 0;
    let inversion = if negative { 0xff } else { 0 };
    let mut value: u64 = 0;
    for (index, byte) in field.iter().enumerate() {
        let byte = byte ^ inversion;
        let byte = if index == 0 { byte & 0x7f } else { byte };
        if value >> 56 > 0 {
            return None;
        }
        value = value << 8 | u64::from(byte);
    }
    let value = i64::try_from(value).ok()?;
    Some(if negative { !value } else { value })
}

/// A decimal number with an optional sign, as PAX records and sparse maps have it.
pub(super) fn decimal(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// The whole seconds, rounded down, of a PAX time: `seconds[.fraction]`.
pub(super) fn seconds(text: &[u8]) -> Option<i64> {
    let (whole, fraction) = match memchr::memchr(b'.', text) {
        Some(dot) => (text.get(..dot)?, text.get(dot.checked_add(1)?..)?),
        None => (text, &[][..]),
    };
    let seconds = decimal(whole)?;
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // Go keeps nanoseconds: digits after the ninth do not count.
    let below_zero = whole.starts_with(b"-") && fraction.iter().take(9).any(|digit| *digit != b'0');
    Some(if below_zero { seconds.wrapping_sub(1) } else { seconds })
}

/// The bytes before the first NUL.
pub(super) fn c_string(field: &[u8]) -> &[u8] {
    let end = memchr::memchr(0, field).unwrap_or(field.len());
    field.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_fields() {
        let check = |field: &[u8], expect| assert_eq!(numeric(field), expect, "{field:?}");
        check(b"0000644\0", Some(0o644));
        check(b"   644 \0", Some(0o644));
        check(b"\0\0 644", Some(0o644));
        check(b"", Some(0));
        check(b"\0 \0", Some(0));
        check(b"64\x004", Some(0o64));
        check(b"64 4", None);
        check(b"648", None);
        check(b"-1", None);
        check(b"777777777777", Some(0o777_777_777_777));
        check(b"\x80\0\0\0\0\0\0\x01", Some(1));
        check(b"\xff\xff\xff\xff\xff\xff\xff\xff", Some(-1));
        check(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe", Some(-2));
        check(b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", Some(i64::MAX));
        check(b"\x80\0\0\0\x80\0\0\0\0\0\0\0", None);
        check(b"\x80\x01\0\0\0\0\0\0\0\0\0\0", None);
    }

    #[test]
    fn record_values() {
        let check = |text: &[u8], expect| assert_eq!(seconds(text), expect, "{text:?}");
        check(b"12", Some(12));
        check(b"+12", Some(12));
        check(b"12.", Some(12));
        check(b"12.75", Some(12));
        check(b"-1.5", Some(-2));
        check(b"-0.5", Some(-1));
        check(b"-1.0000000001", Some(-1));
        check(b"1.x", None);
        check(b"", None);
        check(b".5", None);
        check(b"9223372036854775808", None);
    }
}
