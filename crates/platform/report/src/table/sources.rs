//! The databases that the findings rest on: how old they are, what they cannot tell.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_advisories::Catalogue;
use bulkhead_model::{FeedStatement, PackageType, Report};

use super::{Page, Piece};
use crate::style::Style;
use crate::text::{count, printable};

/// Each database with those of its feeds that speak about the target.
pub(super) fn databases(report: &Report, page: &mut Page) {
    page.title("Advisories");
    let scopes = scopes(report);
    let mut relevant = Vec::new();
    for database in &report.databases {
        let built = match database.built.as_deref().and_then(|built| built.get(..10)) {
            Some(day) => format!(", built {}", printable(day)),
            None => String::new(),
        };
        let line =
            format!("{}{built}, {}", printable(&database.name), short(database.digest.hex()));
        page.plain_item("  ", &line);
        let (feeds, others): (Vec<_>, Vec<_>) =
            database.feeds.iter().partition(|feed| speaks_about(feed, &scopes));
        let mut pieces: Vec<Piece> = feeds.iter().map(|feed| dated(feed, page.style)).collect();
        if !others.is_empty() {
            let text = format!("{} about other packages", count(others.len() as u64, "feed"));
            pieces.push(Piece::painted(text, |text| page.style.faint(text)));
        }
        page.flow("    ", &pieces);
        relevant.extend(feeds);
    }
    outdated(&relevant, page);
    silences(&relevant, page);
}

/// The scopes of the target's packages, as feeds name them.
pub(crate) fn scopes(report: &Report) -> BTreeSet<String> {
    let inventory = &report.inventory;
    let system = inventory.operating_system.as_ref().and_then(|system| system.scope.as_ref());
    let ecosystems = inventory.packages.iter().filter_map(|package| match package.package_type {
        PackageType::Language(ecosystem) => Some(ecosystem.name().to_owned()),
        _ => None,
    });
    ecosystems.chain(system.map(ToString::to_string)).collect()
}

/// Feeds without scopes speak about vulnerabilities in general.
pub(crate) fn speaks_about(feed: &FeedStatement, scopes: &BTreeSet<String>) -> bool {
    feed.scopes.is_empty() || feed.scopes.iter().any(|scope| scopes.contains(scope))
}

fn silences(feeds: &[&FeedStatement], page: &mut Page) {
    for sentence in cannot_tell(feeds) {
        page.plain_item("    ", &sentence);
    }
}

/// What the feeds cannot tell, in the words of the catalogue that is compiled in; a name from a
/// later one stands for itself.
pub(crate) fn cannot_tell(feeds: &[&FeedStatement]) -> Vec<String> {
    let sentences = Catalogue::embedded().map(|catalogue| catalogue.silences).unwrap_or_default();
    let mut silences: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for feed in feeds {
        for silence in &feed.silent_about {
            silences.entry(silence).or_default().insert(&feed.id);
        }
    }
    let line = |(silence, feeds): (&str, BTreeSet<&str>)| {
        let sentence = sentences.get(silence).map_or(silence, String::as_str);
        let feeds: Vec<&str> = feeds.into_iter().collect();
        printable(&format!("{}: {sentence}", feeds.join(", "))).into_owned()
    };
    silences.into_iter().map(line).collect()
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

fn outdated(feeds: &[&FeedStatement], page: &mut Page) {
    let feeds = match feeds.iter().filter(|feed| feed.outdated).count() {
        0 => return,
        1 => "one feed is older than the pace of its publisher".to_owned(),
        count => format!("{count} feeds are older than the pace of their publishers"),
    };
    let mark = format!("  {} ", page.style.warning("!"));
    let line = format!("{feeds}: later vulnerabilities are missing");
    page.item(&mark, 4, &line);
}

fn short(digits: &str) -> &str {
    digits.get(..12).unwrap_or(digits)
}
