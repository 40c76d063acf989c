//! A ledger after any changes says what a scan of the whole says.

use std::collections::BTreeMap;

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::{Object, Objects};
use bulkhead_posture::{Cluster, Ledger, Related, Said, Settings};

/// A sequence of numbers that look random and are always the same (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn of(&mut self, choices: &[&'static str]) -> &'static str {
        choices[usize::try_from(self.roll(choices.len() as u64)).unwrap()]
    }
}

const NAMESPACES: [&str; 4] = ["shop", "bank", "tools", "kube-system"];
const ABSENT: [Related; 4] =
    [Related::NetworkPolicy, Related::ServiceAccount, Related::Role, Related::Secret];
const NAMES: [&str; 3] = ["a", "b", "c"];

/// One object of any of these kinds, with names that others are likely to mention.
#[expect(clippy::too_many_lines, reason = "an arm for each kind")]
fn object(dice: &mut Dice, namespace: &str, name: &str) -> String {
    let other = dice.of(&NAMES);
    let elsewhere = dice.of(&NAMESPACES);
    let meta = format!("metadata: {{name: {name}, namespace: {namespace}}}");
    let cluster = format!("metadata: {{name: {name}}}");
    let account = dice.of(&["", "serviceAccountName: a, ", "serviceAccountName: b, "]);
    let verbs = dice.of(&["'*'", "get", "create"]);
    let subject = match dice.roll(4) {
        0 => "{kind: Group, name: 'system:serviceaccounts'}".to_owned(),
        1 => format!("{{kind: Group, name: 'system:serviceaccounts:{elsewhere}'}}"),
        2 => "{kind: User, name: somebody}".to_owned(),
        _ => format!("{{kind: ServiceAccount, name: {other}, namespace: {elsewhere}}}"),
    };
    let rules = format!("rules: [{{verbs: [{verbs}], apiGroups: ['*'], resources: ['*']}}]");
    let rbac = "apiVersion: rbac.authorization.k8s.io/v1";
    match dice.roll(24) {
        0..=4 => format!(
            "apiVersion: apps/v1\nkind: Deployment\n{meta}\nspec: {{replicas: {}, template: {{metadata: {{labels: \
             {{app: {other}}}}}, spec: {{{account}containers: [{{name: m, image: 'x:1', env: [{{name: E, valueFrom: \
             {{secretKeyRef: {{name: {other}, key: k}}}}}}]}}]}}}}}}",
            dice.roll(3)
        ),
        5 => format!(
            "apiVersion: v1\nkind: Service\n{meta}\nspec: {{type: {}, selector: {{app: {other}}}, ports: [{{port: 80}}]}}",
            dice.of(&["ClusterIP", "NodePort"])
        ),
        6 => format!(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n{meta}\nspec: {{podSelector: {}, policyTypes: [{}]}}",
            dice.of(&["{}", "{matchLabels: {app: a}}", "{matchLabels: {app: b}}"]),
            dice.of(&["Ingress", "Egress"])
        ),
        7 => format!("apiVersion: v1\nkind: ServiceAccount\n{meta}"),
        8 => format!("apiVersion: v1\nkind: Secret\n{meta}\ntype: Opaque\ndata: {{k: eA==}}"),
        9 => format!("{rbac}\nkind: Role\n{meta}\n{rules}"),
        10 => format!("{rbac}\nkind: ClusterRole\n{cluster}\n{rules}"),
        11 => format!(
            "{rbac}\nkind: RoleBinding\n{meta}\nroleRef: {{kind: {}, name: {other}}}\nsubjects: [{subject}]",
            dice.of(&["Role", "ClusterRole"])
        ),
        12 => format!(
            "{rbac}\nkind: ClusterRoleBinding\n{cluster}\nroleRef: {{kind: ClusterRole, name: {other}}}\nsubjects: \
             [{subject}]"
        ),
        13 => format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\n{meta}\nspec: {{tls: [{{secretName: {other}}}], rules: \
             [{{host: {other}.example, http: {{paths: [{{path: /, backend: {{service: {{name: {other}, port: {{number: \
             80}}}}}}}}]}}}}]}}"
        ),
        14 => format!(
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\n{meta}\nspec: {{minAvailable: 2, selector: {{matchLabels: \
             {{app: {other}}}}}}}"
        ),
        15 => format!(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n{meta}\nspec: {{minReplicas: 1, maxReplicas: 3, \
             scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {other}}}}}"
        ),
        16 => {
            let kind = dice.of(&["LimitRange", "ResourceQuota"]);
            format!("apiVersion: v1\nkind: {kind}\n{meta}")
        }
        17 => format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {namespace}}}"),
        18 => format!(
            "apiVersion: storage.k8s.io/v1\nkind: StorageClass\n{cluster}\nprovisioner: x\nparameters: {{encrypted: '{}'}}",
            dice.of(&["true", "false"])
        ),
        19 => format!(
            "apiVersion: v1\nkind: PersistentVolume\n{cluster}\nspec: {{storageClassName: {other}, csi: {{driver: x}}}}"
        ),
        20 => format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n{meta}\nspec: {{rules: [{{backendRefs: [{{name: \
             {other}, namespace: {elsewhere}, port: 80}}]}}]}}"
        ),
        21 => format!(
            "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\n{cluster}\nwebhooks: \
             [{{name: w, clientConfig: {{service: {{name: {other}, namespace: {elsewhere}}}}}}}]"
        ),
        22 => {
            let (kind, spec) = match dice.roll(3) {
                0 => ("ValidatingAdmissionPolicy", "{}".to_owned()),
                _ => ("ValidatingAdmissionPolicyBinding", format!("{{policyName: {other}}}")),
            };
            format!(
                "apiVersion: admissionregistration.k8s.io/v1\nkind: {kind}\n{cluster}\nspec: {spec}"
            )
        }
        _ => match dice.roll(4) {
            0 => {
                let (kind, meta) = match dice.roll(2) {
                    0 => ("CiliumNetworkPolicy", &meta),
                    _ => ("CiliumClusterwideNetworkPolicy", &cluster),
                };
                format!(
                    "apiVersion: cilium.io/v2\nkind: {kind}\n{meta}\nspec: {{endpointSelector: {{matchLabels: {{app: \
                     {other}}}}}, ingress: [{{}}]}}"
                )
            }
            1 => format!(
                "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\n{cluster}\nspec: {{priority: 1, \
                 subject: {{namespaces: {{}}}}}}"
            ),
            2 => format!(
                "apiVersion: v1\nkind: Pod\n{meta}\nspec: {{containers: [{{name: e, image: e, command: [etcd, \
                 --trusted-ca-file=/{other}]}}]}}"
            ),
            _ => format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: kube-system}}\nspec: {{containers: \
                 [{{name: e, image: e, command: [kube-apiserver, --client-ca-file=/{other}]}}]}}"
            ),
        },
    }
}

