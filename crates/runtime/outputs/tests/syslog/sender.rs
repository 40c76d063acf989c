//! What sends, and what reads the other end strictly.

use std::io::BufRead;
use std::net::IpAddr;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use bulkhead_outputs::{Address, Gap, Syslog, Target, TlsFiles, Voice};

/// How long one waits for something that has to come.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// What sends to an address, and what it says about it.
pub(crate) struct Sender {
    syslog: Syslog,
    warnings: Receiver<String>,
}

impl Sender {
    pub(crate) fn to(address: &str, roots: Option<&Path>) -> Self {
        let files = TlsFiles { roots, identity: None };
        Self::start(address.parse::<Address>().unwrap().resolve(files).unwrap(), &[])
    }

    /// To a target, whose host is at these addresses when it is looked up again.
    pub(crate) fn start(target: Target, moved: &[IpAddr]) -> Self {
        let (sender, warnings) = channel();
        let moved = moved.to_vec();
        let voice = Voice {
            message: Box::new(|Gap { dropped }| format!("{dropped} dropped").into_bytes()),
            warning: Box::new(move |text| drop(sender.send(text.to_owned()))),
            look_up: Box::new(move |_| moved.clone()),
        };
        Self { syslog: Syslog::start(target, voice).unwrap(), warnings }
    }

    pub(crate) fn send(&self, message: impl Into<Vec<u8>>) {
        self.syslog.send(message.into());
    }

    /// The next warning.
    pub(crate) fn warning(&self) -> String {
        self.warnings.recv_timeout(PATIENCE).unwrap()
    }

    /// How many messages were never sent, and the warnings that nobody read yet.
    pub(crate) fn end(self, patience: Duration) -> (u64, Vec<String>) {
        (self.syslog.end(patience), self.warnings.try_iter().collect())
    }
}

/// A frame of RFC 6587, section 3.4.1: `MSG-LEN SP SYSLOG-MSG`, the length without zeros in front. None at the end.
pub(crate) fn frame(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    reader.read_until(b' ', &mut head).unwrap();
    let digits = match head.split_last() {
        None => return None,
        Some((blank, digits)) => {
            assert_eq!(*blank, b' ', "{head:?}");
            std::str::from_utf8(digits).unwrap()
        }
    };
    let is_length = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    assert!(is_length, "{digits}");
    let mut message = vec![0; digits.parse().unwrap()];
    reader.read_exact(&mut message).unwrap();
    Some(message)
}
