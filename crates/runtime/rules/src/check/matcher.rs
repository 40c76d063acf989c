//! The right side of a comparison, made ready once.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::net::IpAddr;

use aho_corasick::AhoCorasick;
use bulkhead_events::{Field, FieldType, Glob, Value};
use memchr::memmem::Finder;
use regex::bytes::Regex;
use rustc_hash::FxBuildHasher;

use super::address::Network;
use super::literals::Literals;
use super::paths::Paths;
use super::pattern;
use super::ports;
use super::transform::is_text;
use crate::falco;
use crate::problem::Problem;
use crate::syntax::{Operator, Quantifier, Word};

/// What is asked of one value. A value of another type than it asks for is not it.
#[derive(Debug, Clone)]
pub(crate) enum Matcher {
    Text(Vec<u8>),
    TextIn(HashSet<Vec<u8>, FxBuildHasher>),
    TextOrder(Operator, Vec<u8>),
    Contains(Box<Finder<'static>>),
    /// One of several texts, or a text whatever the case of its letters.
    ContainsAny(AhoCorasick),
    StartsWith(Vec<u8>),
    EndsWith(Vec<u8>),
    Glob(Glob, Literals),
    Regex(Box<Regex>),
    Paths(Paths),
    Number(Operator, i64),
    NumberIn(HashSet<i64, FxBuildHasher>),
    Boolean(bool),
    Networks(Vec<Network>),
    Not(Box<Self>),
    Quantified(Quantifier, Vec<Self>),
    Never,
}

impl Matcher {
    /// One value on the right.
    pub(crate) fn single(
        kind: FieldType,
        operator: Operator,
        word: &Word,
    ) -> Result<Self, Problem> {
        check_operator(kind, operator, word)?;
        let text = word.text.as_slice();
        let bytes = || text.to_vec();
        Ok(match operator {
            Operator::NotEqual => Self::Not(Box::new(Self::single(kind, Operator::Equal, word)?)),
            Operator::Equal => match kind {
                FieldType::Boolean => Self::Boolean(boolean(word)?),
                FieldType::Address | FieldType::Network => Self::Networks(vec![network(word)?]),
                kind if is_number(kind) => Self::Number(operator, number(kind, word)?),
                _ => Self::Text(bytes()),
            },
            order if order.is_order() && is_number(kind) => {
                Self::Number(order, number(kind, word)?)
            }
            order if order.is_order() => Self::TextOrder(order, bytes()),
            Operator::Contains => Self::contains(text),
            Operator::CaselessContains => Self::ContainsAny(searcher(&[text], true, word)?),
            Operator::ContainsBytes => Self::contains(&hexadecimal(word)?),
            Operator::StartsWith => Self::StartsWith(bytes()),
            Operator::StartsWithBytes => Self::StartsWith(hexadecimal(word)?),
            Operator::EndsWith => Self::EndsWith(bytes()),
            Operator::Glob => Self::Glob(Glob::new(text), Literals::of(text)),
            Operator::CaselessGlob => Self::Glob(Glob::without_case(text), Literals::default()),
            Operator::Regex => Self::Regex(Box::new(pattern::whole(word)?)),
            _ => Self::list(kind, operator, std::slice::from_ref(word))?,
        })
    }

    fn contains(text: &[u8]) -> Self {
        Self::Contains(Box::new(Finder::new(text).into_owned()))
    }

