//! Sets of IP addresses, both families side by side.

use std::fmt::{self, Display};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Serialize, Serializer};

use crate::Intervals;

/// A set of addresses. Equal sets are equal values.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Addresses {
    /// Of version 4.
    pub v4: Intervals<u32>,
    /// Of version 6.
    pub v6: Intervals<u128>,
}

impl Addresses {
    /// No address.
    pub fn none() -> Self {
        Self::default()
    }

    /// Every address.
    pub fn all() -> Self {
        Self { v4: Intervals::full(), v6: Intervals::full() }
    }

    /// The addresses of a block in CIDR notation (RFC 4632, RFC 4291 2.3). Bits after the prefix are
    /// ignored, as the API server takes them with a warning; none where it is no such block.
    pub fn block(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        if length.is_empty() || !length.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let length: u32 = length.parse().ok()?;
        match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(address) => {
                let host = u32::MAX.checked_shr(length).unwrap_or(0);
                let first = u32::from(address) & !host;
                (length <= u32::BITS)
                    .then(|| Self { v4: Intervals::range(first, first | host), ..Self::none() })
            }
            IpAddr::V6(address) => {
                let host = u128::MAX.checked_shr(length).unwrap_or(0);
                let first = u128::from(address) & !host;
                (length <= u128::BITS)
                    .then(|| Self { v6: Intervals::range(first, first | host), ..Self::none() })
            }
        }
    }

    /// One address.
    pub fn one(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(it) => Self { v4: Intervals::range(it.into(), it.into()), ..Self::none() },
            IpAddr::V6(it) => Self { v6: Intervals::range(it.into(), it.into()), ..Self::none() },
        }
    }

    /// Whether there is no address in it.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether every address is in it.
    pub fn is_all(&self) -> bool {
        *self == Self::all()
    }

    /// Whether the address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.v4.contains(address.into()),
            IpAddr::V6(address) => self.v6.contains(address.into()),
        }
    }

    /// The addresses of either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self { v4: self.v4.union(&other.v4), v6: self.v6.union(&other.v6) }
    }

    /// The addresses of both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { v4: self.v4.intersection(&other.v4), v6: self.v6.intersection(&other.v6) }
    }

    /// The addresses of this that the other lacks.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self { v4: self.v4.minus(&other.v4), v6: self.v6.minus(&other.v6) }
    }

    /// First and last address of each range, version 4 before 6.
    pub fn ranges(&self) -> impl Iterator<Item = (IpAddr, IpAddr)> + '_ {
        let v4 = self.v4.parts().iter().map(|(first, last)| {
            (IpAddr::V4(Ipv4Addr::from(*first)), IpAddr::V4(Ipv4Addr::from(*last)))
        });
        let v6 = self.v6.parts().iter().map(|(first, last)| {
            (IpAddr::V6(Ipv6Addr::from(*first)), IpAddr::V6(Ipv6Addr::from(*last)))
        });
        v4.chain(v6)
    }
}

/// `any address`, or ranges: `10.0.0.0-10.255.255.255`, separated by commas; a single address alone.
impl Display for Addresses {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_all() {
            return out.write_str("any address");
        }
        for (index, (first, last)) in self.ranges().enumerate() {
            if index > 0 {
                out.write_str(",")?;
            }
            if first == last {
                write!(out, "{first}")?;
            } else {
                write!(out, "{first}-{last}")?;
            }
        }
        Ok(())
    }
}

impl Serialize for Addresses {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(block: &str, expected: Option<&str>) {
        assert_eq!(Addresses::block(block).map(|it| it.to_string()).as_deref(), expected);
    }

    #[test]
    fn blocks() {
        check("10.0.0.0/8", Some("10.0.0.0-10.255.255.255"));
        check("10.1.2.3/8", Some("10.0.0.0-10.255.255.255"));
        check("192.0.2.7/32", Some("192.0.2.7"));
        check("0.0.0.0/0", Some("0.0.0.0-255.255.255.255"));
        check("2001:db8::/32", Some("2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"));
        check("::/0", Some("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
        check("::1/128", Some("::1"));
        for wrong in ["10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0/8", "a/8", "1.1.1.1/+8", "/"] {
            check(wrong, None);
        }
    }

    #[test]
    fn families_are_apart() {
        let both = Addresses::block("0.0.0.0/0").expect("a block");
        assert!(!both.is_all() && !both.contains(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        let all = both.union(&Addresses::block("::/0").expect("a block"));
        assert!(all.is_all());
        let except = Addresses::block("10.0.0.0/9").expect("a block");
        let left = Addresses::block("10.0.0.0/8").expect("a block").minus(&except);
        assert_eq!(left.to_string(), "10.128.0.0-10.255.255.255");
    }
}
