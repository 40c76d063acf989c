//! Versions named by what is *not* affected, as some publishers do it.

use bulkhead_model::FixState;
use bulkhead_versions::{RangeSet, Scheme};

/// What remains of all versions without the patched and the unaffected ones, each a list of
/// requirements in the notation of the ecosystem's tool.
pub(super) fn affected(
    scheme: Scheme,
    patched: &[String],
    unaffected: &[String],
) -> Result<(RangeSet, FixState), String> {
    let mut safe = RangeSet::empty();
    for requirement in patched.iter().chain(unaffected) {
        safe = safe.union(range(scheme, requirement)?);
    }
    let affected = safe.complement(scheme).ok_or("requirements with too many gaps")?;
    if affected.is_empty() {
        return Err("no version is affected".to_owned());
    }
    Ok((affected, if patched.is_empty() { FixState::Affected } else { FixState::Fixed }))
}

/// A requirement as a set of versions.
pub(super) fn range(scheme: Scheme, requirement: &str) -> Result<RangeSet, String> {
    scheme.parse_range(requirement).map_err(|error| error.to_string())
}
