//! How the network may be used.

use std::path::PathBuf;
use std::time::Duration;

use crate::retry::Retry;
use crate::{Client, HttpError};

/// How the network may be used. One value for a whole run of the program.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// Not at all.
    pub offline: bool,
    /// PEM files with certificates to trust beside those of the system.
    pub roots: Vec<PathBuf>,
    /// Hosts, `name` or `name:port`, whose certificate is not checked and that may be asked without
    /// TLS.
    pub insecure: Vec<String>,
    /// Through which proxies.
    pub proxies: Proxies,
    /// How long to wait.
    pub patience: Patience,
    /// How often to try.
    pub retry: Retry,
}

/// Which proxies requests go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Proxies {
    /// Those that `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY` name, but for the hosts of `NO_PROXY`.
    #[default]
    Environment,
    /// None, whatever the environment says.
    Direct,
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// For the start of an answer, and between two pieces of it.
    pub stall: Duration,
    /// For a whole document; transfers have no such end as long as they move.
    pub document: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            stall: Duration::from_secs(30),
            document: Duration::from_mins(2),
        }
    }
}

impl Network {
    /// The client of this network; an error where it may not be used.
    pub fn client(&self) -> Result<Client, HttpError> {
        Client::new(self)
    }

    /// Whether a host, `name` or `name:port`, may be reached insecurely: its certificate counts for
    /// nothing, and it may be asked without TLS. A host that is named without a port means any.
    pub fn is_insecure(&self, authority: &str) -> bool {
        let name = match authority.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => name,
            _ => authority,
        };
        self.insecure.iter().any(|insecure| {
            insecure.eq_ignore_ascii_case(authority) || insecure.eq_ignore_ascii_case(name)
        })
    }
}
