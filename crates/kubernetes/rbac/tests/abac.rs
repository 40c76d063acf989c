//! Policies of attributes, as the API server takes them.

use bulkhead_rbac::{Identity, Request, Resource, Target, read_attribute_policies};

const FILE: &str = r#"
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

#[test]
fn lines_that_are_no_policies_are_told() {
    let file = "{\n[]\n{\"apiVersion\":\"v1\",\"kind\":\"Policy\"}\n{\"user\":1}\n\
                {\"apiVersion\":\"abac.authorization.kubernetes.io/v1beta1\",\"kind\":\"Policy\"}\n{}\n";
    let (policies, problems) = read_attribute_policies(file);
    let lines: Vec<u64> = problems.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 2, 3, 4, 5]);
    // The last one is old, and allows everybody everything.
    let [(6, policy)] = &policies[..] else { panic!("{policies:?}") };
    assert!(policy.allows(&Identity::user("x"), &request("get", "/y")));
    assert!(policy.allows(&Identity::user("x"), &request("delete", "z:pods")));
}
