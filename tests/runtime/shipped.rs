//! The rules that are shipped, as they are: each met live by what it is about and not by what is nearly the same, and by
//! that each technique of ATT&CK that has rules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bulkhead_testing::repository;
use serde::Deserialize;
use serde_json::Value;

use crate::cases::conduct_at_gate;
use crate::container::{Container, GATE, PROGRAMS, can_run, privileged};
use crate::name_server;
use crate::sensor::{Sensor, fence};

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
    #[serde(default, rename = "in")]
    place: Surroundings,
    meets: Command,
    misses: Command,
}

/// Where a command is run.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
enum Surroundings {
    /// In the container of all.
    #[default]
    #[serde(skip)]
    Common,
    #[serde(rename = "a terminal")]
    Terminal,
    #[serde(rename = "a container of its own")]
    Own,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Command {
    Words(Vec<String>),
    Shell(String),
}

impl Command {
    fn words(&self) -> Vec<String> {
        match self {
            Self::Words(words) => words.clone(),
            Self::Shell(text) => ["sh", "-c", text].map(str::to_owned).to_vec(),
        }
    }
}

impl Row {
    /// What meets the rule, and what just misses it.
    fn commands(&self) -> [(bool, Vec<String>); 2] {
        [(true, self.meets.words()), (false, self.misses.words())]
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
fn what_shipped_rules_are_about_meets_them_and_what_is_nearly_so_does_not() {
    if !can_run() {
        return;
    }
    let table = table();
    let server = name_server::start("kubernetes.default.svc.cluster.local", [198, 51, 100, 7]);
    let server = server.to_string();
    let container = Container::start("shipped", &["/triggers/trigger", "attend", GATE], privileged);
    let names: BTreeSet<String> = table.live.iter().flat_map(stand_ins).collect();
    let names = names.into_iter().collect::<Vec<_>>().join(" ");
    container.exec(&["sh", "-c", &PREPARE.replace('@', PROGRAMS).replace("NAMES", &names)]);
    container.age();
    let more = ["--all-rules", "--rule-limit", "0", "--limit", "0", "--name-server", &*server];
    let Some(sensor) = Sensor::watch(&[Path::new("shipped")], &more) else { return };
    let mut wrong = Vec::new();
    let mut check = |rule: &str, is_met: bool, alerts: &[Value]| {
        let met: BTreeSet<_> = alerts.iter().filter_map(|alert| alert["rule"].as_str()).collect();
        if met.contains(rule) != is_met {
            wrong.push(format!("{rule}: expected {is_met}: {met:?}"));
        }
    };
    let common = table.live.iter().filter(|row| row.place == Surroundings::Common);
    let common: Vec<_> = common
        .flat_map(|row| row.commands().map(|(is_met, words)| (&*row.rule, is_met, words)))
        .collect();
    let commands = common.iter().map(|(.., words)| words.as_slice());
    let alerts = conduct_at_gate(&sensor, &container, commands);
    common.iter().zip(alerts).for_each(|((rule, met, _), alerts)| check(rule, *met, &alerts));
    for (number, row) in table.live.iter().enumerate() {
        for (is_met, words) in row.commands() {
            let words: Vec<&str> = words.iter().map(|word| inside(word)).collect();
            let own = match row.place {
                Surroundings::Common => continue,
                Surroundings::Terminal => {
                    container.exec_in_terminal(&words);
                    None
                }
                Surroundings::Own => {
                    let change = if is_met { privileged } else { |_: &mut Value| {} };
                    let own = Container::start(&format!("{is_met}{number}x"), &words, change);
                    own.wait_for_end();
                    Some(own)
                }
            };
            let alerts = sensor.until(fence(&format!("row-{number}-{is_met}")));
            check(&row.rule, is_met, &alerts);
            drop(own);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\n{}\n{}", sensor.said(), container.log());
}

/// The names by which a row calls the trigger.
fn stand_ins(row: &Row) -> Vec<String> {
    let words: Vec<String> = row.commands().into_iter().flat_map(|(_, words)| words).collect();
    let calls = words.iter().filter_map(|word| word.strip_prefix('@'));
    let paths = words
        .iter()
        .flat_map(|text| text.split([' ', ';', '\'']))
        .filter_map(|word| word.strip_prefix(PROGRAMS).and_then(|name| name.strip_prefix('/')));
    calls.chain(paths).map(str::to_owned).collect()
}

/// A word as the container knows it.
fn inside(word: &str) -> &str {
    if word == "@trigger" { "/triggers/trigger" } else { word }
}
