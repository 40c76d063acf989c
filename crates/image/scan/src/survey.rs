//! Looking at a target: what it is made of is read in workers, merged and assembled.

mod containerd;
mod depot;
mod image;
mod notes;
mod part;
mod stored;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use bulkhead_inventory::Mode;
use bulkhead_layers::{Layer, SecondRead, View};
use bulkhead_limits::Budget;
use bulkhead_model::{Inventory, Target};

use crate::pass::{Pass, Unit, UnitSource};
use crate::protocol::{Selection, Wanted};
use crate::results::Results;
use crate::survey::depot::registry::RegistryDepot;
use crate::survey::notes::Notes;
use crate::survey::stored::{Content, StoredImage};
use crate::target::TargetReference;
use crate::{Progress, Request, ScanError, Silent, Survey, detectors};

/// Looks at a target: one survey for each platform that was chosen.
pub fn survey(request: &Request, progress: &dyn Progress) -> Result<Vec<Survey>, ScanError> {
    let reference = TargetReference::parse(&request.target)?;
    let kind = reference.kind().to_owned();
    let target = Target { name: request.target.clone(), kind, image: None };
    Ok(match reference {
        TargetReference::Layout { path, tag } => {
            let content = Content::Folder(open_folder(&path, ARCHIVE_HINT)?);
            image::survey(request, progress, &target, &StoredImage::new(path, content, tag))?
        }
        TargetReference::Archive { path, tag, .. } => {
            let file = open_file(&path, FOLDER_HINT)?;
            let spool = tempfile::tempfile().map_err(ScanError::Open)?;
            let content = Content::Archive { file, spool };
            image::survey(request, progress, &target, &StoredImage::new(path, content, tag))?
        }
        TargetReference::Registry(reference) => {
            let depot = RegistryDepot::new(reference, &request.sources, request.limits.bytes)?;
            image::survey(request, progress, &target, &StoredImage::in_depot(Box::new(depot)))?
        }
        TargetReference::Containerd(name) => containerd::survey(request, progress, &target, &name)?,
        TargetReference::RootFileSystem(path) => {
            vec![tree(request, target, open_folder(&path, FILE_HINT)?, Mode::Installed)?]
        }
        TargetReference::Project(path) => {
            vec![tree(request, target, open_folder(&path, FILE_HINT)?, Mode::Project)?]
        }
        TargetReference::Document(path) => vec![document(request, target, &path)?],
        TargetReference::Package(purl) => vec![package(target, purl)?],
    })
}

const ARCHIVE_HINT: &str = "for an image in a file use oci-archive:FILE or docker-archive:FILE";
const FOLDER_HINT: &str = "for an image layout in a folder use oci-dir:PATH, for an unpacked system \
                           rootfs:PATH, for a project dir:PATH";
const DOCUMENT_HINT: &str = "name a file with a bill of materials in JSON; for a project dir:PATH";
const FILE_HINT: &str = "name a folder; for an image in a file use oci-archive:FILE or \
                         docker-archive:FILE, for a bill of materials sbom:FILE";

fn open_folder(path: &Path, hint: &'static str) -> Result<File, ScanError> {
    let file = fs_err::File::open(path).map_err(ScanError::Open)?;
    if file.metadata().map_err(ScanError::Open)?.is_dir() {
        return Ok(file.into_file());
    }
    Err(ScanError::WrongKind { path: path.to_owned(), found: "not a folder", hint })
}

fn open_file(path: &Path, hint: &'static str) -> Result<File, ScanError> {
    // Asked before it is opened: opening a FIFO waits for somebody to write into it.
    let metadata = fs_err::metadata(path).map_err(ScanError::Open)?;
    if metadata.is_file() {
        return Ok(fs_err::File::open(path).map_err(ScanError::Open)?.into_file());
    }
    let found = "not a regular file";
    Err(ScanError::WrongKind { path: path.to_owned(), found, hint })
}

fn tree(request: &Request, target: Target, folder: File, mode: Mode) -> Result<Survey, ScanError> {
    let results = Results::of(request);
    let pass = Pass::new(request, &Silent, &results);
    let units = [Unit { source: UnitSource::Tree(folder), promised: None, diff_id: None }];
    let mut notes = Notes::default();
    let mut layers = Vec::new();
    for reading in pass.read(&units, |_| Selection::Everything)? {
        notes.problems.extend(reading.problems);
        if let Some(broken) = reading.broken {
            notes.folder(&broken);
        }
        layers.push(reading.layer);
    }
    let inventory = assembled(&pass, &units, layers, mode, &mut notes)?;
    let Notes { not_assessed, problems } = notes;
    Ok(Survey { target, inventory, not_assessed, problems })
}

/// Merges layers, reads what detectors want by other names, and puts the inventory together.
fn assembled(
    pass: &Pass<'_>,
    units: &[Unit],
    layers: Vec<Layer>,
    mode: Mode,
    notes: &mut Notes,
) -> Result<Inventory, ScanError> {
    let (mut view, odd) = bulkhead_layers::merge(layers);
    notes.problems.extend(odd);
    read_again(pass, units, &mut view, notes)?;
    let (inventory, problems) = bulkhead_inventory::assemble(&view, mode);
    notes.problems.extend(problems);
    Ok(inventory)
}

/// Reads files once more that detectors want by another name: behind links.
fn read_again(
    pass: &Pass<'_>,
    units: &[Unit],
    view: &mut View,
    notes: &mut Notes,
) -> Result<(), ScanError> {
    let reads = view.second_reads(&detectors());
    if reads.is_empty() {
        return Ok(());
    }
    let of = |index: usize| reads.iter().filter(move |read| read.layer as usize == index);
    let wanted = |read: &SecondRead| Wanted {
        entry: read.entry,
        own: view.own_path(read).unwrap_or_default(),
        path: read.path.clone(),
        detector: read.detector.to_owned(),
    };
    let readings = pass.read(units, |index| Selection::Only(of(index).map(wanted).collect()))?;
    for (index, reading) in readings.into_iter().enumerate() {
        let wanted: Vec<&SecondRead> = of(index).collect();
        for (position, facts) in reading.selected {
            if let Some(read) = wanted.get(position as usize) {
                view.add(read, facts);
            }
        }
        if let Some(unit) = units.get(index) {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            notes.read_again(index, unit, reading.broken, reading.problems);
        }
    }
    Ok(())
}

fn document(request: &Request, target: Target, path: &Path) -> Result<Survey, ScanError> {
    let failed = |source| ScanError::Document { path: path.display().to_string(), source };
    let budget = Budget::new(request.limits);
    let file = open_file(path, DOCUMENT_HINT)?;
    let size = file.metadata().map_err(ScanError::Open)?.len();
    budget.check_file(size).map_err(|error| failed(error.into()))?;
    let mut bytes = Vec::new();
    // The reader refuses what has grown past the limit since.
    let most = request.limits.file_bytes.saturating_add(1);
    file.take(most).read_to_end(&mut bytes).map_err(ScanError::Open)?;
    let bom = bulkhead_sbom::read(&bytes, &budget).map_err(failed)?;
    Ok(Survey {
        target: Target { image: bom.target.and_then(|of| of.image), ..target },
        inventory: bom.inventory,
        not_assessed: bom.not_assessed,
        problems: bom.problems,
    })
}

fn package(target: Target, purl: String) -> Result<Survey, ScanError> {
    let inventory = bulkhead_sbom::purl::inventory(&purl)
        .map_err(|source| ScanError::Document { path: purl, source })?;
    Ok(Survey { target, inventory, not_assessed: Vec::new(), problems: Vec::new() })
}
