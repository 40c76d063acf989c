//! The question to a sensor that runs, over its socket.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use bulkhead_sensor::Status;

use crate::failure::Failure;

/// Bytes of an answer at most: a thousand containers take less than a hundredth of it.
const ANSWER: u64 = 64 << 20;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the sensor at that socket says of itself; none where there is no sensor.
pub(super) fn status(path: &Path) -> Result<Option<Status>, Failure> {
    use io::ErrorKind::{ConnectionRefused, NotFound, PermissionDenied};
    let socket = match UnixStream::connect(path) {
        Ok(socket) => socket,
        Err(error) if matches!(error.kind(), NotFound | ConnectionRefused) => return Ok(None),
        Err(error) if error.kind() == PermissionDenied => {
            let message = format!("the sensor at {} tells root only how it is", path.display());
            return Err(Failure::new(message, "run this as root"));
        }
        Err(error) => return Err(failed(path, &error)),
    };
    // A sensor that is about to start has nothing to say yet; it is asked again.
    let bytes = answer(socket).map_err(|error| failed(path, &error))?;
    let (head, body) = split(&bytes).ok_or_else(|| no_sensor(path))?;
    if !head.starts_with(b"HTTP/1.1 200 ") {
        let message = format!(
            "the sensor at {} does not say how it is: {}",
            path.display(),
            String::from_utf8_lossy(body).trim()
        );
        return Err(Failure::new(message, "ask again once it has started"));
    }
    let status = serde_json::from_slice(body).map_err(|_| no_sensor(path))?;
    Ok(Some(status))
}

fn answer(mut socket: UnixStream) -> io::Result<Vec<u8>> {
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    socket.write_all(b"GET /status HTTP/1.1\r\nHost: sensor\r\nConnection: close\r\n\r\n")?;
    let mut bytes = Vec::new();
    socket.take(ANSWER).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some((bytes.get(..at)?, bytes.get(at + 4..)?))
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    let message = format!("the sensor at {} does not answer: {error}", path.display());
    Failure::new(
        message,
        "its processes may be stopped; what it wrote to standard error may say why",
    )
}

fn no_sensor(path: &Path) -> Failure {
    let message = format!("what answers at {} is no sensor of this version", path.display());
    Failure::new(message, "name the socket that the sensor was given: --socket PATH")
}
