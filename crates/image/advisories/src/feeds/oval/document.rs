//! The document as a stream of XML events.

mod walk;

use std::io::BufRead;

use bulkhead_limits::Budget;
use rustc_hash::FxHashMap;

use super::definition::Definition;
use super::test::{Object, State, Test};
use crate::feeds::markup;
use crate::{FeedError, Format};
use walk::Walk;

/// Definitions, and what they refer to, by identifier.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// When it was generated.
    pub(super) timestamp: Option<String>,
    pub(super) definitions: Vec<Definition>,
    /// Positions of definitions.
    positions: FxHashMap<String, usize>,
    tests: FxHashMap<String, Test>,
    objects: FxHashMap<String, Object>,
    states: FxHashMap<String, State>,
    /// The values of variables that are constants.
    variables: FxHashMap<String, Vec<String>>,
}

impl Document {
    pub(super) fn read(
        input: impl BufRead,
        format: Format,
        budget: &Budget,
    ) -> Result<Self, FeedError> {
        let mut walk = Walk::new(budget);
        markup::read(input, format, "oval_definitions", budget, &mut walk)?;
        Ok(walk.document)
    }

    pub(super) fn definition(&self, id: &str) -> Option<&Definition> {
        self.definitions.get(*self.positions.get(id)?)
    }

    pub(super) fn test(&self, id: &str) -> Option<&Test> {
        self.tests.get(id)
    }

    pub(super) fn state(&self, id: &str) -> Option<&State> {
        self.states.get(id)
    }

    /// The versions that packages are compared with.
    pub(super) fn versions(&self) -> impl Iterator<Item = &str> {
        let comparisons = self.states.values().filter_map(|state| state.version.as_ref());
        comparisons.map(|comparison| comparison.version.as_str())
    }

    /// The names of packages that an object stands for; none where they cannot be told from the
    /// document.
    pub(super) fn names(&self, object: &str) -> Result<Option<&[String]>, String> {
        let found = self.objects.get(object).ok_or_else(|| format!("no object {object}"))?;
        Ok(match &found.variable {
            _ if found.is_pattern => None,
            Some(variable) => self.variables.get(variable).map(Vec::as_slice),
            None => Some(std::slice::from_ref(&found.name)),
        })
    }
}
