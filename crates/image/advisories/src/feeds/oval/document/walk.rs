//! The elements of the document, as they open and close.

use std::borrow::Cow;

use bulkhead_limits::{Budget, Exceeded};
use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;

use super::super::definition::{Criterion, Definition};
use super::{Document, Operation, State, Test};
use crate::feeds::texts;
use crate::{FeedError, Format};

/// Bytes of one text that are held: enough for any name or version, and for a description.
const TEXT: usize = 64 << 10;

/// The document so far, and what is open.
pub(super) struct Walk<'a> {
    document: Document,
    budget: &'a Budget,
    /// Local names of the open elements.
    names: Vec<String>,
    /// The text since the last element opened.
    text: String,
    definition: Option<Definition>,
    test: Option<(String, Test)>,
    object: Option<(String, String)>,
    state: Option<(String, State)>,
    /// Whether a root was there at all.
    begun: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(budget: &'a Budget) -> Self {
        Self {
            document: Document::default(),
            budget,
            names: Vec::new(),
            text: String::new(),
            definition: None,
            test: None,
            object: None,
            state: None,
            begun: false,
        }
    }

    /// The document, if it was one and came to its end.
    pub(super) fn finish(self) -> Result<Document, FeedError> {
        if self.begun && self.names.is_empty() {
            Ok(self.document)
        } else {
            Err(FeedError::Truncated)
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        let room = TEXT.saturating_sub(self.text.len());
        self.text.push_str(text.get(..text.floor_char_boundary(room)).unwrap_or_default());
    }

    pub(super) fn start(&mut self, element: &BytesStart<'_>) -> Result<(), FeedError> {
        let name = element.local_name();
        let name: &str = name.as_ref();
        if !self.begun && name != "oval_definitions" {
            let cause = format!("the root is {}", texts::quote(name));
            return Err(FeedError::Malformed { format: Format::DebianOval.name(), cause });
        }
        self.begun = true;
        // Criteria nest as deep as a publisher likes; four times an archive's depth is plenty.
        let limit = self.budget.limits().depth.saturating_mul(4);
        if self.names.len() >= limit as usize {
            return Err(Exceeded::Depth { limit }.into());
        }
        self.open(name, element)?;
        self.names.push(name.to_owned());
        self.text.clear();
        Ok(())
    }

    fn open(&mut self, name: &str, element: &BytesStart<'_>) -> Result<(), FeedError> {
        let text = |key| attribute(element, key).into_owned();
        if let Some(definition) = &mut self.definition {
            match name {
                "reference" => definition.references.push(text("ref_id")),
                "criterion" => definition.criteria.push(Criterion {
                    test: text("test_ref"),
                    negated: attribute(element, "negate") == "true",
                }),
                _ => {}
            }
        } else if let Some((_, test)) = &mut self.test {
            match name {
                "object" => test.object = text("object_ref"),
                "state" => test.state = text("state_ref"),
                _ => {}
            }
        } else if let Some((_, state)) = &mut self.state {
            if name == "evr" && attribute(element, "operation") == "less than" {
                state.operation = Operation::LessThan;
            }
        } else if name == "definition" {
            self.budget.charge_entry()?;
            let (id, class) = (text("id"), text("class"));
            self.definition = Some(Definition { id, class, ..Definition::default() });
        } else if name.ends_with("_test") {
            self.budget.charge_entry()?;
            let is_package = name == "dpkginfo_test";
            self.test = Some((text("id"), Test { is_package, ..Test::default() }));
        } else if name == "dpkginfo_object" {
            self.budget.charge_entry()?;
            self.object = Some((text("id"), String::new()));
        } else if name == "dpkginfo_state" {
            self.budget.charge_entry()?;
            self.state = Some((text("id"), State::default()));
        }
        Ok(())
    }

    pub(super) fn end(&mut self) {
        let Some(name) = self.names.pop() else { return };
        let text = std::mem::take(&mut self.text);
        self.close(&name, text.trim());
    }

    fn close(&mut self, name: &str, text: &str) {
        match name {
            "definition" => self.document.definitions.extend(self.definition.take()),
            "dpkginfo_object" => self.document.objects.extend(self.object.take()),
            "dpkginfo_state" => self.document.states.extend(self.state.take()),
            "timestamp" if self.definition.is_none() => {
                self.document.timestamp = Some(text.to_owned());
            }
            _ if name.ends_with("_test") => self.document.tests.extend(self.test.take()),
            _ => {
                if let Some(definition) = &mut self.definition {
                    definition_text(definition, name, text);
                } else if let (Some((_, object)), "name") = (&mut self.object, name) {
                    text.clone_into(object);
                } else if let (Some((_, state)), "evr") = (&mut self.state, name) {
                    text.clone_into(&mut state.version);
                }
            }
        }
    }
}

fn definition_text(definition: &mut Definition, name: &str, text: &str) {
    match name {
        "title" => text.clone_into(&mut definition.title),
        "platform" => definition.platforms.push(text.to_owned()),
        "product" => definition.products.push(text.to_owned()),
        "description" => text.clone_into(&mut definition.description),
        "moreinfo" => text.clone_into(&mut definition.more),
        "dsa" => definition.bulletins.push(text.to_owned()),
        "date" => definition.date = Some(text.to_owned()),
        _ => {}
    }
}

/// The value of an attribute; empty where it is absent or malformed.
fn attribute<'a>(element: &'a BytesStart<'_>, key: &str) -> Cow<'a, str> {
    let attribute = element.try_get_attribute(key).ok().flatten();
    attribute
        .and_then(|found| found.normalized_value(XmlVersion::Implicit1_0).ok())
        .unwrap_or_default()
}
