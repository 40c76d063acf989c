//! `bulkhead k8s watch`.

use std::path::PathBuf;

use bulkhead_model::Severity;
use bulkhead_scan::Gate;
use clap::{Args, ValueEnum};

use super::Connection;

pub(super) const EXAMPLES: &str = "Examples:
  bulkhead k8s watch
  bulkhead k8s watch --severity high,critical -o json >> posture.jsonl
  bulkhead k8s watch --base posture.json --duration 600 --fail-on high";

#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// Watch the cluster: there is nothing else to watch, so that it may be left out
    #[arg(long)]
    pub(crate) cluster: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Watch the Secrets of the cluster, too: their values are sent, and never kept
    #[arg(long)]
    pub(crate) secrets: bool,
    /// What failed before: a JSON report of `k8s scan`, or a snapshot; none for nothing. Without it what
    /// fails at the beginning
    #[arg(long, value_name = "FILE")]
    pub(crate) base: Option<PathBuf>,
    /// Seconds after which it ends, counted from when everything was listed: 0 tells how things stand. Without
    /// it only a signal ends it
    #[arg(long, value_name = "SECONDS")]
    pub(crate) duration: Option<u64>,
    /// Tell only of failures of these severities
    #[arg(short, long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) severity: Vec<Severity>,
    /// End with exit code 2 where a failure that appeared meets this: a severity or worse, or any.
    /// Alternatives are separated by commas
    #[arg(long, value_name = "EXPR")]
    pub(crate) fail_on: Option<Gate>,
    /// Accepted findings, as for k8s scan
    #[arg(long, value_name = "FILE")]
    pub(crate) ignorefile: Vec<PathBuf>,
    /// Tell of failures that exceptions answer, too
    #[arg(long)]
    pub(crate) show_suppressed: bool,
    /// Form of the result
    #[arg(short, long, value_enum, default_value_t = WatchForm::Text)]
    pub(crate) output: WatchForm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WatchForm {
    /// Lines for people
    Text,
    /// A JSON document a line
    Json,
}
