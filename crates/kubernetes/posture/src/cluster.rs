//! All objects of a scan, found by what others say of them.

mod selection;

use std::collections::{BTreeMap, HashMap, HashSet};

use bulkhead_objects::{
    Autoscaler, Binding, Body, CiliumRule, ConfigMap, Gateway, Ingress, Name, NetworkPolicy,
    Object, PodDisruptionBudget, Role, Route, Secret, Service, ServiceAccount, StorageClass,
    VolumeSource,
};

pub(crate) use selection::{cilium_selects, selects};

use crate::Settings;

/// What a control may ask about other objects than its own.
#[derive(Debug)]
pub struct Cluster<'a> {
    settings: &'a Settings,
    namespaces: HashMap<&'a str, Inside<'a>>,
    pub(crate) roles: HashMap<&'a str, (&'a Object, &'a Role)>,
    pub(crate) bindings: Vec<(&'a Object, &'a Binding)>,
    pub(crate) storage_classes: HashMap<&'a str, &'a StorageClass>,
    /// Policies of admission that are bound.
    pub(crate) bound_admission_policies: HashSet<&'a str>,
    /// Roles that bindings name: the namespace, empty for cluster roles, and the name.
    pub(crate) bound_roles: HashSet<(&'a str, &'a str)>,
    /// Hosts and paths of Ingresses, with the namespace that claimed each first.
    pub(crate) ingress_hosts: HashMap<(&'a str, &'a str), &'a str>,
    /// Rules of Cilium for the whole cluster.
    cilium: Vec<&'a CiliumRule>,
    client_authority: Option<&'a str>,
    /// Policies of other products for the whole cluster.
    foreign_policies: bool,
}

/// What a namespace has.
#[derive(Debug, Default)]
pub(crate) struct Inside<'a> {
    pub(crate) workloads: Vec<&'a Object>,
    /// Workloads by a label of their pods.
    by_label: HashMap<(&'a str, &'a str), Vec<usize>>,
    pub(crate) accounts: HashMap<&'a str, &'a ServiceAccount>,
    /// In an order: of several before a workload the first is named.
    pub(crate) services: BTreeMap<&'a str, &'a Service>,
    pub(crate) secrets: HashMap<&'a str, &'a Secret>,
    pub(crate) config_maps: HashMap<&'a str, &'a ConfigMap>,
    pub(crate) roles: HashMap<&'a str, (&'a Object, &'a Role)>,
    pub(crate) bindings: Vec<(&'a Object, &'a Binding)>,
    pub(crate) policies: Vec<&'a NetworkPolicy>,
    /// Rules of Cilium for pods of the namespace.
    pub(crate) cilium: Vec<&'a CiliumRule>,
    /// Policies of other products that Bulkhead does not read.
    pub(crate) foreign_policies: bool,
    pub(crate) budgets: Vec<&'a PodDisruptionBudget>,
    pub(crate) autoscalers: Vec<&'a Autoscaler>,
    pub(crate) ingresses: Vec<&'a Ingress>,
    pub(crate) routes: Vec<&'a Route>,
    pub(crate) limit_range: bool,
    pub(crate) quota: bool,
    /// Secrets and service accounts that something of the namespace names.
    pub(crate) used_secrets: HashSet<&'a str>,
    pub(crate) used_accounts: HashSet<&'a str>,
}

impl<'a> Cluster<'a> {
    /// Looks through all objects once.
    pub fn new(objects: &'a [Object], settings: &'a Settings) -> Self {
        Self::of(objects, settings)
    }

    /// The same of objects that lie apart.
    pub fn of(objects: impl IntoIterator<Item = &'a Object>, settings: &'a Settings) -> Self {
        let mut cluster = Self {
            settings,
            namespaces: HashMap::default(),
            roles: HashMap::default(),
            bindings: Vec::new(),
            storage_classes: HashMap::default(),
            bound_admission_policies: HashSet::default(),
            bound_roles: HashSet::default(),
            ingress_hosts: HashMap::default(),
            cilium: Vec::new(),
            client_authority: None,
            foreign_policies: false,
        };
        for object in objects {
            cluster.add(object);
        }
        cluster
    }

