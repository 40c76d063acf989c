//! Conditions as text and as trees.

mod cursor;
mod parser;
mod tree;

pub(crate) use parser::{SyntaxError, parse, parse_operand};
pub use tree::{
    Argument, Check, Expression, Field, Operand, Operator, Quantifier, Right, Test, Transformer,
    Word,
};
