//! Packages that are older than every fix, in and out of modules: which bulletins hit each.

use std::collections::BTreeSet;

use bulkhead_advisories::{FeedSource, Record};
use bulkhead_model::{Evidence, Inventory, Package, Scope};

use super::world::{database, inventory, matched, package};
use super::{Expected, Statement};

/// Versions older than any: outside of modules, and as those of modules are written.
const PLAIN: &str = "0-0";
const MODULAR: &str = "0-0.module+el0+0+0";

pub fn check(feed: &FeedSource, records: Vec<Record>, mut expected: Expected) {
    let scope = records.iter().flat_map(|record| &record.affected).next().unwrap();
    let Scope::Distribution { id, release } = scope.key.scope().clone() else {
        panic!("{scope:?}")
    };
    let system = format!("{id}:{release}");
    expected.statements.retain(|statement| statement.release == release);
    let (names, labels) = cases(&expected);
    let database = database(records.into_iter().map(|record| (feed.id.as_str(), record)).collect());
    let databases = [&database];

    for label in labels.iter().map(|label| Some(label.as_str())).chain([None]) {
        for version in [PLAIN, MODULAR] {
            let found = hits(&matched(&databases, &world_of(&system, &names, version, label)));
            let wanted: BTreeSet<(String, String)> = expected
                .statements
                .iter()
                .filter(|statement| names.contains(&statement.package))
                .filter(|statement| hit(statement, version, label))
                .map(|statement| (statement.package.clone(), statement.bulletin.clone()))
                .collect();
            let difference: Vec<_> = found.symmetric_difference(&wanted).take(3).collect();
            assert!(difference.is_empty(), "{system} {label:?} {version}: {difference:?}");
        }
    }
    // Not one of them hits a package that is newer than every fix.
    let newer = world_of(&system, &names, "999999999:0-0", labels.first().map(String::as_str));
    assert_eq!(hits(&matched(&databases, &newer)), BTreeSet::new());
}

/// All packages of modules and some others; labels of some modules and of one that nobody names.
fn cases(expected: &Expected) -> (BTreeSet<String>, Vec<String>) {
    let of_modules = |statement: &&Statement| !statement.module.is_empty();
    let modular = expected.statements.iter().filter(of_modules);
    let mut names: BTreeSet<String> = modular.clone().map(|one| one.package.clone()).collect();
    names.extend(expected.statements.iter().map(|one| one.package.clone()).step_by(97).take(200));
    let modules: BTreeSet<&str> = modular.map(|one| one.module.as_str()).collect();
    let mut labels: Vec<String> = modules
        .into_iter()
        .filter(|module| *module != "*")
        .take(12)
        .map(|module| format!("{module}:8060020220512:ad008a3a"))
        .collect();
    labels.push("nobody:knows:1:a".to_owned());
    (names, labels)
}

/// What the statement says, in the words of the publishers: one about a module is about the packages
/// of that module, any other about packages of none.
fn hit(statement: &Statement, version: &str, label: Option<&str>) -> bool {
    let is_modular = label.is_some() || version == MODULAR;
    match (statement.module.as_str(), label) {
        ("", _) => !is_modular,
        ("*", _) | (_, None) => is_modular,
        (module, Some(label)) => {
            let name_and_stream: Vec<&str> = label.split(':').take(2).collect();
            module == name_and_stream.join(":")
        }
    }
}

fn world_of(
    system: &str,
    names: &BTreeSet<String>,
    version: &str,
    label: Option<&str>,
) -> Inventory {
    let mut inventory = inventory(system, &[]);
    inventory.packages = names
        .iter()
        .map(|name| {
            let mut installed: Package = package(&format!("rpm {name} {version}"));
            if let Some(label) = label {
                installed.properties.insert("rpm:modularity".to_owned(), label.to_owned());
            }
            installed
        })
        .collect();
    inventory
}

/// Packages and the bulletins whose fix they lack.
fn hits(matched: &bulkhead_advisories::Matched) -> BTreeSet<(String, String)> {
    let mut hits = BTreeSet::new();
    for finding in &matched.findings {
        let bulkhead_model::Subject::Package { name, .. } = &finding.subject else {
            panic!("no vulnerability of a package")
        };
        for evidence in &finding.evidence {
            if let Evidence::Advisory(row) = evidence
                && row.inside
                && row.range.ends_with(')')
            {
                hits.insert((name.clone(), row.record.clone()));
            }
        }
    }
    hits
}
