//! Who speaks to whom.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::Text;

/// The two ends of a socket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// This end. Absent before the kernel chose it.
    pub local: Option<Endpoint>,
    /// The other end. Absent where the socket only listens.
    pub remote: Option<Endpoint>,
    /// Who asked for it.
    pub role: Role,
    /// What is spoken on top of IP.
    pub protocol: Protocol,
    /// Whether it is connected: a `connect(2)` went well, or it was accepted.
    pub connected: bool,
}

impl Connection {
    /// The end that asked for the connection.
    pub fn client(&self) -> Option<&Endpoint> {
        match self.role {
            Role::Server => self.remote.as_ref(),
            Role::Client | Role::Unknown => self.local.as_ref(),
        }
    }

    /// The end that was asked.
    pub fn server(&self) -> Option<&Endpoint> {
        match self.role {
            Role::Server => self.local.as_ref(),
            Role::Client | Role::Unknown => self.remote.as_ref(),
        }
    }

    /// What a [`FileDescriptor`](crate::FileDescriptor) of this connection is called:
    /// `10.0.0.2:51712->10.0.0.1:443`, or the one end that is known.
    pub fn name(&self) -> Text {
        match (self.client(), self.server()) {
            (Some(client), Some(server)) => format!("{client}->{server}").into(),
            (Some(one), None) | (None, Some(one)) => one.to_string().into(),
            (None, None) => Text::default(),
        }
    }
}

/// One end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The address.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
    /// The names that were known to lead to the address when it was used.
    pub names: Option<Arc<[Text]>>,
}

impl Endpoint {
    /// An end of which nothing is known yet.
    pub(crate) fn unspecified() -> Self {
        SocketAddr::from(([0, 0, 0, 0], 0)).into()
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        Self { address: address.ip(), port: address.port(), names: None }
    }
}

/// `10.0.0.1:443`; without brackets for IPv6, as rules of Falco know it.
impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.address, self.port)
    }
}

/// Who asked for a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// It is not known.
    #[default]
    Unknown,
    /// This process asked.
    Client,
    /// This process was asked.
    Server,
}

/// What is spoken on top of IP.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// It is not known, or there is none.
    #[default]
    Unknown,
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// ICMP, of IPv4 or IPv6.
    Icmp,
    /// Packets that the program makes itself.
    Raw,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Unknown, Self::Tcp, Self::Udp, Self::Icmp, Self::Raw];

    /// The name that rules use, which for what is not known is a text like others.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "<NA>",
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
            Self::Raw => "raw",
        }
    }
}
