//! An image as it is stored: its documents, and where its layers lie.

use std::cell::Cell;
use std::fs::File;
use std::os::fd::AsFd as _;
use std::path::PathBuf;

use bulkhead_image::{Choice, Image, LayerSource, Place};

use super::depot::{self, Depot};
use crate::pass::UnitSource;
use crate::process::{JobError, Worker};
use crate::protocol::{Form, Job, Reply, Task};
use crate::results::{Digests, Results, Stamp};
use crate::{Request, ScanError};

/// A stored image, opened.
pub(super) struct StoredImage {
    /// Of the folder or the archive; empty in a depot.
    path: PathBuf,
    content: Content,
    /// A tag to choose by.
    tag: Option<String>,
    /// Of the archive, before anything of it was read.
    stamp: Option<Stamp>,
    /// Whether the documents were read, and an archive that is compressed as a whole was unfolded.
    is_unfolded: Cell<bool>,
}

/// What an image lies in.
pub(super) enum Content {
    Folder(File),
    /// Blobs of which an index is made.
    Blobs {
        folder: File,
        index: File,
    },
    Archive {
        file: File,
        spool: File,
    },
    Depot(Box<dyn Depot>),
}

impl StoredImage {
    pub(super) fn new(path: PathBuf, content: Content, tag: Option<String>) -> Self {
        let stamp = match &content {
            Content::Folder(_) | Content::Blobs { .. } | Content::Depot(_) => None,
            Content::Archive { file, .. } => Stamp::of(file),
        };
        Self { path, content, tag, stamp, is_unfolded: Cell::new(false) }
    }

    pub(super) fn in_depot(depot: Box<dyn Depot>) -> Self {
        Self::new(PathBuf::new(), Content::Depot(depot), None)
    }

    /// The documents of the chosen images.
    pub(super) fn open(
        &self,
        request: &Request,
        results: &Results<'_>,
    ) -> Result<Vec<Image>, ScanError> {
        let choice = Choice { tag: self.tag.clone(), platform: request.platform.clone() };
        if let Some(images) = self.stamp.as_ref().and_then(|stamp| results.images(stamp, &choice)) {
            return Ok(images);
        }
        let images = self.read(request, &choice)?;
        if let (Some(stamp), Content::Archive { file, .. }) = (&self.stamp, &self.content)
            && stamp.holds_for(file)
        {
            results.keep_images(stamp, &choice, &images);
        }
        Ok(images)
    }

    /// Makes sure that these layers can be read: documents that were known need not have been read,
    /// and with them the archive not unfolded.
    pub(super) fn prepare(
        &self,
        request: &Request,
        layers: &[LayerSource],
    ) -> Result<(), ScanError> {
        let spooled =
            |layer: &LayerSource| matches!(layer.place, Ok(Place::Range { spooled: true, .. }));
        if !self.is_unfolded.get() && layers.iter().any(spooled) {
            let choice = Choice { tag: self.tag.clone(), platform: request.platform.clone() };
            self.read(request, &choice)?;
        }
        Ok(())
    }

    fn read(&self, request: &Request, choice: &Choice) -> Result<Vec<Image>, ScanError> {
        let (form, descriptors) = match &self.content {
            Content::Folder(folder) => (Form::Folder, vec![folder.as_fd()]),
            Content::Blobs { folder, index } => {
                (Form::Content, vec![folder.as_fd(), index.as_fd()])
            }
            Content::Archive { file, spool } => (Form::Archive, vec![file.as_fd(), spool.as_fd()]),
            Content::Depot(depot) => return depot::open(&**depot, request, choice),
        };
        let job = Job { limits: request.limits, task: Task::Open { form, choice: choice.clone() } };
        let mut worker = Worker::new(&request.worker);
        match worker.perform(&job, &descriptors, &|_| {}) {
            Ok(Reply::Opened(Ok(images))) => {
                self.is_unfolded.set(true);
                Ok(images)
            }
            Ok(Reply::Opened(Err(failure))) => Err(self.failed(failure.message, failure.hint)),
            Ok(_) => Err(self.failed("the worker answered something else".to_owned(), None)),
            Err(JobError::Start(error)) => Err(ScanError::Worker(error)),
            Err(JobError::Died(broken)) => {
                Err(self.failed(broken.cause.clone(), Some(broken.hint().to_owned())))
            }
        }
    }

