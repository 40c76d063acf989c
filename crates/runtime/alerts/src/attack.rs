//! MITRE ATT&CK: what tags of rules say of tactics and techniques.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

macro_rules! tactics {
    ($($(#[$doc:meta])* $variant:ident $number:literal $name:literal,)*) => {
        /// Why somebody does something: the tactics of ATT&CK for Enterprise.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Tactic {
            $($(#[$doc])* $variant,)*
        }

        impl Tactic {
            /// All of them, in the order of an attack.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The number: 2 of `TA0002`.
            pub const fn number(self) -> u16 {
                match self { $(Self::$variant => $number,)* }
            }

            /// The name with underscores, as tags of rules have it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

tactics! {
    /// Looks for what helps later.
    Reconnaissance 43 "reconnaissance",
    /// Gets what the attack needs.
    ResourceDevelopment 42 "resource_development",
    /// Gets in.
    InitialAccess 1 "initial_access",
    /// Runs code.
    Execution 2 "execution",
    /// Stays.
    Persistence 3 "persistence",
    /// Gets more rights.
    PrivilegeEscalation 4 "privilege_escalation",
    /// Is not seen.
    DefenseEvasion 5 "defense_evasion",
    /// Steals names and passwords.
    CredentialAccess 6 "credential_access",
    /// Finds out where it is.
    Discovery 7 "discovery",
    /// Moves on.
    LateralMovement 8 "lateral_movement",
    /// Gathers what it came for.
    Collection 9 "collection",
    /// Takes orders.
    CommandAndControl 11 "command_and_control",
    /// Takes data away.
    Exfiltration 10 "exfiltration",
    /// Breaks things.
    Impact 40 "impact",
}

impl Tactic {
    /// Of a tag: `mitre_execution`, `TA0002`, and what other tools write for the same.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let name = own_words(tag);
        if let Some(number) = name.strip_prefix("ta").and_then(four_digits) {
            return Self::ALL.iter().copied().find(|tactic| tactic.number() == number);
        }
        let is_marked = name.len() < tag.len();
        let named = Self::ALL.iter().copied().find(|tactic| tactic.name() == name);
        // `discovery` alone may be any word of whoever wrote the rule.
        named.filter(|_| is_marked)
    }
}

/// How something is done: a technique of ATT&CK, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Technique {
    /// The number: 1059 of `T1059.004`.
    pub number: u16,
    /// The number of the part: 4 of `T1059.004`.
    pub part: Option<u16>,
}

impl Technique {
    /// Of a tag: `T1059`, `T1059.004`, in any case of letters.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let name = own_words(tag);
        let digits = name.strip_prefix('t')?;
        let (number, part) = match digits.split_once('.') {
            Some((number, part)) if part.len() == 3 && is_digits(part) => {
                (number, Some(part.parse().ok()?))
            }
            Some(_) => return None,
            None => (digits, None),
        };
        Some(Self { number: four_digits(number)?, part })
    }
}

impl fmt::Display for Technique {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "T{:04}", self.number)?;
        self.part.map_or(Ok(()), |part| write!(formatter, ".{part:03}"))
    }
}

impl Serialize for Technique {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What of ATT&CK a rule looks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Attack {
    /// The tactics.
    pub tactics: BTreeSet<Tactic>,
    /// The techniques, such as `T1059.004`.
    #[schemars(with = "Vec<String>")]
    pub techniques: BTreeSet<Technique>,
}

impl Attack {
    /// Of the tags of a rule. Other tags are none of it.
    pub fn of_tags<'tag>(tags: impl IntoIterator<Item = &'tag str> + Clone) -> Self {
        Self {
            tactics: tags.clone().into_iter().filter_map(Tactic::of_tag).collect(),
            techniques: tags.into_iter().filter_map(Technique::of_tag).collect(),
        }
    }
}

/// A tag in small letters with underscores, without the mark that it is of ATT&CK: `mitre_` of Falco's
/// rules, `attack.` of Sigma's.
fn own_words(tag: &str) -> String {
    let name = tag.to_ascii_lowercase().replace('-', "_");
    let marked =
        ["mitre_attack_", "mitre_", "attack."].iter().find_map(|mark| name.strip_prefix(mark));
    marked.map_or_else(|| name.clone(), str::to_owned)
}

fn four_digits(text: &str) -> Option<u16> {
    (text.len() == 4 && is_digits(text)).then(|| text.parse().ok()).flatten()
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read() {
        let techniques = |tag| Technique::of_tag(tag).map(|technique| technique.to_string());
        for (tag, technique) in [
            ("T1059", Some("T1059")),
            ("T1059.004", Some("T1059.004")),
            ("t1548.001", Some("T1548.001")),
            ("attack.t1003", Some("T1003")),
            ("mitre_T1003", Some("T1003")),
            ("T105", None),
            ("T1059.4", None),
            ("T10599", None),
            ("T1059.004.001", None),
            ("T+105", None),
            ("TA0002", None),
            ("container", None),
        ] {
            assert_eq!(techniques(tag).as_deref(), technique, "{tag}");
        }
        for (tag, tactic) in [
            ("mitre_execution", Some(Tactic::Execution)),
            ("mitre_command_and_control", Some(Tactic::CommandAndControl)),
            ("attack.command-and-control", Some(Tactic::CommandAndControl)),
            ("TA0043", Some(Tactic::Reconnaissance)),
            ("TA0099", None),
            ("execution", None),
            ("maturity_stable", None),
        ] {
            assert_eq!(Tactic::of_tag(tag), tactic, "{tag}");
        }
    }

    /// Every tactic of the published list of techniques is known.
    #[test]
    fn published_tactics_are_known() {
        let Some(file) = bulkhead_testing::data("fixtures/attack-techniques.json") else { return };
        let text = fs_err::read(file).unwrap();
        let techniques: Vec<serde_json::Value> = serde_json::from_slice(&text).unwrap();
        assert!(!techniques.is_empty());
        for technique in &techniques {
            assert!(Technique::of_tag(technique["id"].as_str().unwrap()).is_some(), "{technique}");
            for tactic in technique["tactics"].as_array().unwrap() {
                let tag = format!("attack.{}", tactic.as_str().unwrap());
                assert!(Tactic::of_tag(&tag).is_some(), "{tag}");
            }
        }
    }
}
