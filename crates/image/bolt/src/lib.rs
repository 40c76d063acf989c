//! Databases of bbolt, the Go library, read from the bytes of their file.
//!
//! A database is a tree of buckets, which hold keys with values and further buckets. It is read
//! without the writer's lock: a transaction never changes pages of the one before it, and the
//! [`transaction`] that the file begins with tells whether another one was finished meanwhile.
//!
//! The format has no specification beside its source: `page.go`, `bucket.go` and `db.go` of
//! go.etcd.io/bbolt, version 2 of the file.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unreachable
    )
)]

mod bucket;
mod error;
mod meta;
mod page;

pub use bucket::{Bucket, Entry, Value};
pub use error::BoltError;
pub use meta::HEAD;

use bulkhead_limits::Budget;

use meta::Meta;
use page::Pages;

/// The topmost bucket of a database whose file has these bytes.
pub fn open<'a>(bytes: &'a [u8], budget: &Budget) -> Result<Bucket<'a>, BoltError> {
    budget.check_file(bytes.len() as u64)?;
    let meta = Meta::newest(bytes)?;
    Ok(Bucket::of_page(Pages::new(bytes, meta.page_size), meta.root, budget))
}

/// The number of the newest transaction of a database whose file begins with these bytes, at least
/// [`HEAD`] of them where the file is as long.
pub fn transaction(head: &[u8]) -> Result<u64, BoltError> {
    Meta::newest(head).map(|meta| meta.transaction)
}
