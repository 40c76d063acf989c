//! Fuzz targets and their seeds: replayed by the tests, driven by libFuzzer.
//!
//! One file of `targets/` per area, one [`Target`] per parser.

/// A parser under test.
pub struct Target {
    /// The name: `tar`, `npm-lock`.
    pub name: &'static str,
    /// Feeds bytes to the parser; true where it reached its success path. Must not panic, whatever
    /// the bytes.
    pub run: fn(&[u8]) -> bool,
    /// Inputs to start from: at least one that reaches the success path, and malformed ones.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target of every area.
pub fn targets() -> Vec<Target> {
    Vec::new()
}
