//! The sockets on which the sensor tells of itself, opened before it gives up the right to.

use std::io;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{
    DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _,
};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use bulkhead_sensor::Answers;

use crate::arguments::{MetricsAddress, Upkeep};
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Where the sensor tells root how it is.
pub(super) const SOCKET: &str = "/run/bulkhead/sensor.sock";

/// What turns the socket off.
const NONE: &str = "none";

/// The sockets that are open, and the files that stand for them, which go with this value.
#[derive(Debug, Default)]
pub(super) struct Listening {
    pub(super) sockets: Vec<(Answers, OwnedFd)>,
    files: Vec<(PathBuf, u64)>,
}

impl Listening {
    /// Opens what was asked for. Where nobody asked for a socket and the usual one cannot be had, the sensor
    /// does without, and says so: it has something more important to do.
    pub(super) fn open(arguments: &Upkeep, terminal: Terminal) -> Result<Self, Failure> {
        let mut listening = Self::default();
        match &arguments.socket {
            Some(none) if none == Path::new(NONE) => {}
            Some(path) => {
                listening.unix(Answers::All, path).map_err(|error| refused(path, &error))?;
            }
            None => {
                if let Err(error) = listening.unix(Answers::All, Path::new(SOCKET)) {
                    let message =
                        format!("nobody can ask this sensor how it is: {SOCKET}: {error}");
                    terminal.warning(&message, Some("give it a place of its own: --socket PATH"));
                }
            }
        }
        match &arguments.metrics {
            None => {}
            Some(MetricsAddress::Unix(path)) => {
                listening.unix(Answers::Metrics, path).map_err(|error| refused(path, &error))?;
            }
            Some(MetricsAddress::Loopback(address)) => {
                let bound = TcpListener::bind(address).and_then(|listener| {
                    listener.set_nonblocking(true)?;
                    Ok(listener)
                });
                let listener = bound.map_err(|error| {
                    let message = format!("cannot tell metrics at {address}: {error}");
                    Failure::new(message, "choose another port: --metrics 127.0.0.1:PORT")
                })?;
                listening.sockets.push((Answers::Metrics, listener.into()));
            }
        }
        Ok(listening)
    }

    /// A socket that only its owner may connect to. What a sensor that is gone left behind is taken away.
    fn unix(&mut self, answers: Answers, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let is_socket = path.symlink_metadata().is_ok_and(|found| found.file_type().is_socket());
        if is_socket {
            match UnixStream::connect(path) {
                Ok(_) => return Err(io::Error::other("another sensor answers there")),
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                    std::fs::remove_file(path)?;
                }
                Err(error) => return Err(error),
            }
        }
        // Whatever the mask says: nobody else may connect, at no moment.
        let mask = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
        let bound = UnixListener::bind(path);
        rustix::process::umask(mask);
        let listener = bound?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        self.files.push((path.to_owned(), path.symlink_metadata()?.ino()));
        self.sockets.push((answers, listener.into()));
        Ok(())
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        for (path, number) in &self.files {
            // Not that of a sensor that came after this one.
            if path.symlink_metadata().is_ok_and(|found| found.ino() == *number) {
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

fn refused(path: &Path, error: &io::Error) -> Failure {
    let message = format!("cannot listen at {}: {error}", path.display());
    Failure::new(
        message,
        "name a path in a folder that exists or can be made, and that no other sensor uses",
    )
}
