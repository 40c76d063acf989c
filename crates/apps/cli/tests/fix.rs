//! `bulkhead k8s fix` of the real binary, on manifests.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

/// Two objects, of which the second one's owner accepts what a repair would mend.
const SHOP: &str = "\
# The shop.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web   # in front
  namespace: shop
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.2
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: tools
  namespace: shop
  annotations:
    bulkhead.io/except.privilege-escalation-allowed: \"reason=it pings; owner=ops; until=2999-01-01\"
spec:
  replicas: 2
  selector: {matchLabels: {app: tools}}
  template:
    metadata: {labels: {app: tools}}
    spec:
      containers:
        - name: tools
          image: registry.example.com/tools:1.2
";

/// Runs it with records in the folder; what is written for programs follows the committed schema.
fn fix(folder: &Path, arguments: &[&str]) -> (i32, Value, String) {
    let all = [&["k8s", "fix", "--state", "state", "-o", "json"], arguments].concat();
    let mut command = Command::cargo_bin("bulkhead").unwrap();
    let output = command.env_clear().current_dir(folder).args(all).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    let code = output.status.code().unwrap();
    if code == 1 {
        return (code, Value::Null, errors);
    }
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let path = bulkhead_testing::repository().join("content/schemas/k8s-fix-1.json");
    let schema: Value = serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mistakes: Vec<String> =
        validator.iter_errors(&answer).map(|error| error.to_string()).collect();
    assert_eq!(mistakes, Vec::<String>::new(), "{arguments:?}");
    (code, answer, errors)
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs_err::create_dir(folder.path().join("shop")).unwrap();
    fs_err::write(folder.path().join("shop/all.yaml"), SHOP).unwrap();
    folder
}

fn read(folder: &tempfile::TempDir) -> String {
    fs_err::read_to_string(folder.path().join("shop/all.yaml")).unwrap()
}

