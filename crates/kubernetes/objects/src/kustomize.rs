//! Kustomizations, built as `kustomize build` does.
//!
//! Resources, bases and components become trees, which generators and transformers change in
//! kustomize's order; names that prefixes, hashes and namespaces changed are followed through every
//! reference at the end. `tests/kustomize.rs` holds the results against kustomize's own library.
//!
//! Not built in, and said so: remote bases, plugins, charts (`helmCharts`), `crds`, `configurations`
//! and `openapi`.

mod accumulate;
mod fields;
mod file;
mod generate;
mod hash;
mod json_patch;
mod label_query;
mod merge;
mod references;
mod replace;
mod resource;
mod select;
mod transform;
mod vars;

use bulkhead_limits::Budget;

use crate::name::Name;
use crate::node::Node;
use crate::object::Origin;
use crate::objects::{Objects, Problem, ProblemKind};
use crate::read;
use accumulate::Build;

/// The names under which kustomize looks for its file in a folder.
pub const KUSTOMIZATION_FILES: [&str; 3] =
    ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Files by path, with `/` between folders. Whoever implements it decides what may be reached.
pub trait Files {
    /// The content of a file; none where there is none.
    fn read(&self, path: &str) -> Option<Vec<u8>>;

    /// Whether there is such a folder.
    fn is_folder(&self, path: &str) -> bool;
}

/// Why a kustomization does not build, for people.
type Failed = String;

impl Objects {
    /// Builds the kustomization of a folder and adds what it gives. The origin of an object is the
    /// document that it began as; of a generated one, the kustomization.
    ///
    /// A kustomization that does not build adds nothing but a problem. Parts that cannot be had here,
    /// remote ones above all, are problems beside the rest.
    pub fn add_kustomization(&mut self, folder: &str, files: &dyn Files, budget: &Budget) {
        match Build::new(self, files, budget).run(folder) {
            Ok(resources) => self.objects.extend(resources.into_iter().filter_map(|it| {
                let kustomization = Some(Name::new(folder));
                read::built(&it.node, Origin { kustomization, ..it.origin })
            })),
            Err(message) => self.problems.push(Problem {
                file: folder.into(),
                position: None,
                kind: ProblemKind::Unbuildable,
                message: format!("this kustomization does not build: {message}"),
            }),
        }
    }
}

/// What a kustomization gives, as trees: all of each object, Secrets with their values.
///
/// # Errors
/// Why it does not build.
pub fn build_kustomization(
    folder: &str,
    files: &dyn Files,
    budget: &Budget,
) -> Result<Vec<Node<'static>>, String> {
    let mut objects = Objects::new();
    let resources = Build::new(&mut objects, files, budget).run(folder)?;
    Ok(resources.into_iter().map(|resource| resource.node).collect())
}
