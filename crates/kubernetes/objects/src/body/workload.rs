//! Pods and everything that makes Pods.

use serde::Deserialize;

use super::network::LabelSelector;
use super::pod::PodTemplate;
use crate::name::Name;
use crate::path::FieldPath;
use crate::values::Labels;

/// A Pod, or an object that makes Pods of a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// Which.
    pub kind: WorkloadKind,
    /// What its Pods are made of.
    pub template: PodTemplate,
    /// How many Pods; none where it is absent or the kind knows no number.
    pub replicas: Option<i32>,
    /// The labels by which it knows its Pods.
    pub selector: Option<LabelSelector>,
    /// The Service that gives the Pods of a `StatefulSet` their names.
    pub service_name: Option<Name>,
    /// How its Pods are replaced and ended.
    pub conduct: Conduct,
}

/// How a workload replaces and ends its Pods. Each kind knows some of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Conduct {
    /// `RollingUpdate`, `Recreate` or `OnDelete`.
    pub update_strategy: Option<Name>,
    /// How long a finished `Job` stays.
    pub ttl_seconds_after_finished: Option<i32>,
    /// How long a `Job` may run.
    pub active_deadline_seconds: Option<i64>,
    /// `Allow`, `Forbid` or `Replace` of a `CronJob`.
    pub concurrency_policy: Option<Name>,
}

/// The kinds that make Pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WorkloadKind {
    /// A Pod itself.
    Pod,
    /// `Deployment`.
    Deployment,
    /// `ReplicaSet`.
    ReplicaSet,
    /// `StatefulSet`.
    StatefulSet,
    /// `DaemonSet`.
    DaemonSet,
    /// `Job`.
    Job,
    /// `CronJob`.
    CronJob,
    /// `ReplicationController`.
    ReplicationController,
    /// `PodTemplate`.
    PodTemplate,
}

impl WorkloadKind {
    /// Where the template of the Pods stands in the object: `metadata` and `spec` are below.
    pub fn template_path(self) -> FieldPath {
        let keys: &[&str] = match self {
            Self::Pod => &[],
            Self::PodTemplate => &["template"],
            Self::CronJob => &["spec", "jobTemplate", "spec", "template"],
            _ => &["spec", "template"],
        };
        keys.iter().fold(FieldPath::ROOT, |path, key| path.key(key))
    }

    /// Where the specification of the Pods stands in the object.
    pub fn spec_path(self) -> FieldPath {
        self.template_path().key("spec")
    }
}

/// A workload with a template in its specification, or in that of its jobs.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Controller {
    spec: ControllerSpec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ControllerSpec {
    replicas: Option<i32>,
    selector: Option<LabelSelector>,
    service_name: Option<Name>,
    template: PodTemplate,
    strategy: UpdateStrategy,
    update_strategy: UpdateStrategy,
    ttl_seconds_after_finished: Option<i32>,
    active_deadline_seconds: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct UpdateStrategy {
    #[serde(rename = "type")]
    type_: Option<Name>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ReplicationController {
    spec: ReplicationControllerSpec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ReplicationControllerSpec {
    replicas: Option<i32>,
    selector: Labels,
    template: PodTemplate,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct CronJob {
    spec: CronJobSpec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CronJobSpec {
    concurrency_policy: Option<Name>,
    job_template: Controller,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TemplateObject {
    template: PodTemplate,
}

impl Controller {
    pub(crate) fn workload(self, kind: WorkloadKind) -> Workload {
        let spec = self.spec;
        let conduct = Conduct {
            update_strategy: spec.strategy.type_.or(spec.update_strategy.type_),
            ttl_seconds_after_finished: spec.ttl_seconds_after_finished,
            active_deadline_seconds: spec.active_deadline_seconds,
            concurrency_policy: None,
        };
        Workload {
            kind,
            template: spec.template,
            replicas: spec.replicas,
            selector: spec.selector,
            service_name: spec.service_name,
            conduct,
        }
    }
}

impl From<ReplicationController> for Workload {
    fn from(controller: ReplicationController) -> Self {
        let ReplicationControllerSpec { replicas, selector, template } = controller.spec;
        let selector = LabelSelector { match_labels: selector, ..LabelSelector::default() };
        Self {
            replicas,
            selector: Some(selector),
            ..template_of(WorkloadKind::ReplicationController, template)
        }
    }
}

impl From<CronJob> for Workload {
    fn from(job: CronJob) -> Self {
        let mut workload = job.spec.job_template.workload(WorkloadKind::CronJob);
        workload.conduct.concurrency_policy = job.spec.concurrency_policy;
        workload
    }
}

impl From<TemplateObject> for Workload {
    fn from(object: TemplateObject) -> Self {
        template_of(WorkloadKind::PodTemplate, object.template)
    }
}

impl From<PodTemplate> for Workload {
    fn from(pod: PodTemplate) -> Self {
        template_of(WorkloadKind::Pod, pod)
    }
}

fn template_of(kind: WorkloadKind, template: PodTemplate) -> Workload {
    Workload {
        kind,
        template,
        replicas: None,
        selector: None,
        service_name: None,
        conduct: Conduct::default(),
    }
}
