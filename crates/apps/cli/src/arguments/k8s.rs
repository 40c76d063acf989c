//! `bulkhead k8s`.

mod charts;
mod destination;
mod diff;
mod fix;
mod netpol;
mod organisation;
mod posture;
mod rbac;
mod watch;

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

pub(crate) use charts::Charts;
pub(crate) use destination::Destination;
pub(crate) use diff::Diff as K8sDiff;
pub(crate) use fix::Fix as K8sFix;
pub(crate) use netpol::{Difference, Netpol, Question, Reach, ReachForm, Suggest};
pub(crate) use organisation::Organisation;
pub(crate) use posture::{Controls, List as ControlList, Scan as K8sScan};
pub(crate) use rbac::{Audited, Paths, PathsForm, Rbac, WhoCan};
pub(crate) use watch::{Watch as K8sWatch, WatchForm};

#[derive(Debug, Args)]
pub(crate) struct K8s {
    #[command(flatten)]
    pub(crate) organisation: Organisation,
    #[command(subcommand)]
    pub(crate) command: K8sCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum K8sCommand {
    /// Judge objects by every control
    #[command(after_help = posture::SCAN_EXAMPLES)]
    Scan(K8sScan),
    /// Tell what fails that did not before, and what no longer does
    #[command(after_help = diff::EXAMPLES)]
    Diff(K8sDiff),
    /// Tell what begins to fail in a cluster, and what no longer does, until it is ended
    #[command(after_help = watch::EXAMPLES)]
    Watch(K8sWatch),
    /// Mend what controls find, in manifests or in a cluster, and take it back
    #[command(after_help = fix::EXAMPLES)]
    Fix(K8sFix),
    /// List and explain controls
    #[command(subcommand)]
    Controls(Controls),
    /// Tell who may do what in a cluster, and what that leads to
    #[command(subcommand)]
    Rbac(Rbac),
    /// Tell who can reach whom, on which port, and why
    #[command(subcommand)]
    Netpol(Netpol),
}

/// Where objects come from.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("origin").args(["paths", "cluster"]).required(true))]
#[command(group = of_cluster())]
pub(crate) struct Objects {
    /// Files and folders of manifests, YAML or JSON; snapshots of clusters
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Ask the cluster instead
    #[arg(long)]
    pub(crate) cluster: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) charts: Charts,
}

/// Says that a [`Connection`] means nothing to files.
fn of_cluster() -> ArgGroup {
    let connection = ArgGroup::new("connection").args(["kubeconfig", "context"]).multiple(true);
    connection.requires("cluster").conflicts_with("paths")
}

/// Which cluster is asked, and as whom.
#[derive(Debug, Clone, Args)]
pub(crate) struct Connection {
    /// Client configuration of the cluster; without it the one that kubectl would use
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Context of the client configuration
    #[arg(long, value_name = "NAME")]
    pub(crate) context: Option<String>,
}
