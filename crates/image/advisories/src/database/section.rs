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
    /// Record, feed → title and references: read only for what is reported.
    Details,
    /// The dictionary with which the pages of `descriptions` are compressed.
    Dictionary,
    /// Record, feed → text, and the packages it has rows for: read only for what is explained.
    Descriptions,
}

impl Section {
    /// Every section, in the order in which they stand in a file.
    pub(crate) const ALL: [Self; 9] = [
        Self::Feeds,
        Self::Scopes,
        Self::Affected,
        Self::Advisories,
        Self::Aliases,
        Self::Scores,
        Self::Details,
        Self::Dictionary,
        Self::Descriptions,
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
            Self::Descriptions => "descriptions",
        }
    }

    /// The section with this name, padded with zeros.
    pub(crate) fn by_name(padded: &[u8]) -> Option<Self> {
        let name = padded.split(|&byte| byte == 0).next()?;
        Self::ALL.into_iter().find(|section| section.name().as_bytes() == name)
    }

    /// How many rows a page has on average: a page ends before a key whose hash is a multiple of
    /// this. Chosen so that a page has some 20 KiB: smaller ones make the root longer, which every
    /// opening reads, larger ones are decompressed for the sake of one row.
    pub(crate) const fn rows_per_page(self) -> u64 {
        match self {
            Self::Feeds | Self::Scopes | Self::Dictionary => u64::MAX,
            Self::Affected | Self::Advisories | Self::Aliases | Self::Scores => 256,
            Self::Details => 128,
            Self::Descriptions => 64,
        }
    }
}
