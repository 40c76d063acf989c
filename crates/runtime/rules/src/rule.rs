//! Rules as they are used.

use std::sync::Arc;

use crate::output::Format;
use crate::priority::Priority;
use crate::selection::Off;
use crate::syntax::Expression;
use crate::text::Place;

/// A rule that events are held against.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The name.
    pub name: Arc<str>,
    /// Where it was last defined.
    pub place: Place,
    /// What it looks for, for people.
    pub description: String,
    /// How grave it is.
    pub priority: Priority,
    /// In their order, each once.
    pub tags: Vec<String>,
    /// The condition, with macros in place.
    pub condition: Arc<Expression>,
    /// What is said where it is met.
    pub output: Format,
    /// Whether the files have it switched on.
    pub enabled: bool,
    /// Why events are not held against it; none where they are. What was asked for when the files were read decides, too.
    pub off: Option<Off>,
}
