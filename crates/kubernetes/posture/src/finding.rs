//! What a control says against an object, as a finding of a report.

use std::collections::BTreeMap;

use bulkhead_model::{
    ControlDetail, Detail, Finding, FindingId, FindingKind, Location, Rating, Subject, Text,
};
use bulkhead_objects::{Object, Objects, Places};

use crate::{ControlText, Judgement};

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
        let subject = subject(object);
        let file = file(object, objects);
        let has_lines = objects.has_lines(object);
        let finding = |remark: &crate::Remark<'_>, places: &mut Places<'_>| {
            let path = remark.place.path();
            let place = path.to_string();
            let at = has_lines.then(|| places.locate(object, &path)).flatten();
            let inside = vec![place.as_str().into()];
            let location = Location { inside: inside.clone(), ..Location::of(file) };
            // An object of a cluster is that object, live and in a snapshot of any name.
            let is_written = has_lines || object.origin.template.is_some();
            let known_by = Location { inside, ..Location::of(if is_written { file } else { "" }) };
            let (id, value) = remark.reason.text();
            let mut arguments = BTreeMap::from([("place".to_owned(), place.clone())]);
            if !value.is_empty() {
                arguments.insert("value".to_owned(), value);
            }
            Finding {
                id: FindingId::new(
                    FindingKind::Configuration,
                    self.control.id,
                    &subject,
                    &known_by,
                ),
                kind: FindingKind::Configuration,
                rule: self.control.id.to_owned(),
                subject: subject.clone(),
                location,
                rating: Rating { severity: text.severity, ..Rating::default() },
                evidence: Vec::new(),
                detail: Detail::Control(ControlDetail {
                    place,
                    line: at.as_ref().map(|at| at.line),
                    columns: at.map(|at| (at.column, at.end)),
                }),
                text: Text { id: id.to_owned(), arguments },
            }
        };
        self.remarks.iter().map(|remark| finding(remark, places)).collect()
    }
}
