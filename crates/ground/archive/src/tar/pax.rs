//! PAX extended headers: records of `length key=value` (POSIX.1-2001, pax interchange format).

use super::number::{decimal, seconds};

/// The records that concern us, as written; the last of several counts, and an empty value means
/// that the header's own field stands.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) path: Vec<u8>,
    pub(super) link: Vec<u8>,
    pub(super) size: Vec<u8>,
    pub(super) uid: Vec<u8>,
    pub(super) gid: Vec<u8>,
    pub(super) modified: Vec<u8>,
    pub(super) sparse: SparseRecords,
    /// A key that stands here twice with different values.
    pub(super) repeated: Option<&'static str>,
    /// A time that concerns nobody here, but is no number, for which Go refuses the archive.
    pub(super) broken_time: bool,
}

/// GNU's records for sparse files, versions 0.0, 0.1 and 1.0.
#[derive(Debug, Default)]
pub(super) struct SparseRecords {
    pub(super) major: Vec<u8>,
    pub(super) minor: Vec<u8>,
    pub(super) name: Vec<u8>,
    pub(super) size: Vec<u8>,
    pub(super) real_size: Vec<u8>,
    pub(super) block_count: Vec<u8>,
    /// Offsets and lengths in turn, joined by commas: version 0.1 as written, 0.0 brought into it.
    pub(super) map: Vec<u8>,
}

/// Reads records up to the first that is broken; whether none was.
pub(super) fn parse(mut text: &[u8]) -> (Records, bool) {
    let mut records = Records::default();
    // Version 0.0 repeats one key for each offset and one for each length, in turn.
    let mut map: Vec<&[u8]> = Vec::new();
    let mut turn: [&[u8]; 2] = [b"GNU.sparse.offset", b"GNU.sparse.numbytes"];
    while !text.is_empty() {
        let Some((key, value, rest)) = record(text) else { return (records, false) };
        text = rest;
        match key {
            b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => {
                if key != turn[0] || value.contains(&b',') {
                    return (records, false);
                }
                map.push(value);
                turn.reverse();
            }
            _ => records.set(key, value),
        }
    }
    if !map.is_empty() {
        records.sparse.map = map.join(&b',');
    }
    (records, true)
}

/// The first record's key and value, and what follows it.
fn record(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = memchr::memchr(b' ', text)?;
    let length = usize::try_from(decimal(text.get(..space)?)?).ok()?;
    let rest = text.get(length..)?;
    let (last, body) = text.get(space.checked_add(1)?..length)?.split_last()?;
    if *last != b'\n' || length < 5 {
        return None;
    }
    let equals = memchr::memchr(b'=', body)?;
    let (key, value) = (body.get(..equals)?, body.get(equals.checked_add(1)?..)?);
    // A name ends at a NUL for some readers and not for others; a key has none at all.
    let checked = match key {
        b"path" | b"linkpath" | b"uname" | b"gname" => value,
        _ => key,
    };
    let valid = !key.is_empty() && !checked.contains(&0);
    valid.then_some((key, value, rest))
}

impl Records {
    fn set(&mut self, key: &[u8], value: &[u8]) {
        let (field, name) = match key {
            b"path" => (&mut self.path, "path"),
            b"linkpath" => (&mut self.link, "linkpath"),
            b"size" => (&mut self.size, "size"),
            b"uid" => (&mut self.uid, "uid"),
            b"gid" => (&mut self.gid, "gid"),
            b"mtime" => (&mut self.modified, "mtime"),
            b"GNU.sparse.major" => (&mut self.sparse.major, "GNU.sparse.major"),
            b"GNU.sparse.minor" => (&mut self.sparse.minor, "GNU.sparse.minor"),
            b"GNU.sparse.name" => (&mut self.sparse.name, "GNU.sparse.name"),
            b"GNU.sparse.size" => (&mut self.sparse.size, "GNU.sparse.size"),
            b"GNU.sparse.realsize" => (&mut self.sparse.real_size, "GNU.sparse.realsize"),
            b"GNU.sparse.numblocks" => (&mut self.sparse.block_count, "GNU.sparse.numblocks"),
            b"GNU.sparse.map" => (&mut self.sparse.map, "GNU.sparse.map"),
            b"atime" | b"ctime" => {
                self.broken_time |= !value.is_empty() && seconds(value).is_none();
                return;
            }
            _ => return,
        };
        if !field.is_empty() && field != value {
            self.repeated = Some(name);
        }
        field.clear();
        field.extend_from_slice(value);
    }

    /// Whether a POSIX reader would apply one of the records to the files that follow.
    pub(super) fn changes_files(&self) -> bool {
        [&self.path, &self.link, &self.size].iter().any(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_up_to_the_broken_one() {
        let check = |text: &[u8], path: &[u8], sound: bool| {
            let (records, all) = parse(text);
            assert_eq!((records.path.as_slice(), all), (path, sound), "{text:?}");
        };
        check(b"", b"", true);
        check(b"9 path=a\n", b"a", true);
        check(b"011 path=a\n", b"a", true);
        check(b"+11 path=a\n", b"a", true);
        check(b"9 path=a\n9 path=b\n", b"b", true);
        check(b"9 path=a\n8 path=\n", b"", true);
        check(b"9 path=a\n99 path=b\n", b"a", false);
        check(b"9 path=a\n9 path=b ", b"a", false);
        check(b"9 path=\0\n", b"", false);
        check(b"9 pa\0h=\n", b"", false);
        check(b"11 path=a=\n", b"a=", true);
        check(b"5 =a\n", b"", false);
        check(b"4 a=\n", b"", false);
        check(b"-9 path=a\n", b"", false);
        check(b"99999999999999999999 path=a\n", b"", false);
    }
}
