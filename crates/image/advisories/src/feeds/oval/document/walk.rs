//! The elements of the document, as they open and close.

use bulkhead_limits::Budget;
use quick_xml::events::BytesStart;

use super::super::criteria::Criteria;
use super::super::definition::{Definition, Reference, Vulnerability};
use super::super::test::{Comparison, Kind, Object, State, Test};
use super::Document;
use crate::FeedError;
use crate::feeds::markup::{Elements, attribute};
use crate::feeds::texts;

/// The document so far, and what is open.
pub(super) struct Walk<'a> {
    pub(super) document: Document,
    budget: &'a Budget,
    open: Open,
    /// Nodes of criteria that are open, the outermost first.
    criteria: Vec<Criteria>,
}

/// What is open below the lists of the document, with its identifier.
#[derive(Default)]
enum Open {
    #[default]
    Nothing,
    Definition(Box<Definition>),
    Test(String, Test),
    Object(String, Object),
    State(String, State),
    Variable(String, Vec<String>),
}

impl<'a> Walk<'a> {
    pub(super) fn new(budget: &'a Budget) -> Self {
        Self { document: Document::default(), budget, open: Open::Nothing, criteria: Vec::new() }
    }

    /// Puts what was open to the others of its kind.
    fn keep(&mut self) {
        let document = &mut self.document;
        match std::mem::take(&mut self.open) {
            Open::Nothing => {}
            Open::Definition(definition) => {
                self.criteria.clear();
                document.positions.insert(definition.id.clone(), document.definitions.len());
                document.definitions.push(*definition);
            }
            Open::Test(id, test) => drop(document.tests.insert(id, test)),
            Open::Object(id, object) => drop(document.objects.insert(id, object)),
            Open::State(id, state) => drop(document.states.insert(id, state)),
            Open::Variable(id, values) => drop(document.variables.insert(id, values)),
        }
    }
}

impl Elements for Walk<'_> {
    fn open(&mut self, name: &str, element: &BytesStart<'_>) -> Result<(), FeedError> {
        match &mut self.open {
            Open::Nothing => {
                self.open = opened(name, element);
                if !matches!(self.open, Open::Nothing) {
                    self.budget.charge_entry()?;
                }
            }
            Open::Definition(definition) => {
                if matches!(name, "criteria" | "criterion" | "extend_definition") {
                    self.budget.charge_entry()?;
                }
                in_definition(definition, &mut self.criteria, name, element);
            }
            Open::Test(_, test) => match name {
                "object" => test.object = attribute(element, "object_ref").into_owned(),
                "state" => test.state = Some(attribute(element, "state_ref").into_owned()),
                _ => {}
            },
            Open::Object(_, object) if name == "name" => {
                object.is_pattern = attribute(element, "operation") == "pattern match";
                let variable = attribute(element, "var_ref").into_owned();
                object.variable = Some(variable).filter(|variable| !variable.is_empty());
            }
            Open::State(_, state) if name == "evr" => {
                let operation = attribute(element, "operation").into_owned();
                state.version = Some(Comparison { operation, version: String::new() });
            }
            Open::Object(..) | Open::State(..) | Open::Variable(..) => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str, text: &str) {
        match (&mut self.open, name) {
            (Open::Definition(definition), "criteria") => {
                if let Some(closed) = self.criteria.pop() {
                    match self.criteria.last_mut() {
                        Some(Criteria::Node { children, .. }) => children.push(closed),
                        _ => definition.criteria = closed,
                    }
                }
            }
            (Open::Definition(definition), name) if name != "definition" => {
                definition_text(definition, name, text);
            }
            (Open::Object(_, object), "name") => text.clone_into(&mut object.name),
            (Open::State(_, state), "arch") => text.clone_into(&mut state.architectures),
            (Open::State(_, state), "evr") => {
                if let Some(comparison) = &mut state.version {
                    text.clone_into(&mut comparison.version);
                }
            }
            (Open::Variable(_, values), "value") => values.push(text.to_owned()),
            (Open::Nothing, "timestamp") => self.document.timestamp = Some(text.to_owned()),
            _ if is_item(name) => self.keep(),
            _ => {}
        }
    }
}

