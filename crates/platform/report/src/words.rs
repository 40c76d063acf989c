//! Sentences that several forms share.

use bulkhead_model::{
    EndOfLife, FixState, Suppression, SuppressionSource, Text, VulnerabilityDetail,
};

use crate::answers;
use crate::text::printable;

/// The versions to upgrade to, or why there is none.
pub(crate) fn fix(detail: &VulnerabilityDetail) -> String {
    match detail.state {
        FixState::Fixed if detail.fixed_versions.is_empty() => "a later version".to_owned(),
        FixState::Fixed => printable(&detail.fixed_versions.join(", ")).into_owned(),
        FixState::Affected => "no fix".to_owned(),
        FixState::WillNotFix => "will not fix".to_owned(),
        FixState::NotAffected => "not affected".to_owned(),
        FixState::UnderInvestigation => "investigating".to_owned(),
    }
}

/// The same as a sentence without a full stop.
pub(crate) fn fix_sentence(detail: &VulnerabilityDetail) -> String {
    match detail.state {
        FixState::Fixed => format!("Fixed in {}", fix(detail)),
        FixState::Affected => "No fix is known".to_owned(),
        FixState::WillNotFix => "The publisher will not fix it".to_owned(),
        FixState::NotAffected => "The publisher says that it is not affected".to_owned(),
        FixState::UnderInvestigation => "The publisher is investigating".to_owned(),
    }
}

/// Who suppressed a finding, why, and until when: `.trivyignore line 3: accepted by the team, until
/// 2027-03-31`.
pub fn suppression(by: &Suppression) -> String {
    let mut text = match &by.source {
        SuppressionSource::IgnoreFile { file, line: Some(line) } => format!("{file} line {line}"),
        SuppressionSource::IgnoreFile { file, line: None } => file.clone(),
        SuppressionSource::Annotation { object, key, file, line } => {
            answers::annotation(object, key, file, *line)
        }
        SuppressionSource::Vex { document, author, status, justification } => {
            let author = author.as_deref().map(|it| format!(" of {it}")).unwrap_or_default();
            let reason = justification.as_deref().map(|it| format!(", {it}")).unwrap_or_default();
            format!("VEX statement{author} in {document}: {status}{reason}")
        }
    };
    if let Some(reason) = &by.reason {
        text.push_str(": ");
        text.push_str(reason);
    }
    if let Some(day) = &by.expires {
        text.push_str(", until ");
        text.push_str(day);
    }
    printable(&text).into_owned()
}

/// What is at the place of a finding of a control: `is true`.
pub fn said(text: &Text) -> String {
    let value = text.arguments.get("value").map(String::as_str).unwrap_or_default();
    let said = match text.id.as_str() {
        "control.is" => format!("is {value}"),
        "control.unset" => "is not set".to_owned(),
        "control.lacks" => format!("lacks {value}"),
        "control.contains" => format!("contains {value}"),
        "control.missing" => format!("names {value}, which is not there"),
        "control.unused" => "is used by nothing".to_owned(),
        "control.without" => format!("has no {value}"),
        "control.repeated" => format!("repeats {value}"),
        "control.not_given" => format!("cannot be judged without {value}"),
        // A newer version wrote the report.
        other => format!("{other} {value}").trim_end().to_owned(),
    };
    printable(&said).into_owned()
}

/// Until when a release is supported: `debian:10 has been without support since 2024-06-30 (…)`.
pub(crate) fn end_of_life(release: &EndOfLife) -> String {
    let verb = if release.ended { "has been without support since" } else { "is supported until" };
    let text = format!("{} {verb} {} ({})", release.scope, release.day, release.source);
    printable(&text).into_owned()
}

/// `12.3 %`, of a probability.
pub(crate) fn percent(probability: f64) -> String {
    format!("{:.1} %", probability.clamp(0.0, 1.0) * 100.0)
}
