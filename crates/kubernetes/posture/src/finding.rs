//! What a control says against an object, as a finding of a report.

use std::collections::BTreeMap;

use bulkhead_model::{
    ControlDetail, Detail, Finding, FindingId, FindingKind, Location, Rating, Severity, Subject,
    Text,
};
use bulkhead_objects::{Object, Objects, Places};

use crate::{ControlText, Judgement, Said, Told};

/// An object as the subject of findings.
pub fn subject(object: &Object) -> Subject {
    let name = match &object.metadata.generate_name {
        Some(prefix) if object.metadata.name.is_empty() => format!("{prefix}*"),
        _ => object.metadata.name.to_string(),
    };
    Subject::Object {
        group: object.type_name.group.to_string(),
        kind: object.type_name.kind.to_string(),
        namespace: object.is_namespaced().then(|| object.namespace().to_owned()),
        name,
    }
}

/// Where people mend an object: the template that a chart rendered it from, else its file.
pub fn file<'a>(object: &'a Object, objects: &'a Objects) -> &'a str {
    match &object.origin.template {
        Some(template) => template,
        None => objects.file(object).map_or("", |file| &*file.path),
    }
}

impl Judgement<'_, '_> {
    /// The findings of this answer, one for each of its remarks: also of what could not be checked,
    /// which is for the caller to keep apart. `text` is that of the control; `places` finds the lines.
    /// None for what is judged of nodes.
    pub fn findings(
        &self,
        text: &ControlText,
        objects: &Objects,
        places: &mut Places<'_>,
    ) -> Vec<Finding> {
        let Some(object) = self.object else { return Vec::new() };
        let has_lines = objects.has_lines(object);
        let site = Site {
            control: self.control.id,
            severity: text.severity,
            subject: subject(object),
            file: file(object, objects),
            // An object of a cluster is that object, live and in a snapshot of any name.
            is_written: has_lines || object.origin.template.is_some(),
        };
        let finding = |remark: &crate::Remark<'_>| {
            let path = remark.place.path();
            let at = has_lines.then(|| places.locate(object, &path)).flatten();
            let (id, value) = remark.reason.text();
            site.finding(path.to_string(), at.as_ref(), id, value)
        };
        self.remarks.iter().map(finding).collect()
    }
}

impl Said {
    /// The findings of what a control says of an object of a cluster, as [`Judgement::findings`] gives them.
    /// `file` is the name of the list that the object comes from.
    pub fn findings(&self, text: &ControlText, subject: &Subject, file: &str) -> Vec<Finding> {
        let site = Site {
            control: &text.id,
            severity: text.severity,
            subject: subject.clone(),
            file,
            is_written: false,
        };
        let finding = |told: &Told| {
            site.finding(told.place.to_string(), None, told.text, told.value.to_string())
        };
        self.remarks.iter().map(finding).collect()
    }
}

/// What the findings of one control about one object have in common.
struct Site<'a> {
    control: &'a str,
    severity: Severity,
    subject: Subject,
    file: &'a str,
    /// Whether the object is known by the file that people write it in.
    is_written: bool,
}

impl Site<'_> {
    fn finding(
        &self,
        place: String,
        at: Option<&bulkhead_objects::Location>,
        id: &str,
        value: String,
    ) -> Finding {
        let inside = vec![place.as_str().into()];
        let location = Location { inside: inside.clone(), ..Location::of(self.file) };
        let known_by =
            Location { inside, ..Location::of(if self.is_written { self.file } else { "" }) };
        let mut arguments = BTreeMap::from([("place".to_owned(), place.clone())]);
        if !value.is_empty() {
            arguments.insert("value".to_owned(), value);
        }
        let kind = FindingKind::Configuration;
        Finding {
            id: FindingId::new(kind, self.control, &self.subject, &known_by),
            kind,
            rule: self.control.to_owned(),
            subject: self.subject.clone(),
            location,
            rating: Rating { severity: self.severity, ..Rating::default() },
            evidence: Vec::new(),
            detail: Detail::Control(ControlDetail {
                place,
                line: at.map(|at| at.line),
                columns: at.map(|at| (at.column, at.end)),
            }),
            text: Text { id: id.to_owned(), arguments },
        }
    }
}
