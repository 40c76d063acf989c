//! What two bills of materials have in common.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

/// The packages of a CycloneDX document as package URLs without qualifiers and subpath: type,
/// name and version.
pub(super) fn of_document(path: &Path) -> anyhow::Result<BTreeSet<String>> {
    let document: Value = serde_json::from_slice(&fs_err::read(path)?)?;
    let components = document["components"].as_array().context("a document lists components")?;
    let purls = components.iter().filter_map(|component| component["purl"].as_str());
    Ok(purls.map(plain).collect())
}

/// Percent-encoding differs between writers where both forms are allowed.
fn plain(purl: &str) -> String {
    let end = purl.find(['?', '#']).unwrap_or(purl.len());
    purl[..end].replace("%2B", "+").replace("%2b", "+").replace("%40", "@").replace("%3A", ":")
}

/// How much of `theirs` is in `ours`, between 0 and 1, and what is not.
pub(super) fn share<'a>(
    ours: &BTreeSet<String>,
    theirs: &'a BTreeSet<String>,
) -> (f64, Vec<&'a str>) {
    let missing: Vec<&str> =
        theirs.iter().filter(|purl| !ours.contains(*purl)).map(String::as_str).collect();
    let held = theirs.len() - missing.len();
    (ratio(held, theirs.len()), missing)
}

#[expect(clippy::cast_precision_loss, reason = "numbers of packages are far below 2^52")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purls_compare_without_qualifiers_and_encoding() {
        let ours: BTreeSet<String> =
            ["pkg:npm/%40types/node@1.0.0", "pkg:deb/debian/g%2B%2B@1?arch=amd64"]
                .map(plain)
                .into();
        let theirs: BTreeSet<String> =
            ["pkg:npm/@types/node@1.0.0", "pkg:deb/debian/g++@1", "pkg:npm/a@1"].map(plain).into();
        let (share, missing) = share(&ours, &theirs);
        assert_eq!(missing, ["pkg:npm/a@1"]);
        assert!(share > 0.66 && share < 0.67);
    }
}
