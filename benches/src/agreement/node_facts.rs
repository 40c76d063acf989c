//! What others' collectors say of nodes, in our terms.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::{Body, ControlPlaneFile, Objects};
use bulkhead_posture::{
    Cluster, Flags, Judgement, Kubelet, NodeFile, NodeFileKind, Settings, Verdict, judge_kubelet,
    judge_node_file,
};
use serde_json::Value;

use super::table::Row;

/// Judges what a collector says of a node in a JSON file.
pub(super) fn judge(text: &[u8], row: &Row, note: &mut dyn FnMut(&'static str, Verdict)) {
    let Ok(facts) = serde_json::from_slice::<Value>(text) else { return };
    match facts["kind"].as_str() {
        Some("KubeletInfo") => {
            kubelet(&facts, note);
            files(&facts, row, note);
        }
        Some("ControlPlaneInfo") => {
            files(&facts, row, note);
            for pointer in ["auditPolicyFile", "encryptionProviderConfigFile"] {
                configuration(&facts["data"]["APIServerInfo"][pointer]["content"], note);
            }
            let line = facts.pointer("/data/APIServerInfo/cmdLine").and_then(Value::as_str);
            if let Some(line) = line {
                component(line, note);
            }
        }
        Some(_) => files(&facts, row, note),
        None => {}
    }
}

fn kubelet(facts: &Value, note: &mut dyn FnMut(&'static str, Verdict)) {
    let line = facts.pointer("/data/cmdLine").and_then(Value::as_str);
    let text = decoded(&facts["data"]["configFile"]["content"]).unwrap_or_default();
    // Their files lack the kind now and then.
    let missing = if text.contains("\nkind:") || text.is_empty() {
        ""
    } else {
        "\nkind: KubeletConfiguration\n"
    };
    let read = objects(&(text + missing));
    // A kubelet reads the file that its command line names; one that lies there beside is none.
    let named = line.is_none_or(|line| line.contains("--config"));
    let file = read.objects.first().filter(|_| named).and_then(|object| match &object.body {
        Body::ControlPlaneFile(file) => match &**file {
            ControlPlaneFile::Kubelet(file) => Some(file),
            _ => None,
        },
        _ => None,
    });
    let kubelet = Kubelet { flags: line.map(Flags::of_command_line), file };
    judge_kubelet(&kubelet, |judgement| told(&judgement, note));
}

fn configuration(content: &Value, note: &mut dyn FnMut(&'static str, Verdict)) {
    let Some(text) = decoded(content) else { return };
    judge_text(&text, note);
}

/// A command line as the static pod that it comes from.
fn component(line: &str, note: &mut dyn FnMut(&'static str, Verdict)) {
    let words: Vec<_> = line.split_whitespace().collect();
    let pod = serde_json::json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "component", "namespace": "kube-system"},
        "spec": {"containers": [{"name": "component", "command": words}]}
    });
    judge_text(&pod.to_string(), note);
}

fn judge_text(text: &str, note: &mut dyn FnMut(&'static str, Verdict)) {
    let (read, settings) = (objects(text), Settings::default());
    let cluster = Cluster::new(&read.objects, &settings);
    cluster.judge_all(&read.objects, |judgement| told(&judgement, note));
}

fn files(facts: &Value, row: &Row, note: &mut dyn FnMut(&'static str, Verdict)) {
    for (pointer, kind) in &row.files {
        let Some(value) = facts.pointer(pointer) else { continue };
        let list = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        for file in list {
            let path = file["path"].as_str().unwrap_or_default();
            let key = Path::new(path).extension().is_some_and(|ending| ending == "key");
            let kind = match kind.as_str() {
                "manifest" => NodeFileKind::Manifest,
                "network" => NodeFileKind::Network,
                "kubeconfig" => NodeFileKind::Kubeconfig,
                "etcd_data" => NodeFileKind::EtcdData,
                "kubelet" => NodeFileKind::Kubelet,
                "certificate" => NodeFileKind::Certificate,
                "pki_folder" => NodeFileKind::PkiFolder,
                "pki" | "pki_keys" if key => NodeFileKind::Key,
                "pki" | "pki_certificates" if !key => NodeFileKind::Certificate,
                _ => continue,
            };
            let mode = file["permissions"]
                .as_u64()
                .and_then(|mode| u32::try_from(mode).ok())
                .unwrap_or_default();
            let name = |field: &str, number: &str| {
                let name = file["ownership"][field].as_str().unwrap_or_default();
                let number = file["ownership"][number].as_u64().unwrap_or_default().to_string();
                if name.is_empty() { number } else { name.to_owned() }
            };
            let (user, group) = (name("username", "uid"), name("groupname", "gid"));
            let file = NodeFile { kind, path, mode, user: &user, group: &group };
            judge_node_file(&file, |judgement| told(&judgement, note));
        }
    }
}

fn told(judgement: &Judgement<'_, '_>, note: &mut dyn FnMut(&'static str, Verdict)) {
    note(judgement.control.id, judgement.verdict);
}

fn objects(text: &str) -> Objects {
    let mut objects = Objects::new();
    objects.add("case.yaml", text.as_bytes(), &Budget::new(Limits::DEFAULT));
    objects
}

fn decoded(content: &Value) -> Option<String> {
    String::from_utf8(STANDARD.decode(content.as_str()?).ok()?).ok()
}