/// Controls that pass after a repair, by object.
fn mended(answer: &Value) -> Vec<(String, String)> {
    let changes = answer["changes"].as_array().unwrap().iter();
    let objects = changes.flat_map(|change| change["objects"].as_array().unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    objects
        .flat_map(|object| {
            let steps = object["steps"].as_array().unwrap().iter();
            steps.map(move |step| (text(&object["object"]), text(&step["control"])))
        })
        .collect()
}

#[test]
fn manifests_are_planned_mended_once_and_given_back() {
    let folder = folder();
    let (code, plan, errors) = fix(folder.path(), &["shop"]);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(
        (&plan["applied"], &plan["changes"][0]["state"]),
        (&json!(false), &json!("planned"))
    );
    assert!(
        plan["changes"][0]["diff"].as_str().unwrap().contains("allowPrivilegeEscalation: false")
    );
    assert_eq!(read(&folder), SHOP, "a plan writes nothing");
    assert!(!folder.path().join("state").try_exists().unwrap(), "a plan records nothing");

    let (code, applied, errors) = fix(folder.path(), &["shop", "--apply"]);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(mended(&plan), mended(&applied));
    assert_eq!(applied["changes"][0]["state"], "done");
    let id = applied["changes"][0]["id"].as_str().unwrap().to_owned();
    let after = read(&folder);
    assert_ne!(after, SHOP);
    assert!(
        after.starts_with("# The shop.\n") && after.contains("name: web   # in front\n"),
        "{after}"
    );

    let (code, again, _) = fix(folder.path(), &["shop", "--apply"]);
    assert_eq!((code, &again["changes"]), (0, &json!([])), "the second run changes something");
    assert_eq!(read(&folder), after);

    let (code, list, _) = fix(folder.path(), &["--list"]);
    assert_eq!((code, list["changes"].as_array().unwrap().len()), (0, 1));
    assert_eq!(
        (&list["changes"][0]["id"], &list["changes"][0]["state"]),
        (&json!(id), &json!("done"))
    );

    let (code, back, errors) = fix(folder.path(), &["--rollback", &id]);
    assert_eq!((code, &back["changes"][0]["state"]), (0, &json!("rolled_back")), "{errors}");
    assert_eq!(read(&folder), SHOP);
    // Once more is no mistake; another name is.
    assert_eq!(fix(folder.path(), &["--rollback", &id]).0, 0);
    let (code, _, errors) = fix(folder.path(), &["--rollback", "0123456789ab"]);
    assert!(code == 1 && errors.contains("0123456789ab"), "{errors}");
}

#[test]
fn what_was_changed_since_is_not_overwritten() {
    let folder = folder();
    let (_, applied, _) = fix(folder.path(), &["shop", "--apply"]);
    let id = applied["changes"][0]["id"].as_str().unwrap();
    let changed = read(&folder).replace("replicas: 2", "replicas: 3");
    fs_err::write(folder.path().join("shop/all.yaml"), &changed).unwrap();
    let (code, _, errors) = fix(folder.path(), &["--rollback", id]);
    assert!(code == 1 && errors.contains("all.yaml"), "{code} {errors}");
    assert_eq!(read(&folder), changed);
}

#[test]
fn what_is_accepted_is_not_mended() {
    let folder = folder();
    let control = "privilege-escalation-allowed";
    let line = |object: &str| (format!("Deployment shop/{object}"), control.to_owned());
    let (_, plan, _) = fix(folder.path(), &["shop"]);
    let steps = mended(&plan);
    assert!(steps.contains(&line("web")) && !steps.contains(&line("tools")), "{steps:?}");
    assert!(steps.iter().any(|(object, _)| object == "Deployment shop/tools"), "{steps:?}");
    let accepted = &plan["accepted"][0];
    assert_eq!(
        (&accepted["control"], &accepted["object"]),
        (&json!(control), &json!("Deployment shop/tools"))
    );
    assert_eq!(
        (&accepted["by"]["reason"], &accepted["by"]["owner"]),
        (&json!("it pings"), &json!("ops"))
    );

    // Not even where it is asked for by name.
    let (code, plan, _) = fix(folder.path(), &["shop", "--control", control]);
    assert_eq!((code, mended(&plan)), (0, vec![line("web")]));

    let ignore = format!(
        "exceptions:\n- {{id: {control}, objects: [Deployment/shop/w*], reason: a test}}\n"
    );
    fs_err::write(folder.path().join("bulkhead-exceptions.yaml"), ignore).unwrap();
    let (_, plan, _) = fix(folder.path(), &["shop", "--control", control]);
    assert_eq!(mended(&plan), Vec::new());
    assert_eq!(plan["accepted"].as_array().unwrap().len(), 2);
    let (_, plan, _) = fix(folder.path(), &["shop", "--control", control, "--ignorefile", "none"]);
    assert_eq!(mended(&plan), vec![line("web")]);

    // What has expired, or is not understood, accepts nothing; the second of them is told.
    let expired = SHOP.replace("2999-01-01", "2020-01-01");
    fs_err::write(folder.path().join("shop/all.yaml"), expired).unwrap();
    let arguments = ["shop", "--control", control, "--ignorefile", "none"];
    let (_, plan, _) = fix(folder.path(), &arguments);
    assert_eq!(mended(&plan), vec![line("web"), line("tools")]);
    let odd = SHOP.replace("\"reason=it pings; owner=ops; until=2999-01-01\"", "because");
    fs_err::write(folder.path().join("shop/all.yaml"), odd).unwrap();
    let (_, plan, errors) = fix(folder.path(), &arguments);
    assert_eq!(mended(&plan), vec![line("web"), line("tools")]);
    assert!(errors.contains("it accepts nothing"), "{errors}");
}

#[test]
fn what_cannot_be_read_or_mended_decides_the_exit_code() {
    let folder = folder();
    fs_err::write(folder.path().join("shop/broken.yaml"), "kind: [Pod\n").unwrap();
    let (code, plan, errors) = fix(folder.path(), &["shop"]);
    assert_eq!(code, 3);
    assert!(plan["not_assessed"][0].as_str().unwrap().contains("broken.yaml"), "{plan}");
    assert!(errors.contains("not assessed: shop/broken.yaml"), "{errors}");
    for (arguments, hint) in [
        (&[][..], "--cluster"),
        (&["shop", "--control", "absent"], "controls list"),
        (&["shop", "--set", "absent=1"], "controls list"),
        (&["shop", "--set", "memory-limit-missing"], "CONTROL=VALUE"),
        (&["shop", "--plan", "--apply"], "cannot be used with"),
    ] {
        let (code, _, errors) = fix(folder.path(), arguments);
        assert!(code == 1 && errors.contains(hint), "{arguments:?}: {errors}");
    }
    // A control that is asked for by name and stays open.
    let (code, ..) = fix(folder.path(), &["shop/all.yaml", "--control", "memory-limit-missing"]);
    assert_eq!(code, 3);
    let answer = [
        "shop/all.yaml",
        "--control",
        "memory-limit-missing",
        "--set",
        "memory-limit-missing=64Mi",
    ];
    let (code, plan, _) = fix(folder.path(), &answer);
    assert_eq!((code, mended(&plan).len()), (0, 2));
}
