//! The least that a builder of databases must do: decompress the feeds and take their documents
//! apart, keeping nothing.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;

use anyhow::Context as _;
use bulkhead_advisories::{Catalogue, Format, locate};
use bulkhead_archive::{decode, tar, zip};
use bulkhead_limits::{Budget, Limits};
use fs_err::File;
use quick_xml::events::Event;
use rayon::prelude::*;
use serde::de::IgnoredAny;

/// How many documents are taken apart at a time, on all processors.
const BATCH: usize = 1024;

/// The number of documents in the feeds of a mirror folder that the builder reads; files side by
/// side, as it reads them.
pub(crate) fn count(folder: &Path) -> anyhow::Result<usize> {
    let catalogue = Catalogue::embedded()?;
    let located = locate(&catalogue, folder)?.feeds;
    let files = located
        .par_iter()
        .flat_map_iter(|located| located.files.iter().map(|file| (located.feed.format, file)));
    files
        .map(|(format, file)| {
            count_file(format, file).with_context(|| format!("cannot read {}", file.display()))
        })
        .sum()
}

fn count_file(format: Format, path: &Path) -> anyhow::Result<usize> {
    let budget = Budget::new(Limits::DEFAULT);
    if format == Format::Osv {
        return count_zip(&fs_err::read(path)?, &budget);
    }
    let input = BufReader::with_capacity(128 << 10, File::open(path)?);
    let mut input = BufReader::with_capacity(128 << 10, decode(input, &budget)?);
    match format {
        Format::DebianOval
        | Format::UbuntuOval
        | Format::RedhatOval
        | Format::AzureOval
        | Format::Updateinfo => {
            let mut reader = quick_xml::Reader::from_reader(input);
            let mut buffer = Vec::new();
            while !matches!(reader.read_event_into(&mut buffer)?, Event::Eof) {
                buffer.clear();
            }
            Ok(1)
        }
        Format::AlpineSecdb
        | Format::Kev
        | Format::DebianTracker
        | Format::ArchSecurity
        | Format::PhotonCve
        | Format::NvdCve
        | Format::Bodhi => {
            let mut text = Vec::new();
            input.read_to_end(&mut text)?;
            serde_json::from_slice::<IgnoredAny>(&text)?;
            Ok(1)
        }
        Format::Epss => Ok(input.lines().count()),
        Format::Gitlab | Format::Rubysec | Format::FriendsOfPhp => count_tar(input, &budget, yaml),
        Format::Rustsec | Format::Endoflife => count_tar(input, &budget, text),
        Format::Cvrf => count_tar(input, &budget, xml),
        Format::CveRecords | Format::Csaf | Format::Osv => count_tar(input, &budget, json),
    }
}

fn count_zip(content: &[u8], budget: &Budget) -> anyhow::Result<usize> {
    let archive = zip::Archive::open(&content, budget)?;
    let mut batch = Batch::new(json);
    for entry in archive.entries() {
        batch.add(archive.read(&entry?, 16 << 20)?);
    }
    Ok(batch.finish())
}

fn count_tar(
    input: impl std::io::BufRead,
    budget: &Budget,
    take_apart: fn(&[u8]) -> bool,
) -> anyhow::Result<usize> {
    let mut archive = tar::Reader::new(input, budget);
    let mut batch = Batch::new(take_apart);
    while let Some(entry) = archive.next_entry()? {
        if entry.kind == tar::Kind::File {
            let mut content = Vec::new();
            archive.content().read_to_end(&mut content)?;
            batch.add(content);
        }
    }
    Ok(batch.finish())
}

fn json(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

/// Markdown with a head of another notation.
fn text(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok()
}

fn xml(text: &[u8]) -> bool {
    let mut reader = quick_xml::Reader::from_reader(text);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

fn yaml(text: &[u8]) -> bool {
    serde_saphyr::from_slice::<IgnoredAny>(text).is_ok()
}

/// Documents that wait for all processors.
struct Batch {
    take_apart: fn(&[u8]) -> bool,
    documents: Vec<Vec<u8>>,
    count: usize,
}

impl Batch {
    fn new(take_apart: fn(&[u8]) -> bool) -> Self {
        Self { take_apart, documents: Vec::new(), count: 0 }
    }

    fn add(&mut self, document: Vec<u8>) {
        self.documents.push(document);
        if self.documents.len() == BATCH {
            self.take_all_apart();
        }
    }

    fn take_all_apart(&mut self) {
        let take_apart = self.take_apart;
        self.count += self.documents.par_iter().filter(|document| take_apart(document)).count();
        self.documents.clear();
    }

    fn finish(mut self) -> usize {
        self.take_all_apart();
        self.count
    }
}
