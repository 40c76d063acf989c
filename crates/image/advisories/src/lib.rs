//! Advisory feeds, the database built from them, and matching packages against it.

mod build;
mod catalogue;
pub mod custom;
mod database;
mod error;
mod feeds;
mod matching;
mod modules;
mod record;
mod scope;
mod starter;

pub use build::{
    BuildError, BuildOptions, BuildSummary, Builder, FeedCount, FeedDescription, build, moment,
};
pub use catalogue::{Catalogue, FeedSource, Format};
pub use database::{
    Advisory, AffectedRow, Artefact, ArtefactError, ArtefactPart, Database, DatabaseError,
    Knowledge, Seal, SealedPage, Signature,
};
pub use error::{Error, FeedError};
pub use feeds::{FeedSummary, Located, Mirror, locate, read, read_content, read_record};
pub use matching::{Matched, match_inventory};
pub use record::{Affected, EndOfLife, Exploited, Item, Predicted, Record};
pub use scope::scheme_of;
pub use starter::{STARTER, STARTER_FILES, starter};
