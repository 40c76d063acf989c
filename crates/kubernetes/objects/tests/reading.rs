//! Files to objects: documents, lists, old versions, broken parts.

use std::fmt::Write as _;

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::{Body, FieldPath, Objects, ProblemKind, Unknown, WorkloadKind};

fn read(text: &str) -> Objects {
    let mut objects = Objects::new();
    objects.add("test.yaml", text.as_bytes(), &Budget::new(Limits::DEFAULT));
    objects
}

#[test]
fn each_document_stands_alone() {
    let objects = read(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: one}\n---\na: [\n---\n# nothing\n---\n\
         apiVersion: v1\nkind: Pod\nmetadata:\n  name: two\n  name: three\n---\nkind: Pod\n---\n- 1\n",
    );
    let names: Vec<_> = objects.objects.iter().map(|object| &*object.metadata.name).collect();
    assert_eq!(names, ["one", "three"]);
    let lines: Vec<_> = objects.objects.iter().map(|object| object.origin.line).collect();
    assert_eq!(lines, [1, 9]);
    let problems: Vec<_> = objects
        .problems
        .iter()
        .map(|problem| (problem.kind, problem.position.map(|(line, _)| line)))
        .collect();
    let expected = [
        (ProblemKind::Syntax, Some(5)),
        (ProblemKind::RepeatedKey, Some(13)),
        (ProblemKind::NoObject, Some(15)),
        (ProblemKind::NoObject, Some(17)),
    ];
    assert_eq!(problems, expected, "{:#?}", objects.problems);
}

#[test]
fn lists_are_unfolded_and_fields_located() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: apps/v1\n  kind: Deployment\n  \
                metadata:\n    name: web\n    annotations:\n      a.b/c: d\n  spec:\n    template:\n      \
                spec:\n        containers:\n        - name: a\n        - name: é\n          \
                securityContext: {privileged: yes}\n";
    let objects = read(text);
    let [web] = &*objects.objects else { panic!("{objects:#?}") };
    assert_eq!(web.to_string(), "Deployment web");
    assert_eq!(web.origin.line, 4);
    let workload = web.workload().unwrap();
    assert_eq!(workload.kind, WorkloadKind::Deployment);
    let second = &workload.template.spec.containers[1];
    assert_eq!(second.security_context.as_ref().unwrap().privileged, Some(true));

    let path = workload
        .kind
        .spec_path()
        .join(&FieldPath::parse("containers[1].securityContext.privileged").unwrap());
    let found = objects.locate(web, &path).unwrap();
    assert_eq!((found.line, found.column, found.found), (16, 29, 7));
    assert_eq!(&text[found.value.start as usize..found.value.end as usize], "yes");
    let key = found.key.unwrap();
    assert_eq!(&text[key.start as usize..key.end as usize], "privileged");

    let absent = FieldPath::parse("spec.template.spec.containers[1].image").unwrap();
    let found = objects.locate(web, &absent).unwrap();
    assert_eq!((found.line, found.found), (15, 5));
    assert_eq!(found.key, None);

    let annotation = FieldPath::parse("metadata.annotations[\"a.b/c\"]").unwrap();
    assert_eq!(objects.locate(web, &annotation).unwrap().line, 9);
}

#[test]
fn elements_of_typed_lists_need_no_kind() {
    let objects = read(
        "{\"apiVersion\": \"v1\", \"kind\": \"PodList\", \"items\": [{\"metadata\": {\"name\": \"a\"}}]}",
    );
    let [pod] = &*objects.objects else { panic!("{objects:#?}") };
    assert_eq!(pod.type_name.to_string(), "v1 Pod");
    assert!(pod.workload().is_some());
}

#[test]
fn what_is_not_known_is_kept_by_name() {
    let objects = read(
        "apiVersion: example.com/v1\nkind: Thing\n---\napiVersion: apps/v9\nkind: Deployment\n---\n\
         apiVersion: extensions/v1beta1\nkind: DaemonSet\n---\napiVersion: apps/v1\nkind: ReplicaSet\n---\n\
         apiVersion: v1\nkind: Event\n",
    );
    let bodies: Vec<_> = objects.objects.iter().map(|object| &object.body).collect();
    assert!(matches!(
        bodies[..],
        [
            Body::Unknown(Unknown::Kind),
            Body::Unknown(Unknown::Version),
            Body::Workload(_),
            Body::Workload(_),
            Body::Bare
        ]
    ));
}

#[test]
fn what_the_server_refuses_is_a_mistake_with_its_path() {
    let objects = read(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: 7}\nspec:\n  hostPID: 'yes'\n  hostNetwork: yes\n  \
         containers:\n  - ports: [{containerPort: 99999999999}]\n    resources: {limits: {cpu: [1]}}\n    \
         env: [{name: A, value: 1}]\n",
    );
    let [pod] = &*objects.objects else { panic!("{objects:#?}") };
    let paths: Vec<_> = pod.mistakes.iter().map(|mistake| mistake.path.to_string()).collect();
    assert!(paths.contains(&"metadata.name".to_owned()), "{paths:?}");
    assert!(paths.contains(&"spec.hostPID".to_owned()), "{paths:?}");
    assert!(paths.contains(&"spec.containers[0].ports[0].containerPort".to_owned()), "{paths:?}");
    assert!(paths.contains(&"spec.containers[0].resources.limits.cpu".to_owned()), "{paths:?}");
    assert_eq!(pod.metadata.name, "7");
}

