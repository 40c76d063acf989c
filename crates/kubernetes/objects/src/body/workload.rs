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
    job_template: Controller,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TemplateObject {
    template: PodTemplate,
}

impl Controller {
    pub(crate) fn workload(self, kind: WorkloadKind) -> Workload {
        let ControllerSpec { replicas, selector, service_name, template } = self.spec;
        Workload { kind, template, replicas, selector, service_name }
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
        job.spec.job_template.workload(WorkloadKind::CronJob)
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

const fn template_of(kind: WorkloadKind, template: PodTemplate) -> Workload {
    Workload { kind, template, replicas: None, selector: None, service_name: None }
}
