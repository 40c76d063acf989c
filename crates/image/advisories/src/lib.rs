//! Advisory feeds, the database built from them, and matching packages against it.

mod record;

pub use record::{Affected, Exploited, Item, Record};
