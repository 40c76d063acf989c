//! `bulkhead k8s rbac`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Destination, Objects};
use crate::arguments::Form;

const WHO_CAN_EXAMPLES: &str = "Resources:
  pods   deployments   deployments/scale   certificates.cert-manager.io   /metrics
  A name without a group is one of Kubernetes' own.

Examples:
  bulkhead k8s rbac who-can get secrets --cluster
  bulkhead k8s rbac who-can create pods/exec manifests/ -n shop
  bulkhead k8s rbac who-can get secrets --name database -n shop --cluster -o json";

const PATHS_EXAMPLES: &str = "Goals:
  cluster              every right there is
  namespace:NAME       every right in a namespace
  user:NAME   group:NAME   account:NAMESPACE/NAME

Examples:
  bulkhead k8s rbac paths --cluster
  bulkhead k8s rbac paths manifests/ --to account:kube-system/admin -o json
  bulkhead k8s rbac paths manifests/ -o svg=rights.svg";

const AUDITED_EXAMPLES: &str =
    "The log is what the API server writes with --audit-log-path: lines of
audit.k8s.io/v1 events at the level Metadata or above.

Examples:
  bulkhead k8s rbac unused --audit-log audit.log --cluster
  bulkhead k8s rbac suggest --audit-log audit.log --cluster > roles.yaml";

#[derive(Debug, Subcommand)]
pub(crate) enum Rbac {
    /// List who may do something, and why
    #[command(after_help = WHO_CAN_EXAMPLES)]
    WhoCan(WhoCan),
    /// Show the shortest way of everybody to more rights
    #[command(after_help = PATHS_EXAMPLES)]
    Paths(Paths),
    /// List the rights that an audit log shows no use of
    #[command(after_help = AUDITED_EXAMPLES)]
    Unused(Audited),
    /// Write the least roles that an audit log asks for, and prove that they suffice
    #[command(after_help = AUDITED_EXAMPLES)]
    Suggest(Audited),
}

#[derive(Debug, Args)]
pub(crate) struct WhoCan {
    /// get, list, create, …; * for a rule with every verb
    pub(crate) verb: String,
    /// What; see below
    pub(crate) resource: String,
    #[command(flatten)]
    pub(crate) objects: Objects,
    /// In this namespace; without it in whichever
    #[arg(short, long, value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// The object of this name; without it every one
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The API server's policy file of ABAC: name whom it allows, too
    #[arg(long, value_name = "FILE")]
    pub(crate) abac_policy: Option<PathBuf>,
    /// Form of the result
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Paths {
    #[command(flatten)]
    pub(crate) objects: Objects,
    /// Where the ways lead to; see below
    #[arg(long, value_name = "GOAL", default_value = "cluster")]
    pub(crate) to: String,
    /// Show the parts of Kubernetes itself, too
    #[arg(long)]
    pub(crate) all: bool,
    /// Form of the result, to standard output or into FILE: table, json, svg. Repeatable
    #[arg(short, long, value_name = "FORMAT[=FILE]", default_value = "table")]
    pub(crate) output: Vec<Destination<PathsForm>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PathsForm {
    Table,
    Json,
    Svg,
}

#[derive(Debug, Args)]
pub(crate) struct Audited {
    #[command(flatten)]
    pub(crate) objects: Objects,
    /// Audit log of the API server, as its file or as its webhook has it, compressed or not; a folder stands
    /// for the files in it
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) audit_log: Vec<PathBuf>,
    /// Form of the result
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: Form,
}
