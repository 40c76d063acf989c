//! What the publisher of a database signs, and what that covers.
//!
//! A signature is over the first 128 bytes of the file. They have the digest of the root, and the root has
//! that of each page: who trusts a signature can tell every byte of the database from another.

use bulkhead_model::Digest;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::bytes::array;
use super::error::{DatabaseError, Defect};
use super::header::{HEADER_LENGTH, Header, SIGNED_LENGTH};
use super::page;
use super::root::Root;

/// Bytes of a signature in the header: the key's id, then the signature.
const SIGNATURE_LENGTH: usize = 96;
/// Signatures that the header has room for, and bytes behind the last one.
const ROOM: usize = 41;

/// A signature in the header of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// The SHA-256 digest of the public key's 32 bytes.
    pub key: [u8; 32],
    /// The Ed25519 signature (RFC 8032) over [`Seal::signed`].
    pub bytes: [u8; 64],
}

/// A page as the root lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedPage {
    /// The SHA-256 digest of its bytes in the file.
    pub digest: [u8; 32],
    /// Where it begins in the file.
    pub offset: u64,
    /// Bytes in the file.
    pub length: u32,
}

/// The header of a database with its signatures, none of which was checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    header: Header,
    bytes: [u8; HEADER_LENGTH],
}

impl Seal {
    /// Bytes of a header: those with which the file begins.
    pub const LENGTH: usize = HEADER_LENGTH;

    /// Reads the header of the database `name`, with which `file` begins.
    pub fn read(name: &str, file: &[u8]) -> Result<Self, DatabaseError> {
        let header = Header::decode(name, file)?;
        let bytes = array(file, 0).ok_or_else(|| Defect::damage("the header").of(name))?;
        Ok(Self { header, bytes })
    }

    /// The whole header.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What signatures are over.
    pub fn signed(&self) -> &[u8] {
        self.bytes.get(..SIGNED_LENGTH).unwrap_or_default()
    }

    /// The digest of the root, which names the database.
    pub fn digest(&self) -> Digest {
        Digest::sha256(self.header.root_digest)
    }

    /// A number that grows with every edition.
    pub fn sequence(&self) -> u64 {
        self.header.sequence
    }

    /// When it was built.
    pub fn built_at(&self) -> Option<Timestamp> {
        self.header.built_at
    }

    /// After which moment it should not be used any more.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.header.expires_at
    }

    /// Bytes of the root, which follows the header.
    pub fn root_length(&self) -> u64 {
        self.header.root_length
    }

    /// The signatures.
    pub fn signatures(&self) -> impl Iterator<Item = Signature> {
        self.room().filter_map(|place| {
            let signature = Signature { key: array(place, 0)?, bytes: array(place, 32)? };
            (signature.key != [0; 32]).then_some(signature)
        })
    }

    /// Adds a signature, in the place of one of the same key where there is one. False where there is
    /// no room for it.
    #[must_use]
    pub fn insert(&mut self, signature: Signature) -> bool {
        let is = |key: [u8; 32]| move |place: &[u8]| array(place, 0) == Some(key);
        let index = self.room().position(is(signature.key));
        let Some(index) = index.or_else(|| self.room().position(is([0; 32]))) else {
            return false;
        };
        let place = self.bytes.get_mut(SIGNED_LENGTH..).unwrap_or_default();
        let place = place.chunks_exact_mut(SIGNATURE_LENGTH).nth(index).unwrap_or_default();
        for (byte, new) in place.iter_mut().zip(signature.key.into_iter().chain(signature.bytes)) {
            *byte = new;
        }
        true
    }

    /// States another edition. Signatures over what was stated before are removed.
    pub fn restate(&mut self, sequence: u64, expires_at: Option<Timestamp>) {
        let header = Header { sequence, expires_at, ..self.header.clone() };
        if header != self.header {
            self.bytes = header.encode();
            self.header = header;
        }
    }

    /// The pages, in the order of the file, by its root. They have to follow each other and the root
    /// without a gap, as they do in every file that this program writes; none has more than some 16
    /// MiB.
    pub fn pages(&self, name: &str, root: Vec<u8>) -> Result<Vec<SealedPage>, DatabaseError> {
        if self.header.root_digest != <[u8; 32]>::from(Sha256::digest(&root)) {
            return Err(Defect::damage("its root has another digest").of(name));
        }
        let root = Root::new(root).map_err(|defect| defect.of(name))?;
        self.contiguous(&root).ok_or_else(|| {
            Defect::damage("its pages do not follow each other, or are too large").of(name)
        })
    }

    fn contiguous(&self, root: &Root) -> Option<Vec<SealedPage>> {
        let mut end = (HEADER_LENGTH as u64).checked_add(self.header.root_length)?;
        let mut pages = Vec::new();
        for index in 0..root.page_count() {
            let entry = root.page(index).filter(|entry| entry.offset == end)?;
            // Whoever reads a page has it in memory.
            let length = usize::try_from(entry.length).ok()?;
            if length > page::limit() {
                return None;
            }
            end = end.checked_add(u64::from(entry.length))?;
            let (digest, offset, length) = (entry.digest, entry.offset, entry.length);
            pages.push(SealedPage { digest, offset, length });
        }
        let starts = self.header.root_offset == HEADER_LENGTH as u64;
        (starts && end == root.file_length).then_some(pages)
    }

    fn room(&self) -> impl Iterator<Item = &[u8]> {
        let room = self.bytes.get(SIGNED_LENGTH..).unwrap_or_default();
        room.chunks_exact(SIGNATURE_LENGTH).take(ROOM)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BuildOptions, Builder};

    fn seal() -> Seal {
        let file = Builder::new().finish(&BuildOptions::default()).unwrap();
        Seal::read("test", &file).unwrap()
    }

    fn signature(number: u8) -> Signature {
        Signature { key: [number; 32], bytes: [number; 64] }
    }

    /// 41 signatures, one for each key, and never a byte outside their room.
    #[test]
    fn signatures_have_their_room() {
        let mut seal = seal();
        let before = seal.clone();
        for number in 1..=41 {
            assert!(seal.insert(signature(number)), "{number}");
        }
        assert!(!seal.insert(signature(42)));
        let replaced = Signature { bytes: [99; 64], ..signature(7) };
        assert!(seal.insert(replaced));
        assert_eq!(seal.signatures().count(), 41);
        assert_eq!(seal.signatures().nth(6), Some(replaced));
        assert_eq!(seal.signed(), before.signed());
        assert_eq!(seal.bytes()[4064..], before.bytes()[4064..]);
        assert_eq!(Seal::read("test", seal.bytes()).unwrap(), seal);
    }

    #[test]
    fn another_edition_has_none_of_the_signatures() {
        let mut seal = seal();
        assert!(seal.insert(signature(1)));
        seal.restate(seal.sequence(), seal.expires_at());
        assert_eq!(seal.signatures().count(), 1);
        seal.restate(7, Timestamp::from_second(99).ok());
        assert_eq!(seal.signatures().count(), 0);
        let read = Seal::read("test", seal.bytes()).unwrap();
        assert_eq!((read.sequence(), read.expires_at()), (7, Timestamp::from_second(99).ok()));
    }
}