fn read(text: &str) -> Object {
    let mut objects = Objects::new();
    objects.add("x.yaml", text.as_bytes(), &Budget::new(Limits::DEFAULT));
    assert!(objects.problems.is_empty(), "{:?}: {text}", objects.problems);
    objects.objects.remove(0)
}

/// What a scan of everything says, in the order of the keys.
fn whole(
    objects: &BTreeMap<String, Object>,
    settings: &Settings,
) -> BTreeMap<String, BTreeMap<&'static str, Said>> {
    let all: Vec<Object> = objects.values().cloned().collect();
    let cluster = Cluster::new(&all, settings);
    let mut verdicts = BTreeMap::new();
    for (key, object) in objects.keys().zip(&all) {
        let said: &mut BTreeMap<_, _> = verdicts.entry(key.clone()).or_default();
        cluster.judge(object, |judgement| {
            said.insert(judgement.control.id, Said::of(&judgement));
        });
    }
    verdicts
}

fn kept(ledger: &Ledger) -> BTreeMap<String, BTreeMap<&'static str, Said>> {
    ledger.verdicts().map(|(key, said)| (key.to_owned(), said)).collect()
}

#[test]
fn any_changes_give_what_a_whole_scan_gives() {
    for seed in 1..=6 {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ seed);
        let mut settings = Settings { complete: seed % 2 == 0, ..Settings::default() };
        let mut ledger = Ledger::new(settings.clone());
        let mut objects: BTreeMap<String, Object> = BTreeMap::new();
        for round in 0..40 {
            let edits = if round == 0 { 60 } else { 1 + dice.roll(3) };
            let mut changes = Vec::new();
            for _ in 0..edits {
                let (namespace, name) = (dice.of(&NAMESPACES), dice.of(&NAMES));
                let key = format!("{:02}", dice.roll(70));
                let removed = dice.roll(5) == 0;
                let new = (!removed).then(|| read(&object(&mut dice, namespace, name)));
                match &new {
                    Some(new) => objects.insert(key.clone(), new.clone()),
                    None => objects.remove(&key),
                };
                changes.push((key, new));
            }
            let before = kept(&ledger);
            let shown: Vec<String> = changes
                .iter()
                .map(|(key, new)| {
                    format!("{key}: {}", new.as_ref().map_or("gone".into(), ToString::to_string))
                })
                .collect();
            let mut changed = ledger.apply(changes);
            if dice.roll(4) == 0 {
                // Lists are lost, and found again.
                settings.absent = ABSENT.into_iter().filter(|_| dice.roll(2) == 0).collect();
                changed.extend(ledger.set_absent(settings.absent.clone()));
            }
            let (expected, known) = (whole(&objects, &settings), kept(&ledger));
            for (key, said) in &expected {
                for (control, said) in said {
                    let known = known.get(key).and_then(|it| it.get(control));
                    assert_eq!(
                        known,
                        Some(said),
                        "{control} of {key} {} after {shown:?}",
                        objects[key]
                    );
                }
            }
            assert_eq!(known, expected, "seed {seed}, round {round}");
            // What is told is the difference, no more and no less.
            let mut replayed = before;
            for it in changed {
                assert_ne!(it.before, it.after, "{} of {}", it.control, it.key);
                let said = replayed.entry(it.key.to_string()).or_default();
                assert_eq!(said.get(it.control), it.before.as_ref());
                match it.after {
                    Some(after) => said.insert(it.control, after),
                    None => said.remove(it.control),
                };
            }
            replayed.retain(|_, said| !said.is_empty());
            let mut expected = expected;
            expected.retain(|_, said| !said.is_empty());
            assert_eq!(replayed, expected);
        }
    }
}

