//! What somebody said about findings, in words.

use bulkhead_model::{Answer, AnswerOutcome, Suppression, SuppressionSource, Verdict, Void};

use crate::text::printable;

/// Where it is written: `.trivyignore line 3`, `acme-2026-1 by Acme`.
pub(crate) fn place(says: &Suppression) -> String {
    let text = match &says.source {
        SuppressionSource::IgnoreFile { file, line: Some(line) } => format!("{file} line {line}"),
        SuppressionSource::IgnoreFile { file, line: None } => file.clone(),
        SuppressionSource::Annotation { object, key, file, line } => {
            annotation(object, key, file, *line)
        }
        SuppressionSource::Vex { document, author: Some(author), .. } => {
            format!("{document} by {author}")
        }
        SuppressionSource::Vex { document, author: None, .. } => document.clone(),
    };
    printable(&text).into_owned()
}

/// An annotation with its object and where it stands.
pub(crate) fn annotation(object: &str, key: &str, file: &str, line: Option<u32>) -> String {
    let line = line.map(|line| format!(" line {line}")).unwrap_or_default();
    format!("{key} of {object} in {file}{line}")
}

/// What it says: the status of a VEX statement with its justification; nothing more of an entry
/// of an ignore file, which says that the finding is accepted.
pub(crate) fn statement(says: &Suppression) -> String {
    let text = match &says.source {
        SuppressionSource::IgnoreFile { .. } | SuppressionSource::Annotation { .. } => {
            "accepted".to_owned()
        }
        SuppressionSource::Vex { status, justification, .. } => {
            let status = status.replace('_', " ");
            match justification {
                Some(justification) => format!("{status}: {}", justification.replace('_', " ")),
                None => status,
            }
        }
    };
    printable(&text).into_owned()
}

/// Reason, owner and end, as far as they are known.
pub(crate) fn circumstances(says: &Suppression) -> Vec<String> {
    let named = |name: &str, value: &Option<String>| {
        value.as_ref().map(|value| format!("{name}{}", single_line(value)))
    };
    [named("", &says.reason), named("owner: ", &says.owner), named("until ", &says.expires)]
        .into_iter()
        .flatten()
        .collect()
}

/// What came of it for a finding.
pub(crate) fn outcome(verdict: &Verdict) -> String {
    let text = match verdict.outcome {
        AnswerOutcome::Suppresses => "applies: the finding is suppressed",
        AnswerOutcome::AlsoSuppresses => "applies, too: the finding is suppressed already",
        AnswerOutcome::Confirms => "applies: the finding is confirmed",
        AnswerOutcome::Undecided => "applies, and decides nothing: the finding stays",
        AnswerOutcome::OtherProduct => "does not apply: it is about another product",
        AnswerOutcome::OtherVersion => "does not apply: it is about another version",
        AnswerOutcome::OtherPath => "does not apply: it is about other files",
        AnswerOutcome::OtherCriterion => "does not apply: it asks for something else",
        AnswerOutcome::Expired => "does not apply: it has expired",
        AnswerOutcome::Superseded => "does not count: a newer statement says otherwise or again",
        AnswerOutcome::Contradicted => {
            "does not count: a statement of the same age is more cautious"
        }
        AnswerOutcome::NotJudged => "does not apply: it asks for what cannot be judged here",
    };
    let shown = |text: &Option<String>| text.as_deref().map(single_line);
    match (shown(&verdict.stated), shown(&verdict.found)) {
        (Some(stated), Some(found)) => format!("{text} ({stated}; here {found})"),
        (Some(only), None) | (None, Some(only)) => format!("{text} ({only})"),
        (None, None) => text.to_owned(),
    }
}

/// Why an entry of an ignore file came to nothing; none where it was of use. Statements of VEX
/// documents are many, and seldom all about one target.
pub(crate) fn idle(answer: &Answer) -> Option<String> {
    if matches!(answer.says.source, SuppressionSource::Vex { .. }) {
        return None;
    }
    match &answer.void {
        Some(Void::NotJudged { criterion }) => {
            let criterion = single_line(criterion);
            return Some(format!("cannot be judged here: {criterion}"));
        }
        Some(Void::Expired) => {
            let day = answer.says.expires.as_deref().map(single_line).unwrap_or_default();
            let open = if answer.verdicts.is_empty() { "" } else { ", and the finding is there" };
            return Some(format!("expired {day}{open}"));
        }
        Some(Void::OtherScanner { .. }) => return None,
        None => {}
    }
    let outcomes = || answer.verdicts.iter().map(|verdict| verdict.outcome);
    let is_of_use = outcomes()
        .any(|it| matches!(it, AnswerOutcome::Suppresses | AnswerOutcome::AlsoSuppresses));
    if is_of_use {
        return None;
    }
    Some(match answer.verdicts.first() {
        Some(verdict) => outcome(verdict),
        None => "matched nothing".to_owned(),
    })
}

/// The names of the vulnerability, or what it is about without any.
pub(crate) fn subject(answer: &Answer) -> String {
    match answer.vulnerabilities.first() {
        Some(name) => single_line(name),
        None => "any vulnerability".to_owned(),
    }
}

/// Line breaks of a text are spaces like others.
fn single_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    printable(&words.join(" ")).into_owned()
}