#[test]
fn secrets_are_not_kept() {
    let objects = read(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n  annotations:\n    x: y\n    \
         kubectl.kubernetes.io/last-applied-configuration: 'c2VjcmV0'\ndata: {k: c2VjcmV0}\n\
         stringData: {p: c2VjcmV0}\n",
    );
    let [object] = &*objects.objects else { panic!("{objects:#?}") };
    assert!(!format!("{object:?}").contains("c2VjcmV0"));
    let Body::Secret(secret) = &object.body else { panic!("{object:?}") };
    let entries: Vec<_> =
        secret.entries.iter().map(|entry| (&*entry.key, entry.length, entry.plain)).collect();
    assert_eq!(entries, [("k", 8, false), ("p", 8, true)]);
    assert_eq!(object.metadata.annotations.len(), 1);
}

#[test]
fn anchors_are_followed_and_bombs_refused() {
    let objects = read(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: &name a\n  labels: &labels {app: *name}\n  \
         annotations:\n    <<: *labels\n    b: c\n",
    );
    let [pod] = &*objects.objects else { panic!("{objects:#?}") };
    assert_eq!(pod.metadata.labels.get("app").unwrap(), "a");
    assert_eq!(pod.metadata.annotations.len(), 2);
    let path = FieldPath::parse("metadata.annotations.app").unwrap();
    let found = objects.locate(pod, &path).unwrap();
    assert!(found.shared);
    assert_eq!(found.line, 5);

    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = format!("*a{}", level - 1);
        let list = vec![below; 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{list}]").unwrap();
    }
    let objects = read(&bomb);
    assert_eq!(objects.problems[0].kind, ProblemKind::Syntax);
    assert!(objects.problems[0].message.contains("aliases"), "{:?}", objects.problems);

    for endless in ["a: &a [*a]\n", "&a {<<: *a}\n", "*a\n"] {
        assert_eq!(read(endless).problems.len(), 1, "{endless}");
    }
    let mut deep = "[".repeat(100_000);
    deep.push_str("]\n");
    assert_eq!(read(&deep).problems.len(), 1);
}

#[test]
fn problems_past_their_limit_are_counted() {
    let limits = Limits { problems: 2, ..Limits::DEFAULT };
    let mut objects = Objects::new();
    objects.add("test.yaml", "---\na: [\n".repeat(200).as_bytes(), &Budget::new(limits));
    let said: Vec<_> = objects.problems.iter().map(|problem| problem.position).collect();
    assert_eq!(said, [Some((2, 4)), Some((4, 4)), None]);
    assert!(objects.problems[2].message.starts_with("198 more"), "{:?}", objects.problems);
}

/// Some lists that are long enough to be read in pieces, each with what stands in two of its elements.
fn long_lists(first: &str, second: &str) -> [(&'static str, String); 2] {
    let pod = "apiVersion: v1, kind: Pod, metadata: {name: x, labels: {a: '- b'}}";
    let pods = format!("  - {{{pod}}}\n").repeat(4000);
    let yaml = format!(
        "kind: List # all\n# of them\nitems: # these\n\n# first\n  - {first}\n{pods}  -\n    {second}\n# end\n\
         apiVersion: v1\n"
    );
    let pod = "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"]},{\\\"\\\\\"}},\n";
    let json = format!(
        "{{\"kind\": \"List\", \"items\": [{first},\n{}{second}], \"apiVersion\": \"v1\"}}",
        pod.repeat(4000)
    );
    [("yaml", yaml), ("json", json)]
}

#[test]
fn long_lists_are_read_in_pieces() {
    let pod = |name| {
        format!(
            "{{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {{\"name\": \"{name}\"}}}}"
        )
    };
    for (notation, text) in long_lists(&pod("one"), &pod("two")) {
        let objects = read(&text);
        assert_eq!((objects.objects.len(), &*objects.problems), (4002, &[][..]), "{notation}");
        let mut places = objects.places();
        for (object, name) in [(0, "one"), (4001, "two")] {
            let object = &objects.objects[object];
            assert_eq!(object.metadata.name, name);
            let path = FieldPath::parse("metadata.name").unwrap();
            let found = places.locate(object, &path).unwrap();
            let value = &text[found.value.start as usize..found.value.end as usize];
            assert_eq!(value, format!("\"{name}\""), "{notation}");
            let line = text[..found.value.start as usize].matches('\n').count() + 1;
            assert_eq!((found.line as usize, found.found), (line, 2), "{notation}");
        }
    }
}

/// What cannot be cut is read as a whole, and says the same.
#[test]
fn elements_that_need_each_other_are_read_together() {
    let one = "{apiVersion: v1, kind: Pod, metadata: &m {name: one}}";
    for (notation, text) in long_lists(one, "{apiVersion: v1, kind: Pod, metadata: *m}") {
        let objects = read(&text);
        assert_eq!((objects.objects.len(), &*objects.problems), (4002, &[][..]), "{notation}");
        assert_eq!(objects.objects[4001].metadata.name, "one", "{notation}");
    }
    for (notation, text) in long_lists(one, "\"never\n\n  - ended") {
        let objects = read(&text);
        assert_eq!(objects.objects.len(), 0, "{notation}");
        assert_eq!(objects.problems[0].kind, ProblemKind::Syntax, "{notation}");
    }
    for (notation, text) in long_lists(one, "\"over\n\n- lines: 1\n  - of text\"") {
        let objects = read(&text);
        assert_eq!(objects.objects.len(), 4001, "{notation}");
        assert_eq!(
            objects.problems[0].kind,
            ProblemKind::NoObject,
            "{notation}: {:?}",
            objects.problems
        );
    }
}
