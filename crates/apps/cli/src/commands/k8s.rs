//! `bulkhead k8s`.

mod annotations;
mod assess;
mod controls;
mod diff;
mod fix;
mod judged;
mod netpol;
mod objects;
mod rbac;
mod scan;
mod watch;

use crate::arguments::{K8s, K8sCommand};
use crate::failure::Failure;
use crate::terminal::Terminal;

/// The exit code where something was not assessed.
const INCOMPLETE: u8 = 3;

/// The exit code where a gate was hit.
const GATE: u8 = 2;

pub(crate) fn run(command: &K8s, terminal: Terminal) -> Result<u8, Failure> {
    let K8s { organisation, command } = command;
    match command {
        K8sCommand::Scan(arguments) => scan::run(arguments, organisation, terminal),
        K8sCommand::Diff(arguments) => diff::run(arguments, organisation, terminal),
        K8sCommand::Watch(arguments) => watch::run(arguments, organisation, terminal),
        K8sCommand::Fix(arguments) => fix::run(arguments, organisation, terminal),
        K8sCommand::Controls(command) => controls::run(command, organisation),
        K8sCommand::Rbac(rbac) => rbac::run(rbac, terminal),
        K8sCommand::Netpol(netpol) => netpol::run(netpol, terminal),
    }
}
