//! Advisory feeds, the database built from them, and matching packages against it.

mod build;
mod builds;
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
pub use catalogue::{
    Catalogue, Checksum, DigestOf, FeedSource, Fetch, Format, Listing, OtherFiles, Step,
};
pub use database::{
    Advisory, AdvisoryChange, AdvisoryId, AffectedRow, Artefact, ArtefactError, ArtefactPart,
    Change, Database, DatabaseError, Difference, Knowledge, Seal, SealedPage, Signature,
};
pub use error::{Error, FeedError};
pub use feeds::{
    FeedSummary, FileContent, Listed, Located, Mirror, checksum, listed, locate, matches,
    platform_scope, read, read_content, read_record,
};
pub use matching::{Matched, match_inventory};
pub use record::{Affected, EndOfLife, Exploited, Item, Predicted, Record};
pub use scope::scheme_of;
pub use starter::{STARTER, STARTER_FILES, compile_starter, starter};
