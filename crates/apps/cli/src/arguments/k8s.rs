//! `bulkhead k8s`.

mod netpol;

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub(crate) use netpol::{Difference, Netpol, Question, Reach, ReachForm, Suggest};

#[derive(Debug, Subcommand)]
pub(crate) enum K8s {
    /// Tell who can reach whom, on which port, and why
    #[command(subcommand)]
    Netpol(Netpol),
}

/// Where objects come from.
#[derive(Debug, Args)]
pub(crate) struct Objects {
    /// Files and folders of manifests: YAML or JSON
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
}
