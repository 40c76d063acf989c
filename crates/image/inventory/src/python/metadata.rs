//! Core metadata of a distribution (the core metadata specification of the Python packaging
//! authority; PEP 314 for eggs).

use serde::{Deserialize, Serialize};

use crate::deb822::{Field, fields, paragraphs};
use crate::reading::{Fault, Parsed, text};

/// What a distribution says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Distribution {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) licences: Vec<String>,
    /// `Requires-Dist`, each as written.
    pub(super) requires: Vec<String>,
}

/// The header of the metadata; what follows the first blank line is prose. None without a name, and
/// for the interpreter, which leaves an egg of itself.
pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Distribution>> {
    let text = text(bytes);
    let mut distribution = Distribution::default();
    let mut licence = Licence::default();
    for field in paragraphs(&text).next().into_iter().flat_map(fields) {
        match field.name.to_ascii_lowercase().as_str() {
            "name" => field.value.clone_into(&mut distribution.name),
            "version" => field.value.clone_into(&mut distribution.version),
            "requires-dist" => distribution.requires.push(field.value.to_owned()),
            _ => licence.read(field),
        }
    }
    if distribution.name.is_empty() {
        return Fault::malformed("metadata without a name").into();
    }
    if distribution.name == "Python" {
        return None.into();
    }
    distribution.licences = licence.best();
    Some(distribution).into()
}

/// The three fields that name a licence, the later the better.
#[derive(Debug, Default)]
struct Licence {
    classifiers: Vec<String>,
    free: Option<String>,
    expression: Option<String>,
}

impl Licence {
    fn read(&mut self, field: Field<'_>) {
        if field.is("License-Expression") {
            self.expression = Some(field.value.to_owned());
        } else if field.is("License") && is_short(field.value) {
            self.free = Some(field.value.to_owned());
        } else if field.is("Classifier")
            && let Some(path) = field.value.strip_prefix("License ::")
        {
            let name = path.rsplit("::").next().unwrap_or_default().trim();
            self.classifiers.push(name.to_owned());
        }
    }

    fn best(self) -> Vec<String> {
        match self.expression.or(self.free) {
            Some(licence) => vec![licence],
            None => self.classifiers,
        }
    }
}

/// Some put the whole text of the licence here, some a word that says nothing.
fn is_short(value: &str) -> bool {
    !value.is_empty() && value.len() <= 100 && !value.contains('\n') && value != "UNKNOWN"
}