    fn failed(&self, message: String, hint: Option<String>) -> ScanError {
        ScanError::Image { path: self.path.display().to_string(), message, hint }
    }

    /// Where a layer's bytes are, as an open file.
    pub(super) fn source(&self, layer: &LayerSource) -> Result<UnitSource, ScanError> {
        let hashed = hashed(layer);
        Ok(match (&layer.place, &self.content) {
            (Err(cause), _) => UnitSource::Absent(cause.clone()),
            (Ok(Place::File { name, size }), _) => match fs_err::File::open(self.path.join(name)) {
                Ok(file) => {
                    UnitSource::Layer { file: file.into_file(), offset: 0, size: *size, hashed }
                }
                Err(error) => UnitSource::Absent(error.to_string()),
            },
            (Ok(Place::Range { spooled, offset, size }), Content::Archive { file, spool }) => {
                let file = if *spooled { spool } else { file };
                let file = file.try_clone().map_err(ScanError::Open)?;
                UnitSource::Layer { file, offset: *offset, size: *size, hashed }
            }
            (Ok(Place::Elsewhere { size }), Content::Depot(depot)) => match &layer.digest {
                Some(digest) => depot.layer(digest, *size, hashed),
                None => UnitSource::Absent("it has no digest to be fetched by".to_owned()),
            },
            (Ok(Place::Range { .. } | Place::Elsewhere { .. }), _) => {
                UnitSource::Absent("it does not lie in this image".to_owned())
            }
        })
    }

    /// What is known of a layer's bytes before they are read.
    pub(super) fn known_digests(
        &self,
        layer: &LayerSource,
        stamp: Option<&Stamp>,
        results: &Results<'_>,
    ) -> Option<Digests> {
        if matches!(self.content, Content::Depot(_)) {
            // The documents were held against their digests: the image is the one whose layers
            // have these digests, and a layer that would have another one is none of it.
            let diff_id = layer.diff_id.clone()?;
            return Some(Digests { diff_id, stored: None });
        }
        let digests = results.digests(stamp?, layer.place.as_ref().ok()?)?;
        Some(digests).filter(|digests| digests.stored.is_some() || !hashed(layer))
    }

    /// The stamp of the file that a layer lies in.
    pub(super) fn stamp(&self, layer: &LayerSource) -> Option<Stamp> {
        match (&self.stamp, &layer.place) {
            (Some(stamp), _) => Some(stamp.clone()),
            (None, Ok(Place::File { name, .. })) => self.file(name).as_ref().and_then(Stamp::of),
            (None, _) => None,
        }
    }

    /// Keeps what was computed from the bytes of a layer, unless they were touched since the stamp
    /// was taken.
    pub(super) fn keep_digests(
        &self,
        layer: &LayerSource,
        stamp: &Stamp,
        digests: &Digests,
        results: &Results<'_>,
    ) {
        let Ok(place) = &layer.place else { return };
        let untouched = match (&self.content, place) {
            (Content::Archive { file, .. }, _) => stamp.holds_for(file),
            (Content::Folder(_) | Content::Blobs { .. }, Place::File { name, .. }) => {
                self.file(name).is_some_and(|file| stamp.holds_for(&file))
            }
            (Content::Folder(_) | Content::Blobs { .. } | Content::Depot(_), _) => false,
        };
        if untouched {
            results.keep_digests(stamp, place, digests);
        }
    }

    fn file(&self, name: &str) -> Option<File> {
        Some(fs_err::File::open(self.path.join(name)).ok()?.into_file())
    }
}

/// Whether the stored bytes of a layer are hashed. The digest of what is inside proves more than
/// that of its packing, and hashing both takes a tenth of the scan.
fn hashed(layer: &LayerSource) -> bool {
    layer.diff_id.is_none() && layer.digest.is_some()
}
