//! `bulkhead k8s netpol`.

use std::path::PathBuf;

use bulkhead_reachability::{Connections, Protocol};
use clap::{Args, Subcommand, ValueEnum};

use super::{Charts, Destination, Objects};
use crate::arguments::Form;

const REACH_EXAMPLES: &str = "Ends of connections:
  NAMESPACE/NAME[KIND]    the pods of a workload
  any address, 10.0.0.0-10.255.255.255    outside of the cluster
  {ingress-controller}    what an Ingress, a Route or a gateway's route sends to a workload

Examples:
  bulkhead k8s netpol reach manifests/
  bulkhead k8s netpol reach manifests/ -o svg=map.svg -o json=reach.json
  bulkhead k8s netpol reach large-cluster.yaml --groups";

const EXPLAIN_EXAMPLES: &str = "Ends:
  shop/web   shop/web[Deployment]   203.0.113.7   2001:db8::7

Examples:
  bulkhead k8s netpol explain shop/web shop/db manifests/ --port 5432
  bulkhead k8s netpol explain shop/web 8.8.8.8 manifests/ --port 53/udp";

const DIFF_EXAMPLES: &str = "Examples:
  bulkhead k8s netpol diff before/ after/
  bulkhead k8s netpol diff main.yaml branch.yaml -o json";

const SUGGEST_EXAMPLES: &str =
    "Flows are JSON, one object a line: what `hubble observe -o json` writes, or
  {\"source\": {\"namespace\": \"shop\", \"workload\": \"web\"},
   \"destination\": {\"address\": \"203.0.113.7\"}, \"protocol\": \"TCP\", \"port\": 443}

Examples:
  bulkhead k8s netpol suggest manifests/ --flows flows.jsonl > policies.yaml";

#[derive(Debug, Subcommand)]
pub(crate) enum Netpol {
    /// List every connection that the policies of a cluster allow
    #[command(after_help = REACH_EXAMPLES)]
    Reach(Reach),
    /// Tell which policies and rules allow or stop a connection, and what is missing
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Question),
    /// List the connections that two sets of manifests do not have alike
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(Difference),
    /// Write the least policies under which observed traffic goes on, and prove that they are
    #[command(after_help = SUGGEST_EXAMPLES)]
    Suggest(Suggest),
}

#[derive(Debug, Args)]
pub(crate) struct Reach {
    #[command(flatten)]
    pub(crate) objects: Objects,
    /// Form of the result, to standard output or into FILE: table, json, csv, svg. Repeatable
    #[arg(short, long, value_name = "FORMAT[=FILE]", default_value = "table")]
    pub(crate) output: Vec<Destination<ReachForm>>,
    /// Show workloads that the policies do not tell apart as one; for large clusters
    #[arg(long)]
    pub(crate) groups: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReachForm {
    Table,
    Json,
    Csv,
    Svg,
}

#[derive(Debug, Args)]
pub(crate) struct Question {
    /// Where the connection begins: NAMESPACE/NAME, or an address
    pub(crate) source: String,
    /// Where it ends
    pub(crate) destination: String,
    #[command(flatten)]
    pub(crate) objects: Objects,
    /// On which port of the destination, TCP where no protocol is named; without it on every one
    #[arg(short, long, value_name = "PORT[/PROTOCOL]", value_parser = port)]
    pub(crate) port: Option<Connections>,
    /// Form of the result
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = Form::Table)]
    pub(crate) output: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Difference {
    /// The manifests before: a file or a folder
    pub(crate) before: PathBuf,
    /// The manifests after
    pub(crate) after: PathBuf,
    #[command(flatten)]
    pub(crate) charts: Charts,
    /// Form of the result
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = Form::Table)]
    pub(crate) output: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Suggest {
    #[command(flatten)]
    pub(crate) objects: Objects,
    /// Observed traffic, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub(crate) flows: PathBuf,
}

fn port(text: &str) -> Result<Connections, String> {
    let (number, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let protocol = Protocol::named(&protocol.to_ascii_uppercase());
    match (number.parse::<u16>(), protocol) {
        (Ok(number @ 1..), Some(protocol)) => Ok(Connections::port(protocol, number)),
        _ => Err("write it as 8080, or as 53/udp; protocols are tcp, udp and sctp".into()),
    }
}
