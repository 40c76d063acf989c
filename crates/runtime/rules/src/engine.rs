//! Conditions of all rules as one program, and what runs it.

mod conditions;
mod plan;
mod program;
mod scanner;
mod screen;
mod types;

pub(crate) use program::{Builder, Node, NodeId, Program, index};
pub use scanner::{Matching, Scanner};
pub(crate) use types::{Pending, Types, known};
