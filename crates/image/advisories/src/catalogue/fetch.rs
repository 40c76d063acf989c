//! How a program fetches a feed from its publisher.

use serde::{Deserialize, Serialize};

/// A file to fetch; or a listing, and which of its files to fetch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetch {
    /// The address of the file or of the first listing.
    pub url: String,
    /// Where the file is put in a mirror folder. Without it, and for the files of listings, the
    /// host's name and the path of the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Listings, each found by the one before; the last one names the files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follow: Vec<Step>,
    /// Where the publisher tells the digests of the files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<Checksum>,
}

/// A listing, and what is taken of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// How it is written.
    pub listing: Listing,
    /// The addresses that are taken: relative to that of the listing, `*` for any text within one
    /// name. One that ends in `/` takes folders only. Nothing of another host is ever taken.
    pub take: Vec<String>,
    /// What lies below each: relative addresses. Without any it is the address itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<String>,
}

/// How a publisher lists files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listing {
    /// A page of HTML: the addresses of its links.
    Page,
    /// A text, a file each line: its address, then, behind a comma, when it changed. The form of
    /// `index.txt` and `changes.csv` (CSAF 2.0, 7.1.12 and 7.1.13) and of lists of mirrors.
    Lines,
    /// `repomd.xml` of a package repository, with the digest of each file.
    Repository,
}

/// A file beside another that has its SHA-256 in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checksum {
    /// How the checksum's address ends.
    pub ending: String,
    /// The ending of the file's own address that this replaces; without it, it is appended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<String>,
    /// What the digest is of.
    #[serde(default)]
    pub of: DigestOf,
}

/// What a digest is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DigestOf {
    /// The file as it is served.
    #[default]
    Stored,
    /// What it is after decompression.
    Unpacked,
}

impl Checksum {
    /// The address of the checksum of the file at this address; none where that has another ending
    /// than it should.
    pub fn address_of(&self, file: &str) -> Option<String> {
        let stem = match &self.instead_of {
            Some(ending) => file.strip_suffix(ending.as_str())?,
            None => file,
        };
        Some(format!("{stem}{}", self.ending))
    }
}
