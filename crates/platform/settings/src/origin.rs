//! Where the value of each setting comes from.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use clap::Command;

use crate::{Settings, key};

/// What stands for a value that must not be shown.
const HIDDEN: &str = "(hidden)";

/// A setting as it stands before any flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The key in the file.
    pub key: String,
    /// The environment variable.
    pub variable: String,
    /// The values; empty where nothing sets any, and `(hidden)` where they are secret.
    pub values: Vec<String>,
    /// Where they come from.
    pub origin: Origin,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// An environment variable.
    Environment(String),
    /// A line of the settings file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
    /// The program's own default, or nothing.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(variable) => write!(formatter, "environment {variable}"),
            Self::File { path, line } => write!(formatter, "{}:{line}", path.display()),
            Self::Default => formatter.write_str("default"),
        }
    }
}

/// Every setting of a command line in the order of its commands, each key once. `environment` gives
/// the value of a variable. `root` is the command line before [`crate::apply()`].
pub fn origins(
    root: &Command,
    settings: &Settings,
    environment: &dyn Fn(&str) -> Option<OsString>,
) -> Vec<Setting> {
    let mut all: Vec<Setting> = Vec::new();
    key::each(root, &mut |key, argument| {
        if all.iter().any(|setting| setting.key == key) || argument.is_hide_set() {
            return;
        }
        let variable = key::variable(&key);
        let (values, origin) = if let Some(value) = environment(&variable) {
            (vec![value.to_string_lossy().into_owned()], Origin::Environment(variable.clone()))
        } else if let Some(entry) = settings.get(&key) {
            let path = settings.path().to_owned();
            (entry.values.clone(), Origin::File { path, line: entry.line })
        } else {
            let defaults = argument.get_default_values().iter();
            let values = defaults.map(|value| value.to_string_lossy().into_owned()).collect();
            (values, Origin::Default)
        };
        // Help does not show the values of such an argument, and neither does a list of settings.
        let is_secret = argument.is_hide_env_values_set();
        let shown = |value: String| if is_secret { HIDDEN.to_owned() } else { value };
        let values = values.into_iter().map(shown).collect();
        all.push(Setting { key, variable, values, origin });
    });
    all
}
