//! Named content of a source.

use bulkhead_model::{Digest, Problem};
use serde::de::DeserializeOwned;

use crate::{ImageError, Place};

/// Bytes that an index, manifest or configuration may have: what registries accept.
const DOCUMENT_BYTES: u64 = 8 << 20;

/// Files by name, in a folder or in an archive.
pub(crate) trait Store {
    /// Where the file of this name lies; none where there is none, or only something that is no
    /// regular file.
    fn place(&self, name: &str) -> Result<Option<Place>, ImageError>;

    /// The bytes that lie at a place of at most [`DOCUMENT_BYTES`].
    fn read(&self, place: &Place) -> Result<Vec<u8>, ImageError>;

    /// What was odd about the source as a whole.
    fn problems(&self) -> &[Problem] {
        &[]
    }

    /// Whether what is missing can be had by its digest.
    fn is_part(&self) -> bool {
        false
    }
}

/// A document that was read, with the digest of its bytes.
pub(crate) struct Document<T> {
    pub(crate) value: T,
    pub(crate) digest: Digest,
}

/// Reads a JSON document.
pub(crate) fn document<T: DeserializeOwned>(
    store: &dyn Store,
    name: &str,
) -> Result<Document<T>, ImageError> {
    let missing = || ImageError::Missing { name: name.to_owned() };
    let place = store.place(name)?.ok_or_else(missing)?;
    let (size, limit) = (place.size(), DOCUMENT_BYTES);
    if size > limit {
        return Err(ImageError::TooLarge { name: name.to_owned(), size, limit });
    }
    let bytes = store.read(&place)?;
    let value = serde_json::from_slice(&bytes).map_err(|error| ImageError::Document {
        name: name.to_owned(),
        cause: error.to_string(),
    })?;
    Ok(Document { value, digest: Digest::of(&bytes) })
}
