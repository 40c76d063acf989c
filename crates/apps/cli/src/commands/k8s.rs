//! `bulkhead k8s`.

mod annotations;
mod assess;
mod controls;
mod diff;
mod fix;
mod netpol;
mod objects;
mod rbac;
mod scan;
mod watch;

use crate::arguments::K8s;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// The exit code where something was not assessed.
const INCOMPLETE: u8 = 3;

/// The exit code where a gate was hit.
const GATE: u8 = 2;

pub(crate) fn run(command: &K8s, terminal: Terminal) -> Result<u8, Failure> {
    match command {
        K8s::Scan(arguments) => scan::run(arguments, terminal),
        K8s::Diff(arguments) => diff::run(arguments, terminal),
        K8s::Watch(arguments) => watch::run(arguments, terminal),
        K8s::Fix(arguments) => fix::run(arguments, terminal),
        K8s::Controls(command) => controls::run(command),
        K8s::Rbac(rbac) => rbac::run(rbac, terminal),
        K8s::Netpol(netpol) => netpol::run(netpol, terminal),
    }
}
