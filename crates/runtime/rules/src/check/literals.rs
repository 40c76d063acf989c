//! What is sure of the texts that a pattern matches.

/// What all texts that a pattern matches have: none where it is empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct Literals {
    /// They begin with it.
    pub(crate) start: Vec<u8>,
    /// They hold it somewhere.
    pub(crate) inside: Vec<u8>,
}

impl Literals {
    pub(crate) fn of(pattern: &[u8]) -> Self {
        // Behind a set or an escaped character only the pattern itself knows what stands for itself.
        let plain = pattern.split(|byte| b"[\\".contains(byte)).next().unwrap_or_default();
        let texts = || plain.split(|byte| b"*?".contains(byte));
        let start = texts().next().unwrap_or_default();
        let longest = texts().max_by_key(|text| text.len()).unwrap_or_default();
        Self { start: start.to_vec(), inside: longest.to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sure_stands_for_itself() {
        for (pattern, start, inside) in [
            ("/etc/passwd", "/etc/passwd", "/etc/passwd"),
            ("*/.ssh/id_*", "", "/.ssh/id_"),
            ("/dev/sd[a-z]*x", "/dev/sd", "/dev/sd"),
            ("/proc/*/fd/*/../../*", "/proc/", "/../../"),
            (r"/a\*/longer", "/a", "/a"),
            ("?ab*c", "", "ab"),
            ("[!a]b", "", ""),
            ("*", "", ""),
            ("", "", ""),
        ] {
            let literals = Literals::of(pattern.as_bytes());
            assert_eq!(literals.start, start.as_bytes(), "{pattern}");
            assert_eq!(literals.inside, inside.as_bytes(), "{pattern}");
        }
    }
}
