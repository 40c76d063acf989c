//! Where people say that alerts go.

use bulkhead_outputs::Address;

use crate::Target;

pub(super) const TARGETS: &[Target] =
    &[Target { name: "syslog-address", run: address, seeds: addresses, data: &[] }];

/// What is read is shown so that it reads as the same.
fn address(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(address) = text.parse::<Address>() else { return false };
    let shown = address.to_string();
    assert_eq!(shown.parse::<Address>().ok(), Some(address), "{shown}");
    true
}

fn addresses() -> Vec<Vec<u8>> {
    let texts = [
        "unix:/dev/log",
        "unix:///run/systemd/journal/syslog",
        "unix:////run/log",
        "udp://logs.example",
        "tcp://10.0.0.1:601",
        "tls://[2001:db8::1]:6514",
        "tls://[::1",
        "tcp://host:0",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}
