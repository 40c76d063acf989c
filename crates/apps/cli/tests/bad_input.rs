//! Manifests that cannot be judged: told with the reason, and never counted as passed. The sound object
//! beside them is judged.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::fmt::Write as _;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

const SOUND: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: sound}\n\
                     spec: {containers: [{name: a, image: b, securityContext: {privileged: true}}]}\n";

/// Each output and each reader of manifests says the same of a folder: exit code 3, and each of these
/// words among what was not assessed.
fn is_told(folder: &Path, words: &[&str]) {
    let path = std::env::var("PATH").unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::cargo_bin("bulkhead").unwrap();
        let command = command.env_clear().env("PATH", &path).current_dir(folder);
        let output = command.args(["k8s"]).args(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_owned()).unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, text, errors) = run(&["scan", "all", "-o", "json"]);
    assert_eq!(code, Some(3), "{errors}");
    let report: Value = serde_json::from_str(&text).unwrap();
    let told = report["not_assessed"].to_string();
    for word in words {
        assert!(told.contains(word), "{word}: {told}");
    }
    let findings = report["findings"].as_array().unwrap();
    let is_sound = |it: &&Value| it["subject"]["name"] == "sound";
    assert!(findings.iter().any(|it| is_sound(&it) && it["rule"] == "privileged-container"));
    let others: Vec<&Value> = findings.iter().filter(|it| !is_sound(it)).collect();
    assert_eq!(others, Vec::<&Value>::new());
    let (code, table, _) = run(&["scan", "all"]);
    assert_eq!(code, Some(3));
    // Lines are broken where the page ends.
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(flat(&table).contains(word), "{word}: {table}");
    }
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("sound.yaml", SOUND)].iter().chain(files) {
        let path = folder.path().join("all").join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    folder
}

#[test]
fn broken_documents() {
    for (text, words) in [
        ("kind: [Pod\n", &["all/a.yaml"][..]),
        ("kind: Pod\n\tname: a\n", &["all/a.yaml"]),
        ("metadata: {name: a}\n", &["all/a.yaml"]),
        ("{\"kind\": \"Pod\", ", &["all/a.yaml"]),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: *nobody}\n", &["all/a.yaml"]),
    ] {
        is_told(folder(&[("a.yaml", text)]).path(), words);
    }
    let binary = folder(&[]);
    fs_err::write(binary.path().join("all/a.yaml"), b"kind: \xff\xfe\n").unwrap();
    is_told(binary.path(), &["all/a.yaml", "UTF-8"]);
}

/// Anchors that would be ten to the ninth values, and lists too deep for any reader.
#[test]
fn bombs() {
    let mut bomb =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\na0: &a0 [x]\n".to_owned();
    for level in 1..=9 {
        let lower = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{lower}]").unwrap();
    }
    is_told(folder(&[("a.yaml", &bomb)]).path(), &["all/a.yaml"]);
    let deep = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: deep}}\na: {}\n",
        "[".repeat(100_000)
    );
    is_told(folder(&[("a.yaml", &deep)]).path(), &["all/a.yaml"]);
}

#[test]
fn kinds_and_versions_that_nobody_knows() {
    for (version, kind) in [
        ("example.com/v1", "Gadget"),
        ("apps/v9", "Deployment"),
        ("v1", "PodDisruptionBudget"),
        ("extensions/v1", "Deployment"),
        ("v2", "Pod"),
    ] {
        let text = format!(
            "apiVersion: {version}\nkind: {kind}\nmetadata: {{name: odd, namespace: shop}}\n\
             spec: {{template: {{spec: {{hostNetwork: true, containers: [{{name: a, image: b}}]}}}}, \
             hostNetwork: true, containers: [{{name: a, image: b}}]}}\n"
        );
        is_told(folder(&[("a.yaml", &text)]).path(), &[kind]);
    }
}

#[test]
fn charts_that_do_not_render() {
    if bulkhead_testing::tool("helm").is_none() {
        return;
    }
    let chart = "apiVersion: v2\nname: shop\nversion: 0.1.0\n";
    for template in
        ["{{ .Values.absent.name }}\n", "{{ if }}\n", "{{ fail \"no name is given\" }}\n"]
    {
        let files = [("shop/Chart.yaml", chart), ("shop/templates/a.yaml", template)];
        is_told(folder(&files).path(), &["all/shop", "does not render"]);
    }
    // What renders to no YAML.
    let files = [("shop/Chart.yaml", chart), ("shop/templates/a.yaml", "kind: [Pod\n")];
    is_told(folder(&files).path(), &["all/shop"]);
}

#[test]
fn kustomizations_that_cannot_be_built() {
    let files = [("over/kustomization.yaml", "resources: [absent.yaml]\n")];
    is_told(folder(&files).path(), &["all/over", "absent.yaml"]);
    let files = [("over/kustomization.yaml", "resources: [https://example.com/base]\n")];
    is_told(folder(&files).path(), &["all/over", "example.com"]);
}
