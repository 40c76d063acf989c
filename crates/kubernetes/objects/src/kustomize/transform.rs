//! Names, namespaces, labels, annotations, replicas and images.

use super::Failed;
use super::fields::FieldSpec;
use super::file::{Image, Kustomization, Replica};
use super::resource::{Resource, text};
use crate::node::{Node, Value};
use crate::values::Labels;

const fn spec<'a>(group: &'a str, kind: &'a str, path: &'a str, create: bool) -> FieldSpec<'a> {
    FieldSpec { group, version: "", kind, path, create }
}

/// Namespaces beside that of the object itself.
const NAMESPACE: &[FieldSpec<'_>] = &[
    FieldSpec { version: "v1", ..spec("", "Namespace", "metadata/name", true) },
    spec("apiregistration.k8s.io", "APIService", "spec/service/namespace", true),
    spec(
        "apiextensions.k8s.io",
        "CustomResourceDefinition",
        "spec/conversion/webhook/clientConfig/service/namespace",
        false,
    ),
];

/// Sets the namespace of everything that lies in one.
pub(super) fn namespace(resources: &mut [Resource], namespace: &str) {
    if namespace.is_empty() {
        return;
    }
    for resource in resources {
        resource.remember();
        let identity = resource.current();
        if !identity.is_of_cluster() {
            resource.node.entry("metadata").entry("namespace").value = text(namespace);
        }
        if matches!(&*identity.kind, "RoleBinding" | "ClusterRoleBinding")
            && let Some(subjects) = resource.node.get_mut("subjects")
        {
            // Other accounts get theirs when references are followed.
            for subject in subjects.elements_mut() {
                if subject.text("name") == "default" {
                    subject.entry("namespace").value = text(namespace);
                }
            }
        }
        for field in NAMESPACE.iter().filter(|field| field.fits(&identity)) {
            let is_core = field.kind != "Namespace" || identity.group.is_empty();
            if is_core {
                field.visit(&mut resource.node, &mut |node| node.value = text(namespace));
            }
        }
    }
}

/// Puts a prefix before every name.
pub(super) fn prefix(resources: &mut [Resource], prefix: &str) {
    rename(resources, prefix, |resource| {
        resource.prefixes.push(prefix.to_owned());
        format!("{prefix}{}", resource.name())
    });
}

/// Puts a suffix behind every name.
pub(super) fn suffix(resources: &mut [Resource], suffix: &str) {
    rename(resources, suffix, |resource| {
        resource.suffixes.push(suffix.to_owned());
        format!("{}{suffix}", resource.name())
    });
}

fn rename(resources: &mut [Resource], part: &str, name: impl Fn(&mut Resource) -> String) {
    if part.is_empty() {
        return;
    }
    for resource in resources {
        let kind = resource.original().kind;
        if matches!(&*kind, "CustomResourceDefinition" | "APIService" | "Namespace") {
            continue;
        }
        resource.remember();
        let name = name(resource);
        resource.set_name(&name);
    }
}

