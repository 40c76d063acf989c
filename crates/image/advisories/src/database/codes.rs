//! Numbers that stand for names in rows. They never change; new ones are added at the end.

use bulkhead_model::{FixState, Severity};
use bulkhead_versions::Scheme;

use super::error::Defect;

const STATES: [FixState; 5] = [
    FixState::Fixed,
    FixState::Affected,
    FixState::WillNotFix,
    FixState::NotAffected,
    FixState::UnderInvestigation,
];

/// 0 is "no statement", which is another thing than the statement "unknown".
const SEVERITIES: [Severity; 6] = [
    Severity::Unknown,
    Severity::Negligible,
    Severity::Low,
    Severity::Medium,
    Severity::High,
    Severity::Critical,
];

fn code<T: PartialEq>(all: &[T], value: &T) -> u8 {
    let position = all.iter().position(|known| known == value);
    position.and_then(|position| u8::try_from(position).ok()).unwrap_or(u8::MAX)
}

fn value<T: Copy>(all: &[T], code: u8, what: &str) -> Result<T, Defect> {
    let known = all.get(usize::from(code)).copied();
    known.ok_or_else(|| Defect::damage(format!("number {code} is no {what}")))
}

pub(crate) fn of_scheme(scheme: Scheme) -> u8 {
    scheme.id()
}

pub(crate) fn scheme(code: u8) -> Result<Scheme, Defect> {
    let known = Scheme::from_id(code);
    known.ok_or_else(|| Defect::damage(format!("number {code} is no order of versions")))
}

pub(crate) fn of_state(state: FixState) -> u8 {
    code(&STATES, &state)
}

pub(crate) fn state(code: u8) -> Result<FixState, Defect> {
    value(&STATES, code, "fix state")
}

pub(crate) fn of_severity(severity: Option<Severity>) -> u8 {
    severity.map_or(0, |severity| code(&SEVERITIES, &severity).saturating_add(1))
}

pub(crate) fn severity(code: u8) -> Result<Option<Severity>, Defect> {
    code.checked_sub(1).map(|code| value(&SEVERITIES, code, "severity")).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Golden: databases in the field hold these numbers.
    #[test]
    fn numbers_never_change() {
        assert_eq!(of_scheme(Scheme::Dpkg), 1);
        assert_eq!(of_scheme(Scheme::Go), 14);
        assert_eq!(of_state(FixState::UnderInvestigation), 4);
        assert_eq!(of_severity(None), 0);
        assert_eq!(of_severity(Some(Severity::Unknown)), 1);
        assert_eq!(of_severity(Some(Severity::Critical)), 6);
    }

    #[test]
    fn every_name_has_a_number() {
        for scheme_known in Scheme::ALL {
            assert_eq!(scheme(of_scheme(scheme_known)).unwrap(), scheme_known);
        }
        for severity_known in Severity::DESCENDING {
            assert_eq!(severity(of_severity(Some(severity_known))).unwrap(), Some(severity_known));
        }
        assert!(state(5).is_err());
        assert!(severity(7).is_err());
    }
}
