//! `cargo xtask feeds`: the tables of `docs/feeds.md`, from the catalogue and from a mirror folder.

use std::path::Path;

use anyhow::Context as _;
use bulkhead_advisories::{BuildOptions, BuildSummary, Catalogue, FeedCount, FeedSource, build};

use bulkhead_testing::repository;

const DOCUMENT: &str = "docs/feeds.md";

/// Builds a database of the feeds in this folder, and writes what was read
/// of each feed into the document, beside what the catalogue says of it.
pub(crate) fn run(folder: &Path) -> anyhow::Result<()> {
    let work = tempfile::tempdir()?;
    let options = BuildOptions::default();
    let summary = build(folder, &[], &work.path().join("feeds.db"), &options, &|_, _, _| {})?;
    for file in &summary.unknown {
        println!("no feed names {}", file.display());
    }
    for problem in &summary.problems {
        let place =
            problem.location.as_ref().map_or_else(String::new, |place| format!("{place}: "));
        println!("not read: {place}{}", problem.message);
    }
    let path = repository().join(DOCUMENT);
    let text = fs_err::read_to_string(&path)?;
    let text = with_table(&text, "catalogue", &catalogue_table(&Catalogue::embedded()?))?;
    let text = with_table(&text, "counts", &counts_table(&summary))?;
    fs_err::write(&path, text)?;
    println!("{DOCUMENT}: {} feeds", summary.feeds.len());
    Ok(())
}

/// Every feed of the catalogue, whom it speaks about and what it cannot tell.
fn catalogue_table(catalogue: &Catalogue) -> String {
    let row = |feed: &FeedSource| {
        format!(
            "| `{}` | {} | {} | {} | {} |\n",
            feed.id,
            feed.publisher,
            scopes(feed),
            feed.format.name(),
            feed.silent_about.join(", ")
        )
    };
    let rows: String = catalogue.feeds.iter().map(row).collect();
    format!("| Feed | Of | Speaks about | Format | Cannot tell |\n|---|---|---|---|---|\n{rows}")
}

fn scopes(feed: &FeedSource) -> String {
    if !feed.products.is_empty() {
        return "releases of distributions".to_owned();
    }
    if feed.scopes.is_empty() {
        return "vulnerabilities in general".to_owned();
    }
    let scopes: Vec<String> = feed.scopes.iter().map(|scope| format!("`{scope}`")).collect();
    scopes.join(", ")
}

/// What was read of each feed that the folder has.
fn counts_table(summary: &BuildSummary) -> String {
    let row = |feed: &FeedCount| {
        format!(
            "| `{}` | {} | {} | {} | {} | {} |\n",
            feed.id,
            feed.files,
            feed.records,
            feed.statements,
            feed.dropped,
            feed.date.as_deref().unwrap_or("undated")
        )
    };
    let rows: String = summary.feeds.iter().map(row).collect();
    let problems = (summary.problems.len() as u64).saturating_add(summary.further_problems);
    format!(
        "| Feed | Files | Records | Statements about packages | Withdrawn, or about no vulnerability | Newest |\n\
         |---|--:|--:|--:|--:|---|\n{rows}\n\
         {} rows about packages in a file of {} MB; {problems} records, or parts of them, could not be read.\n",
        summary.affected_rows,
        summary.size.div_ceil(1_000_000)
    )
}

/// The document with what stands between the marks of this name replaced.
fn with_table(text: &str, name: &str, table: &str) -> anyhow::Result<String> {
    let [start, end] = ["", "/"].map(|slash| format!("<!-- {slash}{name} -->\n"));
    let (before, rest) = text
        .split_once(&start)
        .with_context(|| format!("{DOCUMENT} has no mark {}", start.trim()))?;
    let (_, after) =
        rest.split_once(&end).with_context(|| format!("{DOCUMENT} has no mark {}", end.trim()))?;
    Ok(format!("{before}{start}{table}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_says_what_the_catalogue_says() {
        let text = fs_err::read_to_string(repository().join(DOCUMENT)).unwrap();
        let table = catalogue_table(&Catalogue::embedded().unwrap());
        let fresh = with_table(&text, "catalogue", &table).unwrap();
        assert!(fresh == text, "out of date: run `cargo xtask feeds`");
    }

    #[test]
    fn a_table_replaces_what_stood_between_its_marks() {
        let text = "a\n<!-- counts -->\nold\n<!-- /counts -->\nb\n";
        assert_eq!(
            with_table(text, "counts", "new\n").unwrap(),
            "a\n<!-- counts -->\nnew\n<!-- /counts -->\nb\n"
        );
        assert!(with_table(text, "other", "").is_err());
    }
}
