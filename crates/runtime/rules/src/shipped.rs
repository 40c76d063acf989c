//! The rules that come with the program.

use crate::load::RuleFile;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(RuleFile {
            name: concat!("content/rules/", $name, ".yaml"),
            bytes: include_bytes!(concat!("../../../../content/rules/", $name, ".yaml")),
        }),*]
    };
}

/// The rule files of `content/rules`, in the order in which they are held against events: what others build on
/// first, then what is most telling of an event that several rules are met by.
pub const SHIPPED: &[RuleFile<'static>] = files![
    "base",
    "evasion",
    "execution",
    "programs",
    "credentials",
    "access",
    "escape",
    "privileges",
    "tampering",
    "persistence",
    "accounts",
    "cluster",
    "network",
    "impact",
];
