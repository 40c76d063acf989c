//! The exploit prediction scoring system of FIRST: a table of all CVEs, one file a day
//! (<https://www.first.org/epss/data_stats>).
//!
//! A remark in the first line tells the model and the day; files of 2021 have none, nor the column of
//! percentiles at first.

use std::io::{BufRead, Read};

use bulkhead_model::ExploitPrediction;

use super::reading::Reading;
use super::{names, texts};
use crate::{FeedError, Format, Predicted};

/// Bytes of a line; one has about fifty.
const LINE: u64 = 4 << 10;

/// Where the columns stand.
struct Columns {
    cve: usize,
    score: usize,
    percentile: Option<usize>,
}

pub(super) fn read(mut input: impl BufRead, reading: &mut Reading<'_>) -> Result<(), FeedError> {
    let mut date = None;
    let mut columns = None;
    let mut line = Vec::new();
    let mut number: u64 = 0;
    loop {
        line.clear();
        number = number.saturating_add(1);
        if (&mut input).take(LINE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim().trim_start_matches('\u{feff}');
        match &columns {
            _ if text.is_empty() => {}
            None if text.starts_with('#') => date = day(text),
            None => columns = Some(Columns::of(text)?),
            Some(columns) => {
                reading.budget.charge_entry()?;
                match columns.row(text, date.as_deref(), &reading.source.id) {
                    Ok(row) => reading.predicted(row),
                    Err(cause) => reading.problem(&format!("line {number}"), cause),
                }
            }
        }
    }
    if columns.is_none() {
        return Err(FeedError::Truncated);
    }
    reading.dated(date.as_deref());
    Ok(())
}

/// `2023-03-07` of `#model_version:v2023.03.01,score_date:2023-03-07T00:00:00+0000`.
fn day(remark: &str) -> Option<String> {
    let parts = remark.trim_start_matches('#').split(',');
    parts.filter_map(|part| part.trim().strip_prefix("score_date:")).find_map(texts::day)
}

impl Columns {
    fn of(header: &str) -> Result<Self, FeedError> {
        let position = |name| header.split(',').position(|column| column.trim() == name);
        match (position("cve"), position("epss")) {
            (Some(cve), Some(score)) => Ok(Self { cve, score, percentile: position("percentile") }),
            _ => Err(FeedError::Malformed {
                format: Format::Epss.name(),
                cause: format!("no columns cve and epss in {}", texts::quote(header)),
            }),
        }
    }

    fn row(&self, text: &str, date: Option<&str>, source: &str) -> Result<Predicted, String> {
        let field = |at| text.split(',').nth(at).map(str::trim);
        let id = field(self.cve)
            .and_then(names::canonical)
            .filter(|id| names::is_cve(id))
            .ok_or_else(|| format!("no number of a CVE: {}", texts::quote(text)))?;
        let share = |at| field(at)?.parse().ok().filter(|share| (0.0..=1.0).contains(share));
        let score =
            share(self.score).ok_or_else(|| format!("no probability: {}", texts::quote(text)))?;
        let percentile = self.percentile.and_then(share);
        let date = date.map(str::to_owned);
        let entry = ExploitPrediction { source: source.to_owned(), score, percentile, date };
        Ok(Predicted { id, entry })
    }
}
