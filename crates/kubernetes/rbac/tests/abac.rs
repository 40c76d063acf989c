//! Policies of attributes, as the API server takes them.

use bulkhead_rbac::{Identity, Request, Resource, Target, read_attribute_policies};

const FILE: &[u8] = br#"
# who looks after the cluster
{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy","spec":{"user":"alice","namespace":"*","resource":"*","apiGroup":"*"}}
{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy","spec":{"user":"bob","namespace":"shop","resource":"pods","readonly":true}}
{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy","spec":{"user":"eve","group":"builders","namespace":"ci","resource":"jobs","apiGroup":"batch"}}
{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy","spec":{"group":"*","readonly":true,"nonResourcePath":"/version*"}}
{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy","spec":{"namespace":"*","resource":"*","apiGroup":"*"}}
{"user":"old","namespace":"shop"}
"#;

fn request(verb: &str, target: &str) -> Request {
    let target = match target.split_once(':') {
        None => Target::Url(target.to_owned()),
        Some((namespace, name)) => {
            let namespace = namespace.to_owned();
            Target::Resource(Resource { namespace, ..Resource::named(name) })
        }
    };
    Request { verb: verb.to_owned(), target }
}

#[test]
fn requests_are_decided_as_the_server_decides_them() {
    let (policies, problems) = read_attribute_policies(FILE);
    assert_eq!(problems, []);
    let lines: Vec<u64> = policies.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 4, 5, 6, 7, 8]);
    for (user, group, verb, target, expected) in [
        ("alice", "", "delete", "kube-system:secrets", true),
        ("alice", "", "get", ":nodes", true),
        // A policy about resources says nothing of other paths.
        ("alice", "", "get", "/metrics", false),
        ("bob", "", "list", "shop:pods", true),
        // Subresources are not told apart.
        ("bob", "", "get", "shop:pods/log", true),
        ("bob", "", "create", "shop:pods", false),
        ("bob", "", "list", "ci:pods", false),
        ("bob", "", "list", ":pods", false),
        ("bob", "", "list", "shop:deployments.apps", false),
        // User and group must both be met.
        ("eve", "", "create", "ci:jobs.batch", false),
        ("eve", "builders", "create", "ci:jobs.batch", true),
        ("bob", "builders", "create", "ci:jobs.batch", false),
        ("eve", "builders", "create", "ci:jobs", false),
        ("carol", "", "get", "/version", true),
        ("carol", "", "get", "/version/x", true),
        ("carol", "", "post", "/version", false),
        ("carol", "", "get", "/healthz", false),
        ("system:anonymous", "", "get", "/version", false),
        // Who names nobody allows nobody.
        ("carol", "", "get", "shop:pods", false),
        // A line without a version leaves out what may be anything.
        ("old", "", "delete", "shop:deployments.apps", true),
        ("old", "", "delete", "ci:deployments.apps", false),
        ("old", "", "get", "/healthz", false),
    ] {
        let mut identity = Identity::user(user);
        identity.groups.extend((!group.is_empty()).then(|| group.to_owned()));
        let request = request(verb, target);
        let allowed = policies.iter().any(|(_, policy)| policy.allows(&identity, &request));
        assert_eq!(allowed, expected, "{user} {group}: {request}");
    }
}

#[test]
fn whoever_may_do_something_somewhere_is_found() {
    let (policies, _) = read_attribute_policies(FILE);
    let who = |verb: &str, target: &str| -> Vec<String> {
        let request = request(verb, target);
        let found = policies.iter().filter(|(_, policy)| policy.allows_somebody(&request));
        found.map(|(_, policy)| policy.to_string()).collect()
    };
    assert_eq!(who("get", ":pods"), ["user alice", "user bob", "user old"]);
    assert_eq!(who("get", "ci:jobs.batch"), ["user alice", "user eve in group builders"]);
    assert_eq!(who("get", "/version"), ["group system:authenticated"]);
}

/// As `kube-apiserver` v1.34.4 starts with them or does not.
#[test]
fn lines_that_the_server_does_not_start_with_are_told() {
    let refused = [
        "{",
        "[]",
        "\"x\"",
        r#"{"user":1}"#,
        r#"{"user":"a"} {"user":"b"}"#,
        r#"{"apiVersion":"v1","kind":"Policy"}"#,
        r#"{"apiVersion":"abac.authorization.kubernetes.io/v1","kind":"Policy","spec":{"user":"a"}}"#,
        r#"{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","spec":{"user":"a"}}"#,
        r#"{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy","spec":{"readonly":"x"}}"#,
    ];
    let (policies, problems) = read_attribute_policies(refused.join("\n").as_bytes());
    let lines: Vec<u64> = problems.iter().map(|(line, _)| *line).collect();
    assert_eq!((policies, lines), (Vec::new(), (1..=9).collect()), "{problems:?}");

    let taken = [
        // These say nothing of users, and allow everybody everything.
        "{}",
        "null",
        r#"{"User":"a"}"#,
        r#"{"kind":"Policy","spec":{"user":"a"}}"#,
        r#"{"apiVersion":"abac.authorization.kubernetes.io/v0","kind":"Policy","user":"a"}"#,
        r#"{"user":"b","user":"a"}"#,
        // Nobody anything.
        r#"{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy"}"#,
    ];
    let (policies, problems) = read_attribute_policies(taken.join("\n").as_bytes());
    assert_eq!(problems, []);
    let who = |request: &Request| -> Vec<String> {
        let found = policies.iter().filter(|(_, policy)| policy.allows_somebody(request));
        found.map(|(_, policy)| policy.to_string()).collect()
    };
    let everybody = "group system:authenticated";
    let expected = [everybody, everybody, everybody, everybody, "user a", "user a"];
    assert_eq!(who(&request("delete", "shop:pods")), expected);
    assert_eq!(who(&request("get", "/healthz")), expected);
}