    /// A list on the right of `in`, `intersects` or `pmatch`.
    pub(crate) fn list(
        kind: FieldType,
        operator: Operator,
        words: &[Word],
    ) -> Result<Self, Problem> {
        if let Some(first) = words.first() {
            check_operator(kind, operator, first)?;
        }
        if operator == Operator::PathMatch {
            return Ok(Self::Paths(Paths::new(words.iter().map(|word| word.text.as_slice()))));
        }
        if words.is_empty() {
            return Ok(Self::Never);
        }
        Ok(match kind {
            FieldType::Boolean => Self::Quantified(
                Quantifier::AnyOf,
                words
                    .iter()
                    .map(|word| boolean(word).map(Self::Boolean))
                    .collect::<Result<_, _>>()?,
            ),
            FieldType::Address | FieldType::Network => {
                Self::Networks(words.iter().map(network).collect::<Result<_, _>>()?)
            }
            kind if is_number(kind) => {
                let numbers = words.iter().map(|word| number(kind, word));
                Self::NumberIn(numbers.collect::<Result<_, _>>()?)
            }
            _ => Self::TextIn(words.iter().map(|word| word.text.clone()).collect()),
        })
    }

    /// An operator that asks for one, any or all of several values.
    pub(crate) fn quantified(
        kind: FieldType,
        operator: Operator,
        quantifier: Quantifier,
        words: &[Word],
    ) -> Result<Self, Problem> {
        match (quantifier, operator, words) {
            // Not even all of none.
            (_, _, []) => Ok(Self::Never),
            (Quantifier::AnyOf, Operator::Equal, _) => Self::list(kind, Operator::In, words),
            (Quantifier::AnyOf, Operator::Contains | Operator::CaselessContains, [first, ..]) => {
                check_operator(kind, operator, first)?;
                let caseless = operator == Operator::CaselessContains;
                let together = words.chunks(MOST_TOGETHER).map(|words| {
                    let texts: Vec<_> = words.iter().map(|word| word.text.as_slice()).collect();
                    searcher(&texts, caseless, first).map(Self::ContainsAny)
                });
                Ok(Self::Quantified(quantifier, together.collect::<Result<_, _>>()?))
            }
            _ => Ok(Self::Quantified(
                quantifier,
                words
                    .iter()
                    .map(|word| Self::single(kind, operator, word))
                    .collect::<Result<_, _>>()?,
            )),
        }
    }

    /// Whether a value, which is no list, is what is asked for. Null is not even unequal.
    pub(crate) fn holds(&self, value: &Value<'_>) -> bool {
        match (self, value) {
            (_, Value::Null) | (Self::Never, _) => false,
            (Self::Not(inner), value) => !inner.holds(value),
            (Self::Quantified(quantifier, inner), value) => {
                let mut holding = inner.iter().filter(|inner| inner.holds(value));
                match quantifier {
                    Quantifier::AnyOf => holding.next().is_some(),
                    Quantifier::OneOf => holding.next().is_some() && holding.next().is_none(),
                    Quantifier::AllOf => holding.count() == inner.len(),
                }
            }
            (_, Value::Text(text)) => self.holds_text(text),
            (Self::Number(operator, right), Value::Number(left)) => {
                relates(*operator, left.cmp(right))
            }
            (Self::NumberIn(set), Value::Number(number)) => set.contains(number),
            (Self::Boolean(expected), Value::Boolean(truth)) => expected == truth,
            (Self::Networks(networks), Value::Address(address)) => {
                networks.iter().any(|network| network.contains(canonical(*address)))
            }
            _ => false,
        }
    }

    fn holds_text(&self, text: &[u8]) -> bool {
        match self {
            Self::Text(expected) => text == expected.as_slice(),
            Self::TextIn(set) => set.contains(text),
            Self::TextOrder(operator, right) => relates(*operator, text.cmp(right)),
            Self::Contains(finder) => finder.find(text).is_some(),
            Self::ContainsAny(searcher) => searcher.is_match(text),
            Self::StartsWith(start) => text.starts_with(start),
            Self::EndsWith(end) => text.ends_with(end),
            Self::Glob(glob, _) => glob.matches(text),
            // Where it is not UTF-8, as Falco has it: what is wrong is one character.
            Self::Regex(regex) => regex.is_match(String::from_utf8_lossy(text).as_bytes()),
            Self::Paths(paths) => paths.matches(text),
            _ => false,
        }
    }

