//! Exceptions that stand on the object itself: `bulkhead.io/except.CONTROL: "reason=…; owner=…;
//! until=2027-03-31"`.

use bulkhead_model::{EntryPath, Finding, FindingKind, Subject};

use crate::{Exception, Expiry};

/// What stands before the control's id.
const PREFIX: &str = "bulkhead.io/except.";

/// An object and the annotation of it that accepts findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// The object: nothing else is accepted.
    pub object: Subject,
    /// The file that it stands in, as findings name it.
    pub file: String,
    /// The annotation's key.
    pub key: String,
}

impl Annotation {
    /// Whether a finding is about this very object.
    pub(crate) fn is_of(&self, finding: &Finding) -> bool {
        // Findings name files without the first slash: those of a cluster begin with one.
        finding.subject == self.object && finding.location.path == EntryPath::from(&*self.file)
    }
}

/// Reads an annotation of an object; none where it is no exception.
///
/// # Errors
/// What is wrong with one that is not understood whole: it accepts nothing.
pub fn read_annotation(
    key: &str,
    value: &str,
    annotated: impl FnOnce() -> (Subject, String),
) -> Option<Result<Exception, String>> {
    let id = key.strip_prefix(PREFIX)?;
    Some(exception(id, value).map(|exception| {
        let (object, file) = annotated();
        Exception {
            annotation: Some(Annotation { object, file, key: key.to_owned() }),
            ..exception
        }
    }))
}

fn exception(id: &str, value: &str) -> Result<Exception, String> {
    let kind = Some(FindingKind::Configuration);
    let mut exception = Exception { id: Some(id.to_owned()), kind, ..Exception::default() };
    if id.is_empty() {
        return Err("it names no control".to_owned());
    }
    for part in value.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, text) = part.split_once('=').unwrap_or(("", part));
        let (name, text) = (name.trim(), text.trim().to_owned());
        let repeated = match name {
            "reason" => exception.reason.replace(text).is_some(),
            "owner" => exception.owner.replace(text).is_some(),
            "until" => {
                let expiry = Expiry::read(&text);
                if expiry.is_none() {
                    return Err(format!("{text:.100?} is no day; write it as until=2027-03-31"));
                }
                std::mem::replace(&mut exception.expiry, expiry).is_some()
            }
            _ => {
                return Err(format!(
                    "{part:.100?} is not understood; write it as reason=…; owner=…; until=2027-03-31"
                ));
            }
        };
        if repeated {
            return Err(format!("{name} stands twice"));
        }
    }
    if exception.reason.as_deref().unwrap_or_default().is_empty() {
        return Err("it has no reason; say why in reason=…".to_owned());
    }
    Ok(exception)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bulkhead_model::{ControlDetail, Detail, FindingId, Location, Rating, Text};

    use super::*;

    fn subject() -> Subject {
        Subject::Object {
            group: String::new(),
            kind: "Pod".to_owned(),
            namespace: Some("a".to_owned()),
            name: "b".to_owned(),
        }
    }

    fn read(key: &str, value: &str) -> Option<Result<Exception, String>> {
        read_annotation(key, value, || (subject(), "a.yaml".to_owned()))
    }

    #[test]
    fn owner_reason_and_day_are_read() {
        let value = " reason = it needs the node; owner=platform@acme.example ;until=2027-03-31;";
        let read = read("bulkhead.io/except.host-pid", value).unwrap().unwrap();
        assert_eq!(read.id.as_deref(), Some("host-pid"));
        assert_eq!(read.reason.as_deref(), Some("it needs the node"));
        assert_eq!(read.owner.as_deref(), Some("platform@acme.example"));
        assert_eq!(read.expiry.unwrap().text(), "2027-03-31");
        assert_eq!(read.annotation.unwrap().key, "bulkhead.io/except.host-pid");
    }

    /// A cluster names its lists `/apis/…`, and people name files by whole paths.
    #[test]
    fn an_object_is_itself_wherever_its_file_lies() {
        for file in ["a.yaml", "/srv/a.yaml", "/api/v1/pods"] {
            let annotation =
                Annotation { object: subject(), file: file.to_owned(), key: String::new() };
            let location = Location::of(file);
            let kind = FindingKind::Configuration;
            let finding = |location: Location| Finding {
                id: FindingId::new(kind, "host-pid", &subject(), &location),
                kind,
                rule: "host-pid".to_owned(),
                subject: subject(),
                location,
                rating: Rating::default(),
                evidence: Vec::new(),
                detail: Detail::Control(ControlDetail {
                    place: String::new(),
                    line: None,
                    columns: None,
                }),
                text: Text { id: String::new(), arguments: BTreeMap::new() },
            };
            assert!(annotation.is_of(&finding(location)), "{file}");
            assert!(!annotation.is_of(&finding(Location::of("other.yaml"))), "{file}");
        }
    }

    #[test]
    fn what_is_not_understood_whole_accepts_nothing() {
        for (value, why) in [
            ("", "no reason"),
            ("owner=me", "no reason"),
            ("reason=", "no reason"),
            ("reason=a; until=soon", "no day"),
            ("reason=a; reason=b", "stands twice"),
            ("reason=a; severity=low", "not understood"),
            ("because", "not understood"),
        ] {
            let error = read("bulkhead.io/except.host-pid", value).unwrap().unwrap_err();
            assert!(error.contains(why), "{value:?}: {error}");
        }
        assert!(read("bulkhead.io/except.", "reason=a").unwrap().is_err());
        assert!(read("example.org/except.host-pid", "reason=a").is_none());
    }
}
