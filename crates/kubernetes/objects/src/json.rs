//! JSON: trees to texts and back.

mod read;
mod write;

pub(crate) use read::{elements, read};
pub(crate) use write::{quote, write};
