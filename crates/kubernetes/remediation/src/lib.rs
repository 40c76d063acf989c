//! Repairs of Kubernetes objects.

mod edit;
mod patch;

pub use edit::{Change, Edit};
pub use patch::{Refusal, patch};