    /// The texts that a value may be equal to, as far as they are listed.
    pub(crate) fn texts(&self) -> Vec<&[u8]> {
        match self {
            Self::Text(text) => vec![text],
            Self::TextIn(texts) => texts.iter().map(Vec::as_slice).collect(),
            Self::Not(inner) => inner.texts(),
            Self::Quantified(_, all) => all.iter().flat_map(Self::texts).collect(),
            _ => Vec::new(),
        }
    }

    /// How long it takes, in comparisons of a few bytes: only the order among others matters.
    pub(crate) fn cost(&self) -> u32 {
        match self {
            Self::Never | Self::Boolean(_) | Self::Number(..) => 1,
            Self::Text(_) | Self::TextOrder(..) | Self::StartsWith(_) | Self::EndsWith(_) => 2,
            Self::TextIn(_) | Self::NumberIn(_) => 3,
            Self::Networks(networks) => u32::try_from(networks.len()).unwrap_or(u32::MAX),
            Self::Contains(_) => 6,
            Self::ContainsAny(_) | Self::Glob(..) | Self::Paths(_) => 12,
            Self::Regex(_) => 20,
            Self::Not(inner) => inner.cost(),
            Self::Quantified(_, inner) => inner.iter().map(Self::cost).fold(0, u32::saturating_add),
        }
    }
}

/// How many texts are looked for in one pass: making ready for it takes the square of their number.
pub(crate) const MOST_TOGETHER: usize = 4096;

/// Whether two values that came from the event stand in a relation.
pub(crate) fn compare(operator: Operator, left: &Value<'_>, right: &Value<'_>) -> bool {
    if let Value::List(values) = right {
        return values.iter().any(|right| compare(operator, left, right));
    }
    let equal = match (left, right) {
        (Value::Null, _) | (_, Value::Null) => return false,
        (Value::Text(left), Value::Text(right)) => {
            let (left, right): (&[u8], &[u8]) = (left, right);
            return match operator {
                Operator::Contains => Finder::new(right).find(left).is_some(),
                Operator::CaselessContains => {
                    let right = right.to_ascii_lowercase();
                    Finder::new(&right).find(&left.to_ascii_lowercase()).is_some()
                }
                Operator::StartsWith => left.starts_with(right),
                Operator::EndsWith => left.ends_with(right),
                Operator::Glob => Glob::new(right).matches(left),
                Operator::CaselessGlob => Glob::without_case(right).matches(left),
                operator => relates(operator, left.cmp(right)),
            };
        }
        (Value::Number(left), Value::Number(right)) => return relates(operator, left.cmp(right)),
        (Value::Address(left), Value::Address(right)) => canonical(*left) == canonical(*right),
        (left, right) => left == right,
    };
    if operator == Operator::NotEqual { !equal } else { equal }
}

fn relates(operator: Operator, ordering: Ordering) -> bool {
    match operator {
        Operator::Equal | Operator::In | Operator::Intersects => ordering.is_eq(),
        Operator::NotEqual => ordering.is_ne(),
        Operator::Less => ordering.is_lt(),
        Operator::LessOrEqual => ordering.is_le(),
        Operator::Greater => ordering.is_gt(),
        Operator::GreaterOrEqual => ordering.is_ge(),
        _ => false,
    }
}

/// An address of IPv4 that a socket of IPv6 shows is that address.
fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// Whether values of a type are numbers.
pub(crate) const fn is_number(kind: FieldType) -> bool {
    matches!(kind, FieldType::Number | FieldType::Port | FieldType::Duration | FieldType::Time)
}

/// Whether an operator can be asked of a type.
pub(crate) const fn allows(kind: FieldType, operator: Operator) -> bool {
    match operator {
        Operator::Equal | Operator::NotEqual | Operator::In | Operator::Intersects => {
            !matches!((kind, operator), (FieldType::Bytes, Operator::In | Operator::Intersects))
        }
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            is_number(kind) || is_text(kind)
        }
        Operator::ContainsBytes | Operator::StartsWithBytes => matches!(kind, FieldType::Bytes),
        Operator::Contains | Operator::StartsWith | Operator::EndsWith => {
            is_text(kind) || matches!(kind, FieldType::Bytes)
        }
        Operator::CaselessContains
        | Operator::Glob
        | Operator::CaselessGlob
        | Operator::Regex
        | Operator::PathMatch => is_text(kind),
    }
}

