//! Ignore files and VEX documents: which are read, and from where.

use std::path::{Path, PathBuf};

use bulkhead_limits::{Budget, Limits};
use bulkhead_sbom::SbomError;
use bulkhead_scan::Testimony;

use crate::arguments::Answers;
use crate::failure::Failure;

/// Ignore files that are read where none is named, if the working directory has them.
const DEFAULTS: [&str; 4] =
    ["bulkhead-exceptions.yaml", ".trivyignore", ".trivyignore.yaml", ".grype.yaml"];

/// The name that means no file.
const NONE: &str = "none";

/// Reads what is named, and without a name what the working directory has.
pub(super) fn read_or_find(wanted: &Answers) -> Result<Testimony, Failure> {
    if !wanted.ignorefile.is_empty() {
        return read(wanted);
    }
    let found = DEFAULTS.map(PathBuf::from).into_iter().filter(|path| path.is_file());
    read_files(&found.collect::<Vec<_>>(), &wanted.vex)
}

/// As [`read_or_find`], where there are no documents.
pub(super) fn read_or_find_exceptions(ignorefile: &[PathBuf]) -> Result<Testimony, Failure> {
    read_or_find(&Answers { ignorefile: ignorefile.to_vec(), vex: Vec::new() })
}

/// Reads what is named, and nothing else.
pub(super) fn read(wanted: &Answers) -> Result<Testimony, Failure> {
    let named: Vec<PathBuf> =
        wanted.ignorefile.iter().filter(|path| **path != Path::new(NONE)).cloned().collect();
    read_files(&named, &wanted.vex)
}

fn read_files(ignore_files: &[PathBuf], documents: &[PathBuf]) -> Result<Testimony, Failure> {
    let mut testimony = Testimony::default();
    for path in ignore_files {
        let name = path.display().to_string();
        let file = bulkhead_exceptions::read(&name, &fs_err::read(path)?, &budget());
        testimony.exceptions.push(file?);
    }
    for path in documents {
        let name = path.display().to_string();
        let document = bulkhead_sbom::vex::read(&name, &fs_err::read(path)?, &budget());
        testimony.statements.push(document.map_err(|error| failure(&name, &error))?);
    }
    Ok(testimony)
}

/// Each file has its own.
fn budget() -> Budget {
    Budget::new(Limits::DEFAULT)
}

fn failure(file: &str, error: &SbomError) -> Failure {
    let message = format!("{file}: {error}");
    match error.hint() {
        Some(hint) => Failure::new(message, hint),
        None => Failure::new(message, "give a smaller document"),
    }
}
