//! Pods and their containers, in whatever object they stand.

use bulkhead_objects as objects;
use bulkhead_objects::{
    Labels, Object, PodSecurityContext, PodSpec, SecurityContext, Workload, WorkloadKind,
};

use crate::Cluster;
use crate::place::{ContainerKind, Place};

/// A pod, or the template of pods.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pod<'a> {
    pub(crate) object: &'a Object,
    pub(crate) workload: &'a Workload,
    pub(crate) spec: &'a PodSpec,
    pub(crate) cluster: &'a Cluster<'a>,
}

/// A container of a pod.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Container<'a> {
    pub(crate) pod: Pod<'a>,
    pub(crate) kind: ContainerKind,
    pub(crate) position: u16,
    pub(crate) body: &'a objects::Container,
}

impl<'a> Pod<'a> {
    pub(crate) fn of(object: &'a Object, cluster: &'a Cluster<'a>) -> Option<Self> {
        let workload = object.workload()?;
        Some(Self { object, workload, spec: &workload.template.spec, cluster })
    }

    /// A field of the pod's specification.
    pub(crate) const fn at(&self, field: &'static str) -> Place<'a> {
        let prefix = match self.workload.kind {
            WorkloadKind::Pod => "spec",
            WorkloadKind::PodTemplate => "template.spec",
            WorkloadKind::CronJob => "spec.jobTemplate.spec.template.spec",
            _ => "spec.template.spec",
        };
        Place::below(prefix, field)
    }

    /// A field of the template: `metadata`.
    pub(crate) const fn at_template(&self, field: &'static str) -> Place<'a> {
        let prefix = match self.workload.kind {
            WorkloadKind::Pod => "",
            WorkloadKind::PodTemplate => "template",
            WorkloadKind::CronJob => "spec.jobTemplate.spec.template",
            _ => "spec.template",
        };
        Place::below(prefix, field)
    }

    /// The labels that its pods have.
    pub(crate) const fn labels(&self) -> &'a Labels {
        match self.workload.kind {
            WorkloadKind::Pod => &self.object.metadata.labels,
            _ => &self.workload.template.metadata.labels,
        }
    }

    /// The annotations that its pods have.
    pub(crate) const fn annotations(&self) -> &'a Labels {
        match self.workload.kind {
            WorkloadKind::Pod => &self.object.metadata.annotations,
            _ => &self.workload.template.metadata.annotations,
        }
    }

    pub(crate) fn namespace(&self) -> &'a str {
        self.object.namespace()
    }

    pub(crate) fn security(&self) -> Option<&'a PodSecurityContext> {
        self.spec.security_context.as_deref()
    }

    /// Its containers: init, ordinary, ephemeral.
    pub(crate) fn containers(self) -> impl Iterator<Item = Container<'a>> {
        let lists = [
            (ContainerKind::Init, &self.spec.init_containers),
            (ContainerKind::Ordinary, &self.spec.containers),
            (ContainerKind::Ephemeral, &self.spec.ephemeral_containers),
        ];
        lists.into_iter().flat_map(move |(kind, list)| {
            let positions = 0_u16..;
            positions.zip(list).map(move |(position, body)| Container {
                pod: self,
                kind,
                position,
                body,
            })
        })
    }

    /// It says that it is a Windows pod (`spec.os.name`), the only sign that Pod Security Standards
    /// go by.
    pub(crate) fn declares_windows(&self) -> bool {
        self.spec.os.name.as_deref() == Some("windows")
    }

    /// It says that it is a Windows pod, or asks for a Windows node.
    pub(crate) fn windows(&self) -> bool {
        self.declares_windows()
            || ["kubernetes.io/os", "beta.kubernetes.io/os"].iter().any(|label| {
                self.spec.node_selector.get(label).is_some_and(|value| value == "windows")
            })
    }

    /// An object that somebody else keeps: a pod of a `ReplicaSet`, a `ReplicaSet` of a `Deployment`.
    pub(crate) fn owned(&self) -> bool {
        !self.object.metadata.owner_references.is_empty()
    }
}

impl<'a> Container<'a> {
    /// A field of the container.
    pub(crate) const fn at(&self, field: &'static str) -> Place<'a> {
        let prefix = match self.pod.workload.kind {
            WorkloadKind::Pod => "spec",
            WorkloadKind::PodTemplate => "template.spec",
            WorkloadKind::CronJob => "spec.jobTemplate.spec.template.spec",
            _ => "spec.template.spec",
        };
        Place::in_container(prefix, self.kind, self.position, field)
    }

    pub(crate) fn security(&self) -> Option<&'a SecurityContext> {
        self.body.security_context.as_deref()
    }

    /// A field of its own security context.
    pub(crate) fn own<T>(&self, field: impl Fn(&'a SecurityContext) -> Option<T>) -> Option<T> {
        self.security().and_then(field)
    }

    /// A field of its own security context, else of the pod's.
    pub(crate) fn effective<T>(
        &self,
        own: impl Fn(&'a SecurityContext) -> Option<T>,
        inherited: impl Fn(&'a PodSecurityContext) -> Option<T>,
    ) -> Option<T> {
        self.own(own).or_else(|| self.pod.security().and_then(inherited))
    }

    /// Ordinary containers and sidecars run as long as the pod; probes are for them alone.
    pub(crate) fn runs_on(&self) -> bool {
        match self.kind {
            ContainerKind::Ordinary => true,
            ContainerKind::Init => self.body.restart_policy.as_deref() == Some("Always"),
            ContainerKind::Ephemeral => false,
        }
    }

    /// Capabilities that it adds, with their positions.
    pub(crate) fn added(&self) -> impl Iterator<Item = (usize, &'a str)> + use<'a> {
        let list = self.security().and_then(|security| security.capabilities.as_ref());
        list.into_iter().flat_map(|list| list.add.iter()).map(objects::Name::as_str).enumerate()
    }

    /// Whether it drops a capability: by its name or by `ALL`, as runtimes read them.
    pub(crate) fn drops(&self, capability: &str) -> bool {
        let list = self.security().and_then(|security| security.capabilities.as_ref());
        list.is_some_and(|list| {
            list.drop
                .iter()
                .any(|name| is_capability(name, "ALL") || is_capability(name, capability))
        })
    }
}

/// Whether a name is that of a capability: runtimes take `CAP_` and lower case, too.
pub(crate) fn is_capability(name: &str, capability: &str) -> bool {
    let bare = match name.get(..4) {
        Some(prefix) if prefix.eq_ignore_ascii_case("CAP_") => name.get(4..).unwrap_or_default(),
        _ => name,
    };
    bare.eq_ignore_ascii_case(capability)
}
