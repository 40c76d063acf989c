//! `bulkhead k8s netpol diff`.

use std::slice;

use bulkhead_reachability::{Change, ChangeKind, Reachability, difference};
use bulkhead_report::printable;
use serde_json::json;

use super::super::objects;
use crate::arguments::{Difference, Form};
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

pub(super) fn run(arguments: &Difference, terminal: Terminal) -> Result<u8, Failure> {
    let mut before = objects::read(slice::from_ref(&arguments.before), &arguments.charts)?;
    let mut after = objects::read(slice::from_ref(&arguments.after), &arguments.charts)?;
    let (old, new) = (super::cluster(&mut before), super::cluster(&mut after));
    let changes = difference(&Reachability::new(&old), &Reachability::new(&new));
    let text = match arguments.output {
        Form::Json => format!("{:#}\n", json!({ "schema": 1, "changes": changes })),
        Form::Table if changes.is_empty() => "no connection differs\n".to_owned(),
        Form::Table => changes
            .iter()
            .map(line)
            .fold(String::new(), |text, line| text + &printable(&line) + "\n"),
    };
    output::standard(&text)?;
    Ok(before.finish(terminal).max(after.finish(terminal)))
}

/// A sign, the connection, and what is remarkable about it.
fn line(change: &Change) -> String {
    let Change { source, destination, before, after, .. } = change;
    let of = if change.of_new_or_gone_workload { "  (workload added or removed)" } else { "" };
    match change.kind {
        ChangeKind::Added => format!("+ {source} => {destination} : {after}{of}"),
        ChangeKind::Removed => format!("- {source} => {destination} : {before}{of}"),
        ChangeKind::Changed => format!("~ {source} => {destination} : {before} -> {after}"),
    }
}
