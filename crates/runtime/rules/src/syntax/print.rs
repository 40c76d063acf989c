//! Trees back to text, in one form for one meaning.

use std::fmt::{self, Display, Formatter, Write as _};

use super::tree::{Argument, Check, Expression, FieldName, Operand, Right, Test, VALUE, Word};

impl Display for Expression {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => joined(formatter, parts, " and ", |part| match part {
                Self::And(_) | Self::Or(_) => true,
                Self::Not(_) | Self::Check(_) | Self::Macro { .. } => false,
            }),
            Self::Or(parts) => joined(formatter, parts, " or ", |part| matches!(part, Self::Or(_))),
            Self::Not(part) => match &**part {
                Self::Check(_) | Self::Macro { .. } => write!(formatter, "not {part}"),
                Self::And(_) | Self::Or(_) | Self::Not(_) => write!(formatter, "not ({part})"),
            },
            Self::Check(check) => check.fmt(formatter),
            Self::Macro { name, .. } => formatter.write_str(name),
        }
    }
}

fn joined(
    formatter: &mut Formatter<'_>,
    parts: &[Expression],
    between: &str,
    nests: impl Fn(&Expression) -> bool,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            formatter.write_str(between)?;
        }
        if nests(part) {
            write!(formatter, "({part})")?;
        } else {
            part.fmt(formatter)?;
        }
    }
    Ok(())
}

impl Display for Check {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        self.left.fmt(formatter)?;
        match &self.test {
            Test::Exists => formatter.write_str(" exists"),
            Test::Compare { operator, quantifier, right } => {
                write!(formatter, " {operator} ")?;
                if let Some(quantifier) = quantifier {
                    write!(formatter, "{quantifier} ")?;
                }
                match right {
                    Right::Word(word) => word.fmt(formatter),
                    Right::List(words) => {
                        formatter.write_char('(')?;
                        list(formatter, words)?;
                        formatter.write_char(')')
                    }
                    Right::Operand(Operand::Field(field)) => write!(formatter, "{VALUE}({field})"),
                    Right::Operand(operand) => operand.fmt(formatter),
                }
            }
        }
    }
}

impl Display for Operand {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(field) => field.fmt(formatter),
            Self::Transform { transformer, arguments, index, .. } => {
                write!(formatter, "{transformer}(")?;
                list(formatter, arguments)?;
                formatter.write_char(')')?;
                brackets(formatter, index.as_deref())
            }
        }
    }
}

impl Display for FieldName {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        brackets(formatter, self.argument.as_deref())
    }
}

impl Display for Argument {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operand(operand) => operand.fmt(formatter),
            Self::Text(text) => quoted(formatter, text.as_bytes()),
            Self::List(inner) => {
                formatter.write_char('(')?;
                list(formatter, inner)?;
                formatter.write_char(')')
            }
        }
    }
}

impl Display for Word {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let plain = |inner: char| {
            inner.is_ascii_alphanumeric()
                || matches!(inner, '/' | '.' | '_' | '-' | '+' | ':' | '*')
        };
        if !self.text.is_empty() && self.lossy().chars().all(plain) {
            formatter.write_str(&self.lossy())
        } else {
            quoted(formatter, &self.text)
        }
    }
}

fn list(formatter: &mut Formatter<'_>, parts: &[impl Display]) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            formatter.write_str(", ")?;
        }
        part.fmt(formatter)?;
    }
    Ok(())
}

fn brackets(formatter: &mut Formatter<'_>, inner: Option<&str>) -> fmt::Result {
    let Some(inner) = inner else { return Ok(()) };
    formatter.write_char('[')?;
    if inner.is_empty()
        || inner.contains(|inner: char| "[]\"'".contains(inner) || inner.is_whitespace())
    {
        quoted(formatter, inner.as_bytes())?;
    } else {
        formatter.write_str(inner)?;
    }
    formatter.write_char(']')
}

fn quoted(formatter: &mut Formatter<'_>, text: &[u8]) -> fmt::Result {
    formatter.write_char('"')?;
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\u{8}' => formatter.write_str("\\b")?,
                '\u{c}' => formatter.write_str("\\f")?,
                '\n' => formatter.write_str("\\n")?,
                '\r' => formatter.write_str("\\r")?,
                '\t' => formatter.write_str("\\t")?,
                '"' | '\\' => write!(formatter, "\\{character}")?,
                control if control.is_ascii_control() => {
                    write!(formatter, "\\x{:02x}", u32::from(control))?;
                }
                _ => formatter.write_char(character)?,
            }
        }
        for byte in chunk.invalid() {
            write!(formatter, "\\x{byte:02x}")?;
        }
    }
    formatter.write_char('"')
}
