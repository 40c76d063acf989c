//! The first 4 KiB of a database: everything that a signature has to cover.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::bytes::{array, i64_at, u32_at, u64_at};
use super::error::DatabaseError;

/// Bytes of the header.
pub(crate) const HEADER_LENGTH: usize = 4096;
/// The version of the format that this program reads and writes.
pub(crate) const MAJOR_VERSION: u32 = 1;
/// The features that this program knows. Reserved for changes that an old reader would misread.
pub(crate) const KNOWN_FEATURES: u64 = 0;

/// The high bit and the line ends show a file that passed through a text conversion.
const MAGIC: [u8; 8] = *b"\x89BHDB\r\n\x1a";
/// The fields that signatures cover, and the checksum after the room for signatures covers too.
pub(crate) const SIGNED_LENGTH: usize = 128;
const CHECKSUM_OFFSET: usize = HEADER_LENGTH - 32;
/// A moment that nobody stated.
const UNSTATED: i64 = i64::MIN;

/// The signed fields.
///
/// | offset | bytes | field |
/// |---|---|---|
/// | 0 | 8 | magic |
/// | 8 | 4 | major version |
/// | 16 | 8 | required features |
/// | 24 | 8 | sequence |
/// | 32 | 8 | built at, seconds since 1970; the smallest number where unstated |
/// | 40 | 8 | expires at, likewise |
/// | 48 | 8 | offset of the root |
/// | 56 | 8 | length of the root |
/// | 64 | 32 | SHA-256 of the root |
/// | 128 | 3936 | room for 41 signatures: 32 bytes of key id, 64 bytes of Ed25519 |
/// | 4064 | 32 | SHA-256 of bytes 0 to 127 |
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) major: u32,
    pub(crate) features: u64,
    pub(crate) sequence: u64,
    pub(crate) built_at: Option<Timestamp>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) root_offset: u64,
    pub(crate) root_length: u64,
    pub(crate) root_digest: [u8; 32],
}

impl Header {
    pub(crate) fn encode(&self) -> [u8; HEADER_LENGTH] {
        let mut signed = Vec::with_capacity(SIGNED_LENGTH);
        signed.extend_from_slice(&MAGIC);
        signed.extend_from_slice(&self.major.to_le_bytes());
        signed.extend_from_slice(&[0; 4]);
        for number in [self.features, self.sequence] {
            signed.extend_from_slice(&number.to_le_bytes());
        }
        for moment in [self.built_at, self.expires_at] {
            let seconds = moment.map_or(UNSTATED, Timestamp::as_second);
            signed.extend_from_slice(&seconds.to_le_bytes());
        }
        for number in [self.root_offset, self.root_length] {
            signed.extend_from_slice(&number.to_le_bytes());
        }
        signed.extend_from_slice(&self.root_digest);
        signed.resize(SIGNED_LENGTH, 0);

        let mut header = [0; HEADER_LENGTH];
        let checksum = Sha256::digest(&signed);
        for (place, byte) in header.iter_mut().zip(&signed) {
            *place = *byte;
        }
        for (place, byte) in header.iter_mut().skip(CHECKSUM_OFFSET).zip(checksum) {
            *place = byte;
        }
        header
    }

    /// Reads the header of the file `name`, of which `bytes` are the first 4 KiB or all there is.
    pub(crate) fn decode(name: &str, bytes: &[u8]) -> Result<Self, DatabaseError> {
        let name = || name.to_owned();
        if !bytes.starts_with(&MAGIC) {
            // A file that was created and never written is an interrupted copy, not a foreign file.
            return Err(if bytes.iter().all(|&byte| byte == 0) || MAGIC.starts_with(bytes) {
                DatabaseError::Truncated { name: name(), size: 0, expected: HEADER_LENGTH as u64 }
            } else {
                DatabaseError::Foreign { name: name() }
            });
        }
        let Some(signed) = bytes.get(..SIGNED_LENGTH).filter(|_| bytes.len() >= HEADER_LENGTH)
        else {
            let size = bytes.len() as u64;
            return Err(DatabaseError::Truncated {
                name: name(),
                size,
                expected: HEADER_LENGTH as u64,
            });
        };
        let damaged = || DatabaseError::Damaged { name: name(), part: "the header".to_owned() };
        let major = u32_at(signed, 8).ok_or_else(damaged)?;
        if major != MAJOR_VERSION {
            return Err(DatabaseError::Version {
                name: name(),
                found: major,
                known: MAJOR_VERSION,
            });
        }
        if array::<32>(bytes, CHECKSUM_OFFSET) != Some(Sha256::digest(signed).into()) {
            return Err(damaged());
        }
        let header = Self::fields(signed).ok_or_else(damaged)?;
        match header.features & !KNOWN_FEATURES {
            0 => Ok(header),
            bits => Err(DatabaseError::Features { name: name(), bits }),
        }
    }

    fn fields(signed: &[u8]) -> Option<Self> {
        let moment = |offset| match i64_at(signed, offset)? {
            UNSTATED => Some(None),
            seconds => Timestamp::from_second(seconds).ok().map(Some),
        };
        Some(Self {
            major: u32_at(signed, 8)?,
            features: u64_at(signed, 16)?,
            sequence: u64_at(signed, 24)?,
            built_at: moment(32)?,
            expires_at: moment(40)?,
            root_offset: u64_at(signed, 48)?,
            root_length: u64_at(signed, 56)?,
            root_digest: array(signed, 64)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            major: MAJOR_VERSION,
            features: 0,
            sequence: 7,
            built_at: Timestamp::from_second(1_790_000_000).ok(),
            expires_at: None,
            root_offset: 4096,
            root_length: 99,
            root_digest: [3; 32],
        }
    }

    #[test]
    fn fields_read_back() {
        assert_eq!(Header::decode("x", &header().encode()).unwrap(), header());
    }

    /// Each case names itself and the kind of refusal.
    #[test]
    fn others_are_refused_by_kind() {
        let encoded = header().encode();
        let newer = Header { major: MAJOR_VERSION + 1, ..header() }.encode();
        let older = Header { major: 0, ..header() }.encode();
        let features = Header { features: 1 << 40, ..header() }.encode();
        let cases: [(&[u8], &str, &str); 8] = [
            (b"SQLite format 3", "no advisory database", "--db"),
            (b"", "0 of its 4096", "again"),
            (&[0; HEADER_LENGTH], "0 of its 4096", "again"),
            (&encoded[..5], "0 of its 4096", "again"),
            (&encoded[..4095], "4095 of its 4096", "again"),
            (&newer, "format version 2", "update bulkhead"),
            (&older, "format version 0", "anew"),
            (&features, "bits 0x10000000000", "update bulkhead"),
        ];
        for (bytes, message, hint) in cases {
            let error = Header::decode("db", bytes).unwrap_err();
            assert!(error.to_string().contains(message), "{error}");
            assert!(error.hint().contains(hint), "{error}: {}", error.hint());
        }
    }
}
