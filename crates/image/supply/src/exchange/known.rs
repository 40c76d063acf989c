//! What is on this machine already.

use std::io;
use std::path::Path;

use bulkhead_advisories::{DatabaseError, Seal};
use bulkhead_model::Digest;

use super::{ExchangeError, Origin};
use crate::signing::{Refusal, SealedFile};

/// The database in use, and the editions that were there.
pub(super) struct Known {
    /// Where it can be read.
    pub(super) in_use: Option<SealedFile>,
    pub(super) origin: Option<Origin>,
}

impl Known {
    pub(super) fn at(place: &Path) -> Result<Self, ExchangeError> {
        let in_use = match SealedFile::open(place) {
            Ok(database) => Some(database),
            Err(DatabaseError::Unreadable { source, .. })
                if source.kind() == io::ErrorKind::NotFound =>
            {
                None
            }
            // Whatever it is, somebody may want it.
            Err(DatabaseError::Foreign { .. }) => {
                return Err(ExchangeError::Occupied { path: place.to_owned() });
            }
            Err(error @ DatabaseError::Unreadable { .. }) => return Err(error.into()),
            // It is good for nothing, and what was there before is remembered elsewhere.
            Err(_) => None,
        };
        Ok(Self { in_use, origin: Origin::of(place)? })
    }

    /// Refuses what is older than anything that was here, or as old and something else.
    pub(super) fn check(&self, offered: &Seal) -> Result<(), Refusal> {
        let in_use =
            self.in_use.as_ref().map(|file| (file.seal().sequence(), file.seal().digest()));
        let origin = self.origin.as_ref().map(|origin| (origin.sequence, origin.digest.clone()));
        in_use.into_iter().chain(origin).try_for_each(|known| compare(offered, known))
    }

    /// Whether the database in use has these bytes, each of them.
    pub(super) fn is(&self, offered: &Seal) -> bool {
        self.in_use.as_ref().is_some_and(|file| {
            file.seal() == offered && file.pages().iter().all(|page| file.read(page).is_ok())
        })
    }
}

fn compare(offered: &Seal, (known, digest): (u64, Digest)) -> Result<(), Refusal> {
    let sequence = offered.sequence();
    if sequence < known {
        return Err(Refusal::Older { offered: sequence, known });
    }
    if sequence == known && offered.digest() != digest {
        return Err(Refusal::Forked { sequence, offered: offered.digest(), known: digest });
    }
    Ok(())
}
