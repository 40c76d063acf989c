//! What our own processes say to each other.
//!
//! A socket carries frames: a length of four bytes, little-endian, then a postcard document. File
//! descriptors travel beside the length. The other side may be a process that hostile bytes have taken
//! over: its frames are read as any hostile input is.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

use std::io::{self, IoSlice, IoSliceMut, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Descriptors that travel with one frame at most.
pub const DESCRIPTORS: usize = 64;

/// Bytes of a frame at most: the entries of the largest layers take about a tenth of it.
const FRAME_BYTES: u64 = 1 << 30;

/// Sends a frame, with descriptors beside its length.
pub fn send(
    socket: &UnixStream,
    frame: &impl Serialize,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let bytes = postcard::to_stdvec(frame).map_err(io::Error::other)?;
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?.to_le_bytes();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let fit = descriptors.len() <= DESCRIPTORS
        && (descriptors.is_empty() || ancillary.push(SendAncillaryMessage::ScmRights(descriptors)));
    if !fit {
        return Err(io::Error::other("too many descriptors for one frame"));
    }
    let sent = sendmsg(socket, &[IoSlice::new(&length)], &mut ancillary, SendFlags::NOSIGNAL)?;
    let mut socket = socket;
    socket.write_all(length.get(sent..).unwrap_or_default())?;
    socket.write_all(&bytes)
}

/// Receives a frame; none where the other side has closed the socket between frames.
pub fn receive<T: DeserializeOwned>(socket: &UnixStream) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
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
        let frame = (7_u32, "nine".to_owned());
        let file = tempfile::tempfile().unwrap();
        send(&left, &frame, &vec![file.as_fd(); DESCRIPTORS]).unwrap();
        assert!(send(&left, &frame, &vec![file.as_fd(); DESCRIPTORS + 1]).is_err());
        drop(left);
        let (received, descriptors) = receive::<(u32, String)>(&right).unwrap().unwrap();
        assert_eq!(received, frame);
        assert_eq!(descriptors.len(), DESCRIPTORS);
        assert!(receive::<(u32, String)>(&right).unwrap().is_none());
    }

    #[test]
    fn a_frame_that_promises_more_than_it_has_is_an_error() {
        let (left, right) = UnixStream::pair().unwrap();
        (&left).write_all(&[255, 255, 255, 0, 1]).unwrap();
        drop(left);
        assert!(receive::<u32>(&right).is_err());
    }
}