/// Whether the element is one of those that [`opened`] opens.
fn is_item(name: &str) -> bool {
    matches!(
        name,
        "definition"
            | "dpkginfo_object"
            | "rpminfo_object"
            | "dpkginfo_state"
            | "rpminfo_state"
            | "constant_variable"
    ) || name.ends_with("_test")
}

/// What an element opens that stands in one of the document's lists. Objects and states of tests
/// that are not about packages are passed over.
fn opened(name: &str, element: &BytesStart<'_>) -> Open {
    let text = |key| attribute(element, key).into_owned();
    match name {
        "definition" => {
            let (id, class) = (text("id"), text("class"));
            Open::Definition(Box::new(Definition { id, class, ..Definition::default() }))
        }
        "dpkginfo_object" | "rpminfo_object" => Open::Object(text("id"), Object::default()),
        "dpkginfo_state" | "rpminfo_state" => Open::State(text("id"), State::default()),
        "constant_variable" => Open::Variable(text("id"), Vec::new()),
        _ if name.ends_with("_test") => {
            let is_inverse = attribute(element, "check") == "none satisfy"
                || attribute(element, "check_existence") == "none_exist";
            let (kind, comment) = (Kind::of(name), text("comment"));
            Open::Test(text("id"), Test { kind, is_inverse, comment, ..Test::default() })
        }
        _ => Open::Nothing,
    }
}

/// An element opens inside a definition.
fn in_definition(
    definition: &mut Definition,
    criteria: &mut Vec<Criteria>,
    name: &str,
    element: &BytesStart<'_>,
) {
    let text = |key| attribute(element, key).into_owned();
    let is_negated = attribute(element, "negate") == "true";
    let mut leaf = |leaf| {
        if let Some(Criteria::Node { children, .. }) = criteria.last_mut() {
            children.push(leaf);
        }
    };
    match name {
        "criteria" => criteria.push(Criteria::Node {
            // `ONE` and `XOR` hold only where any of the children does.
            is_any: !matches!(&*attribute(element, "operator"), "AND" | ""),
            is_negated,
            children: Vec::new(),
        }),
        "criterion" => leaf(Criteria::Test { id: text("test_ref"), is_negated }),
        "extend_definition" => leaf(Criteria::Extended { id: text("definition_ref"), is_negated }),
        "reference" => definition.references.push(Reference {
            source: text("source"),
            id: text("ref_id"),
            address: text("ref_url"),
        }),
        "advisory" => definition.from = text("from"),
        "issued" => definition.published = Some(text("date")),
        "updated" => definition.modified = Some(text("date")),
        "cve" => definition.vulnerabilities.push(Vulnerability {
            id: String::new(),
            address: text("href"),
            severity: [text("impact"), text("priority")].concat(),
            vectors: ["cvss4", "cvss3", "cvss_vector", "cvss2"]
                .map(text)
                .into_iter()
                .filter(|vector| !vector.is_empty())
                .collect(),
            weaknesses: text("cwe"),
            public: text("public"),
        }),
        _ => {}
    }
}

/// An element closes inside a definition.
fn definition_text(definition: &mut Definition, name: &str, text: &str) {
    match name {
        "title" => text.clone_into(&mut definition.title),
        "platform" => definition.platforms.push(text.to_owned()),
        "product" => definition.products.push(text.to_owned()),
        "description" => definition.description = texts::description(text).unwrap_or_default(),
        "moreinfo" => definition.more = texts::description(text).unwrap_or_default(),
        "severity" => text.clone_into(&mut definition.severity),
        "patchable" => text.clone_into(&mut definition.patchable),
        "dsa" => definition.bulletins.push(text.to_owned()),
        "date" | "advisory_date" => definition.published = Some(text.to_owned()),
        "cve" => {
            if let Some(vulnerability) = definition.vulnerabilities.last_mut() {
                text.clone_into(&mut vulnerability.id);
            }
        }
        _ => {}
    }
}
