//! The sections by name.

/// A sorted table of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    /// Feed id → what the feed is and how old.
    Feeds,
    /// Scope → order of versions, rule of names, feeds that speak about it.
    Scopes,
    /// Scope, name, feed, record, number → versions and verdict.
    Affected,
    /// Record, feed → dates, aliases, weaknesses, vectors.
    Advisories,
    /// Any id → the vulnerabilities it stands for, and the records that name it.
    Aliases,
    /// Vulnerability → known exploitation. Alone, because it changes daily.
    Scores,
    /// Record, feed → title, text, references: read only for what is reported.
    Details,
    /// The dictionary with which the pages of `details` are compressed.
    Dictionary,
}

impl Section {
    /// Every section, in the order in which they stand in a file.
    pub(crate) const ALL: [Self; 8] = [
        Self::Feeds,
        Self::Scopes,
        Self::Affected,
        Self::Advisories,
        Self::Aliases,
        Self::Scores,
        Self::Dictionary,
        Self::Details,
    ];

    /// The name in the root.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Feeds => "feeds",
            Self::Scopes => "scopes",
            Self::Affected => "affected",
            Self::Advisories => "advisories",
            Self::Aliases => "aliases",
            Self::Scores => "scores",
            Self::Details => "details",
            Self::Dictionary => "dictionary",
        }
    }

    /// The section with this name, padded with zeros.
    pub(crate) fn by_name(padded: &[u8]) -> Option<Self> {
        let name = padded.split(|&byte| byte == 0).next()?;
        Self::ALL.into_iter().find(|section| section.name().as_bytes() == name)
    }

    /// How many rows a page has on average: a page ends before a key whose hash is a multiple of
    /// this. Chosen so that a page has about 16 KiB.
    pub(crate) const fn rows_per_page(self) -> u64 {
        match self {
            Self::Feeds | Self::Scopes | Self::Dictionary => u64::MAX,
            Self::Affected | Self::Advisories => 128,
            Self::Aliases | Self::Scores => 256,
            Self::Details => 16,
        }
    }
}
