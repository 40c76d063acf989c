//! `--fail-on`: which findings make a scan fail.
//!
//! An expression lists alternatives with `,`; a finding hits the gate when it meets all terms of one
//! of them, joined by `+`: `critical,high+fixable,exploited`.

use std::fmt;
use std::str::FromStr;

use bulkhead_model::{Finding, Severity, VulnerabilityDetail};

/// What every message about the grammar names.
const TERMS: &str =
    "critical, high, medium, low, negligible, unknown, exploited, epss>=0.5, fixable or any";

/// An expression of `--fail-on`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    conditions: Vec<Condition>,
}

/// Terms that one finding must meet together.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    text: String,
    terms: Vec<Term>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Term {
    /// This severity or a worse one; never an unknown one.
    AtLeast(Severity),
    /// Rated by nobody.
    Unknown,
    /// Known to be exploited.
    Exploited,
    /// At least as likely to be exploited, in steps of 0.00001.
    Predicted(u32),
    /// A version without the vulnerability exists.
    Fixable,
    /// Every finding.
    Any,
}

/// The expression is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{term:?} at position {position} of {expression:?} is no term: expected {TERMS}")]
pub struct GateError {
    /// The whole expression.
    pub expression: String,
    /// What stands there.
    pub term: String,
    /// Where, in characters from 1.
    pub position: usize,
}

impl Gate {
    /// Reads an expression; letters of any case, spaces around terms.
    pub fn parse(expression: &str) -> Result<Self, GateError> {
        let mut conditions = Vec::new();
        let mut position: usize = 1;
        for alternative in expression.split(',') {
            let mut terms = Vec::new();
            for text in alternative.split('+') {
                let leading = text.chars().take_while(|c| c.is_whitespace()).count();
                terms.push(Term::parse(text.trim()).ok_or_else(|| GateError {
                    expression: expression.to_owned(),
                    term: text.trim().to_owned(),
                    position: position.saturating_add(leading),
                })?);
                // The separator after the term counts as one.
                position = position.saturating_add(text.chars().count()).saturating_add(1);
            }
            let text = terms.iter().map(ToString::to_string).collect::<Vec<_>>().join("+");
            conditions.push(Condition { text, terms });
        }
        Ok(Self { conditions })
    }

    /// How many findings hit the gate.
    pub fn hits(&self, findings: &[Finding]) -> usize {
        findings
            .iter()
            .filter(|finding| self.conditions.iter().any(|condition| condition.holds(finding)))
            .count()
    }

    /// Which alternatives a finding meets, in their order.
    pub(crate) fn met(&self, finding: &Finding) -> impl Iterator<Item = bool> {
        self.conditions.iter().map(|condition| condition.holds(finding))
    }

    /// The alternatives as they were written, in their order.
    pub(crate) fn alternatives(&self) -> impl Iterator<Item = &str> {
        self.conditions.iter().map(|condition| condition.text.as_str())
    }
}

impl FromStr for Gate {
    type Err = GateError;

    fn from_str(expression: &str) -> Result<Self, Self::Err> {
        Self::parse(expression)
    }
}

impl Condition {
    fn holds(&self, finding: &Finding) -> bool {
        self.terms.iter().all(|term| term.holds(finding))
    }
}

impl Term {
    fn parse(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "unknown" => Self::Unknown,
            "exploited" => Self::Exploited,
            "fixable" => Self::Fixable,
            "any" => Self::Any,
            word if word.starts_with("epss") => Self::Predicted(probability(word)?),
            word => Self::AtLeast(
                Severity::DESCENDING.into_iter().find(|severity| severity.name() == word)?,
            ),
        })
    }

    fn holds(self, finding: &Finding) -> bool {
        let detail = finding.vulnerability();
        match self {
            Self::AtLeast(severity) => finding.rating.severity >= severity,
            Self::Unknown => finding.rating.severity == Severity::Unknown,
            Self::Exploited => detail.is_some_and(|detail| detail.exploited.is_some()),
            Self::Predicted(least) => {
                let epss = detail.and_then(|detail| detail.epss.as_ref());
                epss.is_some_and(|epss| steps(epss.score) >= least)
            }
            // What is configured can always be changed.
            Self::Fixable => detail.is_none_or(VulnerabilityDetail::is_fixable),
            Self::Any => true,
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Predicted(least) => {
                return write!(formatter, "epss>={}", f64::from(*least) / STEPS);
            }
            Self::AtLeast(severity) => severity.name(),
            Self::Unknown => "unknown",
            Self::Exploited => "exploited",
            Self::Fixable => "fixable",
            Self::Any => "any",
        })
    }
}

/// Steps of a published probability.
const STEPS: f64 = 100_000.0;

