//! What may pass between two ends: protocols and ports.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::Intervals;

/// A protocol of Kubernetes' network policies (`core/v1 Protocol`), in the order of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    /// Stream Control Transmission Protocol.
    Sctp,
    /// Transmission Control Protocol, which is meant where none is named.
    Tcp,
    /// User Datagram Protocol.
    Udp,
}

impl Protocol {
    /// Each of them, in the order of their names.
    pub const ALL: [Self; 3] = [Self::Sctp, Self::Tcp, Self::Udp];

    /// The protocol of that name; none where it is unknown.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name)
    }

    /// As Kubernetes writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sctp => "SCTP",
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        }
    }

    /// Where its ports begin in the one line of numbers that [`Connections`] is a set of.
    fn base(self) -> u32 {
        match self {
            Self::Sctp => 0,
            Self::Tcp => 1 << 16,
            Self::Udp => 2 << 16,
        }
    }
}

/// The ports that exist, first and last.
const PORTS: (u16, u16) = (1, u16::MAX);

/// A set of (protocol, port). Equal sets are equal values.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Connections {
    /// Ports of all protocols on one line, each protocol from its own base. Port 0 of a protocol is
    /// never in it, so that no interval crosses from one to the next.
    points: Intervals<u32>,
}

impl Connections {
    /// Nothing passes.
    pub fn none() -> Self {
        Self::default()
    }

    /// Every port of every protocol.
    pub fn all() -> Self {
        Protocol::ALL
            .into_iter()
            .fold(Self::none(), |all, protocol| all.union(&Self::protocol(protocol)))
    }

    /// Every port of one protocol.
    pub fn protocol(protocol: Protocol) -> Self {
        Self::ports(protocol, PORTS.0, PORTS.1)
    }

    /// Ports from first to last, both included; none where they are the wrong way round.
    pub fn ports(protocol: Protocol, first: u16, last: u16) -> Self {
        let point = |port: u16| protocol.base().saturating_add(port.into());
        Self { points: Intervals::range(point(first.max(PORTS.0)), point(last)) }
    }

    /// One port.
    pub fn port(protocol: Protocol, port: u16) -> Self {
        Self::ports(protocol, port, port)
    }

    /// Whether nothing passes.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Whether everything passes.
    pub fn is_all(&self) -> bool {
        *self == Self::all()
    }

    /// Whether everything of the other passes.
    pub fn covers(&self, other: &Self) -> bool {
        self.points.covers(&other.points)
    }

    /// What either lets pass.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self { points: self.points.union(&other.points) }
    }

    /// What both let pass.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { points: self.points.intersection(&other.points) }
    }

    /// What this lets pass and the other does not.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self { points: self.points.minus(&other.points) }
    }

    /// Ranges of ports, first and last, by protocol.
    pub fn ranges(&self) -> impl Iterator<Item = (Protocol, u16, u16)> + '_ {
        self.points.parts().iter().filter_map(|(first, last)| {
            let protocol =
                Protocol::ALL.into_iter().rev().find(|protocol| protocol.base() <= *first)?;
            let port = |point: u32| u16::try_from(point.checked_sub(protocol.base())?).ok();
            Some((protocol, port(*first)?, port(*last)?))
        })
    }
}

/// `All Connections`, `No Connections`, or as `SCTP 9003,TCP 80,8000-8090,UDP 53`.
impl Display for Connections {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return out.write_str("No Connections");
        }
        if self.is_all() {
            return out.write_str("All Connections");
        }
        let mut written = None;
        for (protocol, first, last) in self.ranges() {
            match written {
                Some(before) if before == protocol => out.write_str(",")?,
                Some(_) => write!(out, ",{} ", protocol.name())?,
                None => write!(out, "{} ", protocol.name())?,
            }
            written = Some(protocol);
            if first == last {
                write!(out, "{first}")?;
            } else {
                write!(out, "{first}-{last}")?;
            }
        }
        Ok(())
    }
}

/// A text that names no connections.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} names no connections; write for example \"TCP 80,8000-8090,UDP 53\"")]
pub struct UnreadableConnections {
    /// The text.
    pub text: String,
}

/// Reads what [`Display`] writes.
impl FromStr for Connections {
    type Err = UnreadableConnections;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unreadable = || UnreadableConnections { text: text.to_owned() };
        match text {
            "All Connections" => return Ok(Self::all()),
            "No Connections" => return Ok(Self::none()),
            _ => {}
        }
        let mut connections = Self::none();
        let mut protocol = None;
        for part in text.split(',') {
            let ports = match part.trim().split_once(' ') {
                Some((name, ports)) => {
                    protocol = Some(Protocol::named(name).ok_or_else(unreadable)?);
                    ports
                }
                None => part.trim(),
            };
            let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
            let number = |text: &str| text.trim().parse::<u16>().map_err(|_| unreadable());
            let protocol = protocol.ok_or_else(unreadable)?;
            let range = Self::ports(protocol, number(first)?, number(last)?);
            connections = connections.union(&range);
        }
        if connections.is_empty() { Err(unreadable()) } else { Ok(connections) }
    }
}

impl Serialize for Connections {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for text in [
            "All Connections",
            "No Connections",
            "TCP 80",
            "TCP 1-65535",
            "SCTP 1-9002,9004-65535,TCP 1-65535,UDP 1-65535",
            "SCTP 9003,TCP 80,8000-8090,UDP 53",
        ] {
            assert_eq!(text.parse::<Connections>().map(|it| it.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "80", "ICMP 1", "TCP", "TCP 0", "TCP 9-8", "TCP 70000", "TCP x"] {
            assert!(text.parse::<Connections>().is_err(), "{text}");
        }
    }

    #[test]
    fn protocols_do_not_touch() {
        let all: Connections = "SCTP 65535,TCP 1".parse().expect("connections");
        assert_eq!(all.to_string(), "SCTP 65535,TCP 1");
        let without = Connections::all().minus(&Connections::protocol(Protocol::Tcp));
        assert_eq!(without.to_string(), "SCTP 1-65535,UDP 1-65535");
        assert!(without.union(&Connections::protocol(Protocol::Tcp)).is_all());
        assert!(!without.covers(&all));
    }
}
