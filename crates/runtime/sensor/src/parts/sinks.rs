//! The process that sends away what the engine found.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;

use bulkhead_frames::receive;
use serde::{Deserialize, Serialize};

use super::protocol::Begin;
use crate::SensorError;
use crate::confine::{Part, confine};
use crate::names::{NameServers, serve};

/// Bytes for an output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its place among the outputs that the program gave.
    pub output: u16,
    /// What to write, whole lines or frames.
    pub bytes: Vec<u8>,
}

/// Becomes the sinks: gives up everything but the network, takes the outputs over, and writes until the engine
/// has ended.
pub fn sinks() -> Result<(), SensorError> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    confine(Part::Sinks)?;
    let (begin, descriptors) = receive::<Begin>(&socket)?.ok_or(SensorError::Alone)?;
    let mut descriptors = descriptors.into_iter();
    let outputs = descriptors.by_ref().take(begin.outputs);
    let mut outputs: Vec<File> = outputs.map(File::from).collect();
    let names = descriptors.next().map(UnixStream::from).ok_or(SensorError::Alone)?;
    let mut files = descriptors.map(File::from);
    let configuration = begin.files.0.then(|| files.next()).flatten();
    let servers = NameServers::read(begin.name_servers, configuration, files.next());
    // Ends with this process.
    std::thread::spawn(move || serve(&names, &servers));
    while let Some((delivery, _)) = receive::<Delivery>(&socket)? {
        if let Some(output) = outputs.get_mut(usize::from(delivery.output)) {
            output.write_all(&delivery.bytes)?;
        }
    }
    Ok(())
}
