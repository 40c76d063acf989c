//! Whether what came is what its name says: servers answer 200 with a page that says "not found",
//! and publishers serve files that were cut off.
//!
//! This is no check of what a feed says; its reader makes that. It is what keeps something worthless
//! from taking the place of a file that was good.

use std::io::{BufReader, Read};
use std::path::Path;

use bulkhead_advisories::FileContent;
use bulkhead_archive::{Compression, ReadAt as _, decode, zip};
use bulkhead_limits::{Budget, Limits};
use sha2::{Digest as _, Sha256};

use super::partial::hexadecimal;

/// Bytes that are read at once.
const BLOCK: usize = 128 << 10;

/// Bytes of the start that tell what it is; a tar's own mark ends at 262.
const START: usize = 512;

/// Where a tar has `ustar` (POSIX.1-1988, header block).
const USTAR: std::ops::Range<usize> = 257..262;

/// What a file is after decompression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Xml,
    Csv,
    Tar,
    Zip,
    Other,
}

/// Reads a file to its end. The digest of what it is after decompression, where it is what `name`
/// says; else what it is instead, as the rest of a sentence.
pub(super) fn inspect(path: &Path, name: &str) -> Result<String, String> {
    let (kind, compression) = expected(name);
    let budget = Budget::new(Limits::DEFAULT);
    if kind == Kind::Zip {
        return inspect_zip(path, &budget).map(|()| String::new());
    }
    let file = fs_err::File::open(path).map_err(|error| format!("cannot be read back: {error}"))?;
    let input = BufReader::with_capacity(BLOCK, file);
    let mut decoder = decode(input, &budget).map_err(|error| format!("is damaged: {error}"))?;
    if decoder.compression() != compression {
        let mut start = vec![0; START];
        let count = decoder.read(&mut start).unwrap_or(0);
        let is_page = page(start.get(..count).unwrap_or_default());
        let name = match compression {
            _ if is_page => return Err("is a page of HTML".to_owned()),
            Compression::Gzip => "gzip",
            Compression::Bzip2 => "bzip2",
            Compression::Zstd => "zstd",
            Compression::Xz => "xz",
            Compression::None => {
                return Err("is compressed, which its name does not say".to_owned());
            }
        };
        return Err(format!("is no {name}"));
    }
    let mut content = Content::default();
    let mut block = vec![0; BLOCK];
    loop {
        let count = decoder.read(&mut block).map_err(|error| format!("is damaged: {error}"))?;
        match block.get(..count) {
            None | Some([]) => break,
            Some(bytes) => content.take(bytes),
        }
    }
    content.judge(kind)?;
    Ok(hexadecimal(&content.hash.finalize()))
}

/// By the endings of its name; a name without one is its own ending (`tracker/data/json`).
fn expected(name: &str) -> (Kind, Compression) {
    let mut endings = name.rsplit(['.', '/']);
    let mut last = endings.next().unwrap_or_default();
    let compression = match last {
        "gz" | "tgz" => Compression::Gzip,
        "bz2" => Compression::Bzip2,
        "zst" => Compression::Zstd,
        "xz" => Compression::Xz,
        _ => Compression::None,
    };
    if compression != Compression::None && last != "tgz" {
        last = endings.next().unwrap_or_default();
    }
    let kind = match last {
        "json" => Kind::Json,
        "xml" => Kind::Xml,
        "csv" => Kind::Csv,
        "tar" | "tgz" => Kind::Tar,
        "zip" => Kind::Zip,
        _ => Kind::Other,
    };
    (kind, compression)
}

/// A zip has its list of entries at its end, so that one that was cut off has none.
fn inspect_zip(path: &Path, budget: &Budget) -> Result<(), String> {
    let content = FileContent::open(path).map_err(|error| error.to_string())?;
    let mut start = [0; 64];
    let count = content.read_at(0, &mut start).unwrap_or(0);
    if page(start.get(..count).unwrap_or_default()) {
        return Err("is a page of HTML".to_owned());
    }
    match zip::Archive::open(&content, budget) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("is no complete zip: {error}")),
    }
}

/// What is looked at while it goes by.
#[derive(Default)]
struct Content {
    start: Vec<u8>,
    /// The last byte that is no white space.
    last: Option<u8>,
    hash: Sha256,
}

