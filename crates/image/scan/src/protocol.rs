//! What a scan and its worker processes say to each other, in the frames of `bulkhead-frames`: a [`Job`] with
//! its descriptors one way, [`Reply`]s the other.

use bulkhead_image::{Choice, Image, Missing};
use bulkhead_layers::{Facts, Layer};
use bulkhead_limits::Limits;
use bulkhead_model::{Digest, EntryPath, Problem};
use serde::{Deserialize, Serialize};

use crate::broken::Broken;

/// Work for one worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) limits: Limits,
    pub(crate) task: Task,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Task {
    /// Read the documents of an image.
    Open { form: Form, choice: Choice },
    /// Read a layer. Descriptor: the file that it lies in. A second one where it is still
    /// arriving: the pipe that tells how far it has come, see [`crate::pass::arrival`].
    /// With the digest of the stored bytes, where it is wanted.
    Layer { offset: u64, size: u64, hashed: bool, is_arriving: bool, selection: Selection },
    /// Read a directory tree. Descriptor: the folder.
    Tree { selection: Selection },
}

/// What the documents of an image lie in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Form {
    /// Descriptor: the folder.
    Folder,
    /// Descriptors: the folder of blobs and an index.
    Content,
    /// Descriptors: the archive and a spool.
    Archive,
    /// Descriptor: an archive of what was fetched so far.
    Part,
}

/// Which files of a layer are offered to which detectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Selection {
    /// Every file to every detector that wants it.
    Everything,
    /// These only, ordered by entry.
    Only(Vec<Wanted>),
}

/// A file that one detector wants by a path that is not its own in the layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    /// The position among the layer's entries.
    pub(crate) entry: u32,
    /// The path in the layer: how a directory tree finds the file again.
    pub(crate) own: EntryPath,
    /// The path by which it is wanted.
    pub(crate) path: EntryPath,
    pub(crate) detector: String,
}

/// What a worker says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// So many more stored bytes were read.
    Progress(u64),
    /// The answer to [`Task::Open`].
    Opened(Result<Vec<Image>, Failure>),
    /// The answer to [`Task::Layer`] and [`Task::Tree`].
    Read(Box<Reading>),
}

/// Why a whole job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// What has to be fetched before it can succeed; only of [`Form::Part`].
    pub(crate) missing: Vec<Missing>,
}

/// What was read of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Reading {
    pub(crate) layer: Layer,
    /// The digest of the stored bytes, where it was wanted and they were read to their end.
    pub(crate) stored: Option<Digest>,
    pub(crate) problems: Vec<Problem>,
    /// Why the rest of the layer is unknown.
    pub(crate) broken: Option<Broken>,
    /// For [`Selection::Only`]: the facts by position in that list.
    pub(crate) selected: Vec<(u32, Facts)>,
}
