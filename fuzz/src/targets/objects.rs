//! Kubernetes objects: manifests, kustomizations, snapshots.

use std::collections::BTreeMap;

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::{FieldPath, Files, Objects, Snapshot, SnapshotWriter, read_tree};

use crate::{Real, Target};

pub(super) const TARGETS: &[Target] = &[
    Target { name: "manifest", run: manifest, seeds: seeds_of_manifests, data: MANIFESTS },
    Target { name: "kustomization", run: kustomization, seeds: seeds_of_kustomizations, data: &[] },
    Target { name: "cluster-snapshot", run: snapshot, seeds: seeds_of_snapshots, data: &[] },
];

const YAML: &[&str] = &[".yaml", ".yml"];

const MANIFESTS: &[Real] = &[
    Real { below: "fixtures/pod-security-standards.tar.gz", named: YAML },
    Real { below: "fixtures/networkpolicy-connectivity.tar.gz", named: YAML },
    Real { below: "fixtures/posture", named: YAML },
];

const LIMITS: Limits = Limits { file_bytes: 1 << 20, bytes: 1 << 24, ..Limits::DEFAULT };

fn budget() -> Budget {
    Budget::new(LIMITS)
}

/// Reads a file; succeeds where it holds an object. Every mistake can be located.
fn manifest(bytes: &[u8]) -> bool {
    let mut objects = Objects::new();
    objects.add("file.yaml", bytes, &budget());
    for object in &objects.objects {
        let place = objects.locate(object, &FieldPath::ROOT).map(|place| place.line);
        assert_eq!(place, Some(object.origin.line));
        for mistake in &object.mistakes {
            assert!(objects.locate(object, &mistake.path).is_some());
        }
    }
    !objects.objects.is_empty()
}

/// Files that stand in one input, each behind a line `## NAME`.
struct Memory(BTreeMap<String, Vec<u8>>);

impl Files for Memory {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.get(path).cloned()
    }

    fn is_folder(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        self.0.keys().any(|name| name.starts_with(&folder))
    }
}

/// Builds the kustomization of the folder `top`; succeeds where it gives objects.
fn kustomization(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut files = BTreeMap::new();
    for part in text.split("## ").skip(1) {
        let (name, content) = part.split_once('\n').unwrap_or((part, ""));
        files.insert(name.to_owned(), content.as_bytes().to_vec());
    }
    let mut objects = Objects::new();
    objects.add_kustomization("top", &Memory(files), &budget());
    !objects.objects.is_empty()
}

fn snapshot(bytes: &[u8]) -> bool {
    Objects::new().add_snapshot("snapshot", bytes, &budget()).is_ok()
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn seeds_of_manifests() -> Vec<Vec<u8>> {
    texts(&[
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: &l {x: \"y\"}, annotations: {<<: *l}}\n\
         spec:\n  containers:\n    - {name: m, image: i, ports: [{containerPort: 0x50}]}\n---\n\
         apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, data: {k: dg==}}\n",
        "{\"apiVersion\": \"v1\", \"kind\": \"PodList\", \"items\": [{\"spec\": {\"volumes\": [{\"hostPath\": {}}]}}]}",
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nspec: {ingress: [{ports: [{port: [1]}]}]}\n",
        "a: &a [*a, *a]\n---\n- |\n  x\n---\n? {a: b}\n: c\n",
        "[[[[[[[[[[[[[[[[[[[[[[[[",
    ])
}

fn seeds_of_kustomizations() -> Vec<Vec<u8>> {
    texts(&[
        "## top/kustomization.yaml\nresources: [../base, extra.yaml]\nnamePrefix: a-\nnamespace: shop\n\
         commonLabels: {x: \"y\"}\nimages: [{name: i, newTag: \"2\"}]\nreplicas: [{name: web, count: 2}]\n\
         configMapGenerator: [{name: c, literals: [a=b], files: [extra.yaml]}]\n\
         patches:\n- {target: {kind: Deploy.*}, patch: '[{\"op\": \"add\", \"path\": \"/spec/paused\", \"value\": true}]'}\n\
         - patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: \
         {containers: [{name: m, $patch: delete}, {name: o}]}}}}'\n\
         replacements: [{source: {kind: Deployment}, targets: [{select: {kind: Role}, fieldPaths: ['metadata.annotations.[x=y].z'], \
         options: {create: true}}]}]\n\
         ## base/kustomization.yaml\nresources: [all.yaml]\n\
         ## base/all.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: \
         [{name: m, image: i, envFrom: [{configMapRef: {name: c}}]}]}}}\n\
         ## top/extra.yaml\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\n",
        "## top/kustomization.yaml\nresources: [../top]\n",
        "## top/kustomization.yaml\nresources: [https://example.com]\nvars: [{name: A, objref: {kind: B}}]\n",
    ])
}

fn seeds_of_snapshots() -> Vec<Vec<u8>> {
    let mut writer = SnapshotWriter::default();
    if let Ok(pod) = read_tree("{\"metadata\": {\"name\": \"a\"}}") {
        writer.add(pod, "v1", "Pod");
    }
    let mut seeds =
        texts(&["{\"format\": \"bulkhead-cluster-snapshot\", \"version\": 1}\n{\"a\":\n", "x"]);
    seeds.extend(writer.finish(&Snapshot::default()));
    seeds
}