    /// The parameters of controls.
    pub const fn settings(&self) -> &'a Settings {
        self.settings
    }

    pub(crate) const fn minor(&self) -> u16 {
        self.settings.minor
    }

    pub(crate) fn namespace(&self, name: &str) -> Option<&Inside<'a>> {
        self.namespaces.get(name)
    }

    /// The namespace of an object. Every object that was added has one.
    pub(crate) fn around(&self, object: &Object) -> Option<&Inside<'a>> {
        self.namespaces.get(object.namespace())
    }

    /// Whether a namespace may be held by policies that controls do not read: those of other products
    /// and of the cluster's administrators.
    pub(crate) fn has_foreign_policies(&self, namespace: &str) -> bool {
        self.foreign_policies
            || self.namespace(namespace).is_some_and(|inside| inside.foreign_policies)
    }

    /// Rules of Cilium that may be about pods of a namespace.
    pub(crate) fn cilium_rules(&self, namespace: &str) -> impl Iterator<Item = &'a CiliumRule> {
        let own = self.namespace(namespace).map_or(&[][..], |inside| &inside.cilium);
        own.iter().chain(&self.cilium).copied()
    }

    /// The authority that the API server trusts with client certificates.
    pub(crate) const fn client_authority(&self) -> Option<&'a str> {
        self.client_authority
    }

    /// The role that a binding names.
    pub(crate) fn role_of(&self, object: &Object, binding: &Binding) -> Option<&'a Role> {
        let name = binding.role_ref.name.as_str();
        let found = match binding.role_ref.kind.as_str() {
            "ClusterRole" => self.roles.get(name),
            _ => self.around(object)?.roles.get(name),
        };
        found.map(|(_, role)| *role)
    }

    fn add(&mut self, object: &'a Object) {
        let name = object.metadata.name.as_str();
        let place = object.namespace();
        let inside = self.namespaces.entry(place).or_default();
        match &object.body {
            Body::Workload(workload) => {
                let index = inside.workloads.len();
                inside.workloads.push(object);
                let labels = match workload.kind {
                    bulkhead_objects::WorkloadKind::Pod => &object.metadata.labels,
                    _ => &workload.template.metadata.labels,
                };
                for (key, value) in labels.iter() {
                    inside.by_label.entry((key, value)).or_default().push(index);
                }
                inside.used_accounts.insert(workload.template.spec.account());
                use_secrets(&workload.template.spec, &mut inside.used_secrets);
            }
            Body::ServiceAccount(account) => {
                inside.accounts.insert(name, account);
                let secrets = account.secrets.iter().chain(&account.image_pull_secrets);
                inside.used_secrets.extend(secrets.map(Name::as_str));
            }
            Body::Service(service) => {
                inside.services.insert(name, service);
            }
            Body::Secret(secret) => {
                inside.secrets.insert(name, secret);
            }
            Body::ConfigMap(map) => {
                inside.config_maps.insert(name, map);
            }
            Body::NetworkPolicy(policy) => inside.policies.push(policy),
            Body::CiliumNetworkPolicy(policy) => {
                let cluster_wide = object.type_name.kind == "CiliumClusterwideNetworkPolicy";
                let rules = if cluster_wide { &mut self.cilium } else { &mut inside.cilium };
                rules.extend(policy.rules());
            }
            Body::PodDisruptionBudget(budget) => inside.budgets.push(budget),
            Body::Autoscaler(autoscaler) => inside.autoscalers.push(autoscaler),
            Body::LimitRange(_) => inside.limit_range = true,
            Body::ResourceQuota(_) => inside.quota = true,
            Body::Ingress(ingress) => {
                inside.ingresses.push(ingress);
                let secrets = ingress.tls.iter().filter_map(|tls| tls.secret_name.as_deref());
                inside.used_secrets.extend(secrets);
                for rule in &ingress.rules {
                    let host = rule.host.as_deref().unwrap_or_default();
                    for path in &rule.http.paths {
                        let path = path.path.as_deref().unwrap_or("/");
                        self.ingress_hosts.entry((host, path)).or_insert(place);
                    }
                }
            }
            Body::Gateway(gateway) => use_certificates(gateway, &mut inside.used_secrets),
            Body::Route(route) => inside.routes.push(route),
            Body::Role(role) if object.type_name.kind == "ClusterRole" => {
                self.roles.insert(name, (object, role));
            }
            Body::Role(role) => {
                inside.roles.insert(name, (object, role));
            }
            Body::Binding(binding) => {
                let cluster_wide = object.type_name.kind == "ClusterRoleBinding";
                if cluster_wide {
                    self.bindings.push((object, binding));
                } else {
                    inside.bindings.push((object, binding));
                }
                let of_cluster = cluster_wide || binding.role_ref.kind == "ClusterRole";
                let scope = if of_cluster { "" } else { place };
                self.bound_roles.insert((scope, &binding.role_ref.name));
                for subject in &binding.subjects {
                    if subject.kind == "ServiceAccount" {
                        let place = subject.namespace.as_deref().unwrap_or(place);
                        self.namespaces
                            .entry(place)
                            .or_default()
                            .used_accounts
                            .insert(&subject.name);
                    }
                }
            }
            Body::StorageClass(class) => {
                self.storage_classes.insert(name, class);
            }
            Body::AdmissionPolicyBinding(binding) => {
                self.bound_admission_policies.insert(&binding.policy_name);
            }
            Body::AdminNetworkPolicy(_) => self.foreign_policies = true,
            Body::Unknown(_) if object.type_name.kind.ends_with("NetworkPolicy") => {
                inside.foreign_policies = true;
                self.foreign_policies |= object.metadata.namespace.is_none();
            }
            _ => {}
        }
        if self.client_authority.is_none() && object.namespace() == "kube-system" {
            self.client_authority = client_authority(object);
        }
    }
}

