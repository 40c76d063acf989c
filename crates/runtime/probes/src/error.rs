//! What can go wrong with the probes.

use thiserror::Error;

use crate::Obstacle;

/// Why probes could not be loaded, set or read.
#[derive(Debug, Error)]
pub enum ProbesError {
    /// The embedded table of calls is broken.
    #[error("the table of system calls: {0}")]
    Calls(String),
    /// A name that is no system call.
    #[error("{0} is no system call: the names are those of content/system-calls.yaml")]
    UnknownCall(String),
    /// Nothing of the probes can work here.
    #[error("the kernel takes no probes: {reason}")]
    Unavailable {
        /// What the kernel, or the loader, said.
        reason: String,
        /// What is in the way; nothing where the machine does not tell.
        obstacles: Vec<Obstacle>,
    },
    /// The object does not fit to this loader or kernel.
    #[error("the compiled probes are refused: {0}")]
    Object(String),
    /// A map or program that the object has not.
    #[error("the compiled probes have no {0}: this is a fault of the build")]
    Missing(&'static str),
    /// An access to a map failed.
    #[error("{what}: {reason}")]
    Map {
        /// Which.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// Reading a snapshot failed.
    #[error("the state at start cannot be read: {0}")]
    Snapshot(String),
    /// A record that cannot be read.
    #[error(transparent)]
    Record(#[from] crate::RecordError),
}

impl ProbesError {
    /// What a person can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            ProbesError::Unavailable { .. } => Some(
                "run as root, on Linux 5.17 or newer with BTF (/sys/kernel/btf/vmlinux), without kernel lockdown in the mode confidentiality",
            ),
            _ => None,
        }
    }
}
