//! `bulkhead k8s diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Objects;
use crate::arguments::Form;

pub(super) const EXAMPLES: &str = "Examples:
  bulkhead k8s scan manifests/ -o json=base.json
  bulkhead k8s diff base.json manifests/ --fail-on new
  bulkhead k8s diff cluster.snapshot --cluster -o json";

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// What was before: a JSON report of `k8s scan`, a snapshot of a cluster, or manifests
    pub(crate) base: PathBuf,
    #[command(flatten)]
    pub(crate) objects: Objects,
    /// Accepted findings, as for k8s scan
    #[arg(long, value_name = "FILE")]
    pub(crate) ignorefile: Vec<PathBuf>,
    /// Exit with 2 where something fails that did not before
    #[arg(long, value_name = "WHAT", value_enum)]
    pub(crate) fail_on: Option<FailOn>,
    /// Form of the result
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = Form::Table)]
    pub(crate) output: Form,
}

/// What makes a comparison fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    New,
}
