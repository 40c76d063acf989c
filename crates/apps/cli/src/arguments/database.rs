//! Flags of the commands about advisory databases.

use std::path::PathBuf;

use bulkhead_http::Secret;
use bulkhead_model::Scope;
use clap::{Args, ValueEnum};

use super::Network;
use super::network::secret;

pub(crate) const UPDATE_EXAMPLES: &str = "Exit codes:
  0 everything was fetched   1 there is no new database   3 the database is new, and a feed is not

Examples:
  bulkhead db update
  bulkhead db update --feed alpine-secdb,cisa-kev --mirror-dir /srv/mirror -o advisories.db
  bulkhead db update --from https://mirror.example/feeds";

pub(crate) const STATUS_EXAMPLES: &str = "Exit codes:
  0 fresh   1 the database cannot be read   3 a feed is outdated, the database expired, or there is none

Examples:
  bulkhead db status
  bulkhead db status --db advisories.db -o json";

pub(crate) const DIFF_EXAMPLES: &str = "Examples:
  bulkhead db diff yesterday.db today.db
  bulkhead db diff yesterday.db today.db --scope debian:12 -o json";

pub(crate) const SEARCH_EXAMPLES: &str = "Examples:
  bulkhead db search CVE-2021-44228
  bulkhead db search openssl --scope alpine:3.20
  bulkhead db search pkg:npm/lodash@4.17.4 -o json";

#[derive(Debug, Args)]
pub(crate) struct Update {
    /// Fetch this feed only, by its id in docs/feeds.md. Repeatable, or several with commas
    #[arg(long = "feed", value_name = "ID", value_delimiter = ',')]
    pub(crate) feeds: Vec<String>,
    /// The mirror folder; without it the one in the user's data folder
    #[arg(long, value_name = "DIR")]
    pub(crate) mirror_dir: Option<PathBuf>,
    /// Ask this server instead of the publishers: it has the layout of a mirror folder
    #[arg(long, value_name = "URL", value_parser = secret, hide_env_values = true)]
    pub(crate) from: Option<Secret>,
    /// Token for that server; better given by environment
    #[arg(long, value_name = "TOKEN", value_parser = secret, requires = "from", hide_env_values = true)]
    pub(crate) from_token: Option<Secret>,
    /// The database; without it the one in the user's data folder, which scans use by themselves
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Advisories of your own to put into it: a YAML file, or a folder of them. Repeatable
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) advisories: Vec<PathBuf>,
    /// Fetch, and build no database
    #[arg(long)]
    pub(crate) no_build: bool,
    /// Files that are fetched at the same time
    #[arg(long, value_name = "COUNT", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    pub(crate) parallel: u8,
    /// MiB that a file may have
    #[arg(long, value_name = "MIB", default_value_t = 2048, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_file_size: u64,
    /// MiB of the disk that are left free
    #[arg(long, value_name = "MIB", default_value_t = 512)]
    pub(crate) keep_free: u64,
    #[command(flatten)]
    pub(crate) network: Network,
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// The database; without it the one in the user's data folder, else the embedded starter set
    #[arg(long, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
    /// The mirror folder; without it the one in the user's data folder, if there is one
    #[arg(long, value_name = "DIR")]
    pub(crate) mirror_dir: Option<PathBuf>,
    /// Form of the result
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The older database
    pub(crate) older: PathBuf,
    /// The newer database
    pub(crate) newer: PathBuf,
    /// Only what concerns this ecosystem or release, such as npm or debian:12
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Option<Scope>,
    /// Form of the result
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Search {
    /// A vulnerability by any of its names, the name of a package, or a package URL
    pub(crate) query: String,
    /// Only in this ecosystem or release, such as npm or debian:12
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Option<Scope>,
    /// The database; without it the one in the user's data folder, else the embedded starter set
    #[arg(long, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
    /// Form of the result
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: Form,
}

/// How a result about a database is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people
    Table,
    /// For programs
    Json,
}
