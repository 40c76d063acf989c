//! Syslog over each transport, to servers that listen for real: what comes, and what becomes of it while they are
//! gone.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

mod away;
mod sender;
mod tls;
mod transports;
