//! Messages on their way to a syslog server.
//!
//! A thread sends what a bounded queue holds, and connects anew where the server is gone. What
//! the queue has no room for is dropped and counted; the next message that the server gets says how many. Syslog knows no receipt: what a server took and did not keep is not known here.

mod connection;
mod queue;

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::{OutputError, Target};

use connection::{Connection, Connector};
pub use queue::Gap;
use queue::Queue;

/// The shortest and the longest wait before the server is tried again.
const WAITS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

/// A syslog server as an output.
pub struct Syslog {
    queue: Arc<Queue>,
}

/// What the thread has to say.
pub struct Voice {
    /// Makes the message that tells the server what it did not get.
    pub message: Message,
    /// Tells whoever runs the program.
    pub warning: Warning,
    /// Where a host is now, asked when a connection to it was lost or cannot be made. Nothing where nobody knows.
    pub look_up: LookUp,
}

type LookUp = Box<dyn Fn(&str) -> Vec<IpAddr> + Send>;
type Message = Box<dyn Fn(Gap) -> Vec<u8> + Send>;
type Warning = Box<dyn Fn(&str) + Send>;

impl Syslog {
    /// Starts sending. The server need not be there yet.
    pub fn start(target: Target, voice: Voice) -> Result<Self, OutputError> {
        let connector = Connector::new(target)?;
        let queue = Arc::new(Queue::default());
        let worker = Arc::clone(&queue);
        thread::Builder::new()
            .name("syslog".to_owned())
            .stack_size(256 << 10)
            .spawn(move || send_all(connector, &worker, &voice))?;
        Ok(Self { queue })
    }

    /// Adds a message; never waits.
    pub fn send(&self, message: Vec<u8>) {
        self.queue.push(message);
    }

    /// Waits until everything is sent, or until the time is over, whatever the server does meanwhile. How many
    /// messages were never sent.
    pub fn end(self, patience: Duration) -> u64 {
        self.queue.end(patience);
        self.queue.missing()
    }
}

/// Sends what comes until the queue ends.
fn send_all(mut connector: Connector, queue: &Queue, voice: &Voice) {
    let mut connection = None;
    let mut wait = WAITS.0;
    let mut is_told = false;
    while let Some(message) = queue.first() {
        let was_open = connection.is_some();
        match send_one(&connector, &mut connection, queue, voice, &message) {
            Ok(()) => {
                queue.sent();
                wait = WAITS.0;
                if std::mem::take(&mut is_told) {
                    (voice.warning)(&format!("{connector} takes messages again"));
                }
            }
            Err(error) => {
                connection = None;
                // A server that was there until now may only have closed the connection.
                if was_open {
                    connector.find(&voice.look_up);
                    continue;
                }
                if !std::mem::replace(&mut is_told, true) {
                    (voice.warning)(&format!("{connector} takes no messages: {error}"));
                }
                queue.pause(wait);
                connector.find(&voice.look_up);
                wait = wait.saturating_mul(2).min(WAITS.1);
            }
        }
    }
    if let Some(connection) = connection {
        connection.close();
    }
    queue.finish();
}

/// Sends a message, over a new connection where there is none; that one begins with what was dropped.
fn send_one(
    connector: &Connector,
    connection: &mut Option<Connection>,
    queue: &Queue,
    voice: &Voice,
    message: &[u8],
) -> io::Result<()> {
    let open = match connection {
        Some(open) => open,
        none => none.insert(connector.connect()?),
    };
    if let Some(gap) = queue.gap() {
        open.send(&(voice.message)(gap))?;
        queue.told(gap);
    }
    open.send(message)
}
