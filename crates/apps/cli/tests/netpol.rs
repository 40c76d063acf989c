//! `bulkhead k8s netpol` of the real binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;

const SHOP: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, ports: [{containerPort: 80}]}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
spec: {template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, namespace: shop}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
";

const POLICY: &str = "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress, Egress]
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]
";

/// Runs it in a folder with `before` (no policy) and `after` (one).
fn run(arguments: &[&str], files: &[(&str, &str)]) -> (tempfile::TempDir, Output) {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    };
    write("before/shop.yaml", SHOP);
    write("after/shop.yaml", SHOP);
    write("after/policy.yaml", POLICY);
    for (path, text) in files {
        write(path, text);
    }
    let output = bulkhead(folder.path()).args(["k8s", "netpol"]).args(arguments).output().unwrap();
    (folder, output)
}

fn bulkhead(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("bulkhead").unwrap();
    command.env_clear().env("HOME", folder).current_dir(folder);
    command
}

#[track_caller]
fn check(arguments: &[&str], code: i32, expected: &str) {
    let (_folder, output) = run(arguments, &[]);
    let shown = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!((shown.as_str(), output.status.code()), (expected, Some(code)), "{errors}");
}

#[test]
fn reach_lists_connections() {
    check(
        &["reach", "after"],
        0,
        "any address => shop/web[Deployment] : All Connections\n\
         shop/web[Deployment] => any address : All Connections\n\
         shop/web[Deployment] => shop/db[Deployment] : TCP 5432\n\
         {ingress-controller} => shop/web[Deployment] : TCP 80\n",
    );
}

#[test]
fn reach_writes_every_form() {
    let outputs = ["-o", "json=reach.json", "-o", "csv=reach.csv", "-o", "svg=map.svg"];
    let arguments = [&["reach", "after", "before"], &outputs[..]].concat();
    let (folder, output) = run(&arguments, &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let read = |name: &str| fs_err::read_to_string(folder.path().join(name)).unwrap();
    let json: serde_json::Value = serde_json::from_str(&read("reach.json")).unwrap();
    let rows = json["connections"].as_array().unwrap();
    let csv = read("reach.csv");
    assert_eq!(csv.lines().count(), rows.len() + 1);
    assert!(csv.contains("shop/web[Deployment],shop/db[Deployment],TCP 5432,pod-network"), "{csv}");
    let svg = read("map.svg");
    assert!(svg.starts_with("<svg ") && svg.contains("TCP 5432") && !svg.contains("href"), "{svg}");
}

#[test]
fn explain_names_policies_and_what_is_missing() {
    check(
        &["explain", "shop/web", "shop/db", "after", "--port", "5432"],
        0,
        "shop/web => shop/db : TCP 5432 (pod-network)\n  \
           leaving shop/web: TCP 5432\n    \
             TCP 5432: passes, for no policy says anything about it\n  \
           reaching shop/db: TCP 5432\n    \
             TCP 5432: allowed by NetworkPolicy shop/db, rule 1\n      \
               after/policy.yaml:1\n",
    );
    check(
        &["explain", "10.0.0.1", "shop/db", "after", "--port", "53/udp"],
        0,
        "10.0.0.1 => shop/db : No Connections (pod-network)\n  \
           reaching shop/db: No Connections\n    \
             UDP 53: stopped, for NetworkPolicy shop/db isolates the pod and no rule of it allows this\n      \
               after/policy.yaml:1\n",
    );
    let (_folder, output) = run(&["explain", "shop/none", "shop/db", "after"], &[]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn diff_shows_what_changes() {
    check(
        &["diff", "before", "after"],
        0,
        "- any address => shop/db[Deployment] : All Connections\n\
         - shop/db[Deployment] => any address : All Connections\n\
         - shop/db[Deployment] => shop/web[Deployment] : All Connections\n\
         ~ shop/web[Deployment] => shop/db[Deployment] : All Connections -> TCP 5432\n",
    );
    check(&["diff", "after", "after"], 0, "no connection differs\n");
}

#[test]
fn suggestions_are_proven_or_said_not_to_be() {
    let flow = |destination: &str| {
        format!(
            r#"{{"source":{{"namespace":"shop","workload":"web"}},"destination":{{"namespace":"shop","workload":"{destination}"}},"port":5432}}"#
        )
    };
    let arguments = ["suggest", "before", "--flows", "flows"];
    let (_folder, output) = run(&arguments, &[("flows", &flow("db"))]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    assert!(String::from_utf8(output.stdout).unwrap().contains("port: 5432"));
    let (_folder, output) = run(&arguments, &[("flows", &flow("nobody"))]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8(output.stderr).unwrap().contains("flows:1 is not settled"));
}

#[test]
fn what_is_not_understood_makes_it_incomplete() {
    let cilium = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: shop}\n";
    for (file, text) in [("before/c.yaml", cilium), ("before/b.yaml", "kind: [broken\n")] {
        let (_folder, output) = run(&["reach", "before"], &[(file, text)]);
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert!(String::from_utf8(output.stderr).unwrap().contains("not assessed"));
    }
}
