//! Kubernetes objects as checks need them: typed, trimmed, with shared names.
//!
//! [`Objects::add`] reads a file of YAML or JSON: documents, lists, unknown kinds and broken parts
//! alike. Bodies hold what checks read and nothing else, in the shape of the newest version of the
//! API, whatever version the object names; values of Secrets are never kept. Places cost nothing until they are asked for:
//! [`Objects::locate`] reads the one document again and finds the line and the bytes of a field.
//!
//! What the API server would refuse is not guessed at: such fields are [`Mistake`]s of their object.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unreachable
    )
)]

mod body;
mod elements;
mod entries;
mod extract;
mod json;
mod kinds;
mod kustomize;
mod locate;
mod name;
mod node;
mod object;
mod objects;
mod path;
mod places;
mod read;
mod reread;
mod snapshot;
mod values;
mod yaml;

pub use body::*;
pub use kustomize::{Files, KUSTOMIZATION_FILES, build_kustomization};
pub use locate::Location;
pub use name::Name;
pub use node::{Entry, Node, Span, Value};
pub use object::{Body, Metadata, Mistake, Object, Origin, OwnerReference, TypeName, Unknown};
pub use objects::{File, FileId, Objects, Problem, ProblemKind};
pub use path::{FieldPath, Step};
pub use places::Places;
pub use snapshot::{Absent, Snapshot, SnapshotError, SnapshotWriter};
pub use values::{IntOrString, Labels, Quantity, Table};
pub use yaml::read_tree;
