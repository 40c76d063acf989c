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
}
