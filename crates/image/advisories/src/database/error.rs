//! Why a database cannot be used, and what to do about it.

use std::io;

/// A database file that cannot be opened, or a part of it that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// The system refused to read it.
    #[error("cannot read the database {name}: {source}")]
    Unreadable {
        /// The file.
        name: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The first bytes are those of something else.
    #[error("{name} is no advisory database")]
    Foreign {
        /// The file.
        name: String,
    },
    /// The file is shorter than it says, as after an interrupted copy.
    #[error("the database {name} has {size} of its {expected} bytes")]
    Truncated {
        /// The file.
        name: String,
        /// Bytes that are there.
        size: u64,
        /// Bytes that must be there.
        expected: u64,
    },
    /// Written in a form that this program has left behind, or does not know yet.
    #[error("the database {name} has format version {found}, this program reads version {known}")]
    Version {
        /// The file.
        name: String,
        /// Its version.
        found: u32,
        /// The version of this program.
        known: u32,
    },
    /// Written with features without which it would be misread.
    #[error("the database {name} needs features that this program does not have (bits {bits:#x})")]
    Features {
        /// The file.
        name: String,
        /// The unknown bits.
        bits: u64,
    },
    /// A part does not have the digest under which it is listed, or does not follow the format.
    #[error("the database {name} is damaged: {part}")]
    Damaged {
        /// The file.
        name: String,
        /// Which part, and how.
        part: String,
    },
}

impl DatabaseError {
    /// What a person can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "check that the file exists and may be read",
            Self::Foreign { .. } => {
                "give --db a file that `bulkhead db build` or `bulkhead db update` made"
            }
            Self::Truncated { .. } | Self::Damaged { .. } => {
                "copy or download the file again, or build it anew with `bulkhead db build`"
            }
            Self::Version { found, known, .. } if found > known => {
                "update bulkhead, or build the database with this version of it"
            }
            Self::Version { .. } => "build or download the database anew with this version",
            Self::Features { .. } => {
                "update bulkhead, or build the database with this version of it"
            }
        }
    }
}

/// A defect inside a part of the file, before it is known which file that is.
#[derive(Debug)]
pub(crate) enum Defect {
    Input(io::Error),
    Damage(String),
}

impl Defect {
    pub(crate) fn damage(part: impl Into<String>) -> Self {
        Self::Damage(part.into())
    }

    pub(crate) fn of(self, name: &str) -> DatabaseError {
        let name = name.to_owned();
        match self {
            Self::Input(source) => DatabaseError::Unreadable { name, source },
            Self::Damage(part) => DatabaseError::Damaged { name, part },
        }
    }
}

impl From<io::Error> for Defect {
    fn from(error: io::Error) -> Self {
        Self::Input(error)
    }
}

impl From<postcard::Error> for Defect {
    fn from(error: postcard::Error) -> Self {
        Self::Damage(format!("a row does not follow its form ({error})"))
    }
}
