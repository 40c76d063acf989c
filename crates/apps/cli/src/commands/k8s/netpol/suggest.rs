//! `bulkhead k8s netpol suggest`.

use bulkhead_cluster::Collection;
use bulkhead_limits::{Budget, Limits};
use bulkhead_reachability::{read_flows, suggest};
use bulkhead_report::printable;

use super::super::{INCOMPLETE, objects};
use crate::arguments::Suggest;
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

pub(super) fn run(arguments: &Suggest, terminal: Terminal) -> Result<u8, Failure> {
    let mut loaded = objects::load_with_text(&arguments.objects, &Collection::of_the_network())?;
    let cluster = super::cluster(&mut loaded);
    let bytes = fs_err::read(&arguments.flows)?;
    let read = read_flows(&bytes, &Budget::new(Limits::DEFAULT));
    let suggestion = suggest(&cluster, &read.flows);
    output::standard(&suggestion.manifests)?;
    let file = arguments.flows.display();
    for (line, reason) in &read.left_out {
        terminal.warning(&printable(&format!("{file}:{line} is left out: {reason}")), None);
    }
    for (line, reason) in &suggestion.unsettled {
        terminal.warning(&printable(&format!("{file}:{line} is not settled: {reason}")), None);
    }
    for connection in &suggestion.surplus {
        let message = format!("passes, too, and was not observed: {connection}");
        terminal.warning(&printable(&message), None);
    }
    let proven = suggestion.unsettled.is_empty() && suggestion.surplus.is_empty();
    Ok(loaded.finish(terminal).max(if proven { 0 } else { INCOMPLETE }))
}
