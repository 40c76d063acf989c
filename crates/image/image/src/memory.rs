//! A source in memory, for tests.

use std::collections::BTreeMap;

use crate::store::Store;
use crate::{ImageError, Place};

/// Files by name.
#[derive(Default)]
pub(crate) struct Memory(pub(crate) BTreeMap<String, Vec<u8>>);

impl Store for Memory {
    fn place(&self, name: &str) -> Result<Option<Place>, ImageError> {
        let size = self.0.get(name).map(|bytes| bytes.len() as u64);
        Ok(size.map(|size| Place::File { name: name.to_owned(), size }))
    }

    fn read(&self, place: &Place) -> Result<Vec<u8>, ImageError> {
        let Place::File { name, .. } = place else { panic!("{place:?}") };
        Ok(self.0[name].clone())
    }
}
