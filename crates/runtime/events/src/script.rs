//! Events that people write down.

mod argument;
mod draft;
mod setting;

pub use setting::{Setting, SettingError};

pub(crate) use argument::result;
pub(crate) use draft::Draft;
