//! The detection language: rule files, their conditions, and the engine that holds events against them.

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

mod load;
mod priority;
mod problem;
mod syntax;
mod text;
mod version;
mod yaml;

pub use load::RuleFile;
pub use priority::Priority;
pub use problem::{Problem, Weight};
pub use syntax::{
    Argument, Check, Expression, Field, Operand, Operator, Quantifier, Right, Test, Transformer,
    Word,
};
pub use text::Place;
pub use version::ENGINE_VERSION;
