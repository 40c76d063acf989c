//! Published cases: manifests, and the connections that another analyser finds in them.
//!
//! Their answers are of version 4 alone, split addresses wherever any policy does, and mark namespaces of
//! user-defined networks; compared is what they mean.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::process::Command;

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::Objects;
use bulkhead_reachability::{Cluster, Connections, End, Intervals, NetworkKind, Reachability};

/// One case: the files below its `manifests`, and its answers by their notation.
#[derive(Default)]
struct Case {
    manifests: BTreeMap<String, Vec<u8>>,
    answers: BTreeMap<String, String>,
}

/// Source, destination, connections and, where the notation tells it, the network.
type Answer = (String, String, String, Option<String>);

/// What may pass between two ends, and for addresses the addresses.
type Meaning = BTreeMap<(Option<String>, String, String, String), Intervals<u32>>;

#[test]
fn every_published_case_has_its_connections() {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (name, case) in cases() {
        assert!(!case.answers.is_empty() && !case.manifests.is_empty(), "{name}");
        let cluster = cluster(&case);
        for (notation, text) in &case.answers {
            let answers = answers(notation, text);
            let networks = answers.iter().any(|answer| answer.3.is_some());
            let (found, expected) =
                (meaning(&found(&cluster), networks), meaning(&answers, networks));
            compared += 1;
            if found != expected {
                wrong.push(format!("{name} ({notation}):\n{}", difference(&found, &expected)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {compared} differ\n{}", wrong.len(), wrong.join("\n"));
}

/// What one has and the other has not, at most a few lines of each.
fn difference(found: &Meaning, expected: &Meaning) -> String {
    let lines = |one: &Meaning, other: &Meaning, mark: &str| {
        let only = one.iter().filter(|(key, addresses)| other.get(key) != Some(addresses));
        let lines = only.take(8).map(|(key, it)| format!("  {mark} {key:?} {it:?}"));
        lines.collect::<Vec<String>>()
    };
    [lines(found, expected, "found"), lines(expected, found, "expected")].concat().join("\n")
}

fn cluster(case: &Case) -> Cluster {
    let mut objects = Objects::new();
    for (path, bytes) in &case.manifests {
        objects.add(path, bytes, &Budget::new(Limits::DEFAULT));
    }
    Cluster::of(&objects)
}

fn found(cluster: &Cluster) -> Vec<Answer> {
    let reachability = Reachability::new(cluster);
    let mut answers = Vec::new();
    for connection in reachability.connections() {
        let network = &cluster.networks[connection.network];
        let network = match network.kind {
            NetworkKind::UserDefined => network.name.split_once('/').unwrap().0.to_owned(),
            _ => network.name.to_string(),
        };
        let ends = [&connection.source, &connection.destination].map(|end| match end {
            End::Outside(addresses) => addresses
                .v4
                .parts()
                .iter()
                .map(|(first, last)| {
                    format!("{}-{}", Ipv4Addr::from(*first), Ipv4Addr::from(*last))
                })
                .collect(),
            end => vec![end.to_string()],
        });
        for source in &ends[0] {
            for destination in &ends[1] {
                answers.push((
                    source.clone(),
                    destination.clone(),
                    connection.connections.to_string(),
                    Some(network.clone()),
                ));
            }
        }
    }
    answers
}

/// Addresses together that have the same connections with the same end.
fn meaning(answers: &[Answer], networks: bool) -> Meaning {
    let mut meaning = Meaning::new();
    for (source, destination, connections, network) in answers {
        let connections: Connections = connections.parse().unwrap();
        let mut addresses = Intervals::default();
        let mut end = |text: &str| match range(text) {
            Some(range) => {
                addresses = addresses.union(&range);
                "outside".to_owned()
            }
            None => text.replace("[udn]", ""),
        };
        let (source, destination) = (end(source), end(destination));
        let network = network.clone().filter(|_| networks);
        let key = (network, source, destination, connections.to_string());
        let known = meaning.entry(key).or_default();
        *known = known.union(&addresses);
    }
    meaning
}

fn range(text: &str) -> Option<Intervals<u32>> {
    let text = text.strip_suffix("[External]").unwrap_or(text);
    let (first, last) = text.split_once('-')?;
    let number = |text: &str| text.parse::<Ipv4Addr>().ok().map(u32::from);
    Some(Intervals::range(number(first)?, number(last)?))
}

fn answers(notation: &str, text: &str) -> Vec<Answer> {
    match notation {
        "txt" => of_lines(text),
        "csv" => of_table(text),
        "json" => {
            let rows: Vec<BTreeMap<String, String>> = serde_json::from_str(text).unwrap();
            let row = |row: &BTreeMap<String, String>| {
                (row["src"].clone(), row["dst"].clone(), row["conn"].clone(), None)
            };
            rows.iter().map(row).collect()
        }
        other => panic!("an answer in {other}"),
    }
}

/// `SOURCE => DESTINATION : CONNECTIONS`, below headings of networks where there are several.
fn of_lines(text: &str) -> Vec<Answer> {
    let mut network = None;
    let mut answers = Vec::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("Permitted connectivity analyzed in ") {
            let name = heading.trim_end_matches(':').rsplit(' ').next().unwrap();
            let pods = heading.starts_with("Pod network");
            network = Some(if pods { "pod-network".to_owned() } else { name.to_owned() });
        } else if let Some((source, rest)) = line.split_once(" => ") {
            let (destination, connections) = rest.split_once(" : ").unwrap();
            let texts = [source, destination, connections].map(|text| text.trim().to_owned());
            let [source, destination, connections] = texts;
            answers.push((source, destination, connections, network.clone()));
        }
    }
    answers
}

fn of_table(text: &str) -> Vec<Answer> {
    let mut rows = text.lines().filter(|line| !line.is_empty()).map(cells);
    let heading = rows.next().unwrap();
    let column = |name: &str| heading.iter().position(|cell| cell == name);
    rows.map(|row| {
        let cell = |name: &str| column(name).map(|index| row[index].clone());
        (cell("src").unwrap(), cell("dst").unwrap(), cell("conn").unwrap(), cell("network"))
    })
    .collect()
}

/// Cells between commas; a cell with commas stands in quotes.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for letter in line.trim().chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            letter => cells.last_mut().unwrap().push(letter),
        }
    }
    cells
}

/// The cases, by their names: folders with answers beside their manifests.
fn cases() -> BTreeMap<String, Case> {
    let mut cases: BTreeMap<String, Case> = BTreeMap::new();
    let Some(archive) = bulkhead_testing::data("fixtures/networkpolicy-connectivity.tar.gz") else {
        return cases;
    };
    let Some(tar) = bulkhead_testing::tool("tar") else { return cases };
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new(tar).arg("xzf").arg(archive).current_dir(folder.path()).status();
    assert!(status.unwrap().success());
    for path in bulkhead_testing::files_below(folder.path()) {
        let bytes = fs_err::read(&path).unwrap();
        let relative = path.strip_prefix(folder.path()).unwrap().to_str().unwrap();
        if let Some((name, file)) = relative.split_once("/manifests/") {
            cases.entry(name.to_owned()).or_default().manifests.insert(file.to_owned(), bytes);
        } else if let Some((name, notation)) = relative.rsplit_once("/expected.") {
            let text = String::from_utf8(bytes).unwrap();
            cases.entry(name.to_owned()).or_default().answers.insert(notation.to_owned(), text);
        }
    }
    assert!(!cases.is_empty(), "an archive without cases");
    cases
}
