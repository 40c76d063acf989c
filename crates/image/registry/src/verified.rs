//! Bytes that are held against the digest that they should have.

use std::io;

use bulkhead_http::Sink;
use bulkhead_model::Digest;
use sha2::{Digest as _, Sha256, Sha512};

use crate::RegistryError;

/// A sink that hashes what goes through.
pub(crate) struct Verified<'a> {
    promised: &'a Digest,
    hash: Hash,
    sink: &'a mut dyn Sink,
}

enum Hash {
    Sha256(Sha256),
    Sha512(Sha512),
}

impl<'a> Verified<'a> {
    pub(crate) fn new(promised: &'a Digest, sink: &'a mut dyn Sink) -> Self {
        Self { promised, hash: Hash::of(promised), sink }
    }

    /// Says whether everything that went through has the promised digest.
    pub(crate) fn finish(self, what: &str) -> Result<(), RegistryError> {
        self.hash.finish(what, self.promised)
    }
}

/// Holds bytes against a digest.
pub(crate) fn check(what: &str, promised: &Digest, bytes: &[u8]) -> Result<(), RegistryError> {
    let mut hash = Hash::of(promised);
    hash.update(bytes);
    hash.finish(what, promised)
}

impl Hash {
    fn of(promised: &Digest) -> Self {
        match promised.algorithm() {
            "sha512" => Self::Sha512(Sha512::new()),
            _ => Self::Sha256(Sha256::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha512(hash) => hash.update(bytes),
        }
    }

    fn finish(self, what: &str, promised: &Digest) -> Result<(), RegistryError> {
        let found = match self {
            Self::Sha256(hash) => Digest::sha256(hash.finalize().into()),
            Self::Sha512(hash) => Digest::sha512(hash.finalize().into()),
        };
        if found == *promised {
            return Ok(());
        }
        Err(RegistryError::Digest { what: what.to_owned(), promised: promised.clone(), found })
    }
}

impl Sink for Verified<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.sink.write(bytes)
    }

    fn restart(&mut self) -> io::Result<()> {
        self.hash = Hash::of(self.promised);
        self.sink.restart()
    }
}
