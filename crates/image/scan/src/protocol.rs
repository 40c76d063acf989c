//! What a scan and its worker processes say to each other.
//!
//! A socket carries frames: a length of four bytes, little-endian, then a postcard document. File
//! descriptors travel with the length of a [`Job`]. The worker's frames come from a process that
//! hostile bytes may have taken over: the scan reads them as it reads any hostile input.

use std::io::{self, IoSlice, IoSliceMut, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use bulkhead_image::{Choice, Image, Missing};
use bulkhead_layers::{Facts, Layer};
use bulkhead_limits::Limits;
use bulkhead_model::{Digest, EntryPath, Problem};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::broken::Broken;

/// Descriptors that travel with one job at most.
const DESCRIPTORS: usize = 2;

/// Bytes of a frame at most: the entries of the largest layers take about a tenth of it.
const FRAME_BYTES: u64 = 1 << 30;

/// Work for one worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) limits: Limits,
    pub(crate) task: Task,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Task {
    /// Read the documents of an image.
    Open { form: Form, choice: Choice },
    /// Read a layer. Descriptor: the file that it lies in. A second one where it is still
    /// arriving: the pipe that tells how far it has come, see [`crate::pass::arrival`].
    /// With the digest of the stored bytes, where it is wanted.
    Layer { offset: u64, size: u64, hashed: bool, is_arriving: bool, selection: Selection },
    /// Read a directory tree. Descriptor: the folder.
    Tree { selection: Selection },
}

/// What the documents of an image lie in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Form {
    /// Descriptor: the folder.
    Folder,
    /// Descriptors: the folder of blobs and an index.
    Content,
    /// Descriptors: the archive and a spool.
    Archive,
    /// Descriptor: an archive of what was fetched so far.
    Part,
}

/// Which files of a layer are offered to which detectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Selection {
    /// Every file to every detector that wants it.
    Everything,
    /// These only, ordered by entry.
    Only(Vec<Wanted>),
}

/// A file that one detector wants by a path that is not its own in the layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    /// The position among the layer's entries.
    pub(crate) entry: u32,
    /// The path in the layer: how a directory tree finds the file again.
    pub(crate) own: EntryPath,
    /// The path by which it is wanted.
    pub(crate) path: EntryPath,
    pub(crate) detector: String,
}

/// What a worker says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// So many more stored bytes were read.
    Progress(u64),
    /// The answer to [`Task::Open`].
    Opened(Result<Vec<Image>, Failure>),
    /// The answer to [`Task::Layer`] and [`Task::Tree`].
    Read(Box<Reading>),
}

/// Why a whole job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// What has to be fetched before it can succeed; only of [`Form::Part`].
    pub(crate) missing: Vec<Missing>,
}

/// What was read of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Reading {
    pub(crate) layer: Layer,
    /// The digest of the stored bytes, where it was wanted and they were read to their end.
    pub(crate) stored: Option<Digest>,
    pub(crate) problems: Vec<Problem>,
    /// Why the rest of the layer is unknown.
    pub(crate) broken: Option<Broken>,
    /// For [`Selection::Only`]: the facts by position in that list.
    pub(crate) selected: Vec<(u32, Facts)>,
}

/// Sends a frame, with descriptors beside its length.
pub(crate) fn send(
    socket: &UnixStream,
    frame: &impl Serialize,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let bytes = postcard::to_stdvec(frame).map_err(io::Error::other)?;
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?.to_le_bytes();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::Error::other("too many descriptors for one frame"));
    }
    let sent = sendmsg(socket, &[IoSlice::new(&length)], &mut ancillary, SendFlags::NOSIGNAL)?;
    let mut socket = socket;
    socket.write_all(length.get(sent..).unwrap_or_default())?;
    socket.write_all(&bytes)
}

/// Receives a frame; none where the other side has closed the socket between frames.
pub(crate) fn receive<T: DeserializeOwned>(
    socket: &UnixStream,
) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    let mut length = [0u8; 4];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::CMSG_CLOEXEC;
    let slices = &mut [IoSliceMut::new(&mut length)];
    let count = recvmsg(socket.as_fd(), slices, &mut ancillary, flags)?.bytes;
    if count == 0 {
        return Ok(None);
    }
    let mut descriptors = Vec::new();
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(received) = message {
            descriptors.extend(received);
        }
    }
    let mut socket = socket;
    socket.read_exact(length.get_mut(count..).unwrap_or_default())?;
    let size = u64::from(u32::from_le_bytes(length));
    if size > FRAME_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame is too large"));
    }
    // Grows with what really comes, not with what the length promises.
    let mut bytes = Vec::new();
    socket.take(size).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != size {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let frame = postcard::from_bytes(&bytes)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok(Some((frame, descriptors)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_carry_descriptors() {
        let (left, right) = UnixStream::pair().unwrap();
        let job = Job {
            limits: Limits::DEFAULT,
            task: Task::Layer {
                offset: 7,
                size: 9,
                hashed: true,
                is_arriving: false,
                selection: Selection::Everything,
            },
        };
        let file = tempfile::tempfile().unwrap();
        send(&left, &job, &[file.as_fd()]).unwrap();
        drop(left);
        let (received, descriptors) = receive::<Job>(&right).unwrap().unwrap();
        assert_eq!(received, job);
        assert_eq!(descriptors.len(), 1);
        assert!(receive::<Job>(&right).unwrap().is_none());
    }

    #[test]
    fn a_frame_that_promises_more_than_it_has_is_an_error() {
        let (left, right) = UnixStream::pair().unwrap();
        (&left).write_all(&[255, 255, 255, 0, 1]).unwrap();
        drop(left);
        assert!(receive::<Reply>(&right).is_err());
    }
}
