//! The keys of rows: texts, each ended by a zero byte, so that the order of bytes keeps together
//! what begins with the same texts.

use bulkhead_model::{PackageKey, Scope};

/// The texts, each ended by a zero. None where a text has a zero inside: no such id or name exists,
/// and it would take the place of another.
pub(crate) fn join(parts: &[&str]) -> Option<Vec<u8>> {
    let mut key = Vec::with_capacity(64);
    for part in parts {
        if part.as_bytes().contains(&0) {
            return None;
        }
        key.extend_from_slice(part.as_bytes());
        key.push(0);
    }
    Some(key)
}

/// What all keys of a package's rows in `affected` begin with.
pub(crate) fn package(key: &PackageKey) -> Option<Vec<u8>> {
    join(&[&scope(key.scope()), key.name()])
}

/// The text of a scope, as in the keys of `scopes`.
pub(crate) fn scope(scope: &Scope) -> String {
    scope.to_string()
}

/// The first `N` texts of a key, and the bytes after them.
pub(crate) fn split<const N: usize>(key: &[u8]) -> Option<([&str; N], &[u8])> {
    let mut rest = key;
    let mut parts = [""; N];
    for part in &mut parts {
        let end = memchr(rest)?;
        let (text, after) = rest.split_at_checked(end)?;
        *part = std::str::from_utf8(text).ok()?;
        rest = after.get(1..)?;
    }
    Some((parts, rest))
}

fn memchr(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|&byte| byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back() {
        let key = join(&["debian:12", "linux", "CVE-2024-1"]).unwrap();
        let (parts, rest) = split::<2>(&key).unwrap();
        assert_eq!((parts, rest), (["debian:12", "linux"], b"CVE-2024-1\0".as_slice()));
        assert!(split::<4>(&key).is_none());
        assert!(join(&["npm", "a\0b"]).is_none());
    }
}
