//! Addresses and networks as rules write them.

use std::net::IpAddr;

/// A network, or a single address as the network of all its bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    pub(crate) address: IpAddr,
    pub(crate) bits: u8,
}

impl Network {
    /// `10.0.0.0/8`, `fe80::/10`, `10.1.2.3`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address.parse().ok()?, Some(bits.parse().ok()?)),
            // One of IPv4 that is written as one of IPv6 is held against what it is.
            None => (text.parse::<IpAddr>().ok()?.to_canonical(), None),
        };
        let most = if matches!(address, IpAddr::V4(_)) { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { address, bits })
    }

    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        let differs = match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let bits = u32::from(network) ^ u32::from(address);
                // Brings the network's bits to the front of the wider number.
                u128::from(bits).wrapping_shl(96)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => u128::from(network) ^ u128::from(address),
            _ => return false,
        };
        differs.leading_zeros() >= u32::from(self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses() {
        let cases = [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.1.2.3/8", "10.9.9.9", true),
            ("0.0.0.0/0", "255.1.1.1", true),
            ("0.0.0.0/0", "::1", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false),
            ("fe80::/10", "febf::1", true),
            ("fe80::/10", "fec0::1", false),
            ("::/0", "1::", true),
            ("::1", "::1", true),
            ("::ffff:10.1.2.3", "10.1.2.3", true),
        ];
        for (network, address, expected) in cases {
            let network = Network::read(network).unwrap();
            assert_eq!(
                network.contains(address.parse().unwrap()),
                expected,
                "{network:?} {address}"
            );
        }
        for text in ["10.0.0.0/33", "10.0.0/8", "x", "::/129", "10.0.0.0/", "10.0.0.0/-1"] {
            assert_eq!(Network::read(text), None, "{text}");
        }
    }
}
