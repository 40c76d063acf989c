//! Who is asked for addresses: what the node itself would ask.

use std::fs::File;
use std::io::Read as _;
use std::net::{IpAddr, SocketAddr};

use super::Resolved;

/// Bytes of such a file that are read.
const FILE_BYTES: u64 = 1 << 20;

/// The port of name servers: RFC 1035, 4.2.
const PORT: u16 = 53;

/// Name servers, and what needs none.
#[derive(Debug, Clone, Default)]
pub(crate) struct NameServers {
    /// In the order in which they are asked.
    pub(crate) addresses: Vec<SocketAddr>,
    /// Names of the node's own file.
    pub(crate) hosts: Resolved,
}

impl NameServers {
    /// Those that were said, else those of `resolv.conf(5)`; and the names of `hosts(5)`.
    pub(crate) fn read(
        said: Vec<SocketAddr>,
        configuration: Option<File>,
        hosts: Option<File>,
    ) -> Self {
        let text = |file: Option<File>| {
            let mut bytes = Vec::new();
            // What cannot be read names nobody.
            let _ = file.map(|file| file.take(FILE_BYTES).read_to_end(&mut bytes));
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let configured = text(configuration);
        let addresses = if said.is_empty() { servers_of(&configured) } else { said };
        Self { addresses, hosts: hosts_of(&text(hosts)) }
    }
}

/// `nameserver` lines.
fn servers_of(text: &str) -> Vec<SocketAddr> {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let address = |words: Vec<&str>| match words.as_slice() {
        ["nameserver", address, ..] => Some(SocketAddr::new(address.parse().ok()?, PORT)),
        _ => None,
    };
    lines.filter_map(address).collect()
}

/// An address and its names on each line; comments begin with `#`.
fn hosts_of(text: &str) -> Resolved {
    let mut names = Resolved::new();
    for line in text.lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let Some(address) = words.next().and_then(|word| word.parse::<IpAddr>().ok()) else {
            continue;
        };
        names.extend(words.map(|name| (name.to_owned(), vec![address])));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_those_of_the_configuration() {
        let text = "search example.org\nnameserver 10.96.0.10\n;nameserver 1.1.1.1\n\
                    nameserver ::1 # here\nnameserver fe80::1%eth0\noptions ndots:5\n";
        let expected: Vec<SocketAddr> =
            ["10.96.0.10:53", "[::1]:53"].map(|text| text.parse().unwrap()).into();
        assert_eq!(servers_of(text), expected);
    }

    #[test]
    fn hosts_have_several_names() {
        let text =
            "127.0.0.1\tlocalhost\n# 1.2.3.4 not\nx y\n::1 localhost ip6 # z\n\n10.0.0.1 a.b";
        let names = hosts_of(text);
        let names: Vec<_> = names.iter().map(|(name, all)| format!("{name} {}", all[0])).collect();
        assert_eq!(names, ["localhost 127.0.0.1", "localhost ::1", "ip6 ::1", "a.b 10.0.0.1"]);
    }
}
