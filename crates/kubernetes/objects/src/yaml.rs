//! YAML as the API server's clients read it: documents apart, each a tree of JSON's values.
//!
//! A file is cut at its `---` lines first, as kubectl does, so that a broken document costs only
//! itself. Scalars mean what `sigs.k8s.io/yaml` makes of them (see [`scalar`]).

mod build;
mod documents;
mod scalar;

pub(crate) use build::read;
pub(crate) use documents::{Document, documents};
