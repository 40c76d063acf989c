//! Audit logs: what a line says of rights, what was not used, what is suggested.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use bulkhead_limits::{Budget, Limits};
use bulkhead_rbac::{
    Binding, Event, Graph, Identity, Malformed, RbacError, Replay, Request, Resource, Role,
    RoleReference, Rule, Skipped, Source, Subject, Suggestion, Target, Uses, idle, read_events,
};

use serde_json::{Value, json};

/// The one event of a document.
fn read_event(document: &[u8]) -> Result<Event, Skipped> {
    let mut events = read_events(document);
    assert_eq!(events.len(), 1);
    events.remove(0)
}

/// An allowed event with these fields beside the usual ones.
fn event(fields: &Value) -> Vec<u8> {
    let mut event = json!({
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "stage": "ResponseComplete",
        "requestReceivedTimestamp": "2026-01-02T03:04:05.000006Z",
        "user": { "username": "ann", "groups": ["b", "a", "b"] },
        "annotations": { "authorization.k8s.io/decision": "allow" },
    });
    for (key, value) in fields.as_object().unwrap() {
        event[key] = value.clone();
    }
    event.to_string().into_bytes()
}

fn requests(fields: &Value) -> Vec<String> {
    let event = read_event(&event(fields)).unwrap();
    let line = |(identity, request): &(Identity, Request)| format!("{} {request}", identity.user);
    event.requests.iter().map(line).collect()
}

#[test]
fn a_line_says_who_asked_for_what() {
    let pod = json!({ "resource": "pods", "namespace": "shop", "name": "web", "apiVersion": "v1" });
    let of = |verb: &str, object: &Value| json!({ "verb": verb, "objectRef": object });
    let exec =
        json!({ "resource": "pods", "namespace": "shop", "name": "web", "subresource": "exec" });
    let jobs = json!({ "resource": "jobs", "apiGroup": "batch", "namespace": "shop", "name": "j" });
    for (fields, expected) in [
        (of("get", &pod), vec!["ann get pods web in shop"]),
        // The log fills in the name of a new object.
        (of("create", &pod), vec!["ann create pods in shop"]),
        (of("deletecollection", &pod), vec!["ann deletecollection pods in shop"]),
        (of("create", &exec), vec!["ann create pods/exec web in shop"]),
        (json!({ "verb": "get", "requestURI": "/metrics?a=b" }), vec!["ann get /metrics"]),
        (
            json!({ "verb": "patch", "objectRef": jobs, "responseStatus": { "code": 201 } }),
            vec!["ann patch jobs.batch j in shop", "ann create jobs.batch j in shop"],
        ),
        (
            json!({
                "verb": "get",
                "objectRef": pod,
                "impersonatedUser": {
                    "username": "system:serviceaccount:shop:robot",
                    "groups": ["system:serviceaccounts", "system:serviceaccounts:shop",
                               "system:authenticated", "ops"],
                    "extra": { "reason": ["test"] },
                    "uid": "7",
                },
            }),
            vec![
                "ann impersonate serviceaccounts robot in shop",
                "ann impersonate groups ops",
                "ann impersonate userextras.authentication.k8s.io/reason test",
                "ann impersonate uids.authentication.k8s.io 7",
                "system:serviceaccount:shop:robot get pods web in shop",
            ],
        ),
    ] {
        assert_eq!(requests(&fields), expected, "{fields}");
    }
}

#[test]
fn lines_that_show_no_use_are_told_apart() {
    let none = json!({});
    let verb = |rest: Value| {
        let mut fields = json!({ "verb": "get", "requestURI": "/a" });
        for (key, value) in rest.as_object().unwrap() {
            fields[key] = value.clone();
        }
        event(&fields)
    };
    let denied = verb(json!({ "annotations": { "authorization.k8s.io/decision": "forbid" } }));
    let refused = verb(json!({ "annotations": none, "responseStatus": { "code": 403 } }));
    let received = verb(json!({ "annotations": none, "stage": "RequestReceived" }));
    assert_eq!(read_event(&denied), Err(Skipped::Denied));
    assert_eq!(read_event(&refused), Err(Skipped::Denied));
    assert_eq!(read_event(&received), Err(Skipped::Undecided));
    assert!(
        read_event(&verb(json!({ "annotations": none, "responseStatus": { "code": 200 } })))
            .is_ok()
    );
    for broken in
        [&b"{"[..], b"[]", b"{\"kind\":\"Event\"}", b"\xff", &verb(json!({ "user": null }))]
    {
        assert!(matches!(read_event(broken), Err(Skipped::Malformed(_))), "{broken:?}");
    }
}

