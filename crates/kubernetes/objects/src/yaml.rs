//! YAML as the API server's clients read it: documents apart, each a tree of JSON's values.
//!
//! A file is cut at its `---` lines first, as kubectl does, so that a broken document costs only
//! itself. Scalars mean what `sigs.k8s.io/yaml` makes of them (see [`scalar`]).

mod build;
mod documents;
mod scalar;

pub(crate) use build::{DocumentTree, read, read_for_kustomize};
pub(crate) use documents::{Document, documents, lines};

/// The first document of a text as the tree that bodies are read from; none where there is none.
///
/// # Errors
/// What is wrong with it.
pub fn read_tree(text: &str) -> Result<crate::Node<'_>, String> {
    let Some(document) = documents(text).next() else {
        return Ok(crate::Node::unplaced(crate::Value::Null));
    };
    read(&document).map(|tree| tree.root).map_err(|broken| broken.cause)
}
