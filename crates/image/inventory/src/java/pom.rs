//! `pom.xml` (the POM reference of Maven 4.0.0): what one file says, before anything is inherited.
//! Profiles are left out: which of them hold is decided when somebody builds.

use quick_xml::events::Event;
use serde::{Deserialize, Serialize};

use crate::reading::{Fault, Parsed, text};

/// Elements of a project do not nest deeper; deeper ones are configuration of plugins.
const DEPTH: usize = 256;
/// Bytes of one text that are held: more than any name or version has.
const TEXT: usize = 4 << 10;

/// A project as it is written. Texts may hold `${properties}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Pom {
    pub(super) coordinates: Coordinates,
    pub(super) parent: Option<Parent>,
    pub(super) licences: Vec<String>,
    pub(super) properties: Vec<(String, String)>,
    pub(super) managed: Vec<Dependency>,
    pub(super) dependencies: Vec<Dependency>,
}

/// Empty where nothing is written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Coordinates {
    pub(super) group: String,
    pub(super) artifact: String,
    pub(super) version: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Parent {
    pub(super) coordinates: Coordinates,
    /// None where it is not written; empty where the parent is to be taken from a repository.
    pub(super) relative_path: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Dependency {
    pub(super) coordinates: Coordinates,
    pub(super) scope: String,
    pub(super) kind: String,
    pub(super) classifier: String,
    pub(super) optional: String,
}

/// A file; what stands before a fault counts.
pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Pom>> {
    let content = text(bytes);
    let mut reader = quick_xml::Reader::from_str(&content);
    let mut walk = Walk::default();
    let fault = loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                if walk.start(element.local_name().as_ref()).is_none() {
                    break Some(Fault::malformed(walk.refusal()));
                }
            }
            Ok(Event::Empty(element)) => {
                if walk.start(element.local_name().as_ref()).is_none() {
                    break Some(Fault::malformed(walk.refusal()));
                }
                walk.end();
            }
            Ok(Event::End(_)) => walk.end(),
            Ok(Event::Text(text)) => walk.text(&text.xml10_content()),
            Ok(Event::CData(text)) => walk.text(&text.xml10_content()),
            Ok(Event::GeneralRef(reference)) => {
                if let Ok(Some(character)) = reference.resolve_char_ref() {
                    walk.text(character.encode_utf8(&mut [0; 4]));
                } else {
                    walk.text(entity(&reference));
                }
            }
            Ok(Event::Eof) if walk.path.is_empty() && walk.begun => break None,
            Ok(Event::Eof) => break Some(Fault::malformed("the document ends within the project")),
            Ok(_) => {}
            Err(error) => {
                let place = reader.buffer_position();
                break Some(Fault::malformed(format!("byte {place}: {error}")));
            }
        }
    };
    let value = Some(walk.pom).filter(|pom| *pom != Pom::default());
    Parsed { value, faults: fault.into_iter().collect() }
}

fn entity(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
}

/// The project so far, and what is open.
#[derive(Default)]
struct Walk {
    pom: Pom,
    /// Local names below the root.
    path: Vec<String>,
    text: String,
    begun: bool,
}

impl Walk {
    /// None where the document is no project, or too deep.
    fn start(&mut self, name: &str) -> Option<()> {
        if self.path.len() >= DEPTH || (self.path.is_empty() && (self.begun || name != "project")) {
            return None;
        }
        self.begun = true;
        self.path.push(name.to_owned());
        self.text.clear();
        let path: Vec<&str> = self.path.iter().skip(1).map(String::as_str).collect();
        match path.as_slice() {
            ["parent"] => self.pom.parent = Some(Parent::default()),
            ["dependencies", "dependency"] => self.pom.dependencies.push(Dependency::default()),
            ["dependencyManagement", "dependencies", "dependency"] => {
                self.pom.managed.push(Dependency::default());
            }
            _ => {}
        }
        Some(())
    }

    fn refusal(&self) -> &'static str {
        if self.path.len() >= DEPTH { "elements nest too deep" } else { "the root is no project" }
    }

    fn text(&mut self, text: &str) {
        let room = TEXT.saturating_sub(self.text.len());
        self.text.push_str(text.get(..text.floor_char_boundary(room)).unwrap_or_default());
    }

    fn end(&mut self) {
        let text = std::mem::take(&mut self.text).trim().to_owned();
        let path: Vec<&str> = self.path.iter().skip(1).map(String::as_str).collect();
        let pom = &mut self.pom;
        match path.as_slice() {
            ["properties", name] => pom.properties.push(((*name).to_owned(), text)),
            ["licenses", "license", "name"] if !text.is_empty() => pom.licences.push(text),
            ["parent", "relativePath"] => {
                if let Some(parent) = &mut pom.parent {
                    parent.relative_path = Some(text);
                }
            }
            ["parent", field] => {
                if let Some(parent) = &mut pom.parent {
                    parent.coordinates.set(field, text);
                }
            }
            ["dependencies", "dependency", field] => {
                if let Some(dependency) = pom.dependencies.last_mut() {
                    dependency.set(field, text);
                }
            }
            ["dependencyManagement", "dependencies", "dependency", field] => {
                if let Some(dependency) = pom.managed.last_mut() {
                    dependency.set(field, text);
                }
            }
            [field] => pom.coordinates.set(field, text),
            _ => {}
        }
        self.path.pop();
    }
}

impl Coordinates {
    fn set(&mut self, field: &str, text: String) {
        match field {
            "groupId" => self.group = text,
            "artifactId" => self.artifact = text,
            "version" => self.version = text,
            _ => {}
        }
    }
}

impl Dependency {
    fn set(&mut self, field: &str, text: String) {
        match field {
            "scope" => self.scope = text,
            "type" => self.kind = text,
            "classifier" => self.classifier = text,
            "optional" => self.optional = text,
            _ => self.coordinates.set(field, text),
        }
    }
}