#[test]
fn one_change_judges_a_thousandth_of_many_objects() {
    let mut ledger = Ledger::new(Settings::default());
    let deployment = |namespace: usize, name: usize, image: &str| {
        read(&format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{name}, namespace: n{namespace}}}\nspec: {{template: \
             {{metadata: {{labels: {{app: d{name}}}}}, spec: {{containers: [{{name: m, image: '{image}'}}]}}}}}}"
        ))
    };
    let mut objects = Vec::new();
    for namespace in 0..100 {
        for name in 0..20 {
            let key = format!("{namespace}/d{name}");
            objects.push((key, Some(deployment(namespace, name, "x:1"))));
            let service = format!(
                "apiVersion: v1\nkind: Service\nmetadata: {{name: d{name}, namespace: n{namespace}}}\nspec: {{selector: \
                 {{app: d{name}}}}}"
            );
            objects.push((format!("{namespace}/s{name}"), Some(read(&service))));
        }
    }
    ledger.apply(objects);
    let all = ledger.judged();
    let changed = ledger.apply(vec![("7/d3".to_owned(), Some(deployment(7, 3, "x")))]);
    assert!(changed.iter().any(|it| it.control == "image-tag-mutable"), "{changed:?}");
    let one = ledger.judged() - all;
    assert!(one * 1000 <= all, "{one} of {all}");
    // The same once more, a line further down, is no change at all.
    assert!(ledger.apply(vec![("7/d3".to_owned(), Some(deployment(7, 3, "x")))]).is_empty());
    assert_eq!(ledger.judged() - all, one);
}

/// A list that is not there makes nothing missing, and hides nothing that is there.
#[test]
fn what_was_not_listed_is_not_said_to_be_missing() {
    use bulkhead_posture::Verdict;
    let texts = [
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: n}\nspec: {template: {metadata: {labels: {app: d}}, \
         spec: {serviceAccountName: a, containers: [{name: m, image: x}]}}}",
        "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: n}\nspec: {type: NodePort, selector: {app: d}}",
    ];
    let objects: Vec<Object> = texts.iter().map(|text| read(text)).collect();
    let settings = Settings {
        absent: vec![Related::NetworkPolicy, Related::ServiceAccount, Related::Ingress],
        ..Settings::default()
    };
    let cluster = Cluster::new(&objects, &settings);
    let mut verdicts = BTreeMap::new();
    cluster.judge(&objects[0], |it| {
        verdicts.insert(it.control.id, it.verdict);
    });
    for (control, verdict) in [
        ("ingress-traffic-open", Verdict::NotCheckable),
        ("service-account-missing", Verdict::NotCheckable),
        ("workload-exposed", Verdict::Fail),
        ("image-tag-mutable", Verdict::Fail),
    ] {
        assert_eq!(verdicts[control], verdict, "{control}");
    }
}
