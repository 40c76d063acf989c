//! Answers to who asks the sensor about itself: HTTP/1.1 (RFC 9112), as little as `GET` of a page takes.
//!
//! Whoever may connect is no friend: a request is small, an answer is the same for everybody, and none of
//! both takes long.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{SocketFlags, accept_with};

use super::super::protocol::Answers;
use super::{Shared, locked};
use crate::Status;
use crate::metrics::{MEDIA_TYPE, metrics};
use crate::status::CanaryStatus;

/// Bytes of a request at most.
const REQUEST: usize = 8 << 10;

/// How long the other side may take for the next bytes, and for all of them.
const PATIENCE: Duration = Duration::from_secs(2);

/// Answers one after the other, until the other end of the pipe is closed.
pub(super) fn listen(shared: &Shared<'_>, answers: Answers, listener: &OwnedFd, over: &OwnedFd) {
    loop {
        let mut descriptors = [listener, over].map(|one| PollFd::new(one, PollFlags::IN));
        if poll(&mut descriptors, None).is_err() {
            continue;
        }
        if descriptors.last().is_some_and(|over| !over.revents().is_empty()) {
            return;
        }
        if let Ok(connection) = accept_with(listener, SocketFlags::CLOEXEC) {
            // Whoever went away has no need of an answer.
            let _ = serve(shared, answers, connection);
        }
    }
}

fn serve(shared: &Shared<'_>, answers: Answers, connection: OwnedFd) -> io::Result<()> {
    set_socket_timeout(&connection, Timeout::Recv, Some(PATIENCE))?;
    set_socket_timeout(&connection, Timeout::Send, Some(PATIENCE))?;
    let now = || (shared.program.elapsed)();
    let end = now().saturating_add(PATIENCE);
    let mut connection = File::from(connection);
    let mut request = Vec::new();
    while !request.windows(4).any(|window| window == b"\r\n\r\n") && !request.ends_with(b"\n\n") {
        let mut bytes = [0; 1024];
        let count = connection.read(&mut bytes)?;
        if count == 0 || request.len() >= REQUEST || now() > end {
            return Ok(());
        }
        request.extend_from_slice(bytes.get(..count).unwrap_or_default());
    }
    let page = page(shared, answers, &request);
    let mut rest = page.as_slice();
    let end = now().saturating_add(PATIENCE);
    while !rest.is_empty() && now() < end {
        let count = connection.write(rest)?;
        rest = rest.get(count..).unwrap_or_default();
    }
    Ok(())
}

/// The whole answer to a request.
fn page(shared: &Shared<'_>, answers: Answers, request: &[u8]) -> Vec<u8> {
    let mut words = request.split(u8::is_ascii_whitespace);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = path.split(|byte| *byte == b'?').next().unwrap_or_default();
    let (status, media, body) = match (method, path) {
        (b"GET", b"/metrics") => match shared.status() {
            Some(status) => ("200 OK", MEDIA_TYPE, metrics(&status).into_bytes()),
            None => STARTING.owned(),
        },
        (b"GET", b"/status") if answers == Answers::All => match shared.status() {
            Some(status) => {
                ("200 OK", "application/json", serde_json::to_vec(&status).unwrap_or_default())
            }
            None => STARTING.owned(),
        },
        (b"GET", _) => Refusal("404 Not Found", "there is /metrics\n").owned(),
        _ => Refusal("405 Method Not Allowed", "pages can be read\n").owned(),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {}\r\nConnection: close\r\n\
         X-Content-Type-Options: nosniff\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
}

/// An answer without a page: the status of HTTP, and why.
struct Refusal(&'static str, &'static str);

/// The engine has not said anything yet.
const STARTING: Refusal = Refusal("503 Service Unavailable", "the sensor starts\n");

impl Refusal {
    fn owned(self) -> (&'static str, &'static str, Vec<u8>) {
        (self.0, "text/plain; charset=utf-8", self.1.as_bytes().to_vec())
    }
}

impl Shared<'_> {
    /// What the engine told last, with the sign of life, which only the sinks know.
    fn status(&self) -> Option<Status> {
        let mut status = Status::clone(locked(&self.status).as_deref()?);
        status.canary = self.canary.as_ref().map(|canary| {
            let canary = locked(canary);
            let (figures, now) = (canary.figures(), (self.program.elapsed)());
            let silent = canary.silent_since().map(|since| now.saturating_sub(since));
            let seconds = |duration: Option<Duration>| duration.map(|one| one.as_secs_f64());
            CanaryStatus {
                every_seconds: canary.every().as_secs_f64(),
                is_alive: silent.is_none(),
                silent_seconds: seconds(silent),
                rounds: figures.rounds,
                returned: figures.returned,
                silences: figures.silences,
                delay_seconds: seconds(figures.last),
                slowest_seconds: seconds(figures.slowest),
            }
        });
        Some(status)
    }
}
