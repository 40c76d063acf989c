//! Conditions as text and as trees.

mod cursor;
mod hints;
mod parser;
mod print;
#[cfg(test)]
mod tests;
mod tree;

pub(crate) use parser::{parse, parse_operand};
pub use tree::{
    Argument, Check, Expression, FieldName, Operand, Operator, Quantifier, Right, Test,
    Transformer, Word,
};
