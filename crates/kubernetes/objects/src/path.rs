//! Paths to fields: `spec.containers[0].securityContext.privileged`.

use std::fmt;

/// The way from the root of an object to a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FieldPath(Vec<Step>);

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into a map.
    Key(Box<str>),
    /// Into a list, from 0.
    Index(usize),
}

impl FieldPath {
    /// The object itself.
    pub const ROOT: Self = Self(Vec::new());

    /// Reads the notation that [`fmt::Display`] writes: keys behind dots, those with other
    /// characters than letters, digits, `-` and `_` as `["…"]`, indices as `[0]`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(quoted) = rest.strip_prefix("[\"") {
                let (key, after) = quoted.split_once("\"]")?;
                steps.push(Step::Key(key.into()));
                rest = after;
            } else if let Some(index) = rest.strip_prefix('[') {
                let (index, after) = index.split_once(']')?;
                steps.push(Step::Index(index.parse().ok()?));
                rest = after;
            } else {
                let name = match rest.strip_prefix('.') {
                    Some(name) if !steps.is_empty() => name,
                    None if steps.is_empty() => rest,
                    _ => return None,
                };
                let end = name.find(['.', '[']).unwrap_or(name.len());
                let (key, after) = name.split_at(end);
                if key.is_empty() {
                    return None;
                }
                steps.push(Step::Key(key.into()));
                rest = after;
            }
        }
        Some(Self(steps))
    }

    /// The path one key further.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.0.push(Step::Key(key.into()));
        self
    }

    /// The path one element further.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.0.push(Step::Index(index));
        self
    }

    /// The path followed by another.
    #[must_use]
    pub fn join(mut self, other: &Self) -> Self {
        self.0.extend_from_slice(&other.0);
        self
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    pub(crate) fn reversed(mut steps: Vec<Step>) -> Self {
        steps.reverse();
        Self(steps)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(formatter, "[{index}]")?,
                Step::Key(key) if is_plain(key) => {
                    let dot = if position == 0 { "" } else { "." };
                    write!(formatter, "{dot}{key}")?;
                }
                Step::Key(key) => write!(formatter, "[\"{key}\"]")?,
            }
        }
        Ok(())
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_they_are_read() {
        for text in [
            "",
            "spec",
            "spec.containers[0].securityContext.privileged",
            "metadata.annotations[\"a.b/c\"].d",
            "items[3]",
            "[0][1].a",
        ] {
            assert_eq!(FieldPath::parse(text).unwrap().to_string(), text);
        }
        for text in [".", "a..b", "a[", "a[x]", "a[\"b", ".a", "a."] {
            assert_eq!(FieldPath::parse(text), None, "{text}");
        }
    }
}
