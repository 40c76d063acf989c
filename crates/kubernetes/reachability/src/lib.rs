//! Who can reach whom in a cluster, on which port, and why.
//!
//! A [`Cluster`] is taken from objects; [`Reachability`] decides what its policies let pass.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unreachable
    )
)]

mod addresses;
mod bits;
mod classes;
mod cluster;
mod connections;
mod decision;
mod difference;
mod explanation;
mod flows;
mod intervals;
mod policy;
mod reachability;
mod reading;
mod selector;
mod suggestion;

pub use addresses::Addresses;
pub use cluster::{
    Cluster, ContainerPort, Entry, Network, NetworkKind, NotAssessed, Pod, Workload,
};
pub use connections::{Connections, Protocol, UnreadableConnections};
pub use difference::{Change, ChangeKind, difference};
pub use explanation::{Effect, Explanation, Party, Side, Step, Unanswerable};
pub use flows::{Flow, FlowEnd, FlowPod, Flows, read_flows};
pub use intervals::{Bound, Intervals};
pub use policy::{Action, Direction, Namespaces, Peer, Pods, Policy, Ports, Rule, Tier};
pub use reachability::{Connection, End, GroupedConnection, GroupedEnd, Reachability};
pub use selector::{Condition, Requirement, Selector};
pub use suggestion::{Suggestion, suggest};
