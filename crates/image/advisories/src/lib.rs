//! Advisory feeds, the database built from them, and matching packages against it.

mod catalogue;
mod error;
mod feeds;
mod record;
mod scope;

pub use catalogue::{Catalogue, FeedSource, Format};
pub use error::{Error, FeedError};
pub use feeds::{FeedSummary, Located, Mirror, locate, read, read_content};
pub use record::{Affected, Exploited, Item, Record};
