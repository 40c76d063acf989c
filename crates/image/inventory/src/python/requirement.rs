//! Requirements of distributions (PEP 508): `name[extras] (>=1,<2) ; marker`, `name @ address`.

/// A requirement, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Requirement<'a> {
    pub(super) name: &'a str,
    /// Clauses between commas, or `@` and an address; empty where anything will do.
    pub(super) specifier: &'a str,
    /// When it holds; always where there is none.
    pub(super) marker: Option<&'a str>,
}

impl<'a> Requirement<'a> {
    /// None where the text begins with no name.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let end = text.find(|c| !in_name(c)).unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end)?;
        if name.is_empty() {
            return None;
        }
        let rest = rest.trim_start();
        let rest = match rest.strip_prefix('[') {
            Some(extras) => extras.split_once(']').map_or("", |(_, rest)| rest).trim_start(),
            None => rest,
        };
        // In an address, a semicolon begins the marker only behind a space.
        let separator = if rest.starts_with('@') { " ;" } else { ";" };
        let (specifier, marker) = match rest.split_once(separator) {
            Some((specifier, marker)) => (specifier, Some(marker.trim())),
            None => (rest, None),
        };
        let specifier = specifier.trim().trim_start_matches('(').trim_end_matches(')').trim();
        Some(Self { name, specifier, marker: marker.filter(|marker| !marker.is_empty()) })
    }

    /// The one version that will do: `==1.0`, `===1.0`, but not `==1.*`.
    pub(super) fn pinned(&self) -> Option<&'a str> {
        let exact = |clause: &'a str| {
            let version = clause.trim().strip_prefix("==")?;
            let version = version.strip_prefix('=').unwrap_or(version).trim();
            let plain = !version.is_empty() && !version.contains(['*', ' ', '$', '{']);
            plain.then_some(version)
        };
        self.specifier.split(',').find_map(exact)
    }

    /// Where it is taken from, if not from an index.
    pub(super) fn address(&self) -> Option<&'a str> {
        self.specifier.strip_prefix('@').map(str::trim)
    }
}
