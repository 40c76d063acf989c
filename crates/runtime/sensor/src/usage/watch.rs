//! Which containers are looked at, and when: a few at a time, so that the cost does not grow with their number.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Controller, Usage};

/// Containers that are looked at in one go.
const AT_ONCE: usize = 16;

/// How long an account stands before it is read again.
const FRESH: Duration = Duration::from_secs(5);

/// Containers that are kept at most.
const CONTAINERS: usize = 16 << 10;

/// What is known of a container's accounts.
#[derive(Debug, Default)]
struct Watched {
    /// Its groups, once a process told them.
    groups: Vec<(Controller, String)>,
    usage: Usage,
    /// When it was looked at last.
    looked: Option<Duration>,
    /// It was among those that run when they were listed last.
    runs: bool,
}

/// The accounts of all containers.
#[derive(Debug, Default)]
pub(crate) struct UsageWatch {
    containers: BTreeMap<String, Watched>,
}

/// A container that is to be looked at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) id: String,
    /// A process of it, to be asked for its groups where these are not known.
    pub(crate) process: u32,
    /// Its groups; empty where they are not known.
    pub(crate) groups: Vec<(Controller, String)>,
}

impl UsageWatch {
    /// Which of the containers that run are to be looked at now, the longest unseen first. What does not run
    /// any more is forgotten.
    pub(crate) fn due<'a>(
        &mut self,
        running: impl IntoIterator<Item = (&'a str, u32)>,
        now: Duration,
    ) -> Vec<Look> {
        let mut due = Vec::new();
        for watched in self.containers.values_mut() {
            watched.runs = false;
        }
        for (id, process) in running {
            if !self.containers.contains_key(id) && self.containers.len() >= CONTAINERS {
                continue;
            }
            let watched = self.containers.entry(id.to_owned()).or_default();
            watched.runs = true;
            if watched.looked.is_none_or(|looked| now.saturating_sub(looked) >= FRESH) {
                due.push((watched.looked, id.to_owned(), process));
            }
        }
        self.containers.retain(|_, watched| watched.runs);
        due.sort();
        let looks = due.into_iter().take(AT_ONCE).map(|(_, id, process)| {
            let groups = self.containers.get_mut(&id).map(|watched| {
                watched.looked = Some(now);
                watched.groups.clone()
            });
            Look { id, process, groups: groups.unwrap_or_default() }
        });
        looks.collect()
    }

    /// What a process told of the groups of its container.
    pub(crate) fn learn(&mut self, id: &str, groups: Vec<(Controller, String)>) {
        if let Some(watched) = self.containers.get_mut(id) {
            watched.groups = groups;
        }
    }

    /// What the accounts of a container say now. Where all of them are gone, its groups are asked for again
    /// and what was known stands.
    pub(crate) fn enter(&mut self, id: &str, usage: &Usage) {
        let Some(watched) = self.containers.get_mut(id) else { return };
        if *usage == Usage::default() {
            watched.groups.clear();
        } else {
            watched.usage = *usage;
        }
    }

    /// What is known of a container.
    pub(crate) fn of(&self, id: &str) -> Usage {
        self.containers.get(id).map(|watched| watched.usage).unwrap_or_default()
    }
}
