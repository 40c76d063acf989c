//! Which container each control group belongs to.

use std::sync::Arc;

use bulkhead_events::Container;
use rustc_hash::FxHashMap;

use crate::describe::describe;
use crate::documents::Found;
use crate::identity::{Candidate, Identity, Membership, identities, membership};
use crate::{Runtime, Surroundings};

/// A control group as records name it: hierarchy and the kernel's number, which is not given again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct GroupKey {
    pub(crate) hierarchy: u32,
    pub(crate) number: u64,
}

/// What is known of a group.
#[derive(Debug, Clone)]
struct Group {
    /// The container, if it is one's.
    container: Option<Arc<Container>>,
    /// Where its root lies on the host.
    root: Option<String>,
    /// Who it is by its path; none where only a state could tell.
    identity: Option<Identity>,
    /// The paths, to ask again with.
    paths: Arc<[String]>,
    /// Whether all was found that is to be found.
    is_settled: bool,
    /// Whether it is seen from its begin.
    begin: Begin,
    /// Whether its container was told of.
    is_told: bool,
    /// When it was entered, in nanoseconds since boot.
    since: u64,
    /// How often it was asked for.
    attempts: u32,
    /// When it was asked for last, in nanoseconds since boot.
    asked: u64,
    /// The turn in which something happened in it last.
    used: u64,
}

/// The begin of what a group was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begin {
    /// Nobody was seen to be moved there: it was there before.
    Missed,
    /// A process was moved there, and has executed nothing yet.
    Awaited,
    /// It has.
    Seen,
}

/// Groups that are kept at most, each with what runtimes say of its container: some kilobytes. A node runs some
/// hundred containers at the same time.
const GROUPS: usize = 4 << 10;

/// How often the documents of a group are looked for. Runtimes write them before the container starts, so
/// that most are found at the first program that it executes.
const ATTEMPTS: u32 = 30;

/// How long is waited after the first look, if no execution asks for another; after each it is twice as
/// long. A container may be gone again within milliseconds, and a group that is none stays none.
const PAUSE: u64 = 2_000_000;

/// And no longer than that.
const LONGEST_PAUSE: u64 = 5_000_000_000;

/// How long a container is waited for whose documents are not found, before it is told of without them.
const PATIENCE: u64 = 3_000_000_000;

/// The groups that were seen. Of too many, the one goes in which nothing happened for longest.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    groups: FxHashMap<GroupKey, Group>,
    /// How often something happened in any of them.
    turn: u64,
}

/// Why the documents of a group are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// The first program of a namespace of processes was executed. That is what containers begin with.
    First,
    /// A program was executed: now they are likely to be there.
    Execution,
    /// So they are where the group is new.
    Start,
    /// Any other event.
    Event,
}

/// The container of a group.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Dweller {
    /// As far as it was found.
    pub(crate) container: Option<Arc<Container>>,
    /// Whether it is to be told of now: all is known of it that is to be known.
    pub(crate) is_news: bool,
}

impl Groups {
    /// How many are known.
    pub(crate) fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether the paths of a group are still wanted.
    pub(crate) fn wants_paths(&self, key: GroupKey) -> bool {
        !self.groups.contains_key(&key)
    }

    /// Enters a group by its paths, of whichever hierarchies, and whether a process was just moved there; `now` in
    /// nanoseconds since boot.
    pub(crate) fn enter(&mut self, key: GroupKey, paths: Arc<[String]>, is_fresh: bool, now: u64) {
        if !self.wants_paths(key) {
            return;
        }
        self.turn = self.turn.saturating_add(1);
        let identity = paths.iter().find_map(|path| match membership(path) {
            Membership::Container(identity) => Some(identity),
            Membership::Unnamed(_) => None,
        });
        let nameless = paths.iter().all(|path| candidates(path).is_empty());
        let group = Group {
            container: identity.as_ref().map(|identity| Arc::new(describe(identity, None))),
            root: None,
            is_settled: identity.is_none() && nameless,
            identity,
            paths,
            begin: if is_fresh { Begin::Awaited } else { Begin::Missed },
            is_told: false,
            since: now,
            attempts: 0,
            asked: 0,
            used: self.turn,
        };
        self.groups.insert(key, group);
        if self.groups.len() > GROUPS {
            let idle = self.groups.iter().min_by_key(|(_, group)| group.used);
            if let Some(idle) = idle.map(|(key, _)| *key) {
                self.groups.remove(&idle);
            }
        }
    }

    /// The container of a group, as far as it was found.
    pub(crate) fn known(&self, key: GroupKey) -> Option<Arc<Container>> {
        self.groups.get(&key)?.container.clone()
    }

