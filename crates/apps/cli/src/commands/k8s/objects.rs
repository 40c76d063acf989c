//! Objects from files.

use std::path::{Path, PathBuf};

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::Objects;

use crate::failure::Failure;
use crate::terminal::Terminal;

/// Objects, and whether they are all that was asked for.
pub(super) struct Loaded {
    pub(super) objects: Objects,
    /// What was not assessed, and why.
    pub(super) not_assessed: Vec<String>,
}

/// Reads the manifests.
pub(super) fn load(paths: &[PathBuf]) -> Result<Loaded, Failure> {
    let mut loaded = Loaded { objects: Objects::new(), not_assessed: Vec::new() };
    let budget = Budget::new(Limits::DEFAULT);
    for path in paths {
        for file in manifests(path)? {
            let bytes = fs_err::read(&file)?;
            loaded.objects.add(&file.display().to_string(), &bytes, &budget);
        }
    }
    let problems = loaded.objects.problems.iter().map(|problem| {
        let place = problem.position.map_or_else(String::new, |(line, _)| format!(":{line}"));
        format!("{}{place}: {}", problem.file, problem.message)
    });
    loaded.not_assessed.extend(problems);
    Ok(loaded)
}

impl Loaded {
    /// Says what was not assessed, and gives the exit code.
    pub(super) fn finish(&self, terminal: Terminal) -> u8 {
        for reason in &self.not_assessed {
            terminal
                .warning(&format!("not assessed: {}", bulkhead_report::printable(reason)), None);
        }
        if self.not_assessed.is_empty() { 0 } else { super::INCOMPLETE }
    }
}

/// A file, or every manifest below a folder in the order of their names.
fn manifests(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !fs_err::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut entries: Vec<PathBuf> =
        fs_err::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        let extension = entry.extension().and_then(|extension| extension.to_str());
        if entry.is_dir() && !entry.is_symlink() {
            files.extend(manifests(&entry)?);
        } else if ["yaml", "yml", "json"].contains(&extension.unwrap_or_default()) {
            files.push(entry);
        }
    }
    Ok(files)
}
