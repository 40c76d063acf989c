//! What controls look at: objects with what they inherit and where their fields stand.

mod component;
mod kubelet;
mod node_file;
mod pod;

pub(crate) use component::{Component, Which};
pub use kubelet::Kubelet;
pub(crate) use kubelet::Setting;
pub use node_file::{NodeFile, NodeFileKind};
pub(crate) use pod::{Container, Pod, is_capability};
