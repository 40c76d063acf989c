//! Controls over Kubernetes objects.
//!
//! A control is one function that looks at one object, and at others through [`Cluster`]; it writes what
//! it sees onto a [`Sheet`], and from that follows its [`Verdict`] with places and reasons. What people
//! read about a control is data: [`Catalogue`]. [`Profile`] holds pods against the Pod Security Standards.
//!
//! Nothing is allocated for a control that passes. Places are templates that become paths, and paths
//! lines, only when somebody asks.

mod catalogue;
mod cluster;
mod control;
mod controls;
mod finding;
mod flags;
mod ledger;
mod place;
mod reads;
mod repair;
mod scan;
mod settings;
mod standards;
mod subject;
mod verdict;

pub use catalogue::{Catalogue, CatalogueError, ControlText, Family, Framework, Mapping};
pub use cluster::Cluster;
pub use control::Control;
pub use controls::{control, controls};
pub use finding::{file, subject};
pub use flags::{Flag, Flags, Word};
pub use ledger::{Changed, Ledger, Said, Told};
pub use place::{ContainerKind, Place};
pub use reads::Related;
pub use repair::{Condition, Recipe, Repair, Strategy, Wanted};
pub use scan::{Judgement, judge_kubelet, judge_node_file};
pub use settings::{AmountBounds, Settings};
pub use standards::Profile;
pub use subject::{Kubelet, NodeFile, NodeFileKind};
pub use verdict::{Reason, Remark, Sheet, Verdict};
