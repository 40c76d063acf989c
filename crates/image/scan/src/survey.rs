//! Looking at a target: its layers in workers, their merge, what is installed.

use std::fs::File;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::Path;

use bulkhead_image::{Choice, Image, Place};
use bulkhead_inventory::Mode;
use bulkhead_layers::{Detector, Layer, SecondRead, View};
use bulkhead_limits::Budget;
use bulkhead_model::{
    ImageStatement, LayerReference, LayerStatement, NotAssessed, NotAssessedReason, Problem,
    ProblemKind, Target,
};

use crate::pass::{Pass, Unit};
use crate::process::{JobError, Worker};
use crate::protocol::{Job, Reading, Reply, Selection, Task, Wanted};
use crate::target::TargetReference;
use crate::{Progress, Request, ScanError, Survey, detectors};

/// Looks at a target: one survey for each platform that was chosen.
pub fn survey(request: &Request, progress: &dyn Progress) -> Result<Vec<Survey>, ScanError> {
    let reference = TargetReference::parse(&request.target)?;
    let kind = reference.kind();
    let target = Target { name: request.target.clone(), kind: kind.to_owned(), image: None };
    let folder_hint = "name a folder: rootfs:PATH for an installed system, dir:PATH for a project";
    match reference {
        TargetReference::Layout { path, tag } => {
            let hint = "for an image in a file use oci-archive:FILE or docker-archive:FILE";
            let folder = open_as(&path, true, hint)?;
            images(request, progress, &target, &path, Stored::Folder(folder), tag)
        }
        TargetReference::Archive { path, tag, .. } => {
            let file = open_as(&path, false, "for an image layout in a folder use oci-dir:PATH")?;
            let spool = tempfile::tempfile().map_err(ScanError::Open)?;
            images(request, progress, &target, &path, Stored::Archive { file, spool }, tag)
        }
        TargetReference::RootFileSystem(path) => {
            let folder = open_as(&path, true, folder_hint)?;
            tree(request, target, &folder, Mode::Installed).map(|survey| vec![survey])
        }
        TargetReference::Project(path) => {
            let folder = open_as(&path, true, folder_hint)?;
            tree(request, target, &folder, Mode::Project).map(|survey| vec![survey])
        }
        TargetReference::Document(path) => {
            let bytes = fs_err::read(&path).map_err(ScanError::Open)?;
            document(&path, &bytes, target, &Budget::new(request.limits)).map(|survey| vec![survey])
        }
        TargetReference::Package(purl) => {
            let inventory = bulkhead_sbom::purl::inventory(&purl)
                .map_err(|source| ScanError::Document { path: purl, source })?;
            Ok(vec![Survey { target, inventory, not_assessed: Vec::new(), problems: Vec::new() }])
        }
    }
}

/// What an image lies in, on the scan's side.
enum Stored {
    Folder(File),
    Archive { file: File, spool: File },
}

impl Stored {
    fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        match self {
            Self::Folder(folder) => vec![folder.as_fd()],
            Self::Archive { file, spool } => vec![file.as_fd(), spool.as_fd()],
        }
    }
}

fn open_as(path: &Path, folder: bool, hint: &'static str) -> Result<File, ScanError> {
    let file = fs_err::File::open(path).map_err(ScanError::Open)?;
    let metadata = file.metadata().map_err(ScanError::Open)?;
    let found = match (metadata.is_dir(), metadata.is_file()) {
        (true, _) => "a folder",
        (_, true) => "a file",
        _ => "neither a file nor a folder",
    };
    if metadata.is_dir() != folder || !(folder || metadata.is_file()) {
        return Err(ScanError::WrongKind { path: path.to_owned(), found, hint });
    }
    Ok(file.into_file())
}

fn images(
    request: &Request,
    progress: &dyn Progress,
    target: &Target,
    path: &Path,
    stored: Stored,
    tag: Option<String>,
) -> Result<Vec<Survey>, ScanError> {
    let choice = Choice { tag, platform: request.platform.clone() };
    let task = Task::Open { is_folder: matches!(stored, Stored::Folder(_)), choice };
    let job = Job { limits: request.limits, task };
    let failed =
        |message, hint| ScanError::Image { path: path.display().to_string(), message, hint };
    let mut worker = Worker::new(&request.worker);
    let images = match worker.perform(&job, &stored.descriptors(), &|_| {}) {
        Ok(Reply::Opened(Ok(images))) => images,
        Ok(Reply::Opened(Err(failure))) => return Err(failed(failure.message, failure.hint)),
        Ok(_) => return Err(failed("the worker answered something else".to_owned(), None)),
        Err(JobError::Start(error)) => return Err(ScanError::Worker(error)),
        Err(JobError::Died(cause)) => return Err(failed(cause, None)),
    };
    drop(worker);
    let detectors = detectors();
    images
        .into_iter()
        .map(|image| one_image(request, progress, target.clone(), path, &stored, image, &detectors))
        .collect()
}

