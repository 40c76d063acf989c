//! The one interface between the pass over the files and those who understand them.

use bulkhead_archive::ReadAt;
use bulkhead_limits::Budget;
use bulkhead_model::{EntryPath, Problem};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Metadata;

/// Something that understands some files. It looks at one file at a time, in any order, in a worker
/// process, and knows nothing of the other files; whoever owns the detector puts its facts together
/// afterwards, from the merged view.
pub trait Detector: Send + Sync {
    /// Names the detector and the form of its facts: a new version means that old facts are stale.
    fn key(&self) -> DetectorKey;

    /// Whether the file is of interest, and how much of it. Called for every regular file of every
    /// layer with its own path in that layer (not resolved through links of other layers): must be
    /// cheap and must not depend on anything but the arguments.
    fn wants(&self, path: &EntryPath, metadata: &Metadata) -> Want;

    /// Fixed paths that the detector wants wherever links lead from them, such as
    /// `var/lib/dpkg/status` where `var/lib/dpkg` is itself a link.
    fn places(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether facts about what is wanted by [`Want::Magic`] hang on the content, never on the name: a
    /// file that gave none has none under another name either, and is not read again for it.
    fn is_blind_to_names(&self) -> bool {
        false
    }

    /// Reads a file that was wanted. Never fails: what cannot be read is a problem.
    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected;
}

/// Name and version of a detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct DetectorKey {
    /// The name, such as `dpkg`.
    pub name: &'static str,
    /// Raised whenever the facts for the same bytes may change.
    pub version: u32,
}

/// How much of a file a detector needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// Nothing.
    Skip,
    /// Up to this many bytes from the start: [`ReadAt::as_slice`] gives them.
    Head(u64),
    /// All of it as one slice, where it is within [`bulkhead_limits::Limits::file_bytes`].
    Whole,
    /// Random access to all of it: a slice when small, a spooled file otherwise.
    Random,
    /// As [`Want::Random`], if the file begins with one of these; nothing otherwise.
    Magic(&'static [&'static [u8]]),
}

/// A file of a layer, as a detector sees it.
pub struct File<'a> {
    /// Its own path in the layer.
    pub path: &'a EntryPath,
    /// What the archive says about it. `content.size()` is what counts as its size.
    pub metadata: &'a Metadata,
    /// Its bytes, as wanted.
    pub content: &'a dyn ReadAt,
}

/// What a detector made of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Detected {
    /// What it found; none where the file turned out to be of no interest.
    pub facts: Option<Facts>,
    /// What was broken. Locations carry the path; the pass adds the layer.
    pub problems: Vec<Problem>,
}

/// The facts of one detector about one file: a compact form of the detector's own type, the same
/// between processes and in the cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts(Vec<u8>);

impl Facts {
    /// Encodes a detector's own type. It must not use the serde attributes `flatten`, `untagged`
    /// and `skip_serializing_if`, which the compact form cannot carry; a type that does gives none.
    pub fn encode<T: Serialize>(facts: &T) -> Option<Self> {
        postcard::to_stdvec(facts).ok().map(Self)
    }

    /// Decodes them; none where they are of another type or damaged.
    pub fn decode<T: DeserializeOwned>(&self) -> Option<T> {
        postcard::from_bytes(&self.0).ok()
    }

    /// Bytes of memory that they take.
    pub fn size(&self) -> usize {
        self.0.len()
    }
}
