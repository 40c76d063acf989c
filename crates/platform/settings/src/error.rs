//! What can be wrong with a settings file.

use std::path::PathBuf;

/// A settings file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The system refused to read it.
    #[error(transparent)]
    Unreadable(#[from] std::io::Error),
    /// The file is no YAML, or no map of names and values.
    #[error("{}: {cause}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What the YAML reader met, with the line; a key that stands twice, too.
        cause: String,
    },
    /// A key that no flag has.
    #[error("{}:{line}: unknown key {key:?}", path.display())]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// The key.
        key: String,
        /// The key that is most like it, where one is.
        similar: Option<String>,
    },
    /// Several values for a flag that takes one.
    #[error("{}:{line}: {key:?} takes one value, not a list", path.display())]
    List {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// The key.
        key: String,
    },
}

impl SettingsError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable(_) => Some("check --config and BULKHEAD_CONFIG".to_owned()),
            Self::Syntax { .. } => {
                Some("write one `key: value` per line, such as `fail-on: critical`".to_owned())
            }
            Self::UnknownKey { similar: Some(similar), .. } => Some(format!("is {similar} meant?")),
            Self::UnknownKey { similar: None, .. } => {
                Some("`bulkhead config show` lists all keys".to_owned())
            }
            Self::List { .. } => Some("write the value alone".to_owned()),
        }
    }
}
