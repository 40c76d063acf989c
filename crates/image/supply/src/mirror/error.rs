//! Why a mirror cannot be kept up to date.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use bulkhead_advisories::FeedError;
use bulkhead_http::HttpError;

/// What helps where the disk is full.
const ROOM: &str = "make room, choose feeds with --feed, or change --keep-free";

/// A mirror, or a file of it, that cannot be brought up to date. Addresses are shown without
/// credentials.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MirrorError {
    /// A file or folder could not be read or written; the cause names it.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Another program changes the folder.
    #[error("another update is at work in {}", folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
    },
    /// What is remembered of earlier updates cannot be read.
    #[error("{} cannot be read: {cause}", file.display())]
    State {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// No feed has that id.
    #[error("no feed is called {id:?}")]
    UnknownFeed {
        /// What was asked for.
        id: String,
    },
    /// The feed is known, and not fetched by programs.
    #[error("the feed {id} is not fetched: {reason}")]
    ByHand {
        /// The feed.
        id: String,
        /// Why.
        reason: String,
    },
    /// The address of a server of a mirror is none, or not one to ask.
    #[error("{text:?} is no address of a mirror: {cause}")]
    Server {
        /// What was given, without credentials.
        text: String,
        /// What is wrong with it.
        cause: &'static str,
    },
    /// There is no answer, or not the one that is wanted.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// A listing cannot be read.
    #[error("{address}: {cause}")]
    Listing {
        /// Where it lies.
        address: String,
        /// What is wrong with it.
        cause: FeedError,
    },
    /// A listing has nothing of what it should list.
    #[error("{address} lists nothing like {wanted}")]
    Empty {
        /// Where it lies.
        address: String,
        /// The patterns of what is taken of it.
        wanted: String,
    },
    /// A file would lie where none of its feed does.
    #[error("{address} is none of the feed's files")]
    Place {
        /// The address.
        address: String,
    },
    /// A file is another than its publisher says.
    #[error("{address} has the SHA-256 {found}, its publisher says {expected}")]
    Checksum {
        /// Where it lies.
        address: String,
        /// The digest that the publisher tells.
        expected: String,
        /// That of what came.
        found: String,
    },
    /// A checksum does not tell a digest of the file.
    #[error("{address} tells no SHA-256 of {name}")]
    NoChecksum {
        /// Where the checksum lies.
        address: String,
        /// The file's name.
        name: String,
    },
    /// What came is something else than its name says, as an error page is.
    #[error("{address} {cause}; it was not taken")]
    Content {
        /// Where it lies.
        address: String,
        /// What it is instead.
        cause: String,
    },
    /// It came too slowly.
    #[error("{address} did not come within {} hours", limit.as_secs() / 3600)]
    Slow {
        /// Where it lies.
        address: String,
        /// How long it may take.
        limit: Duration,
    },
    /// The disk would be full.
    #[error("the disk has {free} bytes left, and {reserve} are to stay free")]
    Space {
        /// Bytes that are free.
        free: u64,
        /// Bytes that must be.
        reserve: u64,
    },
    /// A part of the program itself broke.
    #[error("a task ended early: {0}")]
    Task(String),
}

impl MirrorError {
    /// What a person can do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Http(HttpError::Keep(error)) if error.kind() == io::ErrorKind::StorageFull => {
                ROOM
            }
            Self::Http(error) => return error.hint().map(str::to_owned),
            Self::Locked { .. } => "wait until it has ended",
            Self::State { .. } => "remove the file: then everything is fetched anew",
            Self::UnknownFeed { .. } => {
                "docs/feeds.md and content/feeds.yaml list the feeds by their ids"
            }
            Self::ByHand { .. } => "put its files into the mirror folder yourself, or leave it out",
            Self::Server { .. } => "write it as https://HOST/PATH; --insecure allows http",
            Self::Checksum { .. } | Self::NoChecksum { .. } => {
                "its publisher may be changing it at this moment: try again in some minutes"
            }
            Self::Space { .. } => ROOM,
            Self::Slow { .. } => "run it again: it goes on with what has come",
            Self::Listing { .. } | Self::Empty { .. } => {
                "the publisher may have moved the feed; a mirror of another can be read with --from"
            }
            Self::Io(_) | Self::Place { .. } | Self::Content { .. } | Self::Task(_) => return None,
        };
        Some(hint.to_owned())
    }
}