fn check_operator(kind: FieldType, operator: Operator, word: &Word) -> Result<(), Problem> {
    if allows(kind, operator) {
        return Ok(());
    }
    let known = Operator::ALL.iter().filter(|operator| allows(kind, **operator));
    let names: Vec<_> = known.map(|operator| operator.name()).collect();
    Err(Problem::error(
        word.place.clone(),
        format!("`{operator}` cannot be asked of {}", called(kind)),
    )
    .hint(format!("one of {} can", names.join(" "))))
}

/// A type in messages.
pub(crate) const fn called(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "a text",
        FieldType::Number => "a number",
        FieldType::Port => "a port",
        FieldType::Duration => "a duration",
        FieldType::Time => "a time",
        FieldType::Boolean => "true or false",
        FieldType::Address => "an address",
        FieldType::Network => "an address held against networks",
        FieldType::Domain => "a domain name",
        FieldType::Bytes => "bytes",
        _ => "it",
    }
}

fn wrong(word: &Word, what: &str, hint: &str) -> Problem {
    let text = word.lossy();
    let problem = Problem::error(word.place.clone(), format!("`{text}` is no {what}"));
    // What is called so is most often a list of another file.
    let is_name =
        text.contains('_') && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    problem.hint(if falco::has_list(&text) {
        falco::HINT.to_owned()
    } else if is_name {
        "no list is called so; give the file that defines it first".to_owned()
    } else if Field::is_named(&text) {
        format!("`val({text})` is the field's value")
    } else {
        hint.to_owned()
    })
}

fn boolean(word: &Word) -> Result<bool, Problem> {
    match word.lossy().to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(wrong(word, "truth value", "write true or false")),
    }
}

fn number(kind: FieldType, word: &Word) -> Result<i64, Problem> {
    let text = word.lossy();
    let is_port = kind == FieldType::Port;
    if let Some(port) = ports::number(&text).filter(|_| is_port) {
        return Ok(port.into());
    }
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let number = match digits {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse::<u64>().ok(),
    };
    // Fields show what is larger as the largest.
    let number = number.map(|number| i64::try_from(number).unwrap_or(i64::MAX));
    number.or_else(|| text.parse().ok()).ok_or_else(|| {
        if is_port {
            wrong(word, "port", &ports::hint(&text))
        } else {
            wrong(word, "whole number", "write digits, or 0x and hexadecimal digits")
        }
    })
}

fn network(word: &Word) -> Result<Network, Problem> {
    Network::read(&word.lossy()).ok_or_else(|| {
        wrong(word, "address or network", "write 10.1.2.3 or 10.0.0.0/8 or fe80::/10")
    })
}

fn hexadecimal(word: &Word) -> Result<Vec<u8>, Problem> {
    let error = || wrong(word, "hexadecimal text", "write two digits for each byte: cafebabe");
    let digits: Vec<u32> = word
        .lossy()
        .chars()
        .map(|digit| digit.to_digit(16))
        .collect::<Option<_>>()
        .ok_or_else(error)?;
    let bytes = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high.wrapping_mul(16).wrapping_add(*low)).ok(),
        _ => None,
    });
    bytes.collect::<Option<Vec<_>>>().filter(|bytes| !bytes.is_empty()).ok_or_else(error)
}

fn searcher(texts: &[&[u8]], caseless: bool, word: &Word) -> Result<AhoCorasick, Problem> {
    AhoCorasick::builder().ascii_case_insensitive(caseless).build(texts).map_err(|error| {
        Problem::error(word.place.clone(), format!("the texts cannot be searched for: {error}"))
    })
}
