//! What earlier scans worked out, kept by content: the one who knows what may be trusted.
//!
//! A result is kept only under digests that were computed from the bytes, never under those that a
//! document promises. Which bytes a digest was computed from is known by their [`Stamp`], so a scan
//! of a file that was touched since reads it again.

mod stamp;

use std::sync::atomic::{AtomicBool, Ordering};

use bulkhead_cache::{Cache, Key};
use bulkhead_image::{Choice, Image};
use bulkhead_inventory::Mode;
use bulkhead_layers::DetectorKey;
use bulkhead_model::{Digest, Inventory, Problem};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::protocol::{Reading, Selection};
use crate::{Request, detectors};

pub(crate) use stamp::Stamp;

/// Results of earlier scans by this program, where they are kept.
pub(crate) struct Results<'a> {
    cache: Option<&'a Cache>,
    /// What facts depend on beside the bytes: detectors with their versions, and limits.
    conditions: Vec<u8>,
    /// What everything else depends on: this very build of the program.
    build: Vec<u8>,
    has_grown: AtomicBool,
}

/// What was computed from the bytes of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Digests {
    /// Of the uncompressed bytes.
    pub(crate) diff_id: Digest,
    /// Of the stored bytes, where they were hashed.
    pub(crate) stored: Option<Digest>,
}

/// What the layers of an image came to.
pub(crate) struct Assembled {
    pub(crate) inventory: Inventory,
    pub(crate) problems: Vec<Problem>,
}

impl<'a> Results<'a> {
    pub(crate) fn of(request: &'a Request) -> Self {
        let keys: Vec<DetectorKey> = detectors().iter().map(|detector| detector.key()).collect();
        let program = fs_err::File::open(&request.worker.program);
        let build = program.ok().and_then(|program| Stamp::of(program.file()));
        Self {
            // Two builds may differ in what they make of the same facts.
            cache: request.cache.as_ref().filter(|_| build.is_some()),
            conditions: encoded(&(request.limits, keys)),
            build: encoded(&build),
            has_grown: AtomicBool::new(false),
        }
    }

    /// What was computed from the bytes at a place in a file with this stamp.
    pub(crate) fn digests(&self, stamp: &Stamp, place: &impl Serialize) -> Option<Digests> {
        self.get(&Key::new("digests 1", &[&encoded(stamp), &encoded(place)]))
    }

    pub(crate) fn keep_digests(&self, stamp: &Stamp, place: &impl Serialize, digests: &Digests) {
        self.put(&Key::new("digests 1", &[&encoded(stamp), &encoded(place)]), digests);
    }

    /// The images that an archive with this stamp holds.
    pub(crate) fn images(&self, stamp: &Stamp, choice: &Choice) -> Option<Vec<Image>> {
        self.get(&self.images_key(stamp, choice))
    }

    pub(crate) fn keep_images(&self, stamp: &Stamp, choice: &Choice, images: &[Image]) {
        self.put(&self.images_key(stamp, choice), &images);
    }

    fn images_key(&self, stamp: &Stamp, choice: &Choice) -> Key {
        Key::new("images 1", &[&self.build, &encoded(stamp), &encoded(choice)])
    }

    /// What was read of a layer with this content.
    pub(crate) fn reading(
        &self,
        diff_id: Option<&Digest>,
        selection: &Selection,
    ) -> Option<Reading> {
        self.get(&self.reading_key(diff_id?, selection))
    }

    /// Keeps what was read of a layer, if all of it was.
    pub(crate) fn keep_reading(
        &self,
        diff_id: Option<&Digest>,
        selection: &Selection,
        reading: &Reading,
    ) {
        if reading.broken.is_some() {
            return;
        }
        match selection {
            Selection::Everything => {
                if let Some(diff_id) = &reading.layer.diff_id {
                    self.put(&self.reading_key(diff_id, selection), reading);
                }
            }
            Selection::Only(_) => {
                // The bytes were read once before, and the digest computed then.
                let Some(diff_id) = diff_id else { return };
                let Reading { problems, selected, .. } = reading.clone();
                let reading = Reading { problems, selected, ..Reading::default() };
                self.put(&self.reading_key(diff_id, selection), &reading);
            }
        }
    }

    fn reading_key(&self, diff_id: &Digest, selection: &Selection) -> Key {
        Key::new("reading 1", &[&self.conditions, &encoded(diff_id), &encoded(selection)])
    }

    /// What these layers came to, bottom first.
    pub(crate) fn assembled(&self, layers: &[&Digest], mode: Mode) -> Option<Assembled> {
        let (inventory, problems): (Vec<u8>, _) = self.get(&self.assembled_key(layers, mode))?;
        // The compact form cannot carry fields that are left out when they are empty.
        Some(Assembled { inventory: serde_json::from_slice(&inventory).ok()?, problems })
    }

    pub(crate) fn keep_assembled(
        &self,
        layers: &[&Digest],
        mode: Mode,
        inventory: &Inventory,
        problems: &[Problem],
    ) {
        if self.cache.is_some()
            && let Ok(inventory) = serde_json::to_vec(inventory)
        {
            self.put(&self.assembled_key(layers, mode), &(inventory, problems));
        }
    }

    fn assembled_key(&self, layers: &[&Digest], mode: Mode) -> Key {
        let mode: &[u8] = match mode {
            Mode::Installed => b"installed",
            Mode::Project => b"project",
        };
        Key::new("assembled 1", &[&self.build, &self.conditions, mode, &encoded(&layers)])
    }

    fn get<T: DeserializeOwned>(&self, key: &Key) -> Option<T> {
        postcard::from_bytes(&self.cache?.get(key)?).ok()
    }

    /// What cannot be kept is worked out again next time.
    fn put(&self, key: &Key, value: &impl Serialize) {
        if let Some(cache) = self.cache {
            let _ = cache.put(key, &encoded(value));
            self.has_grown.store(true, Ordering::Relaxed);
        }
    }

    /// Makes room, where something was kept.
    pub(crate) fn trim(&self) {
        if let Some(cache) = self.cache.filter(|_| self.has_grown.load(Ordering::Relaxed)) {
            let _ = cache.trim();
        }
    }
}

/// The compact form of a value that has one, which all values here have.
fn encoded(value: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(value).unwrap_or_default()
}
