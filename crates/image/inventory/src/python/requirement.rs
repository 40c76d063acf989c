//! Requirements of a distribution (PEP 508).

/// `name[extras] (>=1,<2) ; marker`, of which versions are of no interest: what is installed is what
/// is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Requirement<'a> {
    pub(super) name: &'a str,
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
        let marker = marker_of(rest).map(str::trim).filter(|marker| !marker.is_empty());
        (!name.is_empty()).then_some(Self { name, marker })
    }
}

/// After an address, a semicolon begins the marker only behind a space.
fn marker_of(rest: &str) -> Option<&str> {
    let separator = if rest.trim_start().starts_with('@') { " ;" } else { ";" };
    rest.split_once(separator).map(|(_, marker)| marker)
}
