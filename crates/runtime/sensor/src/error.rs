//! What can go wrong beside the events.

use std::io;

use bulkhead_image::ImageError;

use crate::metadata::MetadataError;

/// Something that the sensor could not find out or do. Events go on, without it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SensorError {
    /// A document of a runtime could not be read.
    #[error("cannot read it: {0}")]
    Read(#[from] io::Error),
    /// A document of a runtime is not what it should be.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// containerd's database could not be read.
    #[error(transparent)]
    Containerd(#[from] Box<ImageError>),
    /// The kernel refuses what a process of the sensor asks for.
    #[error("cannot give up rights: {0}")]
    Rights(#[from] rustix::io::Errno),
    /// Landlock refuses its rules.
    #[error("cannot keep files away by Landlock: {0}")]
    Landlock(#[from] landlock::RulesetError),
    /// The filter of calls cannot be made.
    #[error("cannot make the filter of system calls: {0}")]
    Filter(#[from] seccompiler::BackendError),
    /// The filter of calls is not taken by the kernel.
    #[error("cannot set the filter of system calls: {0}")]
    Seccomp(#[from] seccompiler::Error),
    /// The probes cannot be loaded or read.
    #[error(transparent)]
    Probes(#[from] bulkhead_probes::ProbesError),
    /// An output cannot be used.
    #[error(transparent)]
    Output(#[from] bulkhead_outputs::OutputError),
    /// The hands refuse what the engine asked for.
    #[error("the probes cannot be set: {cause}")]
    Refused {
        /// Why.
        cause: String,
    },
    /// The embedded order of what is given up is broken.
    #[error("the order in which calls are given up: {cause}")]
    Degradation {
        /// Why.
        cause: String,
    },
    /// The other processes of the sensor are gone.
    #[error("the other processes of the sensor are gone")]
    Alone,
}

impl SensorError {
    /// What a person can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Probes(error) => error.hint(),
            Self::Output(error) => error.hint(),
            Self::Alone => Some("what they wrote to standard error says why"),
            _ => None,
        }
    }
}
