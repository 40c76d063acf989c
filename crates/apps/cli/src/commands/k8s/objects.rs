//! Objects from files or from a cluster.

use std::path::PathBuf;

use bulkhead_cluster::{Cluster, Collection, Listing};
use bulkhead_limits::{Budget, Limits};
use bulkhead_manifests::Options;
use bulkhead_objects::{Objects, Problem};

use crate::arguments::K8sObjects;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Objects, and whether they are all that was asked for.
pub(super) struct Loaded {
    pub(super) objects: Objects,
    /// What was not assessed, and why.
    pub(super) not_assessed: Vec<String>,
}

/// Reads the manifests, or these collections of the cluster.
pub(super) fn load(arguments: &K8sObjects, collections: &[Collection]) -> Result<Loaded, Failure> {
    if !arguments.cluster {
        return Ok(read(&arguments.paths));
    }
    let (mut objects, mut not_assessed) = (Objects::new(), Vec::new());
    let budget = Budget::new(Limits::DEFAULT);
    let context = arguments.context.as_deref();
    let cluster = Cluster::connect(arguments.kubeconfig.as_deref(), context)?;
    for collection in collections {
        let path = collection.path();
        let listing = cluster.list(*collection, |page| {
            objects.add(&path, page.as_bytes(), &budget);
            // Nobody asks for lines of a page, which may hold values of Secrets.
            if let Some(page) = objects.files.last_mut() {
                page.text = "".into();
            }
        })?;
        match listing {
            Listing::Whole { .. } => {}
            Listing::Forbidden(reason) => {
                not_assessed.push(format!("{}: {reason}", collection.plural));
            }
            Listing::Absent => {
                not_assessed.push(format!("{}: the server has none", collection.plural));
            }
        }
    }
    not_assessed.extend(objects.problems.iter().map(sentence));
    Ok(Loaded { objects, not_assessed })
}

/// Reads the manifests.
pub(super) fn read(paths: &[PathBuf]) -> Loaded {
    let objects =
        bulkhead_manifests::read(paths, &Options::default(), &Budget::new(Limits::DEFAULT));
    Loaded { not_assessed: objects.problems.iter().map(sentence).collect(), objects }
}

fn sentence(problem: &Problem) -> String {
    let place = problem.position.map_or_else(String::new, |(line, _)| format!(":{line}"));
    format!("{}{place}: {}", problem.file, problem.message)
}

impl Loaded {
    /// What must follow a count for people: that there may be more.
    pub(super) fn reservation(&self) -> &'static str {
        if self.not_assessed.is_empty() {
            ""
        } else {
            "Not everything was assessed, so there may be more.\n"
        }
    }

    /// Says what was not assessed, and gives the exit code.
    pub(super) fn finish(&self, terminal: Terminal) -> u8 {
        for reason in &self.not_assessed {
            terminal
                .warning(&format!("not assessed: {}", bulkhead_report::printable(reason)), None);
        }
        if self.not_assessed.is_empty() { 0 } else { super::INCOMPLETE }
    }
}
