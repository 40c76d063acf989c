//! Why an output cannot be used.

use std::io;

/// An output that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// The text names no syslog server.
    #[error("{text} is no address of syslog")]
    Address {
        /// What was given.
        text: String,
    },
    /// The host has no address.
    #[error("cannot look up {host}: {cause}")]
    Host {
        /// The host.
        host: String,
        /// Why.
        cause: io::Error,
    },
    /// Certificates to trust cannot be read.
    #[error("{file}: {cause}")]
    Certificates {
        /// The file, or what stands for those of the system.
        file: String,
        /// Why.
        cause: String,
    },
    /// The key of our own certificate cannot be read.
    #[error("{file}: {cause}")]
    Key {
        /// The file.
        file: String,
        /// Why.
        cause: String,
    },
    /// TLS cannot be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// A thread cannot be started, or a file not be opened.
    #[error(transparent)]
    System(#[from] io::Error),
}

impl OutputError {
    /// What a person can do about it.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Address { .. } => {
                Some("write unix:/dev/log, udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT")
            }
            Self::Host { .. } => {
                Some("give an address instead of a name, or mend the name service")
            }
            Self::Certificates { .. } => Some(
                "give a file of PEM certificates: those that the server's is signed by, or your own",
            ),
            Self::Key { .. } => Some("give a file with one private key in PEM, without a password"),
            Self::Tls(_) | Self::System(_) => None,
        }
    }
}