#[test]
fn a_log_costs_no_more_than_its_budget() {
    let line = |path: &str| event(&json!({ "verb": "get", "requestURI": path }));
    let budget = Budget::new(Limits { entries: 2, problems: 1, ..Limits::DEFAULT });
    let mut uses = Uses::default();
    for path in ["/a", "/b", "/a"] {
        uses.add("log", 1, &line(path), &budget).unwrap();
    }
    for broken in [&b"{"[..], b"\n", b"}"] {
        uses.add("log", 2, broken, &budget).unwrap();
    }
    assert_eq!((uses.lines, uses.malformed.len(), uses.further_malformed), (3, 1, 1));
    let Malformed { log, line: number, .. } = &uses.malformed[0];
    assert_eq!((log.as_str(), *number), ("log", 2));
    let spent = uses.add("log", 7, &line("/c"), &budget);
    assert!(matches!(spent, Err(RbacError::Exceeded { line: 7, .. })));
}

fn role(name: &str, rules: Vec<Rule>) -> (Role, Binding) {
    let namespace = Some("shop".to_owned());
    let role =
        Role { namespace: namespace.clone(), name: name.to_owned(), rules, ..Role::default() };
    let binding = Binding {
        namespace,
        name: name.to_owned(),
        role: RoleReference::Role(name.to_owned()),
        subjects: vec![Subject::User("ann".to_owned())],
        is_built_in: false,
    };
    (role, binding)
}

fn rule(verbs: &[&str], resources: &[&str]) -> Rule {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    Rule {
        verbs: texts(verbs),
        api_groups: vec![String::new()],
        resources: texts(resources),
        ..Rule::default()
    }
}

fn used(requests: &[(&str, &str, &str)]) -> Uses {
    let mut uses = Uses::default();
    for (verb, resource, name) in requests {
        let resource = Resource::named(resource);
        let object = json!({
            "resource": resource.resource, "subresource": resource.subresource,
            "namespace": "shop", "name": name,
        });
        let line = event(&json!({ "verb": verb, "objectRef": object }));
        uses.add("log", 1, &line, &Budget::new(Limits::DEFAULT)).unwrap();
    }
    uses
}

#[test]
fn what_was_not_used_is_named_down_to_verbs_and_resources() {
    let (some, some_binding) = role(
        "some",
        vec![
            rule(&["get", "list", "delete"], &["pods", "secrets"]),
            rule(&["*"], &["configmaps"]),
            rule(&["create"], &["pods/exec"]),
        ],
    );
    let (never, never_binding) = role("never", vec![rule(&["watch"], &["pods"])]);
    let graph = Graph::new(vec![some, never], vec![some_binding, never_binding], Source::Server);
    let uses = used(&[("get", "pods", "a"), ("list", "pods", ""), ("get", "configmaps", "c")]);
    let idle = idle(&graph, &uses);
    let found: Vec<(&str, bool, Vec<String>)> = idle
        .iter()
        .map(|idle| {
            let rules = idle.rules.iter().map(ToString::to_string).collect();
            (idle.binding.name.as_str(), idle.is_whole, rules)
        })
        .collect();
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        found,
        [
            (
                "some",
                false,
                texts(&["delete pods", "get, list, delete secrets", "create pods/exec"])
            ),
            ("never", true, texts(&["watch pods"])),
        ]
    );
}

