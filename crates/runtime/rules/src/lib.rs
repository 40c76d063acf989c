//! The detection language: rule files, their conditions, and the engine that holds events against them.
//!
//! [`load`] reads files of Falco's language, settles what later ones change, checks every comparison
//! against the table of fields and compiles all conditions into one [`RuleSet`], which never changes.
//! Each thread holds events against it with a [`Scanner`] of its own.

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

mod check;
mod correlation;
mod coverage;
mod engine;
mod explain;
mod falco;
mod load;
mod output;
mod prefilter;
mod priority;
mod problem;
mod rule;
mod selection;
mod set;
mod shipped;
mod syntax;
mod text;
mod trial;
mod version;
mod yaml;

pub use coverage::{Coverage, Gap, Lack, Sight};
pub use engine::{Matching, Scanner};
pub use explain::{ExplainedPart, Explanation};
pub use load::{FileCount, RuleFile};
pub use output::Format;
pub use prefilter::{ASKABLE, Askable, Asked, AskedValue, Atom, Clause, Form, Kept, Prefilter};
pub use priority::Priority;
pub use problem::{Problem, Weight};
pub use rule::Rule;
pub use selection::{NoSwitch, Off, Selection, Switch};
pub use set::{Loaded, RuleSet, load};
pub use shipped::SHIPPED;
pub use syntax::{
    Argument, Check, Expression, FieldName, Operand, Operator, Quantifier, Right, Test,
    Transformer, Word,
};
pub use text::Place;
pub use trial::{Trial, TrialOutcome};
pub use version::ENGINE_VERSION;
