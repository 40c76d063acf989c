//! Which rules of the files are used: what their users switch on and off, and how grave they must be.

use std::fmt;
use std::str::FromStr;

use bulkhead_events::Glob;
use serde::{Deserialize, Serialize};

use crate::priority::Priority;
use crate::rule::Rule;

/// What decides whether a rule is used, beside its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Each in its order: of those that a rule fits the last one counts, and where it fits none its file's
    /// `enabled` does.
    pub switches: Vec<Switch>,
    /// Rules that are less grave are not used, whatever switches them on.
    pub minimum: Priority,
}

/// Switches rules on or off. As text `on:tag=NAME`, `off:tag=NAME`, `on:rule=PATTERN` or `off:rule=PATTERN`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Switch {
    on: bool,
    rules: Rules,
}

/// The rules that are meant, as the key `rules` of Falco's configuration names them.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rules {
    /// Those with a tag.
    Tagged(String),
    /// Those whose whole name is the pattern; `*` stands for any characters, also none.
    Named(Pattern),
}

/// A pattern in which only the star is special.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    text: String,
    glob: Glob,
}

/// Why a rule is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Off {
    /// Its file says `enabled: false`.
    File,
    /// It was switched off.
    Switch(Switch),
    /// It is less grave than this.
    Minimum(Priority),
}

/// What is no switch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` switches nothing: write off:tag=NAME, on:tag=NAME, off:rule=PATTERN or on:rule=PATTERN, where `*` stands for any characters"
)]
pub struct NoSwitch(String);

impl Default for Selection {
    /// What the files say alone.
    fn default() -> Self {
        Self { switches: Vec::new(), minimum: Priority::Debug }
    }
}

impl Selection {
    /// Every rule, also those that their files switch off.
    pub fn everything() -> Self {
        let all = Switch { on: true, rules: Rules::Named(Pattern::new("*")) };
        Self { switches: vec![all], ..Self::default() }
    }

    /// Why a rule is not used; none where it is.
    pub fn off(&self, rule: &Rule) -> Option<Off> {
        if rule.priority > self.minimum {
            return Some(Off::Minimum(self.minimum));
        }
        match self.switches.iter().rfind(|switch| switch.fits(rule)) {
            Some(switch) => (!switch.on).then(|| Off::Switch(switch.clone())),
            None => (!rule.enabled).then_some(Off::File),
        }
    }

    /// The switches that fit no rule: something in them is not as it was meant.
    pub fn idle<'a>(&'a self, rules: &[Rule]) -> Vec<&'a Switch> {
        let fits_none = |switch: &&Switch| !rules.iter().any(|rule| switch.fits(rule));
        self.switches.iter().filter(fits_none).collect()
    }
}

impl Switch {
    fn fits(&self, rule: &Rule) -> bool {
        match &self.rules {
            Rules::Tagged(tag) => rule.tags.contains(tag),
            Rules::Named(pattern) => pattern.glob.matches(rule.name.as_bytes()),
        }
    }
}

impl Pattern {
    fn new(text: &str) -> Self {
        let mut escaped = Vec::with_capacity(text.len());
        for byte in text.bytes() {
            if matches!(byte, b'?' | b'[' | b'\\') {
                escaped.push(b'\\');
            }
            escaped.push(byte);
        }
        Self { text: text.to_owned(), glob: Glob::new(&escaped) }
    }
}

impl FromStr for Switch {
    type Err = NoSwitch;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (word, rules) = text.split_once(':')?;
            let on = match word {
                "on" => true,
                "off" => false,
                _ => return None,
            };
            let (by, what) = rules.split_once('=').filter(|(_, what)| !what.is_empty())?;
            let rules = match by {
                "tag" => Rules::Tagged(what.to_owned()),
                "rule" => Rules::Named(Pattern::new(what)),
                _ => return None,
            };
            Some(Self { on, rules })
        };
        read().ok_or_else(|| NoSwitch(text.to_owned()))
    }
}

impl TryFrom<String> for Switch {
    type Error = NoSwitch;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Switch> for String {
    fn from(switch: Switch) -> Self {
        switch.to_string()
    }
}

impl fmt::Display for Switch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.on { "on" } else { "off" };
        match &self.rules {
            Rules::Tagged(tag) => write!(formatter, "{word}:tag={tag}"),
            Rules::Named(pattern) => write!(formatter, "{word}:rule={}", pattern.text),
        }
    }
}

impl fmt::Display for Off {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => formatter.write_str("its file has it switched off"),
            Self::Switch(switch) => write!(formatter, "`{switch}` switches it off"),
            Self::Minimum(minimum) => {
                write!(formatter, "it is less grave than {}", minimum.name().to_lowercase())
            }
        }
    }
}
