//! `bulkhead k8s netpol`.

mod diff;
mod explain;
mod map;
mod reach;
mod suggest;

use bulkhead_reachability::{Cluster, Network, NetworkKind, Reachability, Workload};
use bulkhead_report::map::Map;

use super::objects::Loaded;
use crate::arguments::Netpol;
use crate::failure::Failure;
use crate::terminal::Terminal;

pub(super) fn run(command: &Netpol, terminal: Terminal) -> Result<u8, Failure> {
    match command {
        Netpol::Reach(reach) => reach::run(reach, terminal),
        Netpol::Explain(question) => explain::run(question, terminal),
        Netpol::Diff(difference) => diff::run(difference, terminal),
        Netpol::Suggest(suggest) => suggest::run(suggest, terminal),
    }
}

/// Past this many connections nobody reads them one by one, and they would fill the memory.
const MOST_PAIRS: usize = 2_000_000;

/// The map of who reaches whom; none where there are no workloads, or more connections than a picture
/// shows.
pub(super) fn map_of(loaded: &mut Loaded) -> Option<Map> {
    let cluster = cluster(loaded);
    let reachability = Reachability::new(&cluster);
    let is_shown = !cluster.workloads.is_empty() && reachability.pairs() <= MOST_PAIRS;
    is_shown.then(|| map::of(&cluster, &reachability))
}

/// The cluster of the objects; what it leaves out is not assessed.
fn cluster(loaded: &mut Loaded) -> Cluster {
    let cluster = Cluster::of(&loaded.objects);
    let notes = cluster.not_assessed.iter().map(|it| format!("{}: {}", it.subject, it.reason));
    loaded.not_assessed.extend(notes);
    cluster
}

/// What a network is called: `pod-network`, or its name with its kind.
fn network_name(network: &Network) -> String {
    let kind = match network.kind {
        NetworkKind::Pod => return network.name.to_string(),
        NetworkKind::UserDefined => "UDN",
        NetworkKind::ClusterUserDefined => "CUDN",
        NetworkKind::Attachment => "NAD",
    };
    format!("{}[{kind}]", network.name)
}

/// A workload as it is named on the command line: `NAMESPACE/NAME`, with its kind or without.
fn is_called(workload: &Workload, name: &str) -> bool {
    let full = workload.to_string();
    full == name || full.split_once('[').is_some_and(|(short, _)| short == name)
}
