//! Values and built kustomizations, held against the libraries of Kubernetes itself and against
//! another writer of JSON.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

#[path = "oracle/answers.rs"]
mod answers;
#[path = "oracle/json.rs"]
mod json;
#[path = "oracle/kustomize.rs"]
mod kustomize;
#[path = "oracle/yaml.rs"]
mod yaml;
