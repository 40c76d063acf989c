//! Where alerts leave, as the hands open it and the sinks use it.

use std::fs::File;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use bulkhead_frames::{receive, send};
use bulkhead_outputs::{Rotation, Target};
use serde::{Deserialize, Serialize};

use crate::SensorError;

/// Where alerts leave.
#[derive(Debug)]
pub enum Outlet {
    /// Something that is open already, such as standard output.
    Open(File),
    /// A file, which is put aside where it would get larger than so many bytes.
    Rotated {
        /// Its names.
        rotation: Rotation,
        /// The bytes; none for no limit.
        limit: Option<u64>,
    },
    /// A syslog server.
    Syslog(Target),
}

/// The same, as the sinks are told of it: a descriptor comes along for each of lines, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum SinkOutlet {
    /// A file, and how large it may become.
    Lines(Option<u64>),
    /// A syslog server.
    Syslog(Target),
}

/// What the sinks ask of the hands: the next file for the output of that place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NextFile(pub(super) u16);

/// What the hands hand to the sinks, asked or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Handed {
    /// The descriptor is the file of that output from now on.
    File(u16),
    /// There is none, and why.
    Refused(u16, String),
}

/// The files of outputs, on the side that opens them.
#[derive(Debug)]
pub(super) struct Outlets {
    outlets: Vec<Outlet>,
    /// The files that are written to, by the place of their output.
    files: Vec<Option<File>>,
}

impl Outlets {
    /// Opens the files.
    pub(super) fn open(outlets: Vec<Outlet>) -> Result<Self, SensorError> {
        let file = |outlet: &Outlet| match outlet {
            Outlet::Open(file) => file.try_clone().map(Some),
            Outlet::Rotated { rotation, .. } => rotation.open().map(Some),
            Outlet::Syslog(_) => Ok(None),
        };
        let files = outlets.iter().map(file).collect::<Result<_, _>>()?;
        Ok(Self { outlets, files })
    }

    /// What the sinks are told.
    pub(super) fn told(&self) -> Vec<SinkOutlet> {
        let told = |outlet: &Outlet| match outlet {
            Outlet::Open(_) => SinkOutlet::Lines(None),
            Outlet::Rotated { limit, .. } => SinkOutlet::Lines(*limit),
            Outlet::Syslog(target) => SinkOutlet::Syslog(target.clone()),
        };
        self.outlets.iter().map(told).collect()
    }

    /// The descriptors that come along.
    pub(super) fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.files.iter().flatten().map(|file| file.as_fd())
    }

    /// Puts the file of an output aside and hands over the next one.
    pub(super) fn next(&mut self, sinks: &UnixStream, place: u16) -> Result<(), SensorError> {
        let index = usize::from(place);
        let next = match self.outlets.get(index) {
            Some(Outlet::Rotated { rotation, .. }) => rotation.next(),
            _ => Err(std::io::ErrorKind::Unsupported.into()),
        };
        match next {
            Ok(file) => self.hand(sinks, place, file),
            Err(error) => Ok(send(sinks, &Handed::Refused(place, error.to_string()), &[])?),
        }
    }

    /// Hands over new files where somebody else put the old ones aside.
    pub(super) fn reopen(&mut self, sinks: &UnixStream) -> Result<(), SensorError> {
        for place in 0..self.outlets.len() {
            let (Some(Outlet::Rotated { rotation, .. }), Some(Some(file))) =
                (self.outlets.get(place), self.files.get(place))
            else {
                continue;
            };
            if !rotation.has_moved(file) {
                continue;
            }
            // Where it cannot be opened, the old one is still there to be written to.
            if let (Ok(file), Ok(place)) = (rotation.open(), u16::try_from(place)) {
                self.hand(sinks, place, file)?;
            }
        }
        Ok(())
    }

    fn hand(&mut self, sinks: &UnixStream, place: u16, file: File) -> Result<(), SensorError> {
        send(sinks, &Handed::File(place), &[file.as_fd()])?;
        if let Some(slot) = self.files.get_mut(usize::from(place)) {
            *slot = Some(file);
        }
        Ok(())
    }
}

/// The place of an output and its next file, or why there is none.
pub(super) type Next = (u16, Result<File, String>);

/// What was handed over. None where the hands are gone.
pub(super) fn handed(hands: &UnixStream) -> Result<Option<Next>, SensorError> {
    let Some((handed, descriptors)) = receive::<Handed>(hands)? else { return Ok(None) };
    let file = descriptors.into_iter().next().map(|descriptor: OwnedFd| File::from(descriptor));
    Ok(Some(match handed {
        Handed::File(place) => (place, file.ok_or_else(|| "no file came along".to_owned())),
        Handed::Refused(place, cause) => (place, Err(cause)),
    }))
}
