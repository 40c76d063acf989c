//! `bulkhead k8s netpol reach`.

use bulkhead_cluster::Collection;
use std::fmt::Write as _;

use bulkhead_reachability::{Cluster, GroupedEnd, NotAssessed, Reachability};
use bulkhead_report::printable;
use serde_json::{Value, json};

use super::super::objects;
use super::{MOST_PAIRS, map, network_name};
use crate::arguments::{Destination, Reach, ReachForm};
use crate::failure::Failure;
use crate::terminal::Terminal;

pub(super) fn run(arguments: &Reach, terminal: Terminal) -> Result<u8, Failure> {
    Destination::check(&arguments.output)?;
    let mut loaded = objects::load_with_text(&arguments.objects, &Collection::of_the_network())?;
    let cluster = super::cluster(&mut loaded);
    let reachability = Reachability::new(&cluster);
    let stopped = reachability.stopped_entries();
    let notes = stopped.iter().map(|it| format!("{}: {}", it.subject, it.reason));
    loaded.not_assessed.extend(notes);
    let pairs = reachability.pairs();
    let groups = arguments.groups || pairs > MOST_PAIRS;
    if groups && !arguments.groups {
        terminal.warning(
            &format!("there are {pairs} connections; workloads that no policy tells apart are shown as one"),
            Some("ask for groups with --groups; csv and svg are for fewer connections"),
        );
    }
    for output in &arguments.output {
        let text = match (output.form, groups) {
            (ReachForm::Table, false) => table(&cluster, &reachability),
            (ReachForm::Table, true) => grouped_table(&cluster, &reachability),
            (ReachForm::Csv, false) => csv(&cluster, &reachability),
            (ReachForm::Json, _) => json(&cluster, &reachability, &stopped, groups),
            (ReachForm::Svg, _) if pairs <= MOST_PAIRS => map::of(&cluster, &reachability).svg(),
            (ReachForm::Csv | ReachForm::Svg, _) => {
                return Err(Failure::new(
                    "csv has no groups, and no map shows so many connections",
                    "take -o json, or look at a part of the manifests",
                ));
            }
        };
        output.write(&text)?;
    }
    Ok(loaded.finish(terminal))
}

/// `SOURCE => DESTINATION : CONNECTIONS`, below the names of networks where there are several.
fn table(cluster: &Cluster, reachability: &Reachability<'_>) -> String {
    let mut text = String::new();
    let connections = reachability.connections();
    for (index, network) in cluster.networks.iter().enumerate() {
        let mut lines: Vec<String> = connections
            .iter()
            .filter(|connection| connection.network == index)
            .map(|it| format!("{} => {} : {}", it.source, it.destination, it.connections))
            .collect();
        lines.sort_unstable();
        section(&mut text, cluster, &network_name(network), &lines);
    }
    text
}

fn section(text: &mut String, cluster: &Cluster, name: &str, lines: &[String]) {
    if cluster.networks.len() > 1 {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(name);
        text.push_str(":\n");
    }
    if lines.is_empty() {
        text.push_str("nothing can be reached\n");
    }
    for line in lines {
        text.push_str(&printable(line));
        text.push('\n');
    }
}

fn grouped_table(cluster: &Cluster, reachability: &Reachability<'_>) -> String {
    let mut text = String::new();
    for (number, group) in reachability.groups().iter().enumerate().filter(|(_, it)| !it.is_empty())
    {
        let names: Vec<String> = group.iter().map(ToString::to_string).collect();
        let _ =
            writeln!(text, "group {number} ({}): {}", group.len(), printable(&names.join(", ")));
    }
    text.push('\n');
    let connections = reachability.grouped_connections();
    for (index, network) in cluster.networks.iter().enumerate() {
        let lines: Vec<String> = connections
            .iter()
            .filter(|connection| connection.network == index)
            .map(|it| {
                let (source, destination) = (grouped_end(&it.source), grouped_end(&it.destination));
                format!("{source} => {destination} : {}", it.connections)
            })
            .collect();
        section(&mut text, cluster, &network_name(network), &lines);
    }
    text
}

fn grouped_end(end: &GroupedEnd<'_>) -> String {
    match end {
        GroupedEnd::One(end) => end.to_string(),
        GroupedEnd::Groups(groups) => {
            let numbers: Vec<String> = groups.iter().map(ToString::to_string).collect();
            format!("group {}", numbers.join(","))
        }
    }
}

fn csv(cluster: &Cluster, reachability: &Reachability<'_>) -> String {
    let mut text = String::from("src,dst,conn,network\n");
    for it in reachability.connections() {
        let network = cluster.networks.get(it.network).map(network_name).unwrap_or_default();
        let cells = [
            it.source.to_string(),
            it.destination.to_string(),
            it.connections.to_string(),
            network,
        ];
        text.push_str(&cells.map(|cell| quoted(&cell)).join(","));
        text.push('\n');
    }
    text
}

/// A cell of a table between commas (RFC 4180).
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

fn json(
    cluster: &Cluster,
    reachability: &Reachability<'_>,
    stopped: &[NotAssessed],
    groups: bool,
) -> String {
    let name = |index: usize| cluster.networks.get(index).map(network_name);
    let connections: Vec<Value> = if groups {
        let all = reachability.grouped_connections();
        all.iter().map(|it| named(json!(it), name(it.network))).collect()
    } else {
        let all = reachability.connections();
        all.iter().map(|it| named(json!(it), name(it.network))).collect()
    };
    let mut document = json!({
        "schema": 1,
        "connections": connections,
        "not_assessed": cluster.not_assessed.iter().chain(stopped).collect::<Vec<_>>(),
    });
    if groups {
        let groups = reachability
            .groups()
            .into_iter()
            .map(|group| group.iter().map(ToString::to_string).collect::<Vec<String>>());
        document["groups"] = groups.collect();
    }
    format!("{document:#}\n")
}

fn named(mut connection: Value, network: Option<String>) -> Value {
    connection["network"] = network.into();
    connection
}