#[test]
fn suggestions_allow_what_was_done_and_list_few_names() {
    let (wide, binding) = role("wide", vec![rule(&["*"], &["*"])]);
    let graph = Graph::new(vec![wide], vec![binding], Source::Server);
    let mut done = vec![
        ("get", "pods", "web-1"),
        ("list", "pods", ""),
        ("get", "secrets", "database"),
        ("get", "configmaps", "database"),
    ];
    let many: Vec<String> = (0..9).map(|index| format!("s{index}")).collect();
    done.extend(many.iter().map(|name| ("delete", "secrets", name.as_str())));
    let uses = used(&done);
    let suggestion = Suggestion::new(&graph, &uses);
    let rules: Vec<String> =
        suggestion.roles.iter().flat_map(|role| &role.rules).map(ToString::to_string).collect();
    assert_eq!(
        rules,
        ["delete secrets", "get configmaps, secrets named database", "get, list pods",]
    );
    let after = suggestion.graph(&graph);
    let replay = Replay::new(&suggestion, &graph, &uses);
    assert_eq!((replay.requests, replay.denied), (done.len() as u64, Vec::new()));
    // A suggestion that lacks something is found out.
    let mut less = Suggestion::new(&graph, &uses);
    less.roles[0].rules.remove(0);
    let replay = Replay::new(&less, &graph, &uses);
    let denied = replay.denied.iter().map(|(_, request)| request.to_string());
    let expected = many.iter().map(|name| format!("delete secrets {name} in shop"));
    assert_eq!(denied.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    let request = |verb: &str, name: &str| Request {
        verb: verb.to_owned(),
        target: Target::Resource(Resource {
            namespace: "shop".to_owned(),
            name: name.to_owned(),
            ..Resource::named("secrets")
        }),
    };
    assert!(after.allowed(&Identity::user("ann"), &request("get", "other")).is_none());
    assert!(after.allowed(&Identity::user("ann"), &request("get", "database")).is_some());
    let manifests = suggestion.manifests().unwrap();
    assert!(
        manifests.contains("kind: RoleBinding") && manifests.contains("name: least:ann"),
        "{manifests}"
    );
}

/// What one did another did not, on one object and not on its neighbour.
#[test]
fn idle_subjects_names_and_pairs_of_verb_and_resource_are_told() {
    let named = Rule {
        resource_names: vec!["a".to_owned(), "b".to_owned()],
        ..rule(&["get"], &["configmaps"])
    };
    let (some, mut binding) =
        role("some", vec![rule(&["get", "delete"], &["pods", "secrets"]), named]);
    binding.subjects.push(Subject::User("bob".to_owned()));
    binding.subjects.push(Subject::Group("a".to_owned()));
    let graph = Graph::new(vec![some], vec![binding], Source::Server);
    let uses =
        used(&[("get", "pods", "p"), ("delete", "secrets", "s"), ("get", "configmaps", "b")]);
    let idle = idle(&graph, &uses);
    let rules: Vec<String> = idle[0].rules.iter().map(ToString::to_string).collect();
    assert_eq!(rules, ["delete pods", "get secrets", "get configmaps named a"]);
    assert_eq!(idle[0].subjects, [&Subject::User("bob".to_owned())]);
}

/// Names that no object may have do not make two users share a role.
#[test]
fn roles_of_users_of_like_names_are_apart() {
    let graph = Graph::new(Vec::new(), Vec::new(), Source::Server);
    let mut uses = Uses::default();
    for (user, verb) in [("a/b", "get"), ("a-b", "delete"), ("a%b", "list")] {
        let object = json!({ "resource": "pods", "namespace": "shop", "name": "" });
        let line =
            event(&json!({ "user": { "username": user }, "verb": verb, "objectRef": object }));
        uses.add("log", 1, &line, &Budget::new(Limits::DEFAULT)).unwrap();
    }
    let suggestion = Suggestion::new(&graph, &uses);
    let mut names: Vec<&str> = suggestion.roles.iter().map(|role| role.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["least:a-b", "least:a-b:2", "least:a-b:3"]);
    assert!(Replay::new(&suggestion, &graph, &uses).denied.is_empty());
}
