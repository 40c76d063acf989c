//! `bulkhead k8s fix`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::charts::{Charts, KubeVersion};
use super::{Connection, of_cluster};
use crate::arguments::Form;

pub(super) const EXAMPLES: &str = "Examples:
  bulkhead k8s fix manifests/
  bulkhead k8s fix manifests/ --apply
  bulkhead k8s fix manifests/ --apply --control memory-limit-missing --set memory-limit-missing=256Mi
  bulkhead k8s fix --cluster --namespace shop --apply
  bulkhead k8s fix --list
  bulkhead k8s fix --rollback 5b3f0c8a91d2";

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(group = ArgGroup::new("deed").args(["plan", "apply", "rollback", "list"]))]
#[command(group = of_cluster())]
pub(crate) struct Fix {
    /// Files and folders of manifests: YAML or JSON. What a chart makes is told, and left to people
    #[arg(value_name = "PATH", conflicts_with = "cluster")]
    pub(crate) paths: Vec<PathBuf>,
    /// Mend objects of the cluster instead
    #[arg(long)]
    pub(crate) cluster: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Show what would be changed, and change nothing: what is done without any of these four
    #[arg(long)]
    pub(crate) plan: bool,
    /// Change it
    #[arg(long)]
    pub(crate) apply: bool,
    /// Take a repair back
    #[arg(long, value_name = "ID")]
    pub(crate) rollback: Option<String>,
    /// List the repairs that were made
    #[arg(long)]
    pub(crate) list: bool,
    /// Only failures of this control; may be given several times
    #[arg(long, value_name = "ID")]
    pub(crate) control: Vec<String>,
    /// Only objects in this namespace; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) namespace: Vec<String>,
    /// Answer a control that asks: yes, or the value it wants; for one object behind @KIND/NAMESPACE/NAME
    #[arg(long, value_name = "CONTROL=VALUE")]
    pub(crate) set: Vec<String>,
    /// File with answers: a map of YAML from controls to values
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,
    /// Values of charts: a file of YAML, the later ones winning; as for k8s scan. Repeatable
    #[arg(long, value_name = "FILE", conflicts_with = "cluster")]
    pub(crate) values: Vec<PathBuf>,
    /// Version of Kubernetes whose rules hold, and for which charts are rendered; as for k8s scan
    #[arg(long, value_name = "VERSION", conflicts_with = "cluster")]
    pub(crate) kube_version: Option<KubeVersion>,
    /// Accepted failures, which are left as they are; as for k8s scan
    #[arg(long, value_name = "FILE")]
    pub(crate) ignorefile: Vec<PathBuf>,
    /// Mend also what Helm, Argo CD or Flux keep, which may undo it
    #[arg(long, requires = "cluster")]
    pub(crate) include_managed: bool,
    /// Seconds in which a workload has to be well after its repair
    #[arg(long, value_name = "SECONDS", default_value_t = 180, requires = "cluster")]
    pub(crate) healthy_within: u64,
    /// Seconds for which it has to stay so
    #[arg(long, value_name = "SECONDS", default_value_t = 10, requires = "cluster")]
    pub(crate) healthy_for: u64,
    /// Folder of the records; without it bulkhead/repairs in the user's folder of states
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Form of the result
    #[arg(short, long, value_enum, default_value_t = Form::Table)]
    pub(crate) output: Form,
}

impl Fix {
    /// What `helm` is told of charts.
    pub(crate) fn charts(&self) -> Charts {
        let (values, kube_version) = (self.values.clone(), self.kube_version.clone());
        Charts { values, kube_version, ..Charts::default() }
    }
}
