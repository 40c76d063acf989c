//! Names of values.

use sha2::{Digest as _, Sha256};

/// What a value is found by: a digest over everything that it depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// The key of one kind of value for these inputs, in this order. The kind carries the version of
    /// the value's form.
    pub fn new(kind: &str, inputs: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in std::iter::once(kind.as_bytes()).chain(inputs.iter().copied()) {
            // A length before each part keeps ("ab", "c") apart from ("a", "bc").
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    pub(crate) fn file_name(&self) -> String {
        use std::fmt::Write as _;
        self.0.iter().fold(String::with_capacity(64), |mut name, byte| {
            let _ = write!(name, "{byte:02x}");
            name
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(Key::new("k", &[b"ab", b"c"]), Key::new("k", &[b"a", b"bc"]));
        assert_ne!(Key::new("k", &[b"a"]), Key::new("ka", &[]));
        assert_eq!(Key::new("k", &[b"a"]).file_name().len(), 64);
    }
}
