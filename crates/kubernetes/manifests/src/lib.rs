//! Kubernetes objects as they lie on disk: files, folders, kustomizations, charts.
//!
//! [`read`] decides what of a folder is read and how; it parses nothing itself. A folder with a
//! `Chart.yaml` is rendered by the program `helm`, one with a kustomization is built, and what these
//! take in is not judged on its own. Of the rest, files that end in `.yaml`, `.yml` and `.json` count.
//! Hidden files and folders and `node_modules` are left out, and links are not followed; what the user
//! names is read whatever it is called.

mod chart;
mod disk;
mod folder;

pub use chart::Helm;

use std::path::PathBuf;

use bulkhead_limits::Budget;
use bulkhead_objects::{Objects, Problem, ProblemKind};

/// How charts are rendered.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The program and its values.
    pub helm: Helm,
}

/// Reads files and folders that the user names.
pub fn read(paths: &[PathBuf], options: &Options, budget: &Budget) -> Objects {
    let mut objects = Objects::new();
    for path in paths {
        folder::add(&mut objects, path, options, budget);
    }
    objects
}

/// A problem of a path as a whole.
fn problem(path: &std::path::Path, kind: ProblemKind, message: String) -> Problem {
    Problem { file: path.to_string_lossy().into(), position: None, kind, message }
}