    /// The container with an id.
    pub(crate) fn named(&self, id: &str) -> Option<Arc<Container>> {
        let mut known = self.groups.values().filter_map(|group| group.container.as_ref());
        known.find(|container| container.id == *id).cloned()
    }

    /// Where the root of a group's container lies on the host.
    pub(crate) fn root(&self, key: GroupKey) -> Option<String> {
        self.groups.get(&key)?.root.clone()
    }

    /// The container of a group; its documents are looked for until they are found.
    pub(crate) fn container(
        &mut self,
        key: GroupKey,
        occasion: Occasion,
        now: u64,
        surroundings: &mut dyn Surroundings,
    ) -> Dweller {
        let Some(group) = self.groups.get_mut(&key) else { return Dweller::default() };
        self.turn = self.turn.saturating_add(1);
        group.used = self.turn;
        if group.is_due(occasion, now) {
            group.attempts = group.attempts.saturating_add(1);
            group.asked = now;
            group.look(surroundings);
        }
        let executes = matches!(occasion, Occasion::First | Occasion::Execution);
        if group.begin == Begin::Awaited && executes {
            group.begin = Begin::Seen;
        }
        if occasion == Occasion::First && group.begin != Begin::Missed && group.container.is_none()
        {
            group.guess();
        }
        Dweller { container: group.container.clone(), is_news: group.is_news(now) }
    }

    /// Looks again for documents that were not found yet of what is known to be a container, and returns those that
    /// are to be told of now.
    pub(crate) fn look_again(
        &mut self,
        now: u64,
        surroundings: &mut dyn Surroundings,
    ) -> Vec<(GroupKey, Arc<Container>)> {
        let mut news = Vec::new();
        for (key, group) in &mut self.groups {
            if group.is_settled && group.is_told {
                continue;
            }
            if group.container.is_some() && group.is_due(Occasion::Event, now) {
                group.attempts = group.attempts.saturating_add(1);
                group.asked = now;
                group.look(surroundings);
            }
            if let (Some(container), true) = (&group.container, group.is_news(now)) {
                news.push((*key, Arc::clone(container)));
            }
        }
        news.sort_by_key(|(key, _)| (key.hierarchy, key.number));
        news
    }

    /// The container of a group that was not told of yet.
    pub(crate) fn untold(&self, key: GroupKey) -> Option<Arc<Container>> {
        self.groups.get(&key).filter(|group| !group.is_told)?.container.clone()
    }

    /// The container of a group is told of, or another group of it is.
    pub(crate) fn tell(&mut self, key: GroupKey) {
        if let Some(group) = self.groups.get_mut(&key) {
            group.is_told = true;
        }
    }

    /// The other groups that a container was told of by.
    pub(crate) fn told_by(&self, container: &Container, key: GroupKey) -> Vec<GroupKey> {
        let others = self.groups.iter().filter(|(other, group)| {
            let is_same = group.container.as_ref().is_some_and(|known| known.id == container.id);
            group.is_told && is_same && **other != key
        });
        others.map(|(other, _)| *other).collect()
    }
}

impl Group {
    fn is_news(&self, now: u64) -> bool {
        let is_whole = self.is_settled && self.begin != Begin::Awaited;
        !self.is_told
            && self.container.is_some()
            && (is_whole || now.saturating_sub(self.since) >= PATIENCE)
    }

    fn is_due(&self, occasion: Occasion, now: u64) -> bool {
        let attempts = self.attempts;
        let pause = PAUSE.saturating_mul(1_u64.checked_shl(attempts).unwrap_or(u64::MAX));
        let rested = now.saturating_sub(self.asked) >= pause.min(LONGEST_PAUSE);
        !self.is_settled
            && attempts < ATTEMPTS
            && (occasion != Occasion::Event || attempts == 0 || rested)
    }

    fn look(&mut self, surroundings: &mut dyn Surroundings) {
        if let Some(identity) = &self.identity {
            let Some(known) = found(surroundings, &identity.id) else { return };
            let (identity, known) =
                self.around(&known, surroundings).unwrap_or((identity.clone(), known));
            self.root.clone_from(&known.metadata.root);
            self.container = Some(Arc::new(describe(&identity, Some(known))));
            self.identity = Some(identity);
            self.is_settled = true;
            return;
        }
        let paths = Arc::clone(&self.paths);
        let mut by_name = None;
        for candidate in paths.iter().flat_map(|path| candidates(path)) {
            let Some(found) = found(surroundings, candidate.name) else { continue };
            match fit(&found, candidate) {
                Some(Fit::Place) => return self.settle(candidate, found),
                Some(Fit::Name) => {
                    by_name.get_or_insert((candidate, found));
                }
                None => {}
            }
        }
        if let Some((candidate, found)) = by_name {
            self.settle(candidate, found);
        }
    }

