//! What was there at start, as records.

use std::fs::File;
use std::io::Read as _;

use aya::programs::Program;

use super::{ASKERS, Probes, chain};
use crate::record::Record;
use crate::{Feature, ProbesError};

/// Room for a record with the longest parts.
const CHUNK: usize = 64 << 10;

impl Probes {
    /// Hands over a record of each process that there is now ([`Feature::Tasks`]) or of each open
    /// descriptor ([`Feature::Descriptors`]). Nothing where that feature is not loaded.
    pub fn snapshot(
        &mut self,
        feature: Feature,
        reader: impl FnMut(&Record<'_>),
    ) -> Result<(), ProbesError> {
        self.snapshot_file(feature)?.map_or(Ok(()), |mut file| read_snapshot(&mut file, reader))
    }

    /// The file that such records are read from, for [`read_snapshot`] here or in another process.
    pub fn snapshot_file(&mut self, feature: Feature) -> Result<Option<File>, ProbesError> {
        let name = match feature {
            Feature::Tasks => "every_task",
            Feature::Descriptors => "every_descriptor",
            _ => return Ok(None),
        };
        self.iterator(name)
    }

    /// Has the processes noted that are connected to a name server by now.
    pub(super) fn find_askers(&mut self) -> Result<(), ProbesError> {
        if let Some(mut file) = self.iterator(ASKERS)? {
            // It writes nothing: reading makes it go round.
            std::io::copy(&mut file, &mut std::io::sink())
                .map_err(|error| ProbesError::Snapshot(chain(&error)))?;
        }
        Ok(())
    }

    fn iterator(&mut self, name: &str) -> Result<Option<File>, ProbesError> {
        let Some(Program::Iter(program)) = self.kernel.program_mut(name) else {
            return Err(ProbesError::Missing("iterator"));
        };
        if program.fd().is_err() {
            return Ok(None);
        }
        let failed = |error: &dyn std::error::Error| ProbesError::Snapshot(chain(error));
        let link = program.attach().map_err(|error| failed(&error))?;
        let link = program.take_link(link).map_err(|error| failed(&error))?;
        link.into_file().map(Some).map_err(|error| failed(&error))
    }
}

/// Hands over the records of a snapshot. It needs the file and nothing else: no privileges.
pub fn read_snapshot(
    file: &mut File,
    mut reader: impl FnMut(&Record<'_>),
) -> Result<(), ProbesError> {
    let failed = |error: &dyn std::error::Error| ProbesError::Snapshot(chain(error));
    let mut bytes = Vec::new();
    loop {
        let held = bytes.len();
        bytes.resize(held.saturating_add(CHUNK), 0);
        let room = bytes.get_mut(held..).unwrap_or_default();
        let got = file.read(room).map_err(|error| failed(&error))?;
        bytes.truncate(held.saturating_add(got));
        if got == 0 {
            break;
        }
        let used = hand_over(&bytes, &mut reader)?;
        bytes.drain(..used);
    }
    if bytes.is_empty() { Ok(()) } else { Err(crate::RecordError::Short(bytes.len()).into()) }
}

/// Hands over the whole records at the start of some bytes, and says how long they are.
fn hand_over(bytes: &[u8], reader: &mut impl FnMut(&Record<'_>)) -> Result<usize, ProbesError> {
    let mut used = 0_usize;
    while let Some(size) = bytes.get(used..).and_then(<[u8]>::first_chunk) {
        let size = u32::from_le_bytes(*size) as usize;
        let Some(one) = bytes.get(used..used.saturating_add(size)) else { break };
        reader(&Record::read(one)?);
        used = used.saturating_add(size);
    }
    Ok(used)
}
