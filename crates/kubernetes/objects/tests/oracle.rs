//! Values of YAML and built kustomizations, held against the libraries of Kubernetes itself.

#[path = "oracle/answers.rs"]
mod answers;
#[path = "oracle/kustomize.rs"]
mod kustomize;
#[path = "oracle/yaml.rs"]
mod yaml;
