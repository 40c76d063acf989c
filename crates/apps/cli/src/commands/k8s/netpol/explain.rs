//! `bulkhead k8s netpol explain`.

use bulkhead_cluster::Collection;
use std::fmt::Write as _;
use std::net::IpAddr;

use bulkhead_reachability::{
    Cluster, Connections, Explanation, Party, Reachability, Side, Unanswerable,
};
use bulkhead_report::printable;
use serde_json::{Value, json};

use super::super::objects;
use super::{is_called, network_name};
use crate::arguments::{Form, Question};
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

pub(super) fn run(arguments: &Question, terminal: Terminal) -> Result<u8, Failure> {
    let mut loaded = objects::load_with_text(&arguments.objects, &Collection::of_the_network())?;
    let cluster = super::cluster(&mut loaded);
    let source = party(&cluster, &arguments.source)?;
    let destination = party(&cluster, &arguments.destination)?;
    let asked = arguments.port.clone().unwrap_or_else(Connections::all);
    let explained = match Reachability::new(&cluster).explain(source, destination, &asked) {
        Ok(explained) => explained,
        Err(Unanswerable::Apart) => Vec::new(),
        Err(error) => {
            return Err(Failure::new(error.to_string(), "name a workload as NAMESPACE/NAME"));
        }
    };
    let text = match arguments.output {
        Form::Json => format!("{:#}\n", json!(as_values(&cluster, &explained))),
        Form::Table => table(arguments, &cluster, &explained),
    };
    output::standard(&text)?;
    Ok(loaded.finish(terminal))
}

/// A workload by its name, or an address.
fn party(cluster: &Cluster, name: &str) -> Result<Party, Failure> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(Party::Address(address));
    }
    let all = cluster.workloads.iter().enumerate();
    let called: Vec<usize> =
        all.filter(|(_, it)| is_called(it, name)).map(|(index, _)| index).collect();
    let workload = match called.as_slice() {
        [workload] => *workload,
        [] => {
            return Err(Failure::new(
                format!("the manifests have no workload {name}"),
                "write it as NAMESPACE/NAME; `bulkhead k8s netpol reach` lists them",
            ));
        }
        several => {
            let names = several.iter().filter_map(|index| cluster.workloads.get(*index));
            let names: Vec<String> = names.map(ToString::to_string).collect();
            return Err(Failure::new(
                format!("{name} is {} workloads", several.len()),
                format!("name one of {}", names.join(", ")),
            ));
        }
    };
    let pod = cluster.pods.iter().position(|pod| pod.workload == workload);
    pod.map(Party::Pod)
        .ok_or_else(|| Failure::new(format!("{name} has no pods"), "look at its manifest"))
}

fn table(arguments: &Question, cluster: &Cluster, explained: &[Explanation]) -> String {
    let (source, destination) = (&arguments.source, &arguments.destination);
    let mut text = String::new();
    if explained.is_empty() {
        let _ = writeln!(
            text,
            "{source} => {destination} : No Connections\n  the two are in no common network, whatever policies say"
        );
    }
    for it in explained {
        let network = cluster.networks.get(it.network).map(network_name).unwrap_or_default();
        let _ = writeln!(text, "{source} => {destination} : {} ({network})", it.allowed);
        let stopped = it.asked.minus(&it.allowed);
        if !stopped.is_empty() && !it.allowed.is_empty() {
            let _ = writeln!(text, "  stopped: {stopped}");
        }
        for (side, what, end) in
            [(&it.egress, "leaving", source), (&it.ingress, "reaching", destination)]
        {
            if let Some(side) = side {
                let _ = writeln!(text, "  {what} {end}: {}", side.allowed);
                steps(&mut text, side);
            }
        }
    }
    text
}

fn steps(text: &mut String, side: &Side) {
    for step in &side.steps {
        let _ = writeln!(text, "    {}", printable(&step.to_string()));
        for origin in &step.origins {
            let _ = writeln!(text, "      {}", printable(origin));
        }
    }
}

fn as_values(cluster: &Cluster, explained: &[Explanation]) -> Vec<Value> {
    let value = |it: &Explanation| {
        let mut value = json!(it);
        value["network"] = json!(cluster.networks.get(it.network).map(network_name));
        value
    };
    explained.iter().map(value).collect()
}
