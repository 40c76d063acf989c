//! What of a folder is read, and how.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bulkhead_limits::Budget;
use bulkhead_objects::{KUSTOMIZATION_FILES, Objects, ProblemKind, read_tree};

use crate::disk::Disk;
use crate::{Options, chart, problem};

/// Reads a file or a folder that the user named.
pub(crate) fn add(objects: &mut Objects, path: &Path, options: &Options, budget: &Budget) {
    match fs_err::metadata(path) {
        Err(error) => {
            let kind = ProblemKind::OutOfReach;
            objects.problems.push(problem(path, kind, format!("cannot be read: {error}")));
        }
        Ok(metadata) if metadata.is_dir() => add_folder(objects, path, options, budget),
        Ok(_) if chart::is_package(path) => chart::add(objects, path, &options.helm, budget),
        Ok(_) => add_file(objects, path, budget),
    }
}

fn add_folder(objects: &mut Objects, path: &Path, options: &Options, budget: &Budget) {
    let found = find(path, objects);
    let taken = build(objects, path, &found.kustomizations, budget);
    for folder in &found.charts {
        // A library among others is judged in the charts that use it.
        if *folder == *path || !chart::is_library(folder) {
            chart::add(objects, folder, &options.helm, budget);
        }
    }
    for file in &found.files {
        if !taken.contains(&*name(file)) {
            add_file(objects, file, budget);
        }
    }
}

fn add_file(objects: &mut Objects, path: &Path, budget: &Budget) {
    let size = fs_err::metadata(path).map(|metadata| metadata.len());
    let read = size.and_then(|size| match budget.check_file(size) {
        Ok(()) => fs_err::read(path),
        Err(error) => Err(std::io::Error::other(error)),
    });
    match read {
        Ok(bytes) => objects.add(&name(path), &bytes, budget),
        Err(error) => {
            let kind = ProblemKind::OutOfReach;
            objects.problems.push(problem(path, kind, format!("cannot be read: {error}")));
        }
    }
}

/// Builds every kustomization that no other one takes in; gives the files that are part of any.
fn build(
    objects: &mut Objects,
    root: &Path,
    folders: &[PathBuf],
    budget: &Budget,
) -> BTreeSet<String> {
    let mut taken = BTreeSet::new();
    let mut bases = BTreeSet::new();
    let mut built = Vec::new();
    for folder in folders {
        let name = name(folder).into_owned();
        let disk = Disk::new(root, budget);
        let mut own = Objects::new();
        own.add_kustomization(&name, &disk, budget);
        let used = disk.taken();
        bases.extend(used.iter().filter(|used| **used != name).cloned());
        taken.extend(used);
        built.push((folder, name, own));
    }
    for (folder, name, own) in built {
        // A component changes what others give and gives nothing itself.
        if !bases.contains(&name) && !is_component(folder) {
            objects.append(own);
        }
    }
    taken
}

fn is_component(folder: &Path) -> bool {
    KUSTOMIZATION_FILES.iter().any(|file| {
        let text = fs_err::read_to_string(folder.join(file)).unwrap_or_default();
        read_tree(&text).is_ok_and(|tree| tree.text("kind") == "Component")
    })
}

/// What a folder holds.
#[derive(Debug, Default)]
struct Found {
    files: Vec<PathBuf>,
    kustomizations: Vec<PathBuf>,
    charts: Vec<PathBuf>,
}

/// Walks a folder in the order of names.
fn find(root: &Path, objects: &mut Objects) -> Found {
    let mut found = Found::default();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        if folder.join("Chart.yaml").is_file() {
            // Templates are no YAML before they are rendered, and charts below are part of this one.
            found.charts.push(folder);
            continue;
        }
        let entries: std::io::Result<Vec<_>> =
            fs_err::read_dir(&folder).and_then(Iterator::collect);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                let kind = ProblemKind::OutOfReach;
                let message = format!("cannot be read: {error}");
                objects.problems.push(problem(&folder, kind, message));
                continue;
            }
        };
        entries.sort_by_key(fs_err::DirEntry::file_name);
        let mut below = Vec::new();
        for entry in entries {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let Ok(kind) = entry.file_type() else { continue };
            if name.starts_with('.') || name == "node_modules" {
                continue;
            }
            if kind.is_dir() {
                below.push(entry.path());
            } else if kind.is_file() && KUSTOMIZATION_FILES.contains(&&*name) {
                found.kustomizations.push(folder.clone());
            } else if kind.is_file() && is_manifest(&entry.path()) {
                found.files.push(entry.path());
            }
        }
        folders.extend(below.into_iter().rev());
    }
    found
}

fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "yaml" || end == "yml" || end == "json")
}

/// A path as kustomizations name it.
fn name(path: &Path) -> std::borrow::Cow<'_, str> {
    path.strip_prefix("./").unwrap_or(path).to_string_lossy()
}
