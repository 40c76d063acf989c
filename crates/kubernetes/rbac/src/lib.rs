//! Who may do what in a cluster, why, and what that leads to.
//!
//! A [`Graph`] joins roles and bindings and decides as the API server's RBAC authoriser does:
//! [`Graph::allowed`] with the reason, [`Graph::who_can`] the other way round.

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

mod abac;
mod aggregation;
mod audit;
mod catalogue;
mod error;
mod escalation;
mod graph;
mod place;
mod policy;
mod power;
mod reach;
mod request;
mod source;

pub use abac::{AttributePolicies, AttributePolicy, read_attribute_policies};
pub use audit::{
    Event, Idle, Malformed, Replay, Skipped, Suggestion, Use, Uses, idle, read_events,
};
pub use catalogue::{Catalogue, Groups};
pub use error::RbacError;
pub use escalation::{Escalation, Gives, Need, On, Scope, escalations};
pub use graph::{Grant, Graph, Holder, Reason};
pub use place::{Place, Where};
pub use policy::{Binding, Expression, Operator, Role, RoleReference, Rule, Selector, Subject};
pub use reach::{Path, Reach, Right, Step};
pub use request::{Identity, MASTERS, Request, Resource, Target};
pub use source::{Holding, Inventory, Oddity, Policy, Source};
