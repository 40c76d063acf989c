//! A set of objects and the files they came from.

use std::sync::Arc;

use bulkhead_limits::{Budget, Exceeded};
use rayon::prelude::*;

use crate::locate::Location;
use crate::name::Name;
use crate::object::Object;
use crate::path::FieldPath;
use crate::places::Places;
use crate::read;
use crate::yaml;

/// How many documents one thread reads at least: handing over fewer costs more than reading them.
pub(crate) const DOCUMENTS: usize = 64;

/// Objects with the files that they stand in, and what could not be read of these.
#[derive(Debug, Default)]
pub struct Objects {
    /// The objects in the order of their files.
    pub objects: Vec<Object>,
    /// The files, by [`FileId`].
    pub files: Vec<File>,
    /// What could not be read, or is odd.
    pub problems: Vec<Problem>,
}

/// A file by its place in [`Objects::files`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(crate) u32);

/// A file that objects stand in.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name, as it was given.
    pub path: Arc<str>,
    /// Its text, by which places are found.
    pub text: Arc<str>,
    /// A snapshot: a program wrote it, and nobody mends its lines.
    pub is_snapshot: bool,
}

/// Something of a file that could not be read, or that readers take differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file's name.
    pub file: Arc<str>,
    /// Line and column, from 1; none where it concerns the file as a whole.
    pub position: Option<(u32, u32)>,
    /// The class.
    pub kind: ProblemKind,
    /// What was met, for people.
    pub message: String,
}

/// The class of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProblemKind {
    /// The text of a document does not follow its notation; nothing of it was assessed.
    Syntax,
    /// A document that is no object: without `apiVersion` or `kind`. Not assessed.
    NoObject,
    /// A key stands twice; the later value was taken, as the API server takes it.
    RepeatedKey,
    /// A limit was reached; what is beyond it was not assessed.
    Limit,
    /// What it refers to cannot be had here. Not assessed.
    OutOfReach,
    /// A chart or a kustomization that does not give its objects. Not assessed.
    Unbuildable,
}

impl Objects {
    /// No objects.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a file of YAML or JSON: documents and lists, each object by itself.
    pub fn add(&mut self, path: &str, bytes: &[u8], budget: &Budget) {
        let file = match self.add_file(path, bytes, budget) {
            Ok(file) => file,
            Err((kind, message)) => {
                self.problems.push(Problem { file: path.into(), position: None, kind, message });
                return;
            }
        };
        let Some(File { text, .. }) = self.files.get(file.0 as usize).cloned() else { return };
        self.add_documents(file, &text, yaml::documents(&text), budget);
    }

    /// Reads what `helm template` rendered of a chart. The objects' templates are files of the chart,
    /// below its own path.
    pub fn add_rendered(&mut self, chart: &str, bytes: &[u8], budget: &Budget) {
        let before = self.objects.len();
        self.add(chart, bytes, budget);
        for object in self.objects.iter_mut().skip(before) {
            if let Some(template) = &object.origin.template {
                // helm names the chart, not the folder it lies in.
                let below = template.split_once('/').map_or(template.as_str(), |(_, below)| below);
                object.origin.template = Some(Name::new(&format!("{chart}/{below}")));
            }
        }
    }

    /// Adds another set behind this one.
    pub fn append(&mut self, other: Self) {
        let offset = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        self.objects.extend(other.objects.into_iter().map(|mut object| {
            object.origin.file.0 = object.origin.file.0.saturating_add(offset);
            object
        }));
        self.files.extend(other.files);
        self.problems.extend(other.problems);
    }

    /// Reads a file each of whose lines but the first is a document.
    pub(crate) fn add_lines(
        &mut self,
        path: &str,
        text: &str,
        budget: &Budget,
    ) -> Result<(), (ProblemKind, String)> {
        let file = self.add_file(path, text.as_bytes(), budget)?;
        if let Some(file) = self.files.get_mut(file.0 as usize) {
            file.is_snapshot = true;
        }
        self.add_documents(file, text, yaml::lines(text).skip(1), budget);
        Ok(())
    }

    /// Reads documents beside each other, in the order of the file.
    fn add_documents<'t>(
        &mut self,
        file: FileId,
        text: &'t str,
        documents: impl Iterator<Item = yaml::Document<'t>>,
        budget: &Budget,
    ) {
        let Some(File { path, .. }) = self.files.get(file.0 as usize).cloned() else { return };
        let documents: Vec<_> = documents.collect();
        let read: Vec<read::Read> = documents
            .par_iter()
            .with_min_len(DOCUMENTS)
            .map(|document| read::document(file, document, text))
            .collect();
        let mut left = budget.limits().problems;
        let mut unsaid = 0_usize;
        for read in read {
            self.objects.extend(read.objects);
            for (kind, position, message) in read.problems {
                if left == 0 {
                    unsaid = unsaid.saturating_add(1);
                    continue;
                }
                left = left.saturating_sub(1);
                let (file, position) = (Arc::clone(&path), Some(position));
                self.problems.push(Problem { file, position, kind, message });
            }
        }
        if unsaid > 0 {
            let message = format!("{unsaid} more problems of this file are not listed");
            let kind = ProblemKind::Limit;
            self.problems.push(Problem { file: path, position: None, kind, message });
        }
    }

    /// Keeps the text of a file, of which nothing is read yet.
    pub(crate) fn add_file(
        &mut self,
        path: &str,
        bytes: &[u8],
        budget: &Budget,
    ) -> Result<FileId, (ProblemKind, String)> {
        let text = checked(bytes, budget)?;
        let file = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(File { path: path.into(), text: text.into(), is_snapshot: false });
        Ok(file)
    }

    /// The file of an object.
    pub fn file(&self, object: &Object) -> Option<&File> {
        self.files.get(object.origin.file.0 as usize)
    }

    /// Whether people write the lines that an object stands on: not what a chart renders, nor what a
    /// cluster gave.
    pub fn has_lines(&self, object: &Object) -> bool {
        object.origin.template.is_none()
            && self.file(object).is_some_and(|file| !file.text.is_empty() && !file.is_snapshot)
    }

    /// Where a field of an object was written, or the nearest value around it: its document is read
    /// again. For many fields, see [`Objects::places`].
    pub fn locate(&self, object: &Object, path: &FieldPath) -> Option<Location> {
        self.places().locate(object, path)
    }

    /// Finds the places of many fields.
    pub const fn places(&self) -> Places<'_> {
        Places::new(self)
    }
}

/// The text of a file that is small enough, in UTF-8.
fn checked<'a>(bytes: &'a [u8], budget: &Budget) -> Result<&'a str, (ProblemKind, String)> {
    let limit = |error: Exceeded| (ProblemKind::Limit, error.to_string());
    budget.check().map_err(limit)?;
    budget.check_file(bytes.len() as u64).map_err(limit)?;
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        (ProblemKind::Syntax, format!("not text in UTF-8: byte {at} begins no character"))
    })
}