impl Content {
    fn take(&mut self, bytes: &[u8]) {
        let room = START.saturating_sub(self.start.len()).min(bytes.len());
        self.start.extend_from_slice(bytes.get(..room).unwrap_or_default());
        self.last = bytes.iter().rfind(|byte| !byte.is_ascii_whitespace()).copied().or(self.last);
        self.hash.update(bytes);
    }

    fn judge(&self, kind: Kind) -> Result<(), String> {
        let Some(last) = self.last else { return Err("is empty".to_owned()) };
        if page(&self.start) {
            return Err("is a page of HTML".to_owned());
        }
        let text = self.start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.start);
        let first = text.iter().find(|byte| !byte.is_ascii_whitespace()).copied();
        let (is_begun, is_ended, what) = match kind {
            Kind::Json => (
                matches!(first, Some(b'{' | b'[')),
                matches!((first, last), (Some(b'{'), b'}') | (Some(b'['), b']')),
                "JSON",
            ),
            Kind::Xml => (first == Some(b'<'), last == b'>', "XML"),
            Kind::Csv => (text.contains(&b','), true, "CSV"),
            Kind::Tar => (self.start.get(USTAR) == Some(b"ustar"), true, "tar"),
            Kind::Zip | Kind::Other => (true, true, ""),
        };
        match (is_begun, is_ended) {
            (true, true) => Ok(()),
            (true, false) => Err(format!("is {what} that was cut off")),
            (false, _) => Err(format!("is no {what}")),
        }
    }
}

/// Whether this is the start of a page for people.
fn page(start: &[u8]) -> bool {
    let text = String::from_utf8_lossy(start).trim_start_matches('\u{feff}').to_ascii_lowercase();
    let text = text.trim_start();
    text.starts_with("<!doctype html") || text.starts_with("<html")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, content: &[u8], expected: Result<(), &str>) {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs_err::write(file.path(), content).unwrap();
        let found = inspect(file.path(), name).map(drop);
        match (&found, expected) {
            (Ok(()), Ok(())) => {}
            (Err(found), Err(part)) if found.contains(part) => {}
            _ => panic!("{name}: {found:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn files_are_what_their_names_say() {
        const PAGE: &[u8] = b"\n<!DOCTYPE html>\n<html><body>Not found</body></html>\n";
        // `printf '{"a":1}\n' | gzip -n`
        const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xabVJT\xb22\xac\xe5\x02\x00\x1b\xf7\xcb\x57\x08\x00\x00\x00";
        check("a.json", b"\xef\xbb\xbf {\"a\": 1}\n", Ok(()));
        check("tracker/data/json", b"{}", Ok(()));
        check("a.json", b"{\"a\": [1]", Err("cut off"));
        check("a.json", b"[1", Err("cut off"));
        check("a.json", b"", Err("empty"));
        check("a.json", b"Service unavailable", Err("no JSON"));
        check("a.xml", b"<?xml version='1.0'?><a></a>\n", Ok(()));
        check("a.xml", b"<?xml version='1.0'?><a><b", Err("cut off"));
        check("a.csv", b"cve,epss\n", Ok(()));
        check("a.tar", &[b'x'; 600], Err("no tar"));
        check("a.json.gz", &GZIP[..20], Err("damaged"));
        check("a.json.gz", b"{}", Err("no gzip"));
        for name in
            ["a.json", "a.xml", "a.csv", "a.zip", "a.tar.gz", "a.xml.bz2", "a.tar.zst", "a.xml.xz"]
        {
            check(name, PAGE, Err("page of HTML"));
        }
        check("a.zip", b"PK\x03\x04 and no end", Err("zip"));
        check("a.txt", b"anything", Ok(()));
    }

    /// The real files, and none of them cut in half.
    #[test]
    fn the_publishers_files_are_taken_whole_only() {
        for path in bulkhead_testing::data_files("feeds") {
            let name = path.display().to_string();
            inspect(&path, &name).unwrap_or_else(|cause| panic!("{name} {cause}"));
            let content = fs_err::read(&path).unwrap();
            if expected(&name).0 != Kind::Other {
                let half = &content[..content.len() / 2];
                check(&name, half, Err("is "));
            }
        }
    }
}
