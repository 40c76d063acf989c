//! Why a part of a target is unknown, and what can be done about it.

use std::io;

use serde::{Deserialize, Serialize};

/// A part that was not read, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Broken {
    pub(crate) kind: BrokenKind,
    /// What happened, for people.
    pub(crate) cause: String,
}

/// Causes by what can be done about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum BrokenKind {
    /// It is not there.
    Absent,
    /// It could not be fetched.
    Unfetched,
    /// Its bytes end too early or make no sense.
    Damaged,
    /// Its format is one that is not read.
    Unsupported,
    /// It is whole, and not what was promised.
    Foreign,
    /// A limit that is there for hostile input was reached.
    Excessive,
    /// More memory is needed than may be used.
    Memory,
    /// The system ended the worker.
    Killed,
    /// The worker gave no sign for too long.
    Silent,
    /// The worker died of an error of its own.
    Fault,
}

impl Broken {
    pub(crate) fn new(kind: BrokenKind, cause: impl Into<String>) -> Self {
        Self { kind, cause: cause.into() }
    }

    /// An error of reading content. Those of decoders say by their kind what is wrong.
    pub(crate) fn of(error: &io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::QuotaExceeded => BrokenKind::Excessive,
            io::ErrorKind::Unsupported => BrokenKind::Unsupported,
            _ => BrokenKind::Damaged,
        };
        Self::new(kind, error.to_string())
    }

    /// What to do.
    pub(crate) fn hint(&self) -> &'static str {
        match self.kind {
            BrokenKind::Absent => {
                "write the copy again from its source with all its layers, readable for who scans; \
                 a layer that is encrypted has to be decrypted before"
            }
            BrokenKind::Unfetched => "the registry or the network failed: scan again",
            BrokenKind::Damaged => {
                "the copy is incomplete or damaged: write it again from its source; nothing is known \
                 of what lies behind the damage"
            }
            BrokenKind::Unsupported => {
                "write the image with gzip or zstd layers (skopeo copy --dest-compress-format gzip)"
            }
            BrokenKind::Foreign => {
                "do not run it: the layer was changed or mixed up; get the image again from its source"
            }
            BrokenKind::Excessive => {
                "it may be made to exhaust whoever reads it: do not run the image unless you trust its \
                 maker"
            }
            BrokenKind::Memory => {
                "allow more with --max-memory MIB; if that is of no use the image may be made to \
                 exhaust whoever reads it"
            }
            BrokenKind::Killed => {
                "scan where there is more memory, or allow less with --max-memory MIB"
            }
            BrokenKind::Silent => {
                "scan again on a machine that is less busy; if it stays so, it is a fault of bulkhead: \
                 report it with the image"
            }
            BrokenKind::Fault => {
                "this is a fault of bulkhead: report it with the image, or with the digest of the layer"
            }
        }
    }
}