fn one_image(
    request: &Request,
    progress: &dyn Progress,
    mut target: Target,
    path: &Path,
    stored: &Stored,
    image: Image,
    detectors: &[Box<dyn Detector>],
) -> Result<Survey, ScanError> {
    let units: Vec<Unit> =
        image.layers.iter().map(|layer| unit(layer, path, stored)).collect::<Result<_, _>>()?;
    let pass = Pass { request, progress };
    progress.begin(units.iter().map(Unit::size).sum(), units.len());
    let readings = pass.read(&units, |_| Selection::Everything)?;
    let mut notes = Notes::default();
    notes.problems.extend(image.problems.iter().cloned());
    notes.doubts(&image.doubts);
    let mut layers = Vec::new();
    let mut statements = Vec::new();
    for ((index, source), reading) in (0u32..).zip(&image.layers).zip(readings) {
        let Reading { layer, stored, problems, broken, .. } = reading;
        let found = (stored.as_ref(), layer.diff_id.as_ref());
        notes.layer(index, source, found, broken);
        notes.problems_of(index, &layer, problems);
        statements.push(LayerStatement {
            digest: source.digest.clone(),
            diff_id: layer.diff_id.clone(),
            size: source.size,
            created_by: source.created_by.clone(),
        });
        layers.push(layer);
    }
    let (mut view, odd) = bulkhead_layers::merge(layers);
    notes.problems.extend(odd);
    read_again(&pass, &units, &mut view, detectors, &mut notes)?;
    progress.finish();
    let (inventory, problems) = bulkhead_inventory::assemble(&view, Mode::Installed);
    notes.problems.extend(problems);
    target.image = Some(ImageStatement {
        tags: image.tags,
        manifest: image.manifest,
        configuration: image.configuration,
        platform: image.platform.to_string(),
        layers: statements,
    });
    Ok(Survey { target, inventory, not_assessed: notes.not_assessed, problems: notes.problems })
}

/// Where a layer's bytes are, as an open file.
fn unit(
    layer: &bulkhead_image::LayerSource,
    path: &Path,
    stored: &Stored,
) -> Result<Unit, ScanError> {
    Ok(match (&layer.place, stored) {
        (Err(cause), _) => Unit::Absent(cause.clone()),
        (Ok(Place::File { name, size }), _) => match fs_err::File::open(path.join(name)) {
            Ok(file) => Unit::Layer { file: file.into_file(), offset: 0, size: *size },
            Err(error) => Unit::Absent(error.to_string()),
        },
        (Ok(Place::Range { spooled, offset, size }), Stored::Archive { file, spool }) => {
            let file = if *spooled { spool } else { file };
            let file = file.try_clone().map_err(ScanError::Open)?;
            Unit::Layer { file, offset: *offset, size: *size }
        }
        (Ok(Place::Range { .. }), Stored::Folder(_)) => {
            Unit::Absent("it lies in no archive".to_owned())
        }
    })
}

fn tree(request: &Request, target: Target, folder: &File, mode: Mode) -> Result<Survey, ScanError> {
    let detectors = detectors();
    let pass = Pass { request, progress: &crate::Silent };
    let units = [Unit::Tree(folder.try_clone().map_err(ScanError::Open)?)];
    let mut notes = Notes::default();
    let mut layers = Vec::new();
    for reading in pass.read(&units, |_| Selection::Everything)? {
        notes.problems.extend(reading.problems);
        if let Some(cause) = reading.broken {
            notes.not_assessed(0, None, cause);
        }
        layers.push(reading.layer);
    }
    let (mut view, odd) = bulkhead_layers::merge(layers);
    notes.problems.extend(odd);
    read_again(&pass, &units, &mut view, &detectors, &mut notes)?;
    let (inventory, problems) = bulkhead_inventory::assemble(&view, mode);
    notes.problems.extend(problems);
    let Notes { not_assessed, problems } = notes;
    Ok(Survey { target, inventory, not_assessed, problems })
}

