//! Fuzz targets and their seeds: replayed by the tests, driven by libFuzzer.
//!
//! One file of `targets/` per area, one [`Target`] per parser. `tests/replay.rs` runs each on its
//! inputs and on mutations of them; `libfuzzer/` drives the same functions by coverage.

mod mutation;
mod real;
mod targets;

pub use mutation::mutations;
pub use real::{Real, inputs};
pub use targets::targets;

/// A parser under test.
///
/// ```
/// use bulkhead_fuzz::Target;
///
/// const UTF8: Target = Target {
///     name: "utf-8",
///     run: |bytes| std::str::from_utf8(bytes).is_ok(),
///     seeds: || vec![b"text".to_vec(), vec![0xff]],
///     data: &[],
/// };
/// assert!((UTF8.run)(&(UTF8.seeds)()[0]));
/// ```
#[derive(Clone, Copy)]
pub struct Target {
    /// The name, unique among all targets and fit for a folder: `tar`, `npm-lock`.
    pub name: &'static str,
    /// Feeds bytes to the parser; true where it reached its success path. Must not panic, whatever
    /// the bytes.
    pub run: fn(&[u8]) -> bool,
    /// Inputs to start from: at least one that reaches the success path, and malformed ones.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Where real inputs lie. Where they are absent the seeds alone are run.
    pub data: &'static [Real],
}
