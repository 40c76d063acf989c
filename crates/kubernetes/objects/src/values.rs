//! Values that many fields share.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::name::Name;

/// Values by name, sorted by it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Table<V>(Box<[(Name, V)]>);

/// Labels or annotations.
pub type Labels = Table<Name>;

impl<V> Table<V> {
    /// The table of pairs. Of two with the same name the later counts.
    pub fn new(pairs: impl IntoIterator<Item = (Name, V)>) -> Self {
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.reverse();
        pairs.sort_by(|(one, _), (two, _)| one.cmp(two));
        pairs.dedup_by(|(one, _), (two, _)| one == two);
        Self(pairs.into())
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&V> {
        let found = self.0.binary_search_by(|(present, _)| present.as_str().cmp(name)).ok()?;
        self.0.get(found).map(|(_, value)| value)
    }

    /// Names and values in the order of the names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Name, &V)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self(Box::default())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Table<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TableVisitor(PhantomData))
    }
}

struct TableVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for TableVisitor<V> {
    type Value = Table<V>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Table<V>, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Table::new(pairs))
    }
}

/// Whether anything is given: a field whose content no check reads.
pub(crate) fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Option::<IgnoredAny>::deserialize(deserializer).map(|value| value.is_some())
}

/// The names of a list of objects that have one.
pub(crate) fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<[Name]>, D::Error> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Named {
        name: Name,
    }
    let list = Vec::<Named>::deserialize(deserializer)?;
    Ok(list.into_iter().map(|named| named.name).collect())
}

/// A number, or a text that is a name or a percentage. (`apimachinery`, `intstr.IntOrString`)
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum IntOrString {
    /// A number.
    Int(i32),
    /// A text.
    Text(Name),
}

impl<'de> Deserialize<'de> for IntOrString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IntOrStringVisitor)
    }
}

struct IntOrStringVisitor;

impl Visitor<'_> for IntOrStringVisitor {
    type Value = IntOrString;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a whole number or a text")
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<IntOrString, E> {
        i32::try_from(number).map(IntOrString::Int).map_err(E::custom)
    }

    fn visit_str<E>(self, text: &str) -> Result<IntOrString, E> {
        Ok(IntOrString::Text(Name::new(text)))
    }
}

/// An amount of a resource as it was written: `100m`, `1.5Gi`, `2`. (`apimachinery`,
/// `resource.Quantity`)
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Quantity(Name);

impl Quantity {
    /// An amount, as it is written in objects.
    pub fn new(text: &str) -> Self {
        Self(Name::new(text))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Thousandths of the unit: `1` is 1000. None where it is no quantity. What does not fit, as
    /// `1e30`, is the largest number, with its sign.
    pub fn milli(&self) -> Option<i128> {
        let text = self.0.as_str();
        let end = text
            .find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, '.' | '+' | '-'))
            .unwrap_or(text.len());
        let (number, suffix) = text.split_at(end);
        let (scale, exponent) = match suffix {
            "Ki" => (1_i128 << 10, 3),
            "Mi" => (1 << 20, 3),
            "Gi" => (1 << 30, 3),
            "Ti" => (1 << 40, 3),
            "Pi" => (1 << 50, 3),
            "Ei" => (1 << 60, 3),
            "n" => (1, -6),
            "u" => (1, -3),
            "m" => (1, 0),
            "" => (1, 3),
            "k" => (1, 6),
            "M" => (1, 9),
            "G" => (1, 12),
            "T" => (1, 15),
            "P" => (1, 18),
            "E" => (1, 21),
            exponent => {
                let digits = exponent.strip_prefix(['e', 'E'])?;
                (1, digits.parse::<i32>().ok()?.checked_add(3)?)
            }
        };
        decimal(number, scale, exponent)
    }
}

/// `number` × `scale` × 10^`exponent`, rounded away from zero as quantities are.
fn decimal(number: &str, scale: i128, exponent: i32) -> Option<i128> {
    let (negative, digits) = match number.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let valid = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !valid(whole) || !valid(fraction) {
        return None;
    }
    let mut value: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        let digit = i128::from(digit.wrapping_sub(b'0'));
        value = value.saturating_mul(10).saturating_add(digit);
    }
    value = value.saturating_mul(scale);
    let exponent = exponent.saturating_sub(i32::try_from(fraction.len()).unwrap_or(i32::MAX));
    for _ in 0..exponent.unsigned_abs().min(64) {
        value = if exponent > 0 {
            value.saturating_mul(10)
        } else {
            value.checked_add(9).map_or(value, |sum| sum.div_euclid(10))
        };
    }
    Some(if negative { value.saturating_neg() } else { value })
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(QuantityVisitor)
    }
}

struct QuantityVisitor;

impl Visitor<'_> for QuantityVisitor {
    type Value = Quantity;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a quantity")
    }

    fn visit_i64<E>(self, number: i64) -> Result<Quantity, E> {
        Ok(Quantity(Name::new(&number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Quantity, E> {
        Ok(Quantity(Name::new(&number.to_string())))
    }

    fn visit_str<E>(self, text: &str) -> Result<Quantity, E> {
        Ok(Quantity(Name::new(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_count_in_thousandths() {
        for (text, milli) in [
            ("1", Some(1_000)),
            ("100m", Some(100)),
            ("1.5Gi", Some((3 << 29) * 1_000)),
            ("0.1", Some(100)),
            (".5", Some(500)),
            ("1e3", Some(1_000_000)),
            ("1E3", Some(1_000_000)),
            ("12E", Some(12_000_000_000_000_000_000_000)),
            ("1n", Some(1)),
            ("-2k", Some(-2_000_000)),
            ("", None),
            ("Gi", None),
            ("1 Gi", None),
            ("1..2", None),
            ("1e99999999999", None),
        ] {
            assert_eq!(Quantity(Name::new(text)).milli(), milli, "{text}");
        }
    }

    #[test]
    fn the_later_of_two_labels_counts() {
        let labels =
            Labels::new([("b", "1"), ("a", "2"), ("b", "3")].map(|(k, v)| (k.into(), v.into())));
        assert_eq!(labels.get("b").unwrap(), "3");
        assert_eq!(labels.len(), 2);
        assert_eq!(labels.get("c"), None);
    }
}
