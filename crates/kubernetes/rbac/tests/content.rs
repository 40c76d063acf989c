//! The built-in tables follow their schemas.

use std::collections::BTreeSet;

use bulkhead_rbac::{Catalogue, Target, escalations};

#[test]
fn tables_follow_their_schemas() {
    for name in ["escalations", "api-resources"] {
        let content = bulkhead_testing::repository().join("content");
        let table = fs_err::read_to_string(content.join(format!("{name}.yaml"))).unwrap();
        let table: serde_json::Value = serde_saphyr::from_str(&table).unwrap();
        let schema = fs_err::read(content.join(format!("{name}.schema.json"))).unwrap();
        let schema: serde_json::Value = serde_json::from_slice(&schema).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&table).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
    }
}

/// A step about a resource that does not exist would never be found.
#[test]
fn escalations_name_resources_that_exist() {
    let catalogue = Catalogue::embedded().unwrap();
    let escalations = escalations().unwrap();
    let ids: BTreeSet<&str> = escalations.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids.len(), escalations.len());
    for resource in escalations.iter().flat_map(|step| &step.needs).flat_map(|need| &need.resources)
    {
        let names =
            [&catalogue.served, &catalogue.virtual_].map(|groups| groups.get(&resource.group));
        let known = names.into_iter().flatten().flatten().any(|name| *name == resource.resource);
        assert!(known || resource.resource == "*", "{resource}");
    }
}

#[test]
fn names_without_a_group_are_looked_up() {
    let catalogue = Catalogue::embedded().unwrap();
    for (name, shown) in [
        ("pods", Some("pods")),
        ("pods/exec", Some("pods/exec")),
        ("deployments", Some("deployments.apps")),
        ("deployments/scale", Some("deployments.apps/scale")),
        ("widgets.example.com", Some("widgets.example.com")),
        ("events", Some("events")),
        ("users", Some("users")),
        ("signers", Some("signers.certificates.k8s.io")),
        ("*", Some("*.*")),
        ("widgets", None),
        ("pod", None),
    ] {
        let found = catalogue.target(name).ok().map(|target| match target {
            Target::Resource(resource) => resource.to_string(),
            Target::Url(path) => path,
        });
        assert_eq!(found.as_deref(), shown, "{name}");
    }
    assert_eq!(catalogue.target("/metrics").unwrap(), Target::Url("/metrics".to_owned()));
}
