//! Names become fields, texts become numbers, addresses and patterns: whatever can be wrong with a
//! comparison is found here, before an event is seen.

mod address;
mod kinds;
mod leaf;
mod literals;
mod matcher;
mod misused;
mod operand;
mod paths;
mod pattern;
mod ports;
mod transform;

pub(crate) use kinds::doubtful_kinds;
pub(crate) use leaf::{Combine, Leaf, Question};
pub(crate) use matcher::{MOST_TOGETHER, Matcher};
pub(crate) use misused::misused_values;
pub(crate) use operand::{OperandError, Sources, UnknownField, common, plugin_hint};
