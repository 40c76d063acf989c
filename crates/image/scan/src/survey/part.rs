//! An OCI archive that grows: what was fetched of an image so far, for a worker to read.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use bulkhead_model::Digest;

use super::depot::Root;

/// Bytes of a tar block.
const BLOCK: usize = 512;

/// Characters of a name that fit into a header (POSIX.1-2001, ustar).
const NAME: usize = 100;

/// The archive, an unnamed file.
pub(super) struct Part {
    file: File,
    end: u64,
    bytes: usize,
}

impl Part {
    /// An archive of an index that names one document, and that document.
    pub(super) fn new(root: &Root) -> io::Result<Self> {
        let mut part = Self { file: tempfile::tempfile()?, end: 0, bytes: 0 };
        let Root { digest, bytes, tag } = root;
        // The characters of a reference need no escaping.
        let annotations = tag.as_ref().map_or(String::new(), |tag| {
            format!(r#","annotations":{{"org.opencontainers.image.ref.name":"{tag}"}}"#)
        });
        let size = bytes.len();
        let index =
            format!(r#"{{"manifests":[{{"digest":"{digest}","size":{size}{annotations}}}]}}"#);
        part.member("index.json", index.as_bytes())?;
        part.add(digest, bytes)?;
        Ok(part)
    }

    /// Adds the document with this digest.
    pub(super) fn add(&mut self, digest: &Digest, bytes: &[u8]) -> io::Result<()> {
        self.member(&format!("blobs/{}/{}", digest.algorithm(), digest.hex()), bytes)
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Bytes of all documents.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn member(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if name.len() > NAME {
            // A digest of SHA-512: GNU's form of a long name.
            self.entry(b"././@LongLink", b'L', name.as_bytes())?;
        }
        self.entry(name.as_bytes(), b'0', bytes)?;
        self.bytes = self.bytes.saturating_add(bytes.len());
        Ok(())
    }

    fn entry(&mut self, name: &[u8], kind: u8, content: &[u8]) -> io::Result<()> {
        let mut block = header(name, kind, content.len());
        block.extend_from_slice(content);
        block.resize(block.len().next_multiple_of(BLOCK), 0);
        self.file.write_all_at(&block, self.end)?;
        self.end = self.end.saturating_add(block.len() as u64);
        Ok(())
    }
}

/// A header block.
fn header(name: &[u8], kind: u8, size: usize) -> Vec<u8> {
    let mut block = vec![0; BLOCK];
    let mut put = |start: usize, bytes: &[u8]| {
        for (place, byte) in block.iter_mut().skip(start).zip(bytes) {
            *place = *byte;
        }
    };
    put(0, name.get(..NAME).unwrap_or(name));
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    // The checksum is computed over spaces in its own place.
    put(148, b"        ");
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    let mut put = |start: usize, bytes: &[u8]| {
        for (place, byte) in block.iter_mut().skip(start).zip(bytes) {
            *place = *byte;
        }
    };
    put(148, format!("{sum:06o}\0 ").as_bytes());
    block
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Read as _, Seek as _};

    use bulkhead_archive::tar::Reader;
    use bulkhead_limits::{Budget, Limits};

    use super::*;

    #[test]
    fn documents_are_found_by_digest() {
        let long: Digest = format!("sha512:{}", "ab".repeat(64)).parse().unwrap();
        let root = Root { digest: Digest::of(b"{}"), bytes: b"{}".to_vec(), tag: None };
        let mut part = Part::new(&root).unwrap();
        part.add(&long, b"content").unwrap();
        part.file.rewind().unwrap();
        let budget = Budget::new(Limits::DEFAULT);
        let mut reader = Reader::new(BufReader::new(&part.file), &budget);
        let mut found = Vec::new();
        while let Some(entry) = reader.next_entry().unwrap() {
            let mut content = String::new();
            reader.content().read_to_string(&mut content).unwrap();
            found.push((String::from_utf8(entry.path).unwrap(), content));
        }
        let [index, document, other] = found.try_into().unwrap();
        assert_eq!(index.0, "index.json");
        assert!(index.1.contains(root.digest.as_str()));
        assert_eq!(document, (format!("blobs/sha256/{}", root.digest.hex()), "{}".to_owned()));
        assert_eq!(other, (format!("blobs/sha512/{}", long.hex()), "content".to_owned()));
    }
}
