//! The publishers' own formats, read into [`Item`]s.
//!
//! Each reader streams: it holds a record or a batch of them, never a feed. The exception is OVAL,
//! whose definitions come before the tests that they refer to.

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

mod arch;
mod bodhi;
mod csaf;
mod cvrf;
mod debian_tracker;
mod elements;
mod endoflife;
mod entries;
mod epss;
mod friends_of_php;
mod gitlab;
mod kev;
mod listing;
mod markup;
mod mirror;
pub(crate) mod names;
mod nvd;
mod osv;
mod oval;
mod photon;
mod products;
mod reading;
mod record5;
mod requirements;
mod rubysec;
mod rustsec;
pub(crate) mod scores;
mod secdb;
mod texts;
mod updateinfo;

use std::collections::BTreeSet;
use std::io::{BufReader, Read};
use std::path::Path;

use bulkhead_archive::{ReadAt, decode};
use bulkhead_limits::Budget;
use bulkhead_model::{Problem, Scope};

use crate::{Error, FeedError, FeedSource, Format, Item};
pub use listing::{Listed, checksum, listed};
pub use mirror::{Located, Mirror, locate, matches};
pub use products::scope as platform_scope;
pub use reading::FileContent;
use reading::{Reading, Stream};

/// What reading a file of a feed gave, beside the items.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedSummary {
    /// The day of its newest statement, `2024-12-03`; none where nothing in it tells.
    pub date: Option<String>,
    /// Items that were delivered.
    pub records: u64,
    /// Records that their publisher withdrew or rejected, or that are about no vulnerability.
    pub dropped: u64,
    /// The scopes that the delivered rows speak about.
    pub scopes: BTreeSet<Scope>,
    /// Records that could not be read, or not wholly, each by its name.
    pub problems: Vec<Problem>,
    /// Problems beyond [`bulkhead_limits::Limits::problems`], which are only counted.
    pub further_problems: u64,
}

/// Reads one file of a feed and hands its items to `sink`, in an order that depends on nothing but
/// the content.
///
/// A record that cannot be read is a problem of the summary. A file that cannot is an error; items
/// that were delivered before stand.
pub fn read(
    source: &FeedSource,
    file: &Path,
    budget: &Budget,
    sink: &mut dyn FnMut(Item),
) -> Result<FeedSummary, Error> {
    let content = FileContent::open(file)?;
    read_content(source, &content, budget, sink).map_err(|cause| Error::Feed {
        feed: source.id.clone(),
        file: file.to_owned(),
        cause,
    })
}

/// As [`read`], of content wherever it lies: compressed or not, as the file would be.
pub fn read_content(
    source: &FeedSource,
    content: &dyn ReadAt,
    budget: &Budget,
    sink: &mut dyn FnMut(Item),
) -> Result<FeedSummary, FeedError> {
    if let Some(reason) = &source.postponed {
        return Err(FeedError::Postponed { reason: reason.clone() });
    }
    if content.size() == 0 {
        return Err(FeedError::Truncated);
    }
    let mut reading = Reading::new(source, budget, sink);
    if source.format == Format::Osv {
        osv::RECORDS.read_zip(content, &mut reading)?;
        return Ok(reading.finish());
    }
    let stream = BufReader::with_capacity(128 << 10, Stream::new(content));
    let decoded = decode(stream, budget)?.buffered();
    match source.format {
        Format::AlpineSecdb => secdb::read(&whole(decoded, budget)?, &mut reading)?,
        Format::DebianOval | Format::UbuntuOval | Format::RedhatOval | Format::AzureOval => {
            oval::read(decoded, &mut reading)?;
        }
        Format::Kev => kev::read(&whole(decoded, budget)?, &mut reading)?,
        Format::DebianTracker => debian_tracker::read(decoded, &mut reading)?,
        Format::ArchSecurity => arch::read(decoded, &mut reading)?,
        Format::PhotonCve => photon::read(decoded, &mut reading)?,
        Format::NvdCve => nvd::read(decoded, &mut reading)?,
        Format::Updateinfo => updateinfo::read(decoded, &mut reading)?,
        Format::Bodhi => bodhi::read(decoded, &mut reading)?,
        Format::Csaf => csaf::read(decoded, &mut reading)?,
        Format::Cvrf => cvrf::read(decoded, &mut reading)?,
        Format::Epss => epss::read(decoded, &mut reading)?,
        Format::Gitlab => gitlab::RECORDS.read_tar(decoded, &mut reading)?,
        Format::Rustsec => rustsec::RECORDS.read_tar(decoded, &mut reading)?,
        Format::Rubysec => rubysec::RECORDS.read_tar(decoded, &mut reading)?,
        Format::FriendsOfPhp => friends_of_php::RECORDS.read_tar(decoded, &mut reading)?,
        Format::Endoflife => endoflife::RECORDS.read_tar(decoded, &mut reading)?,
        Format::CveRecords | Format::Osv => record5::RECORDS.read_tar(decoded, &mut reading)?,
    }
    Ok(reading.finish())
}

/// As [`read_content`], of one record outside of its archive; `name` is what problems call it. For
/// formats that are no archives the content is the whole document.
pub fn read_record(
    source: &FeedSource,
    name: &str,
    content: &[u8],
    budget: &Budget,
    sink: &mut dyn FnMut(Item),
) -> Result<FeedSummary, FeedError> {
    let records = match source.format {
        Format::Osv => osv::RECORDS,
        Format::Gitlab => gitlab::RECORDS,
        Format::Rustsec => rustsec::RECORDS,
        Format::Rubysec => rubysec::RECORDS,
        Format::FriendsOfPhp => friends_of_php::RECORDS,
        Format::Endoflife => endoflife::RECORDS,
        Format::CveRecords => record5::RECORDS,
        Format::Csaf => csaf::RECORDS,
        Format::Cvrf => cvrf::RECORDS,
        _ => return read_content(source, &content, budget, sink),
    };
    let mut reading = Reading::new(source, budget, sink);
    records.read_one(name, content, &mut reading);
    Ok(reading.finish())
}

/// A document that is small enough to be held.
fn whole(input: impl Read, budget: &Budget) -> Result<Vec<u8>, FeedError> {
    let mut document = Vec::new();
    let limit = budget.limits().file_bytes;
    input.take(limit.saturating_add(1)).read_to_end(&mut document)?;
    budget.check_file(document.len() as u64)?;
    Ok(document)
}
