//! What a control says against an object, as a finding of a report.

use std::collections::BTreeMap;

use bulkhead_model::{
    ControlDetail, Detail, Finding, FindingId, FindingKind, Location, Rating, Subject, Text,
};
use bulkhead_objects::{Objects, Places};

use crate::{ControlText, Judgement};

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
        let cluster_wide = object.metadata.namespace.is_none() && object.workload().is_none();
        let subject = Subject::Object {
            group: object.type_name.group.to_string(),
            kind: object.type_name.kind.to_string(),
            namespace: (!cluster_wide).then(|| object.namespace().to_owned()),
            name: object.metadata.name.to_string(),
        };
        let file = objects.file(object).map_or("", |file| &*file.path);
        let finding = |remark: &crate::Remark<'_>, places: &mut Places<'_>| {
            let path = remark.place.path();
            let place = path.to_string();
            let line = places.locate(object, &path).map(|location| location.line);
            let location = Location { inside: vec![place.as_str().into()], ..Location::of(file) };
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
                    &location,
                ),
                kind: FindingKind::Configuration,
                rule: self.control.id.to_owned(),
                subject: subject.clone(),
                location,
                rating: Rating { severity: text.severity, ..Rating::default() },
                evidence: Vec::new(),
                detail: Detail::Control(ControlDetail { place, line }),
                text: Text { id: id.to_owned(), arguments },
            }
        };
        self.remarks.iter().map(|remark| finding(remark, places)).collect()
    }
}
