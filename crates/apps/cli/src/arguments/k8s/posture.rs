//! `bulkhead k8s scan` and `bulkhead k8s controls`.

use std::path::PathBuf;

use bulkhead_model::Severity;
use bulkhead_scan::Gate;
use clap::{Args, Subcommand};

use super::Objects;
use crate::arguments::Form;
use crate::output::Output;

pub(super) const SCAN_EXAMPLES: &str = "Examples:
  bulkhead k8s scan manifests/
  bulkhead k8s scan chart/ overlays/production --severity high,critical
  bulkhead k8s scan manifests/ --fail-on high -o table -o html=report.html -o sarif=report.sarif
  bulkhead k8s scan --cluster --snapshot cluster.snapshot -o json=posture.json";

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Scan {
    #[command(flatten)]
    pub(crate) objects: Objects,
    /// Keep what the cluster showed in FILE, to be looked at again without it
    #[arg(long, value_name = "FILE", requires = "cluster")]
    pub(crate) snapshot: Option<PathBuf>,
    /// List the Secrets of the cluster, too: their values are sent, and never kept
    #[arg(long, requires = "cluster")]
    pub(crate) secrets: bool,
    /// Write the result into the cluster, too: an object of openreports.io for each namespace
    #[arg(long, requires = "cluster")]
    pub(crate) publish: bool,
    /// Form of the result, to standard output or into FILE: table, json, sarif, junit, markdown, html,
    /// openreports. Repeatable
    #[arg(
        short,
        long,
        value_name = "FORMAT[=FILE]",
        visible_short_alias = 'f',
        visible_alias = "format"
    )]
    pub(crate) output: Vec<Output>,
    /// Show only failures of these severities
    #[arg(short, long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) severity: Vec<Severity>,
    /// End with exit code 2 where a failure meets this: a severity or worse, or any. Alternatives are
    /// separated by commas
    #[arg(long, value_name = "EXPR")]
    pub(crate) fail_on: Option<Gate>,
    /// Exit with 3 for what is odd but was judged, too
    #[arg(long)]
    pub(crate) strict: bool,
    /// Accepted findings: `exceptions` of your own, or a .trivyignore. Repeatable; none asks for not
    /// even those of the working directory
    #[arg(long, value_name = "FILE")]
    pub(crate) ignorefile: Vec<PathBuf>,
    /// List in the table what exceptions answer and what was not checkable
    #[arg(long)]
    pub(crate) show_suppressed: bool,
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
