//! Sets of names as facts.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_probes::Filter;
use bulkhead_probes::filter::{Domain, MOST_NAMES, MOST_PARTS, Name, NamePart, facts};

/// Something asked of a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asking {
    /// It is this, or begins so: where it is not whole.
    Name(Domain, Vec<u8>, bool),
    /// It holds this; asked of the path as it was given, or as it is.
    Part(bool, Vec<u8>),
}

/// One of these.
pub(super) type NameSet = BTreeSet<Asking>;

/// Sets that have a fact.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    sets: Vec<NameSet>,
    known: BTreeMap<Asking, u64>,
}

/// Facts that there are for names.
const ROOM: usize = 64 - facts::FIRST_OF_NAMES as usize;

impl Vocabulary {
    /// The fact of a set; no fact where there is no room for it.
    pub(super) fn fact(&mut self, set: &NameSet) -> u64 {
        let bit = |place: usize| {
            let place = u32::try_from(place).ok()?.checked_add(facts::FIRST_OF_NAMES)?;
            1_u64.checked_shl(place)
        };
        if let Some(place) = self.sets.iter().position(|known| known == set) {
            return bit(place).unwrap_or(0);
        }
        if self.sets.len() >= ROOM || !self.has_room(set) {
            return 0;
        }
        let fact = bit(self.sets.len()).unwrap_or(0);
        self.sets.push(set.clone());
        for asking in set {
            *self.known.entry(asking.clone()).or_default() |= fact;
        }
        fact
    }

    fn has_room(&self, set: &NameSet) -> bool {
        let fresh = set.iter().filter(|asking| !self.known.contains_key(*asking));
        let (parts, names): (Vec<_>, Vec<_>) =
            fresh.chain(self.known.keys()).partition(|asking| matches!(asking, Asking::Part(..)));
        parts.len() <= MOST_PARTS && names.len() <= MOST_NAMES
    }

    /// Enters the names in a filter.
    pub(super) fn enter(self, filter: &mut Filter) {
        for (asking, facts) in self.known {
            match asking {
                Asking::Name(domain, text, whole) => {
                    filter.names.push(Name { domain, text, whole, facts });
                }
                Asking::Part(given, text) => filter.parts.push(NamePart { given, text, facts }),
            }
        }
    }
}
