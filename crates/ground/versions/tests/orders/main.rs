//! The orders: every published pair, and what makes an order.

#![expect(clippy::expect_used, reason = "a test that cannot read its input must fail")]

mod laws;
mod pairs;
mod published;
mod rules;