impl<'a> Inside<'a> {
    /// Workloads whose pods a selector selects. An empty one selects all.
    pub(crate) fn selected(
        &self,
        selector: &'a bulkhead_objects::LabelSelector,
    ) -> impl Iterator<Item = &'a Object> + '_ {
        let first = selector.match_labels.iter().next();
        let narrowed = first.map(|(key, value)| {
            self.by_label.get(&(key.as_str(), value.as_str())).map_or(&[][..], Vec::as_slice)
        });
        let every = narrowed.is_none().then_some(0..self.workloads.len());
        let indices = narrowed.into_iter().flatten().copied().chain(every.into_iter().flatten());
        indices
            .filter_map(|index| self.workloads.get(index).copied())
            .filter(move |object| labels_of(object).is_some_and(|labels| selects(selector, labels)))
    }
}

/// The labels that the pods of a workload have.
pub(crate) fn labels_of(object: &Object) -> Option<&bulkhead_objects::Labels> {
    let workload = object.workload()?;
    Some(match workload.kind {
        bulkhead_objects::WorkloadKind::Pod => &object.metadata.labels,
        _ => &workload.template.metadata.labels,
    })
}

/// Secrets that a pod names.
fn use_secrets<'a>(spec: &'a bulkhead_objects::PodSpec, used: &mut HashSet<&'a str>) {
    used.extend(spec.image_pull_secrets.iter().map(Name::as_str));
    for volume in &spec.volumes {
        for source in &volume.sources {
            match source {
                VolumeSource::Secret(secret) => {
                    used.insert(&secret.secret_name);
                }
                VolumeSource::Projected(projected) => {
                    let secrets =
                        projected.sources.iter().filter_map(|source| source.secret.as_ref());
                    used.extend(secrets.map(|secret| secret.name.as_str()));
                }
                _ => {}
            }
        }
    }
    for (_, _, container) in spec.all_containers() {
        let sources = container.env.iter().filter_map(|variable| variable.value_from.as_deref());
        let keys = sources.filter_map(|source| source.secret_key_ref.as_ref());
        let wholes = container.env_from.iter().filter_map(|source| source.secret_ref.as_ref());
        used.extend(keys.chain(wholes).map(|reference| reference.name.as_str()));
    }
}

/// Secrets of the same namespace that a Gateway names.
fn use_certificates<'a>(gateway: &'a Gateway, used: &mut HashSet<&'a str>) {
    let listeners = gateway.listeners.iter().filter_map(|listener| listener.tls.as_ref());
    let references = listeners.flat_map(|tls| &tls.certificate_refs);
    used.extend(references.map(|reference| reference.name.as_str()));
}

/// `--client-ca-file` of an API server.
fn client_authority(object: &Object) -> Option<&str> {
    let workload = object.workload()?;
    let server = |word: &str| word.rsplit('/').next() == Some("kube-apiserver");
    let container = workload.template.spec.containers.iter().find(|container| {
        let first = container.command.first().or_else(|| container.args.first());
        first.is_some_and(|word| server(word))
    })?;
    let words = container.command.iter().chain(&container.args);
    words.filter_map(|word| word.strip_prefix("--client-ca-file=")).next_back()
}
