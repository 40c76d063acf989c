//! The packages of a bill of materials.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

/// The packages of a CycloneDX document as package URLs without qualifiers and subpath: type, name
/// and version. Percent-encoding is undone where both forms are in use, and npm names are in lower
/// case, as the specification of package URLs wants and Syft leaves out.
///
/// # Errors
/// Where the file cannot be read, or lists no components.
pub fn packages_of_document(path: &Path) -> anyhow::Result<BTreeSet<String>> {
    let document: Value = serde_json::from_slice(&fs_err::read(path)?)?;
    let components = document["components"].as_array().context("no components in it")?;
    let purls = components.iter().filter_map(|component| component["purl"].as_str());
    Ok(purls.map(plain_purl).collect())
}

/// A package URL in the form of [`packages_of_document`].
pub fn plain_purl(purl: &str) -> String {
    let end = purl.find(['?', '#']).unwrap_or(purl.len());
    let purl = if purl.starts_with("pkg:npm/") { purl.to_lowercase() } else { purl.to_owned() };
    let pairs = [
        ("%2B", "+"),
        ("%2b", "+"),
        ("%2F", "/"),
        ("%2f", "/"),
        ("%40", "@"),
        ("%3A", ":"),
        ("%3a", ":"),
        ("%7E", "~"),
    ];
    pairs.iter().fold(purl[..end].to_owned(), |purl, (from, to)| purl.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purls_compare_without_qualifiers_and_encoding() {
        for (one, other) in [
            ("pkg:npm/%40types/node@1.0.0", "pkg:npm/@types/node@1.0.0"),
            ("pkg:npm/JSONStream@1.3.5", "pkg:npm/jsonstream@1.3.5"),
            ("pkg:deb/debian/g%2B%2B@1%3A2?arch=amd64", "pkg:deb/debian/g++@1:2"),
        ] {
            assert_eq!(plain_purl(one), plain_purl(other));
        }
        assert_ne!(plain_purl("pkg:npm/a@1"), plain_purl("pkg:npm/a@2"));
    }
}
