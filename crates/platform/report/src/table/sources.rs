//! The databases that the findings rest on: how old they are, what they cannot tell.

use bulkhead_model::{FeedStatement, Report};

use super::{Page, Piece};
use crate::style::Style;
use crate::text::printable;

/// Each database with its feeds and their dates.
pub(super) fn databases(report: &Report, page: &mut Page) {
    page.title("Advisories");
    for database in &report.databases {
        let built = match database.built.as_deref().and_then(|built| built.get(..10)) {
            Some(day) => format!(", built {}", printable(day)),
            None => String::new(),
        };
        let line =
            format!("{}{built}, {}", printable(&database.name), short(database.digest.hex()));
        page.plain_item("  ", &line);
        let feeds: Vec<Piece> = database.feeds.iter().map(|feed| dated(feed, page.style)).collect();
        page.flow("    ", &feeds);
        outdated(&database.feeds, page);
        for feed in database.feeds.iter().filter(|feed| !feed.silent_about.is_empty()) {
            let line = format!(
                "{} cannot tell: {}",
                feed.id,
                feed.silent_about.join(", ").replace('_', " ")
            );
            page.plain_item("    ", &printable(&line));
        }
    }
}

fn dated(feed: &FeedStatement, style: Style) -> Piece {
    let date = feed.date.as_deref().unwrap_or("undated");
    let text = format!("{} {}", printable(&feed.id), printable(date));
    if feed.outdated {
        Piece::painted(format!("{text} (old)"), |text| style.warning(text))
    } else {
        Piece::plain(text)
    }
}

fn outdated(feeds: &[FeedStatement], page: &mut Page) {
    let old: Vec<&str> =
        feeds.iter().filter(|feed| feed.outdated).map(|feed| feed.id.as_str()).collect();
    if !old.is_empty() {
        let mark = format!("  {} ", page.style.warning("!"));
        let line = format!(
            "{} older than the pace of the publisher: later vulnerabilities are missing",
            if old.len() == 1 {
                "one feed is".to_owned()
            } else {
                format!("{} feeds are", old.len())
            }
        );
        page.item(&mark, 4, &line);
    }
}

fn short(digits: &str) -> &str {
    digits.get(..12).unwrap_or(digits)
}
