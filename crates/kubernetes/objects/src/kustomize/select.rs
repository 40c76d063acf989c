//! Which resources a patch or a replacement is about.

use regex::Regex;

use super::Failed;
use super::file::Selector;
use super::label_query;
use super::resource::{Identity, Resource};

/// A selector whose patterns are compiled.
pub(super) struct Selection<'a> {
    group: Option<Regex>,
    version: Option<Regex>,
    kind: Option<Regex>,
    name: Option<Regex>,
    namespace: Option<Regex>,
    selector: &'a Selector,
}

impl<'a> Selection<'a> {
    pub(super) fn new(selector: &'a Selector) -> Result<Self, Failed> {
        Ok(Self {
            group: pattern(&selector.group)?,
            version: pattern(&selector.version)?,
            kind: pattern(&selector.kind)?,
            name: pattern(&selector.name)?,
            namespace: pattern(&selector.namespace)?,
            selector,
        })
    }

    /// Whether a resource is meant, by the name that it began with or has now.
    pub(super) fn fits(&self, resource: &Resource) -> Result<bool, Failed> {
        let (original, current) = (resource.original(), resource.current());
        let either = |pattern: Option<&Regex>, of: fn(&Identity) -> &str| {
            matches(pattern, of(&original)) || matches(pattern, of(&current))
        };
        Ok(either(self.namespace.as_ref(), Identity::effective_namespace)
            && either(self.name.as_ref(), |identity| &identity.name)
            && self.fits_type(&current)
            && self.fits_labels(resource)?)
    }

    /// Whether an identity is meant, labels aside.
    pub(super) fn fits_identity(&self, identity: &Identity) -> bool {
        self.fits_type(identity)
            && matches(self.name.as_ref(), &identity.name)
            && matches(self.namespace.as_ref(), identity.effective_namespace())
    }

    pub(super) fn fits_labels(&self, resource: &Resource) -> Result<bool, Failed> {
        let metadata = resource.node.get("metadata");
        let map = |key| metadata.and_then(|metadata| metadata.get(key));
        Ok(label_query::fits(&self.selector.label_selector, map("labels"))?
            && label_query::fits(&self.selector.annotation_selector, map("annotations"))?)
    }

    fn fits_type(&self, identity: &Identity) -> bool {
        matches(self.group.as_ref(), &identity.group)
            && matches(self.version.as_ref(), &identity.version)
            && matches(self.kind.as_ref(), &identity.kind)
    }
}

/// A pattern for a whole text; none for every text.
fn pattern(text: &str) -> Result<Option<Regex>, Failed> {
    if text.is_empty() {
        return Ok(None);
    }
    let regex = Regex::new(&format!("^(?:{text})$"));
    regex.map(Some).map_err(|_| format!("the selector {text:?} is no regular expression"))
}

fn matches(pattern: Option<&Regex>, text: &str) -> bool {
    pattern.is_none_or(|pattern| pattern.is_match(text))
}
