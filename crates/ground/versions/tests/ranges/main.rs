//! Ranges: the notations, the canonical text, and every range of a real feed.

#![expect(clippy::expect_used, reason = "a test that cannot read its input must fail")]

mod feed;
mod notation;
mod set;