    /// Whose group this is within, where the container that its path names has its own elsewhere: what a container makes
    /// within its group it may call as it likes, even as another container.
    fn around(
        &self,
        named: &Found,
        surroundings: &mut dyn Surroundings,
    ) -> Option<(Identity, Found)> {
        let mut all = self.paths.iter().flat_map(|path| identities(path));
        let (inner, path) = all.next()?;
        // The end of a path, which is all that systemd's form tells, can be made again within any group.
        let groups = &named.metadata.groups;
        if groups.is_empty() || groups.iter().any(|group| group.ends_with(path)) {
            return None;
        }
        all.filter(|(outer, _)| outer.id != inner.id).find_map(|(outer, path)| {
            let known = found(surroundings, &outer.id).filter(|known| lies_at(known, path))?;
            Some((outer, known))
        })
    }

    fn settle(&mut self, candidate: Candidate<'_>, found: Found) {
        let id = candidate.name.to_owned();
        self.root.clone_from(&found.metadata.root);
        let identity = Identity { runtime: Runtime::Oci, id, pod_uid: None };
        self.container = Some(Arc::new(describe(&identity, Some(found))));
        self.identity = Some(identity);
        self.is_settled = true;
    }
}

/// What systemd's driver of a runtime that gives any name puts in front of it.
const SCOPES: [&str; 2] = ["runc-", "crun-"];

impl Group {
    /// A container that was gone before its documents could be read is told by the name of its group: better
    /// than as the host. Sessions and applications are scopes of systemd, too, and may make namespaces; they are
    /// none.
    fn guess(&mut self) {
        let may_be = |candidate: &Candidate<'_>| {
            let scope = candidate.component.strip_suffix(".scope");
            scope.is_none_or(|scope| SCOPES.iter().any(|runtime| scope.starts_with(runtime)))
        };
        // Where there are hierarchies of v1, the group is of one of them: the last path.
        let paths = Arc::clone(&self.paths);
        let mut all = paths.iter().rev().flat_map(|path| candidates(path));
        if let Some(candidate) = all.find(may_be) {
            let id = candidate.name.to_owned();
            let identity = Identity { runtime: Runtime::Unknown, id, pod_uid: None };
            self.container = Some(Arc::new(describe(&identity, None)));
        }
    }
}

/// What is known of a container, with what only the sandbox of its pod has.
fn found(surroundings: &mut dyn Surroundings, name: &str) -> Option<Found> {
    let mut found = surroundings.container(name)?;
    let pod = &mut found.metadata.pod;
    if let Some(sandbox) = pod.sandbox.as_ref().filter(|sandbox| *sandbox != name)
        && pod.labels.is_empty()
        && let Some(sandbox) = surroundings.container(sandbox)
    {
        pod.labels = sandbox.metadata.pod.labels;
        pod.probes = sandbox.metadata.pod.probes;
        found.metadata.address = found.metadata.address.or(sandbox.metadata.address);
    }
    Some(found)
}

fn candidates(path: &str) -> Vec<Candidate<'_>> {
    match membership(path) {
        Membership::Unnamed(candidates) => candidates,
        Membership::Container(_) => Vec::new(),
    }
}

/// Why a container may be the one that a candidate names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// Its group lies there. A container may give a group within its own any name, but not this.
    Place,
    /// Its group ends as the candidate's does, or as systemd's `slice:prefix:name` would make it: all that is known
    /// where a runtime sees its groups from elsewhere.
    Name,
}

fn fit(found: &Found, candidate: Candidate<'_>) -> Option<Fit> {
    if lies_at(found, candidate.path) {
        return Some(Fit::Place);
    }
    let groups = &found.metadata.groups;
    let ends = groups.iter().any(|group| {
        let last = group.rsplit(['/', ':']).next();
        last == Some(candidate.component) || last == Some(candidate.name)
    });
    ends.then_some(Fit::Name)
}

/// Whether a container has a group at that path: as a runtime wrote it down, with the place in front where the hierarchy
/// is mounted, or as systemd makes it of `slice:prefix:name`.
fn lies_at(found: &Found, path: &str) -> bool {
    found.metadata.groups.iter().any(|group| {
        let mut words = group.splitn(3, ':');
        match (words.next(), words.next(), words.next()) {
            (Some(slice), Some(prefix), Some(name)) => {
                path.ends_with(&format!("/{slice}/{prefix}-{name}.scope"))
                    || path.ends_with(group.as_str())
            }
            _ => group.ends_with(path),
        }
    })
}

#[cfg(test)]
mod tests;
