//! The rules that are shipped, each met live by what it is about, and by that each technique of ATT&CK that has rules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bulkhead_testing::repository;
use serde::Deserialize;
use serde_json::Value;

use crate::cases::conduct;
use crate::container::{Container, PROGRAMS, can_run, privileged};
use crate::name_server;
use crate::sensor::{Sensor, fence};

/// What shipped rules go by that is otherwise here: what started the containers builds and installs, and the containers
/// are younger than rules about settled ones want.
const SURROUNDINGS: &str = "- list: builders
  items: [nobody-builds]
- list: package_managers
  items: [nobody-installs]
- macro: settled
  condition: (evt.num >= 0)
";

/// What has to be in the container before.
const PREPARE: &str = "mkdir -p /srv/ring /srv/swap /var/log; echo name > /etc/hostname
    touch /srv/ring/target /srv/ring/removed-by-ring /srv/swap/secret
    for address in 198.51.100.7 198.51.100.9 169.254.169.254 $(seq -f 10.99.0.%g 24); do
        @/busybox ip address add $address/32 dev lo
    done
    for name in NAMES; do test -e @/$name || ln -s trigger @/$name; done";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    live: Vec<Row>,
    scripted: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    rule: String,
    run: Option<Vec<String>>,
    shell: Option<String>,
    terminal: Option<Vec<String>>,
    first: Option<Vec<String>>,
}

impl Row {
    /// The command of a row that needs nothing of its own.
    fn plain(&self) -> Option<Vec<String>> {
        let shell = |text: &String| ["sh", "-c", text].map(str::to_owned).to_vec();
        self.run.clone().or_else(|| self.shell.as_ref().map(shell))
    }
}

#[derive(Deserialize)]
struct Techniques {
    techniques: Vec<Technique>,
}

#[derive(Deserialize)]
struct Technique {
    id: String,
}

/// A thing of a file of rules; those without `rule` are lists, macros and tests.
#[derive(Deserialize)]
struct Item {
    rule: Option<String>,
    #[serde(default)]
    tags: BTreeSet<String>,
}

fn table() -> Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime/shipped.yaml");
    read(&path)
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    let text = fs_err::read_to_string(path).expect("a file");
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rules that are shipped, with their tags.
fn shipped() -> BTreeMap<String, BTreeSet<String>> {
    let folder = fs_err::read_dir(repository().join("content/rules")).expect("rules");
    let files = folder.map(|entry| entry.expect("a file").path());
    let items = files
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .flat_map(|path| read::<Vec<Item>>(&path));
    items.filter_map(|item| Some((item.rule?, item.tags))).collect()
}

#[test]
fn each_rule_and_technique_has_a_trigger() {
    let (table, shipped) = (table(), shipped());
    let live: BTreeSet<&str> = table.live.iter().map(|row| &*row.rule).collect();
    assert_eq!(live.len(), table.live.len(), "a rule stands twice");
    let answered: BTreeSet<&str> =
        live.iter().copied().chain(table.scripted.keys().map(String::as_str)).collect();
    assert_eq!(answered, shipped.keys().map(String::as_str).collect());
    assert_eq!(answered.len(), live.len() + table.scripted.len(), "live and scripted");
    let techniques: Techniques = read(&repository().join("content/attack.yaml"));
    for technique in techniques.techniques {
        let mut of_it = shipped.iter().filter(|(_, tags)| tags.contains(&technique.id));
        let is_met = of_it.any(|(rule, _)| live.contains(&**rule));
        assert!(is_met, "no rule of {} is met live", technique.id);
    }
}

#[test]
fn what_shipped_rules_are_about_meets_them() {
    if !can_run() {
        return;
    }
    let table = table();
    let server = name_server::start("kubernetes.default.svc.cluster.local", [198, 51, 100, 7]);
    let server = server.to_string();
    let surroundings = tempfile::NamedTempFile::new().expect("a file");
    fs_err::write(surroundings.path(), SURROUNDINGS).expect("a file of rules");
    let rules = [Path::new("shipped"), surroundings.path()];
    let more = ["--all-rules", "--rule-limit", "0", "--limit", "0", "--name-server", &*server];
    let Some(sensor) = Sensor::watch(&rules, &more) else { return };
    let container = Container::start("shipped", &["sleep", "600"], privileged);
    let names: BTreeSet<&str> = table.live.iter().flat_map(stand_ins).collect();
    let names = names.into_iter().collect::<Vec<_>>().join(" ");
    container.exec(&["sh", "-c", &PREPARE.replace('@', PROGRAMS).replace("NAMES", &names)]);
    sensor.until(fence("prepared"));
    let mut wrong = Vec::new();
    let mut check = |rule: &str, alerts: &[Value]| {
        let met: BTreeSet<_> = alerts.iter().filter_map(|alert| alert["rule"].as_str()).collect();
        if !met.contains(rule) {
            wrong.push(format!("{rule}: {met:?}"));
        }
    };
    let plain: Vec<(&str, Vec<String>)> =
        table.live.iter().filter_map(|row| Some((&*row.rule, row.plain()?))).collect();
    let alerts = conduct(&sensor, &container, plain.iter().map(|(_, words)| words.as_slice()));
    plain.iter().zip(alerts).for_each(|((rule, _), alerts)| check(rule, &alerts));
    for (number, row) in table.live.iter().enumerate() {
        let own = if let Some(words) = &row.terminal {
            container.exec_in_terminal(&words.iter().map(|word| inside(word)).collect::<Vec<_>>());
            None
        } else if let Some(words) = &row.first {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let own = Container::start(&format!("first{number}x"), &words, privileged);
            own.wait_for_end();
            Some(own)
        } else {
            continue;
        };
        check(&row.rule, &sensor.until(fence(&format!("row-{number}"))));
        drop(own);
    }
    assert!(wrong.is_empty(), "{wrong:#?}\n{}\n{}", sensor.said(), container.log());
}

/// The names by which a row calls the trigger.
fn stand_ins(row: &Row) -> impl Iterator<Item = &str> {
    let words = row.run.iter().chain(&row.terminal).flatten();
    let calls = words.clone().filter_map(|word| word.strip_prefix('@'));
    let inside = words.map(String::as_str).chain(row.shell.as_deref());
    let paths = inside
        .flat_map(|text| text.split([' ', ';', '\'']))
        .filter_map(|word| word.strip_prefix(PROGRAMS).and_then(|name| name.strip_prefix('/')));
    calls.chain(paths)
}

/// A word as the container knows it.
fn inside(word: &str) -> &str {
    if word == "@trigger" { "/triggers/trigger" } else { word }
}
