//! endoflife.date: a tar of Markdown files with a head in YAML, one per product.
//!
//! Of the products the catalogue takes the distributions, each under the `ID` of their os-release;
//! of a release it takes the day on which the publisher's own support for everybody ends (`eol`).
//! Extended support that is sold is not counted. A release that has no end yet has no item.

use std::collections::BTreeMap;

use bulkhead_model::Scope;
use serde::Deserialize;

use super::entries::{Parsed, Records};
use super::texts;
use crate::{EndOfLife, FeedSource};

#[derive(Deserialize)]
struct Product {
    #[serde(default)]
    releases: Vec<Release>,
}

#[derive(Deserialize)]
struct Release {
    #[serde(rename = "releaseCycle")]
    cycle: String,
    #[serde(default)]
    eol: Option<End>,
    /// The day of the newest point release.
    #[serde(default, rename = "latestReleaseDate")]
    latest: Option<String>,
}

/// A day, or whether the end has come.
#[derive(Deserialize)]
#[serde(untagged)]
enum End {
    Known(bool),
    Day(String),
}

/// One Markdown file each.
pub(super) const RECORDS: Records = Records { is_record, parse };

fn is_record(path: &[u8]) -> bool {
    let mut parts = path.rsplit(|&byte| byte == b'/');
    parts.next().is_some_and(|name| name.ends_with(b".md")) && parts.next() == Some(b"products")
}

fn parse(source: &FeedSource, path: &str, content: &[u8]) -> Result<Parsed, String> {
    let Some(id) = source.products.get(texts::stem(path)) else { return Ok(Parsed::Elsewhere) };
    let content = std::str::from_utf8(content).map_err(|error| error.to_string())?;
    let head = content
        .strip_prefix("---")
        .and_then(|rest| rest.split_once("\n---"))
        .ok_or("without a head in YAML")?
        .0;
    let product: Product =
        serde_saphyr::from_str(head).map_err(|error| texts::first_line(&error))?;
    let mut ends: BTreeMap<Scope, String> = BTreeMap::new();
    let mut problems = Vec::new();
    let newest = product.releases.iter().filter_map(|one| texts::day(one.latest.as_deref()?)).max();
    for release in product.releases {
        let day = match release.eol {
            Some(End::Day(day)) => day,
            Some(End::Known(true)) => {
                problems.push(format!("{}: the day of its end is not told", release.cycle));
                continue;
            }
            Some(End::Known(false)) | None => continue,
        };
        match (Scope::of_system(id, &release.cycle), texts::day(&day)) {
            // Several lines of one release: it lives as long as the last of them.
            (Some(scope), Some(day)) => {
                let known = ends.entry(scope).or_insert_with(|| day.clone());
                *known = std::mem::take(known).max(day);
            }
            (None, _) => {}
            (_, None) => {
                problems.push(format!("{}: {} is no day", release.cycle, texts::quote(&day)));
            }
        }
    }
    let ends = ends.into_iter().map(|(scope, day)| EndOfLife { scope, day });
    Ok(Parsed::EndsOfLife { ends: ends.collect(), newest, problems })
}
