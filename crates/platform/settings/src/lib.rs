//! Settings: file < environment < flag, with the origin of each value.
//!
//! Every flag of a command line has one *key*: its long name, behind the names of the commands that
//! lead to it from the second level on (`--feeds` of `db build` is `db-build-feeds`, `--fail-on` of
//! `scan` is `fail-on`). The key is what the file calls it, and in capitals behind `BULKHEAD_` what
//! the environment calls it. Commands of the first level share the keys of flags that they share.

mod apply;
mod error;
mod file;
mod key;
mod origin;

pub use apply::apply;
pub use error::SettingsError;
pub use file::{DEFAULT_FILE, Entry, Settings};
pub use origin::{Origin, Setting, origins};
