//! Why a request has no answer.

use std::error::Error as _;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::Address;

/// A request failed. Addresses are shown without credentials.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The network may not be used.
    #[error("the network is not used when offline")]
    Offline,
    /// A file of certificates cannot be used.
    #[error("{}: {cause}", path.display())]
    Roots {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// No client could be made.
    #[error("no connection can be made: {0}")]
    Client(String),
    /// The text is no address of `http` or `https`.
    #[error("this is no address of http or https")]
    NoAddress,
    /// The server could not be reached: no such name, refused, no TLS. A name that is misspelt should
    /// not take a minute to be told, so this is not tried again.
    #[error("{address} cannot be reached: {cause}")]
    Connect {
        /// What was asked for.
        address: Address,
        /// What happened.
        cause: String,
    },
    /// The server is not who it should be.
    #[error("{address}: the certificate is not trusted: {cause}")]
    Certificate {
        /// What was asked for.
        address: Address,
        /// What is wrong with it.
        cause: String,
    },
    /// Nothing came for too long.
    #[error("{address} gave no answer in time")]
    TimedOut {
        /// What was asked for.
        address: Address,
    },
    /// The answer broke off.
    #[error("{address}: the answer broke off after {position} bytes: {cause}")]
    Broken {
        /// What was asked for.
        address: Address,
        /// Bytes of the content that came before.
        position: u64,
        /// What happened.
        cause: String,
    },
    /// The server refused.
    #[error("{address} answered {status}{}", quoted(message))]
    Status {
        /// What was asked for.
        address: Address,
        /// The status of the answer.
        status: u16,
        /// The beginning of what it says, in printable characters.
        message: String,
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// A redirect leads where it must not.
    #[error("{address} redirects {cause}")]
    Redirect {
        /// What was asked for.
        address: Address,
        /// Where to, and why it is not followed.
        cause: String,
    },
    /// The answer is larger than it may be.
    #[error("{address} has {}, more than the {limit} that are accepted", size.map_or("more bytes".to_owned(), |size| format!("{size} bytes")))]
    TooLarge {
        /// What was asked for.
        address: Address,
        /// Bytes that it announces.
        size: Option<u64>,
        /// Bytes that it may have.
        limit: u64,
    },
    /// The answer is not one to the question.
    #[error("{address}: {cause}")]
    Answer {
        /// What was asked for.
        address: Address,
        /// What is wrong with it.
        cause: String,
    },
    /// What came could not be written down.
    #[error("what was received could not be kept: {0}")]
    Keep(io::Error),
}

impl HttpError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Offline => Some("leave out --offline, or name a source on this machine"),
            Self::Roots { .. } => {
                Some("name a file with certificates between BEGIN CERTIFICATE and END CERTIFICATE")
            }
            Self::Certificate { .. } => Some(
                "give the certificate of its authority with --cacert FILE; --insecure leaves out \
                 the check",
            ),
            Self::Connect { .. } => {
                Some("check the name, and HTTPS_PROXY and NO_PROXY where a proxy is needed")
            }
            Self::Status { status: 429, .. } => {
                Some("the server limits how often it is asked: wait, sign in, or use a mirror")
            }
            _ => None,
        }
    }

    /// The status where the server refused.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether the same may well succeed at another time.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::TimedOut { .. } | Self::Broken { .. } => true,
            Self::Status { status, .. } => {
                reqwest::StatusCode::from_u16(*status).is_ok_and(crate::retry::is_transient)
            }
            _ => false,
        }
    }

    /// Of a request that has no answer at all.
    pub(crate) fn unanswered(error: &reqwest::Error, address: Address) -> Self {
        if let Some(cause) = certificate(error) {
            return Self::Certificate { address, cause };
        }
        if error.is_timeout() {
            return Self::TimedOut { address };
        }
        if error.is_builder() {
            return Self::Answer { address, cause: chain(error) };
        }
        if error.is_connect() {
            return Self::Connect { address, cause: chain(error) };
        }
        Self::Broken { address, position: 0, cause: chain(error) }
    }

    /// Of an answer that broke off after so many bytes.
    pub(crate) fn broken(error: &reqwest::Error, address: Address, position: u64) -> Self {
        let cause =
            if error.is_timeout() { "nothing came for too long".to_owned() } else { chain(error) };
        Self::Broken { address, position, cause }
    }
}

fn quoted(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

/// What rustls says about a certificate, where that is at the bottom of an error.
fn certificate(error: &reqwest::Error) -> Option<String> {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(rustls::Error::InvalidCertificate(reason)) = inner.downcast_ref() {
            return Some(reason.to_string());
        }
        // An input or output error hides the one that it wraps from `source`.
        cause = match inner.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => inner.source(),
        };
    }
    None
}

/// The causes of an error without its address, which may hold secrets.
pub(crate) fn chain(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
        cause = inner.source();
    }
    if texts.is_empty() {
        "it failed for no reason that is told".to_owned()
    } else {
        texts.join(": ")
    }
}
