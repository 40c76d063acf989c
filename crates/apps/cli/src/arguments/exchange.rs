//! Flags about signed databases and their exchange through registries.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

use super::{Network, Registries};

pub(super) const KEYGEN_EXAMPLE: &str = "Example:
  bulkhead db keygen -o publisher      # publisher.key signs, publisher.pub is for everybody";

pub(super) const SIGN_EXAMPLES: &str = "Examples:
  bulkhead db sign advisories.db --key publisher.key
  bulkhead db sign advisories.db --key next.key              # both keys, while one follows the other
  bulkhead db sign advisories.db --key publisher.key --sequence 42 --expires-at 2026-12-24";

pub(super) const VERIFY_EXAMPLE: &str = "Example:
  bulkhead db verify advisories.db --trust publisher.pub

Exit codes: 0 it is what a trusted key signed   1 the tool failed   4 it is refused";

pub(super) const PUSH_EXAMPLES: &str = "Examples:
  bulkhead db push registry.example/team/advisories --db advisories.db --key publisher.key
  bulkhead db push registry.example/team/advisories:2026-11 --db advisories.db";

pub(super) const PULL_EXAMPLES: &str = "Examples:
  bulkhead db pull registry.example/team/advisories --trust publisher.pub
  bulkhead db pull registry.example/team/advisories --db /srv/advisories.db

What is unsigned, signed by a key that is not trusted, expired, or older than what was there before
is refused; the database in use stays.

Exit codes: 0 the database is up to date   1 the tool failed   4 what came is refused";

#[derive(Debug, Args)]
pub(crate) struct Keygen {
    /// Name of the new files, without ending: NAME.key, which signs, and NAME.pub, which proves
    #[arg(short, long, value_name = "NAME")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Sign {
    /// The database
    pub(crate) file: PathBuf,
    /// The private key: PKCS #8, PEM
    #[arg(long, value_name = "KEY")]
    pub(crate) key: PathBuf,
    #[command(flatten)]
    pub(crate) edition: Edition,
}

/// What a publisher states of a database.
#[derive(Debug, Args)]
pub(crate) struct Edition {
    /// Number of the edition, which has to grow; without it the one that the database has, else the
    /// present second
    #[arg(long, value_name = "NUMBER", requires = "key", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) sequence: Option<u64>,
    /// The day or instant after which it is refused; without it what the database says, else in 14 days
    #[arg(long, value_name = "TIME", requires = "key", value_parser = moment)]
    pub(crate) expires_at: Option<Timestamp>,
}

/// Whose signatures count.
#[derive(Debug, Args)]
pub(crate) struct Trust {
    /// Public key to trust, or a folder of files *.pub; without it bulkhead/trusted-keys in the user's
    /// configuration folder. Repeatable
    #[arg(long, value_name = "KEY.pub|DIR")]
    pub(crate) trust: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The database
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) trust: Trust,
}

#[derive(Debug, Args)]
pub(crate) struct Push {
    /// Where to: [HOST[:PORT]/]REPOSITORY[:TAG]
    pub(crate) reference: String,
    /// The database; without it the one in the user's data folder
    #[arg(long, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
    /// Sign it first with this private key, as `db sign` does
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) edition: Edition,
    #[command(flatten)]
    pub(crate) network: Network,
    #[command(flatten)]
    pub(crate) registries: Registries,
}

#[derive(Debug, Args)]
pub(crate) struct Pull {
    /// Where from: [HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]
    pub(crate) reference: String,
    /// The database that is brought up to date; without it the one in the user's data folder, which
    /// scans use by themselves
    #[arg(long, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) trust: Trust,
    #[command(flatten)]
    pub(crate) network: Network,
    #[command(flatten)]
    pub(crate) registries: Registries,
}

fn moment(text: &str) -> Result<Timestamp, String> {
    bulkhead_advisories::moment(text).map_err(|error| error.to_string())
}
