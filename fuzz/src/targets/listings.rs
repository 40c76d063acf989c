//! Listings of publishers' files, and their checksums.

use bulkhead_advisories::{Listing, checksum, listed};
use bulkhead_limits::{Budget, Limits};

use super::feeds::seeds;
use crate::Target;

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "listing-page",
        run: |bytes| lists(Listing::Page, bytes),
        seeds: || seeds(&["<a href=\"v3.21/\">x</a><a href='b'>", "<a href = c>", "href href="]),
        data: &[],
    },
    Target {
        name: "listing-lines",
        run: |bytes| lists(Listing::Lines, bytes),
        seeds: || {
            seeds(&["\"2024/a.json\",\"2024-05-01\"\n2023/b.json\n", "https://h/x\n", ",,\n"])
        },
        data: &[],
    },
    Target {
        name: "listing-repository",
        run: |bytes| lists(Listing::Repository, bytes),
        seeds: || seeds(&[REPOSITORY, "<repomd><data><location/></data></repomd>", "<repomd>"]),
        data: &[],
    },
    Target {
        name: "checksum",
        run: |bytes| checksum(bytes, "feed.json").is_some(),
        seeds: || seeds(&[CHECKSUM, "SHA256 (feed.json) = 00"]),
        data: &[],
    },
];

/// True where the listing names anything.
fn lists(form: Listing, bytes: &[u8]) -> bool {
    let budget = Budget::new(Limits { entries: 1000, ..Limits::DEFAULT });
    listed(form, bytes, &budget).is_ok_and(|entries| !entries.is_empty())
}

const REPOSITORY: &str = "<repomd><data type='updateinfo'><checksum type='sha256'>\
                          e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855</checksum>\
                          <location href='repodata/u.xml.gz'/></data></repomd>";

const CHECKSUM: &str =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  feed.json\n";
