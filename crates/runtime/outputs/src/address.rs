//! Syslog servers, as people write them and as they are reached.

use std::fmt;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Identity, OutputError, TlsFiles};

/// A syslog server: `unix:PATH`, `udp://HOST[:PORT]`, `tcp://HOST[:PORT]`, `tls://HOST[:PORT]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A socket of this machine.
    Unix(PathBuf),
    /// A host.
    Host {
        /// How it is spoken to.
        transport: Transport,
        /// Its name or address.
        host: String,
        /// Its port.
        port: u16,
    },
}

/// How a host is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// A datagram for each message (RFC 5426).
    Udp,
    /// A stream with the length before each message (RFC 6587, section 3.4.1).
    Tcp,
    /// The same inside TLS (RFC 5425).
    Tls,
}

impl Transport {
    /// The name and the port that is taken where none is given: those of RFC 5426 and 5425, and for plain TCP,
    /// for which there is none, the one that servers are set up for.
    const ALL: [(Self, &'static str, u16); 3] =
        [(Self::Udp, "udp", 514), (Self::Tcp, "tcp", 514), (Self::Tls, "tls", 6514)];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(known, ..)| *known == self).map_or("", |(_, name, _)| name)
    }
}

impl FromStr for Address {
    type Err = OutputError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || OutputError::Address { text: text.to_owned() };
        if let Some(path) = text.strip_prefix("unix:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.starts_with('/') { Ok(Self::Unix(path.into())) } else { Err(wrong()) };
        }
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        let known = Transport::ALL.iter().find(|(_, name, _)| *name == scheme);
        let (transport, _, usual) = *known.ok_or_else(wrong)?;
        let (host, port) = match rest.strip_prefix('[') {
            Some(rest) => {
                let (host, after) = rest.split_once(']').ok_or_else(wrong)?;
                (
                    host,
                    after.strip_prefix(':').or(after.is_empty().then_some("")).ok_or_else(wrong)?,
                )
            }
            None => rest.split_once(':').unwrap_or((rest, "")),
        };
        let port = match port {
            "" => usual,
            port => port.parse().ok().filter(|port| *port > 0).ok_or_else(wrong)?,
        };
        let is_host = !host.is_empty() && !host.contains(['/', '@', ' ']);
        let is_address = host.contains(':') == rest.starts_with('[');
        if !is_host || !is_address {
            return Err(wrong());
        }
        Ok(Self::Host { transport, host: host.to_owned(), port })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Two slashes at the beginning would be taken for those of an address.
            Self::Unix(path) if path.as_os_str().as_encoded_bytes().starts_with(b"//") => {
                write!(formatter, "unix://{}", path.display())
            }
            Self::Unix(path) => write!(formatter, "unix:{}", path.display()),
            Self::Host { transport, host, port } if host.contains(':') => {
                write!(formatter, "{}://[{host}]:{port}", transport.name())
            }
            Self::Host { transport, host, port } => {
                write!(formatter, "{}://{host}:{port}", transport.name())
            }
        }
    }
}

/// A syslog server, so that it can be reached without any file of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// A socket of this machine.
    Unix(PathBuf),
    /// UDP, to the first address that takes it.
    Udp(Server),
    /// TCP, to the first address that answers.
    Tcp(Server),
    /// TLS, to the first address that answers.
    Tls {
        /// The server; its certificate has to be of the host as it is called there.
        server: Server,
        /// Certificates to trust, in DER.
        roots: Vec<Vec<u8>>,
        /// Who we are, should it ask.
        identity: Option<Identity>,
    },
}

/// A host, and where it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Its addresses, with the port.
    pub addresses: Vec<SocketAddr>,
}

impl Server {
    /// Asks anew where it is, since it may have moved. Where nobody knows, it is where it was.
    pub(crate) fn find(&mut self, look_up: impl Fn(&str) -> Vec<IpAddr>) {
        if self.host.parse::<IpAddr>().is_ok() {
            return;
        }
        let found = look_up(&self.host);
        if !found.is_empty() {
            let port = self.port;
            self.addresses =
                found.into_iter().map(|address| SocketAddr::new(address, port)).collect();
        }
    }
}

impl Address {
    /// Looks the host up, and reads what TLS goes by.
    pub fn resolve(&self, files: TlsFiles<'_>) -> Result<Target, OutputError> {
        let (transport, host, port) = match self {
            Self::Unix(path) => return Ok(Target::Unix(path.clone())),
            Self::Host { transport, host, port } => (*transport, host, *port),
        };
        let failed = |cause| OutputError::Host { host: host.clone(), cause };
        let addresses: Vec<SocketAddr> =
            (host.as_str(), port).to_socket_addrs().map_err(failed)?.collect();
        let server = Server { host: host.clone(), port, addresses };
        Ok(match transport {
            Transport::Udp => Target::Udp(server),
            Transport::Tcp => Target::Tcp(server),
            Transport::Tls => {
                let (roots, identity) = files.read()?;
                Target::Tls { server, roots, identity }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        for (text, shown) in [
            ("unix:/dev/log", Some("unix:/dev/log")),
            ("unix:///run/log", Some("unix:/run/log")),
            ("unix:////run/log", Some("unix:////run/log")),
            ("udp://logs.example", Some("udp://logs.example:514")),
            ("tcp://10.0.0.1:601", Some("tcp://10.0.0.1:601")),
            ("tls://[2001:db8::1]", Some("tls://[2001:db8::1]:6514")),
            ("tls://[2001:db8::1]:1", Some("tls://[2001:db8::1]:1")),
            ("tls://2001:db8::1", None),
            ("tls://[2001:db8::1]1", None),
            ("tcp://", None),
            ("tcp://:514", None),
            ("tcp://host:0", None),
            ("tcp://host:70000", None),
            ("tcp://host/path", None),
            ("tcp://name:word@host", None),
            ("unix:log", None),
            ("http://host", None),
            ("/dev/log", None),
        ] {
            let read = text.parse::<Address>().ok().map(|address| address.to_string());
            assert_eq!(read.as_deref(), shown, "{text}");
        }
    }
}
