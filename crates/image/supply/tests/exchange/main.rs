//! Databases through a registry that the tests own: what travels, what is refused, what breaks.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up must fail")]

mod delta;
mod faults;
mod parts;
mod places;
mod refusals;
mod registry;
