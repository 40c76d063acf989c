//! `bulkhead k8s scan` and `bulkhead k8s controls`.

use bulkhead_model::Severity;
use clap::{Args, Subcommand};

use super::Manifests;
use crate::arguments::Form;

pub(super) const SCAN_EXAMPLES: &str = "Examples:
  bulkhead k8s scan manifests/
  bulkhead k8s scan chart/ overlays/production --severity high,critical
  bulkhead k8s scan manifests/ --fail-on high -o json > posture.json";

#[derive(Debug, Args)]
pub(crate) struct Scan {
    #[command(flatten)]
    pub(crate) objects: Manifests,
    /// Show only failures of these severities
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) severity: Vec<Severity>,
    /// End with exit code 2 where a control of at least this severity fails
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<Severity>,
    /// Form of the result
    #[arg(short, long, value_enum, default_value_t = Form::Table)]
    pub(crate) output: Form,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Controls {
    /// List every control with its severity and what it looks for
    #[command(
        after_help = "Examples:\n  bulkhead k8s controls list\n  bulkhead k8s controls list --family rbac"
    )]
    List(List),
    /// Tell why a control matters, what may come of a failure, and what to do
    #[command(after_help = "Examples:\n  bulkhead k8s controls explain privileged-container")]
    Explain {
        /// The id of the control
        #[arg(value_name = "ID")]
        id: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only this family, such as rbac
    #[arg(long, value_name = "NAME")]
    pub(crate) family: Option<String>,
    /// Form of the result
    #[arg(short, long, value_enum, default_value_t = Form::Table)]
    pub(crate) output: Form,
}
