//! One entry of an ignore file.

use bulkhead_model::{FindingKind, Problem, Suppression, SuppressionSource, Void};

use crate::{Annotation, Criterion, Expiry, Moment};

/// An ignore file, read.
#[derive(Debug, Clone, Default)]
pub struct ExceptionFile {
    /// As it was named.
    pub name: String,
    /// Its entries, in order.
    pub exceptions: Vec<Exception>,
    /// What of it was left out, each with its line and what to do.
    pub problems: Vec<Problem>,
}

/// What somebody decided to accept.
#[derive(Debug, Clone, Default)]
pub struct Exception {
    /// The line on which it begins, from 1; 0 where it has none.
    pub line: u32,
    /// The annotation that it is, and of what; none where it stands in an ignore file.
    pub annotation: Option<Annotation>,
    /// The vulnerability or control by any of its names; none where it is about any.
    pub id: Option<String>,
    /// What kind of findings it is about, where it can be about one alone.
    pub kind: Option<FindingKind>,
    /// What must hold beside it, all together.
    pub criteria: Vec<Criterion>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Why it is accepted.
    pub reason: Option<String>,
    /// Until when.
    pub expiry: Option<Expiry>,
    /// Why it can never apply here, though it is understood. See [`Exception::void`].
    pub void: Option<Void>,
}

impl Exception {
    /// Why it applies to nothing at this moment in a scan for such findings, whatever is found.
    pub fn void(&self, kind: FindingKind, now: Moment) -> Option<Void> {
        let is_past = self.expiry.as_ref().is_some_and(|expiry| expiry.is_past(now));
        let other = self.kind.filter(|own| *own != kind);
        let other = other.map(|own| Void::OtherScanner { scanner: own.name().to_owned() });
        self.void.clone().or(other).or(is_past.then_some(Void::Expired))
    }

    /// What a report says of it. `file` is the file's name.
    pub fn suppression(&self, file: &str) -> Suppression {
        let line = (self.line > 0).then_some(self.line);
        let source = match &self.annotation {
            None => SuppressionSource::IgnoreFile { file: file.to_owned(), line },
            Some(annotation) => SuppressionSource::Annotation {
                object: annotation.object.object().unwrap_or_default(),
                key: annotation.key.clone(),
                file: annotation.file.clone(),
                line,
            },
        };
        Suppression {
            source,
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            expires: self.expiry.as_ref().map(|expiry| expiry.text().to_owned()),
        }
    }
}