/// Reads files once more that detectors want by another name: behind links.
fn read_again(
    pass: &Pass<'_>,
    units: &[Unit],
    view: &mut View,
    detectors: &[Box<dyn Detector>],
    notes: &mut Notes,
) -> Result<(), ScanError> {
    let reads = view.second_reads(detectors);
    if reads.is_empty() {
        return Ok(());
    }
    let of = |index: usize| reads.iter().filter(move |read| read.layer as usize == index);
    let selection = |index: usize| {
        Selection::Only(
            of(index)
                .map(|read| Wanted {
                    entry: read.entry,
                    own: view.own_path(read).unwrap_or_default(),
                    path: read.path.clone(),
                    detector: read.detector.to_owned(),
                })
                .collect(),
        )
    };
    let readings = pass.read(units, selection)?;
    for (index, reading) in readings.into_iter().enumerate() {
        let wanted: Vec<&SecondRead> = of(index).collect();
        for (position, facts) in reading.selected {
            if let Some(read) = wanted.get(position as usize) {
                view.add(read, facts);
            }
        }
        notes.problems.extend(reading.problems);
    }
    Ok(())
}

fn document(
    path: &Path,
    bytes: &[u8],
    target: Target,
    budget: &Budget,
) -> Result<Survey, ScanError> {
    let bom = bulkhead_sbom::cyclonedx::read(bytes, budget)
        .map_err(|source| ScanError::Document { path: path.display().to_string(), source })?;
    Ok(Survey {
        target: Target { image: bom.target.and_then(|of| of.image), ..target },
        inventory: bom.inventory,
        not_assessed: bom.not_assessed,
        problems: bom.problems,
    })
}

/// What goes into the report beside the inventory.
#[derive(Default)]
struct Notes {
    not_assessed: Vec<NotAssessed>,
    problems: Vec<Problem>,
}

impl Notes {
    /// Documents that are not what they should be: the image is in doubt as a whole.
    fn doubts(&mut self, doubts: &[String]) {
        for cause in doubts {
            self.not_assessed.push(NotAssessed {
                reason: NotAssessedReason::Document { cause: cause.clone() },
                count: 0,
                hint: Some(
                    "the copy was altered or damaged: write it again from its source".into(),
                ),
            });
        }
    }

    /// Holds a layer's digests against those that the image promises.
    fn layer(
        &mut self,
        index: u32,
        source: &bulkhead_image::LayerSource,
        found: (Option<&bulkhead_model::Digest>, Option<&bulkhead_model::Digest>),
        broken: Option<String>,
    ) {
        let digest = source.digest.clone().or_else(|| source.diff_id.clone());
        if let Some(cause) = broken {
            return self.not_assessed(index, digest, cause);
        }
        let promised = [(&source.digest, found.0), (&source.diff_id, found.1)];
        for (promised, found) in promised {
            let (Some(promised), Some(found)) = (promised, found) else { continue };
            // Only what was computed by the same algorithm can be compared.
            if promised.algorithm() == found.algorithm() && promised != found {
                let cause = format!("it should have the digest {promised} and has {found}");
                let message = format!("layer {index}: {cause}");
                self.problems.push(Problem::general(ProblemKind::Mismatch, message));
                self.not_assessed(index, digest.clone(), cause);
            }
        }
    }

    fn not_assessed(&mut self, index: u32, digest: Option<bulkhead_model::Digest>, cause: String) {
        self.not_assessed.push(NotAssessed {
            reason: NotAssessedReason::Layer { index, digest, cause },
            count: 0,
            hint: Some("what could be read of it is reported; nothing is known of the rest".into()),
        });
    }

    /// Problems that a worker met: only the scan knows which layer they are of.
    fn problems_of(&mut self, index: u32, layer: &Layer, problems: Vec<Problem>) {
        let reference = layer.diff_id.clone().map(|diff_id| LayerReference { index, diff_id });
        self.problems.extend(problems.into_iter().map(|mut problem| {
            match &mut problem.location {
                Some(location) => location.layer.clone_from(&reference),
                None => problem.message = format!("layer {index}: {}", problem.message),
            }
            problem
        }));
    }
}
