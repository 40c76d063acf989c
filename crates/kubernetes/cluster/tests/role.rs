//! The role that a scan runs under lets it list what it reads, and nothing else.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::collections::BTreeSet;

use bulkhead_cluster::Collection;
use bulkhead_yaml::{Node, Value};

#[test]
fn the_shipped_role_is_what_a_scan_reads() {
    let file = bulkhead_testing::repository().join("deploy/kubernetes/scan-role.yaml");
    let role = bulkhead_yaml::parse(&fs_err::read_to_string(file).unwrap()).unwrap();
    let mut granted = BTreeSet::new();
    for rule in list(field(&role, "rules")) {
        assert_eq!(texts(field(rule, "verbs")), ["list", "watch"]);
        for group in texts(field(rule, "apiGroups")) {
            granted.extend(
                texts(field(rule, "resources")).into_iter().map(|plural| (group.clone(), plural)),
            );
        }
    }
    let read: BTreeSet<_> =
        Collection::SCANNED.iter().map(|it| (it.group.to_owned(), it.plural.to_owned())).collect();
    assert_eq!(granted, read);
}

fn field<'n>(node: &'n Node, name: &str) -> &'n Node {
    let Value::Map(pairs) = &node.value else { panic!("no map: {node:?}") };
    &pairs.iter().find(|(key, _)| key.value == name).unwrap().1
}

fn list(node: &Node) -> &[Node] {
    let Value::List(list) = &node.value else { panic!("no list: {node:?}") };
    list
}

fn texts(node: &Node) -> Vec<String> {
    let text = |node: &Node| match &node.value {
        Value::Text(text) => text.clone(),
        other => panic!("no text: {other:?}"),
    };
    list(node).iter().map(text).collect()
}
