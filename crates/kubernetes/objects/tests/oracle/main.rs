//! Values and built kustomizations, held against the libraries of Kubernetes itself and against
//! another writer of JSON.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

mod answers;
mod json;
mod kustomize;
mod yaml;
