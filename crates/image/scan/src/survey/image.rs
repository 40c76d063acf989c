//! Images: their documents and layers in workers, then merged.

use std::fs::File;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::PathBuf;

use bulkhead_image::{Choice, Image, LayerSource, Place};
use bulkhead_inventory::Mode;
use bulkhead_model::{ImageStatement, LayerStatement, Target};

use super::assembled;
use super::notes::Notes;
use crate::pass::{Pass, Unit};
use crate::process::{JobError, Worker};
use crate::protocol::{Job, Reading, Reply, Selection, Task};
use crate::{Progress, Request, ScanError, Survey};

/// An image on disk, opened.
pub(super) struct StoredImage {
    /// Of the folder or the archive.
    pub(super) path: PathBuf,
    pub(super) content: Content,
    /// A tag to choose by.
    pub(super) tag: Option<String>,
}

/// What an image lies in.
pub(super) enum Content {
    Folder(File),
    Archive { file: File, spool: File },
}

impl StoredImage {
    fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        match &self.content {
            Content::Folder(folder) => vec![folder.as_fd()],
            Content::Archive { file, spool } => vec![file.as_fd(), spool.as_fd()],
        }
    }

    fn failed(&self, message: String, hint: Option<String>) -> ScanError {
        ScanError::Image { path: self.path.display().to_string(), message, hint }
    }

    /// Reads the documents of the chosen images.
    fn open(&self, request: &Request) -> Result<Vec<Image>, ScanError> {
        let choice = Choice { tag: self.tag.clone(), platform: request.platform.clone() };
        let is_folder = matches!(self.content, Content::Folder(_));
        let job = Job { limits: request.limits, task: Task::Open { is_folder, choice } };
        let mut worker = Worker::new(&request.worker);
        match worker.perform(&job, &self.descriptors(), &|_| {}) {
            Ok(Reply::Opened(Ok(images))) => Ok(images),
            Ok(Reply::Opened(Err(failure))) => Err(self.failed(failure.message, failure.hint)),
            Ok(_) => Err(self.failed("the worker answered something else".to_owned(), None)),
            Err(JobError::Start(error)) => Err(ScanError::Worker(error)),
            Err(JobError::Died(cause)) => Err(self.failed(cause, None)),
        }
    }

    /// Where a layer's bytes are, as an open file.
    fn unit(&self, layer: &LayerSource) -> Result<Unit, ScanError> {
        // The digest of what is inside proves more than that of its packing, and hashing both takes a
        // tenth of the scan.
        let hashed = layer.diff_id.is_none() && layer.digest.is_some();
        Ok(match (&layer.place, &self.content) {
            (Err(cause), _) => Unit::Absent(cause.clone()),
            (Ok(Place::File { name, size }), _) => match fs_err::File::open(self.path.join(name)) {
                Ok(file) => Unit::Layer { file: file.into_file(), offset: 0, size: *size, hashed },
                Err(error) => Unit::Absent(error.to_string()),
            },
            (Ok(Place::Range { spooled, offset, size }), Content::Archive { file, spool }) => {
                let file = if *spooled { spool } else { file };
                let file = file.try_clone().map_err(ScanError::Open)?;
                Unit::Layer { file, offset: *offset, size: *size, hashed }
            }
            (Ok(Place::Range { .. }), Content::Folder(_)) => {
                Unit::Absent("it lies in no archive".to_owned())
            }
        })
    }
}

/// Surveys the chosen images of a source, one for each platform.
pub(super) fn survey(
    request: &Request,
    progress: &dyn Progress,
    target: &Target,
    stored: &StoredImage,
) -> Result<Vec<Survey>, ScanError> {
    let images = stored.open(request)?;
    images.into_iter().map(|image| one(request, progress, target, stored, image)).collect()
}

fn one(
    request: &Request,
    progress: &dyn Progress,
    target: &Target,
    stored: &StoredImage,
    image: Image,
) -> Result<Survey, ScanError> {
    let units: Vec<Unit> =
        image.layers.iter().map(|layer| stored.unit(layer)).collect::<Result<_, _>>()?;
    let pass = Pass { request, progress };
    progress.begin(units.iter().map(Unit::size).sum(), units.len());
    let readings = pass.read(&units, |_| Selection::Everything)?;
    let mut notes = Notes::default();
    notes.problems.extend(image.problems);
    notes.doubts(&image.doubts);
    let mut layers = Vec::new();
    let mut statements = Vec::new();
    for ((index, source), reading) in (0u32..).zip(image.layers).zip(readings) {
        let Reading { layer, stored, problems, broken, .. } = reading;
        notes.layer(index, &source, (stored.as_ref(), layer.diff_id.as_ref()), broken);
        notes.problems_of(index, &layer, problems);
        statements.push(LayerStatement {
            digest: source.digest,
            diff_id: layer.diff_id.clone(),
            size: source.size,
            created_by: source.created_by,
        });
        layers.push(layer);
    }
    let inventory = assembled(&pass, &units, layers, Mode::Installed, &mut notes)?;
    progress.finish();
    let statement = ImageStatement {
        tags: image.tags,
        manifest: image.manifest,
        configuration: image.configuration,
        platform: image.platform.to_string(),
        layers: statements,
    };
    let Notes { not_assessed, problems } = notes;
    let target = Target { image: Some(statement), ..target.clone() };
    Ok(Survey { target, inventory, not_assessed, problems })
}
