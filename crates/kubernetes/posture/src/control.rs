//! Controls: an id, and the function that judges.

use bulkhead_objects as objects;
use bulkhead_objects::Object;

use crate::subject::{Component, Container, Kubelet, NodeFile, Pod, Which};
use crate::{Cluster, Sheet};

/// A control. What people read about it is [`crate::Text`], under the same id.
#[derive(Debug, Clone, Copy)]
pub struct Control {
    /// The id: stable, for exceptions, baselines and mappings hang on it.
    pub id: &'static str,
    pub(crate) judge: Judge,
}

/// An object with its body, and all the others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a, T> {
    pub(crate) object: &'a Object,
    pub(crate) body: &'a T,
    pub(crate) cluster: &'a Cluster<'a>,
}

type On<T> = for<'a> fn(&View<'a, T>, &mut Sheet<'a>);

/// What a control looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Judge {
    Pod(for<'a> fn(&Pod<'a>, &mut Sheet<'a>)),
    Container(for<'a> fn(&Container<'a>, &mut Sheet<'a>)),
    Component(Which, for<'a> fn(&Component<'a>, &mut Sheet<'a>)),
    /// Flags of a component against what is expected of each.
    Flags(Which, &'static [&'static str], Expect),
    Kubelet(for<'a> fn(&Kubelet<'a>, &mut Sheet<'a>)),
    NodeFile(for<'a> fn(&NodeFile<'a>, &mut Sheet<'a>)),
    /// Any object, by its metadata.
    Object(for<'a> fn(&View<'a, Object>, &mut Sheet<'a>)),
    ServiceAccount(On<objects::ServiceAccount>),
    Role(On<objects::Role>),
    /// Rules that allow any of the verbs on any of the resources (group, name).
    Grant(&'static [&'static str], &'static [(&'static str, &'static str)]),
    Binding(On<objects::Binding>),
    NetworkPolicy(On<objects::NetworkPolicy>),
    Service(On<objects::Service>),
    Ingress(On<objects::Ingress>),
    Gateway(On<objects::Gateway>),
    Route(On<objects::Route>),
    Secret(On<objects::Secret>),
    ConfigMap(On<objects::ConfigMap>),
    Namespace(On<Object>),
    Webhooks(On<objects::WebhookConfiguration>),
    PodDisruptionBudget(On<objects::PodDisruptionBudget>),
    PersistentVolume(On<objects::PersistentVolume>),
    Autoscaler(On<objects::Autoscaler>),
    ReferenceGrant(On<objects::ReferenceGrant>),
    AdmissionPolicy(On<objects::AdmissionPolicy>),
    AdmissionPolicyBinding(On<objects::AdmissionPolicyBinding>),
    ApiService(On<objects::ApiService>),
    Encryption(On<objects::EncryptionConfiguration>),
    Audit(On<objects::AuditPolicy>),
}

/// What is expected of a flag.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expect {
    True,
    False,
    NotTrue,
    NotFalse,
    Set,
    NotSet,
    AtLeast(i64),
    /// An element of a list.
    Contained(&'static str),
    NotContained(&'static str),
}

/// Constructors by subject, so that a table row says what it is about.
macro_rules! constructors {
    ($($name:ident $variant:ident $judge:ty;)*) => {$(
        pub(crate) const fn $name(id: &'static str, judge: $judge) -> Self {
            Self { id, judge: Judge::$variant(judge) }
        }
    )*};
}

impl Control {
    constructors! {
        pod Pod for<'a> fn(&Pod<'a>, &mut Sheet<'a>);
        container Container for<'a> fn(&Container<'a>, &mut Sheet<'a>);
        kubelet Kubelet for<'a> fn(&Kubelet<'a>, &mut Sheet<'a>);
        node_file NodeFile for<'a> fn(&NodeFile<'a>, &mut Sheet<'a>);
        object Object for<'a> fn(&View<'a, Object>, &mut Sheet<'a>);
        service_account ServiceAccount On<objects::ServiceAccount>;
        role Role On<objects::Role>;
        binding Binding On<objects::Binding>;
        network_policy NetworkPolicy On<objects::NetworkPolicy>;
        service Service On<objects::Service>;
        ingress Ingress On<objects::Ingress>;
        gateway Gateway On<objects::Gateway>;
        route Route On<objects::Route>;
        secret Secret On<objects::Secret>;
        config_map ConfigMap On<objects::ConfigMap>;
        namespace Namespace On<Object>;
        webhooks Webhooks On<objects::WebhookConfiguration>;
        budget PodDisruptionBudget On<objects::PodDisruptionBudget>;
        persistent_volume PersistentVolume On<objects::PersistentVolume>;
        autoscaler Autoscaler On<objects::Autoscaler>;
        reference_grant ReferenceGrant On<objects::ReferenceGrant>;
        admission_policy AdmissionPolicy On<objects::AdmissionPolicy>;
        admission_policy_binding AdmissionPolicyBinding On<objects::AdmissionPolicyBinding>;
        api_service ApiService On<objects::ApiService>;
        encryption Encryption On<objects::EncryptionConfiguration>;
        audit Audit On<objects::AuditPolicy>;
    }

    pub(crate) const fn component(
        id: &'static str,
        which: Which,
        judge: for<'a> fn(&Component<'a>, &mut Sheet<'a>),
    ) -> Self {
        Self { id, judge: Judge::Component(which, judge) }
    }

    pub(crate) const fn flag(
        id: &'static str,
        which: Which,
        names: &'static [&'static str],
        expect: Expect,
    ) -> Self {
        Self { id, judge: Judge::Flags(which, names, expect) }
    }

    pub(crate) const fn grant(
        id: &'static str,
        verbs: &'static [&'static str],
        resources: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { id, judge: Judge::Grant(verbs, resources) }
    }
}