const METADATA_LABELS: &[FieldSpec<'_>] = &[spec("", "", "metadata/labels", true)];

/// Labels of what workloads make.
const TEMPLATE_LABELS: &[FieldSpec<'_>] = &[
    spec("", "ReplicationController", "spec/template/metadata/labels", true),
    spec("", "Deployment", "spec/template/metadata/labels", true),
    spec("", "ReplicaSet", "spec/template/metadata/labels", true),
    spec("", "DaemonSet", "spec/template/metadata/labels", true),
    spec("apps", "StatefulSet", "spec/template/metadata/labels", true),
    spec("apps", "StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels", true),
    spec("batch", "Job", "spec/template/metadata/labels", true),
    spec("batch", "CronJob", "spec/jobTemplate/metadata/labels", true),
    spec("batch", "CronJob", "spec/jobTemplate/spec/template/metadata/labels", true),
];

/// Labels by which objects find each other.
const SELECTOR_LABELS: &[FieldSpec<'_>] = &[
    FieldSpec { version: "v1", ..spec("", "Service", "spec/selector", true) },
    FieldSpec { version: "v1", ..spec("", "ReplicationController", "spec/selector", true) },
    spec("", "Deployment", "spec/selector/matchLabels", true),
    spec("", "ReplicaSet", "spec/selector/matchLabels", true),
    spec("", "DaemonSet", "spec/selector/matchLabels", true),
    spec("apps", "StatefulSet", "spec/selector/matchLabels", true),
    spec("batch", "Job", "spec/selector/matchLabels", false),
    spec("batch", "CronJob", "spec/jobTemplate/spec/selector/matchLabels", false),
    spec("policy", "PodDisruptionBudget", "spec/selector/matchLabels", false),
    spec("networking.k8s.io", "NetworkPolicy", "spec/podSelector/matchLabels", false),
    spec("networking.k8s.io", "NetworkPolicy", "spec/ingress/from/podSelector/matchLabels", false),
    spec("networking.k8s.io", "NetworkPolicy", "spec/egress/to/podSelector/matchLabels", false),
];

/// Where workloads of `apps` choose their neighbours, below the specification of their Pods.
const NEIGHBOURS: [&str; 5] = [
    "affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "topologySpreadConstraints/labelSelector/matchLabels",
];

/// Adds labels: `labels`, then `commonLabels`.
pub(super) fn labels(resources: &mut [Resource], file: &Kustomization) {
    for entry in &file.labels {
        for field in &entry.fields {
            let field = FieldSpec {
                group: &field.group,
                version: &field.version,
                kind: &field.kind,
                path: &field.path,
                create: field.create,
            };
            set_pairs(resources, &entry.pairs, &[field]);
        }
        set_pairs(resources, &entry.pairs, METADATA_LABELS);
        if entry.include_selectors || entry.include_templates {
            set_pairs(resources, &entry.pairs, TEMPLATE_LABELS);
        }
        if entry.include_selectors {
            set_selectors(resources, &entry.pairs);
        }
    }
    set_pairs(resources, &file.common_labels, METADATA_LABELS);
    set_pairs(resources, &file.common_labels, TEMPLATE_LABELS);
    set_selectors(resources, &file.common_labels);
}

fn set_selectors(resources: &mut [Resource], pairs: &Labels) {
    set_pairs(resources, pairs, SELECTOR_LABELS);
    for path in NEIGHBOURS {
        let path = format!("spec/template/spec/{path}");
        for kind in ["Deployment", "StatefulSet"] {
            set_pairs(resources, pairs, &[spec("apps", kind, &path, false)]);
        }
    }
}

/// Adds annotations.
pub(super) fn annotations(resources: &mut [Resource], pairs: &Labels) {
    const ANNOTATIONS: &[FieldSpec<'_>] = &[
        spec("", "", "metadata/annotations", true),
        spec("", "ReplicationController", "spec/template/metadata/annotations", true),
        spec("", "Deployment", "spec/template/metadata/annotations", true),
        spec("", "ReplicaSet", "spec/template/metadata/annotations", true),
        spec("", "DaemonSet", "spec/template/metadata/annotations", true),
        spec("", "StatefulSet", "spec/template/metadata/annotations", true),
        spec("batch", "Job", "spec/template/metadata/annotations", true),
        spec("batch", "CronJob", "spec/jobTemplate/metadata/annotations", true),
        spec("batch", "CronJob", "spec/jobTemplate/spec/template/metadata/annotations", true),
    ];
    set_pairs(resources, pairs, ANNOTATIONS);
}

fn set_pairs(resources: &mut [Resource], pairs: &Labels, fields: &[FieldSpec<'_>]) {
    if pairs.is_empty() {
        return;
    }
    for resource in resources {
        let identity = resource.current();
        for field in fields.iter().filter(|field| field.fits(&identity)) {
            field.visit(&mut resource.node, &mut |node| {
                for (key, value) in pairs.iter() {
                    node.entry(key).value = text(value);
                }
            });
        }
    }
}

/// Sets numbers of Pods by name.
pub(super) fn replicas(resources: &mut [Resource], replicas: &[Replica]) -> Result<(), Failed> {
    const KINDS: [&str; 4] = ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"];
    for replica in replicas {
        let mut found = false;
        for resource in resources.iter_mut() {
            let fits = resource
                .identities()
                .iter()
                .any(|identity| identity.name == replica.name && KINDS.contains(&&*identity.kind));
            if fits {
                resource.node.entry("spec").entry("replicas").value = Value::Integer(replica.count);
                found = true;
            }
        }
        if !found {
            return Err(format!("replicas are set for {}, which is not there", replica.name));
        }
    }
    Ok(())
}

/// Changes names, tags and digests of images.
pub(super) fn images(resources: &mut [Resource], images: &[Image]) {
    for image in images {
        for resource in resources.iter_mut() {
            if resource.node.text("kind") != "CustomResourceDefinition" {
                change_images(&mut resource.node, image);
            }
        }
    }
}

/// Containers are found by the names of their lists, wherever these stand. A `tagSuffix` is added once,
/// where kustomize 5.7 adds it twice to most workloads.
fn change_images(node: &mut Node<'static>, image: &Image) {
    let fields = [("containers", "image"), ("initContainers", "image")];
    for (list, field) in fields {
        for container in node.get_mut(list).map(Node::elements_mut).unwrap_or_default() {
            change_image(container.get_mut(field), image);
        }
    }
    for volume in node.get_mut("volumes").map(Node::elements_mut).unwrap_or_default() {
        let reference = volume.get_mut("image").and_then(|image| image.get_mut("reference"));
        change_image(reference, image);
    }
    match &mut node.value {
        Value::Map(entries) => {
            for entry in entries {
                change_images(&mut entry.node, image);
            }
        }
        Value::List(elements) => {
            for element in elements {
                change_images(element, image);
            }
        }
        _ => {}
    }
}

fn change_image(node: Option<&mut Node<'static>>, image: &Image) {
    let Some(node) = node else { return };
    let Some((tag, digest)) = node.as_text().and_then(|text| tag_and_digest(text, &image.name))
    else {
        return;
    };
    let mut name =
        if image.new_name.is_empty() { &*image.name } else { &*image.new_name }.to_owned();
    let (tag, digest) = match (&*image.new_tag, &*image.digest) {
        ("", "") if !image.tag_suffix.is_empty() => (format!("{tag}{}", image.tag_suffix), ""),
        ("", "") => (tag.to_owned(), digest),
        ("", digest) => (String::new(), digest),
        (tag, digest) => (tag.to_owned(), digest),
    };
    for (mark, part) in [(':', &*tag), ('@', digest)] {
        if !part.is_empty() {
            name.push(mark);
            name.push_str(part);
        }
    }
    node.value = text(&name);
}

/// Tag and digest of an image of this name.
fn tag_and_digest<'t>(image: &'t str, name: &str) -> Option<(&'t str, &'t str)> {
    let rest = image.strip_prefix(name)?;
    let (tag, digest) = match rest.split_once('@') {
        Some((tag, digest)) => (tag, digest),
        None => (rest, ""),
    };
    let fits = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.{}-".contains(&byte))
    };
    let tag = if tag.is_empty() { tag } else { tag.strip_prefix(':')? };
    let hash = if digest.is_empty() { digest } else { digest.strip_prefix("sha256:")? };
    (fits(tag) && fits(hash)).then_some((tag, digest))
}
