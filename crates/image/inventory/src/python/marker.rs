//! Environment markers (PEP 508): whether a requirement holds for an installation on Linux.

use std::cmp::Ordering;

use bulkhead_model::EntryPath;

/// How deep parentheses may nest; deeper ones hold.
const DEPTH: u32 = 32;

/// What is known of the interpreter that an installation is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Environment {
    /// `3.11`, where the path of the site says it.
    python: Option<String>,
}

impl Environment {
    /// Of `usr/lib/python3.11/site-packages`.
    pub(super) fn of_site(folder: &EntryPath) -> Self {
        let version = folder.components().rev().find_map(|part| {
            let version = std::str::from_utf8(part.strip_prefix(b"python")?).ok()?;
            version.contains('.').then(|| version.to_owned())
        });
        Self { python: version }
    }

    /// Whether a marker holds. What is unknown or malformed holds: a requirement too many is seen,
    /// one too few is not. Extras are unknown to an installation, so what only they ask for does not.
    pub(super) fn applies(&self, marker: &str) -> bool {
        Parser { environment: self, rest: marker }.any(0)
    }

    fn variable(&self, name: &str) -> Option<&str> {
        match name {
            "python_version" | "python_full_version" => self.python.as_deref(),
            "os_name" => Some("posix"),
            "sys_platform" => Some("linux"),
            "platform_system" => Some("Linux"),
            "platform_python_implementation" => Some("CPython"),
            "implementation_name" => Some("cpython"),
            "extra" => Some(""),
            _ => None,
        }
    }

    fn compare(&self, left: Operand<'_>, operator: &str, right: Operand<'_>) -> bool {
        let version = [left, right].iter().any(|operand| operand.is_version());
        let (Some(left), Some(right)) = (left.value(self), right.value(self)) else {
            return true;
        };
        let order = if version { by_numbers(left, right) } else { left.cmp(right) };
        match operator {
            "==" | "===" | "~=" if right.ends_with(".*") => {
                left.starts_with(right.trim_end_matches('*'))
            }
            "==" | "===" => order == Ordering::Equal,
            "!=" => order != Ordering::Equal,
            "<" => order == Ordering::Less,
            "<=" => order != Ordering::Greater,
            ">" => order == Ordering::Greater,
            ">=" | "~=" => order != Ordering::Less,
            "in" => right.contains(left),
            "not in" => !right.contains(left),
            _ => true,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Operand<'a> {
    Text(&'a str),
    Variable(&'a str),
}

impl<'a> Operand<'a> {
    fn is_version(self) -> bool {
        matches!(self, Self::Variable("python_version" | "python_full_version"))
    }

    fn value<'e>(self, environment: &'e Environment) -> Option<&'e str>
    where
        'a: 'e,
    {
        match self {
            Self::Text(text) => Some(text),
            Self::Variable(name) => environment.variable(name),
        }
    }
}

/// Release numbers, part by part; what is no number counts as 0.
fn by_numbers(left: &str, right: &str) -> Ordering {
    let parts = |version: &str| -> Vec<u32> {
        let mut parts: Vec<u32> =
            version.split('.').map(|part| part.trim().parse().unwrap_or(0)).collect();
        while parts.last() == Some(&0) {
            parts.pop();
        }
        parts
    };
    parts(left).cmp(&parts(right))
}

/// Recursive descent over what is left of a marker.
struct Parser<'a> {
    environment: &'a Environment,
    rest: &'a str,
}

impl<'a> Parser<'a> {
    /// `all or all …`
    fn any(&mut self, depth: u32) -> bool {
        let mut holds = self.all(depth);
        while self.word("or") {
            holds |= self.all(depth);
        }
        holds
    }

    /// `one and one …`
    fn all(&mut self, depth: u32) -> bool {
        let mut holds = self.one(depth);
        while self.word("and") {
            holds &= self.one(depth);
        }
        holds
    }

    /// A comparison, or a marker in parentheses.
    fn one(&mut self, depth: u32) -> bool {
        if self.symbol("(") {
            if depth >= DEPTH {
                self.rest = "";
                return true;
            }
            let holds = self.any(depth.saturating_add(1));
            self.symbol(")");
            return holds;
        }
        let (Some(left), Some(operator)) = (self.operand(), self.operator()) else {
            self.rest = "";
            return true;
        };
        match self.operand() {
            Some(right) => self.environment.compare(left, operator, right),
            None => true,
        }
    }

    fn operand(&mut self) -> Option<Operand<'a>> {
        let rest = self.rest.trim_start();
        if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            let (text, after) = rest.get(1..)?.split_once(quote)?;
            self.rest = after;
            return Some(Operand::Text(text));
        }
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')));
        let (name, after) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        self.rest = after;
        (!name.is_empty()).then_some(Operand::Variable(name))
    }

    fn operator(&mut self) -> Option<&'static str> {
        if self.word("not") {
            return self.word("in").then_some("not in");
        }
        if self.word("in") {
            return Some("in");
        }
        let operators = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];
        operators.into_iter().find(|operator| self.symbol(operator))
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let after = self.rest.trim_start().strip_prefix(symbol);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn word(&mut self, word: &str) -> bool {
        let after = self.rest.trim_start().strip_prefix(word);
        let after = after
            .filter(|after| !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'));
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }
}
