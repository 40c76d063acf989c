//! Where something was found.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Digest, EntryPath};

/// A file of the scanned target, and the layer that brought it.
///
/// Every field is always written: workers send locations in a format that cannot leave one out.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
pub struct Location {
    /// The file. For something inside an archive: the archive's own path.
    pub path: EntryPath,
    /// The path inside the archive, and inside archives within it, outermost first; for an entry of a
    /// lock file the place that the file gives it. Tells apart what one file names several times.
    #[serde(default)]
    pub inside: Vec<EntryPath>,
    /// The layer, where the target has layers.
    #[serde(default)]
    pub layer: Option<LayerReference>,
}

/// A layer of an image.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct LayerReference {
    /// The position from the bottom, starting at 0; points into the report's list of layers, which
    /// has the history line that made it.
    pub index: u32,
    /// The digest of the uncompressed layer, computed by the scan.
    pub diff_id: Digest,
}

impl Location {
    /// A file without a layer.
    pub fn of(path: impl Into<EntryPath>) -> Self {
        Self { path: path.into(), inside: Vec::new(), layer: None }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.path)?;
        self.inside.iter().try_for_each(|path| write!(formatter, "!{path}"))
    }
}