/// Scores are published with five digits: compared as whole numbers, `0.97` is 0.97.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
fn steps(probability: f64) -> u32 {
    (probability.clamp(0.0, 1.0) * STEPS).round() as u32
}

/// `epss>=0.5`, with spaces or without.
fn probability(term: &str) -> Option<u32> {
    let least = term.strip_prefix("epss")?.trim_start().strip_prefix(">=")?.trim();
    let least: f64 = least.parse().ok()?;
    (0.0..=1.0).contains(&least).then(|| steps(least))
}

#[cfg(test)]
mod tests {
    use bulkhead_model::{
        Confidence, Detail, ExploitPrediction, FindingId, FindingKind, FixState, KnownExploitation,
        Location, PackageId, Rating, Subject, Text,
    };

    use super::*;

    fn finding(severity: Severity, state: FixState, exploited: bool) -> Finding {
        let subject = Subject::Package {
            purl: "pkg:npm/x@1".to_owned(),
            name: "x".to_owned(),
            version: "1".to_owned(),
        };
        let location = Location::default();
        let entry = KnownExploitation {
            source: "kev".to_owned(),
            added: "2021-12-10".to_owned(),
            due: None,
            ransomware: false,
        };
        Finding {
            id: FindingId::new(FindingKind::Vulnerability, "CVE-1-1", &subject, &location),
            kind: FindingKind::Vulnerability,
            rule: "CVE-1-1".to_owned(),
            subject,
            location,
            rating: Rating { severity, ..Rating::default() },
            evidence: Vec::new(),
            detail: Detail::Vulnerability(Box::new(VulnerabilityDetail {
                package: PackageId(0),
                aliases: Vec::new(),
                state,
                fixed_versions: Vec::new(),
                confidence: Confidence::Confirmed,
                cvss: Vec::new(),
                cwes: Vec::new(),
                exploited: exploited.then_some(entry),
                epss: exploited.then(|| ExploitPrediction {
                    source: "epss".to_owned(),
                    score: 0.97,
                    percentile: Some(0.999),
                    date: None,
                }),
                title: None,
                published: None,
                references: Vec::new(),
            })),
            text: Text { id: String::new(), arguments: std::collections::BTreeMap::new() },
        }
    }

    fn findings() -> Vec<Finding> {
        vec![
            finding(Severity::Critical, FixState::Fixed, true),
            finding(Severity::High, FixState::Affected, false),
            finding(Severity::High, FixState::Fixed, false),
            finding(Severity::Low, FixState::WillNotFix, false),
            finding(Severity::Unknown, FixState::Affected, true),
        ]
    }

    #[track_caller]
    fn check(expression: &str, hits: usize) {
        assert_eq!(Gate::parse(expression).unwrap().hits(&findings()), hits, "{expression}");
    }

    #[test]
    fn alternatives_and_joint_terms() {
        check("critical", 1);
        check("high", 3);
        check("negligible", 4);
        check("unknown", 1);
        check("any", 5);
        check("exploited", 2);
        check("high+fixable", 2);
        check("high+fixable,unknown", 3);
        check("HIGH + Fixable , exploited", 3);
        check("unknown+critical", 0);
        check("epss>=0.97", 2);
        check("EPSS >= 0.97001", 0);
        check("epss>=0+low", 1);
    }

    #[test]
    fn the_conditions_that_are_met_are_named() {
        let gate = Gate::parse("critical, high + fixable, medium+unknown, epss >= 0.50").unwrap();
        let alternatives: Vec<_> = gate.alternatives().collect();
        assert_eq!(alternatives, ["critical", "high+fixable", "medium+unknown", "epss>=0.5"]);
        let met: Vec<Vec<bool>> = findings().iter().map(|it| gate.met(it).collect()).collect();
        let counts = (0..4).map(|at| met.iter().filter(|met| met[at]).count());
        assert_eq!(counts.collect::<Vec<_>>(), [1, 2, 0, 2]);
    }

    #[test]
    fn errors_name_the_place_and_the_terms() {
        for (expression, term, position) in [
            ("", "", 1),
            ("hihg", "hihg", 1),
            ("critical,hihg", "hihg", 10),
            ("critical, high + fixed", "fixed", 18),
            ("high+", "", 6),
            ("high,,low", "", 6),
            ("epss>0.5", "epss>0.5", 1),
            ("high,epss>=50", "epss>=50", 6),
        ] {
            let error = Gate::parse(expression).unwrap_err();
            assert_eq!((error.term.as_str(), error.position), (term, position), "{expression}");
        }
        let message = Gate::parse("hihg").unwrap_err().to_string();
        assert_eq!(
            message,
            "\"hihg\" at position 1 of \"hihg\" is no term: expected critical, high, medium, low, \
             negligible, unknown, exploited, epss>=0.5, fixable or any"
        );
    }
}
