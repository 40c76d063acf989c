//! Which container each control group belongs to.

use std::sync::Arc;

use bulkhead_events::Container;
use rustc_hash::FxHashMap;

use crate::describe::describe;
use crate::documents::Found;
use crate::identity::{Candidate, Identity, Membership, membership};
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
    /// Whether a process was seen to be moved there: it was made for something that is seen from its begin.
    is_fresh: bool,
    /// How often it was asked for.
    attempts: u32,
    /// When it was asked for last, in nanoseconds since boot.
    asked: u64,
    /// The turn in which something happened in it last.
    used: u64,
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
    /// A program was executed, or the group is new: now they are likely to be there.
    Start,
    /// Any other event.
    Event,
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

    /// Enters a group by its paths, of whichever hierarchies, and whether a process was just moved there.
    pub(crate) fn enter(&mut self, key: GroupKey, paths: Arc<[String]>, is_fresh: bool) {
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
            is_fresh,
            identity,
            paths,
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
    ) -> Option<Arc<Container>> {
        let group = self.groups.get_mut(&key)?;
        self.turn = self.turn.saturating_add(1);
        group.used = self.turn;
        if group.is_due(occasion, now) {
            group.attempts = group.attempts.saturating_add(1);
            group.asked = now;
            group.look(surroundings);
        }
        if occasion == Occasion::First && group.is_fresh && group.container.is_none() {
            group.guess();
        }
        group.container.clone()
    }
}

impl Group {
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
            if let Some(found) = found(surroundings, &identity.id) {
                self.root.clone_from(&found.metadata.root);
                self.container = Some(Arc::new(describe(identity, Some(found))));
                self.is_settled = true;
            }
            return;
        }
        let paths = Arc::clone(&self.paths);
        for candidate in paths.iter().flat_map(|path| candidates(path)) {
            let Some(found) = found(surroundings, candidate.name) else { continue };
            if !is_of(&found, candidate) {
                continue;
            }
            let id = candidate.name.to_owned();
            self.root.clone_from(&found.metadata.root);
            let identity = Identity { runtime: Runtime::Oci, id, pod_uid: None };
            self.container = Some(Arc::new(describe(&identity, Some(found))));
            self.identity = Some(identity);
            self.is_settled = true;
            return;
        }
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

/// What is known of a container, with the labels of its pod, which only the pod's sandbox has.
fn found(surroundings: &mut dyn Surroundings, name: &str) -> Option<Found> {
    let mut found = surroundings.container(name)?;
    let pod = &mut found.metadata.pod;
    if let Some(sandbox) = pod.sandbox.as_ref().filter(|sandbox| *sandbox != name)
        && pod.labels.is_empty()
        && let Some(sandbox) = surroundings.container(sandbox)
    {
        pod.labels = sandbox.metadata.pod.labels;
    }
    Some(found)
}

fn candidates(path: &str) -> Vec<Candidate<'_>> {
    match membership(path) {
        Membership::Unnamed(candidates) => candidates,
        Membership::Container(_) => Vec::new(),
    }
}

/// Whether a container of that name has a group that ends as the candidate's does, or as systemd's
/// `slice:prefix:name` would make it.
fn is_of(found: &Found, candidate: Candidate<'_>) -> bool {
    found.metadata.groups.iter().any(|group| {
        let last = group.rsplit(['/', ':']).next();
        last == Some(candidate.component) || last == Some(candidate.name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Metadata;
    use crate::{Accounts, View};

    /// Knows one container from a certain question on.
    struct Known {
        name: &'static str,
        groups: Vec<String>,
        from: u32,
        asked: u32,
    }

    impl Surroundings for Known {
        fn container(&mut self, name: &str) -> Option<Found> {
            if name != self.name {
                return None;
            }
            self.asked += 1;
            let groups = self.groups.clone();
            let metadata = Metadata { groups, privileged: Some(true), ..Metadata::default() };
            let found = Found { runtime: Runtime::Oci, metadata, problems: Vec::new() };
            (self.asked > self.from).then_some(found)
        }

        fn accounts(&mut self, _: &View) -> Option<Accounts> {
            None
        }
    }

    const KEY: GroupKey = GroupKey { hierarchy: 4, number: 99 };

    fn known(groups: &[&str], from: u32) -> (Known, Groups) {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        (Known { name: "web", groups, from, asked: 0 }, Groups::default())
    }

    #[test]
    fn a_name_is_a_container_if_its_state_has_the_group() {
        let check = |path: &str, groups: &[&str], expected: bool| {
            let (mut known, mut table) = known(groups, 0);
            table.enter(KEY, [path.to_owned()].into(), false);
            let found = table.container(KEY, Occasion::Start, 0, &mut known);
            assert_eq!(found.is_some(), expected, "{path} {groups:?}");
        };
        check("/web", &["/sys/fs/cgroup/memory/a/web"], true);
        check("/default/web", &["/default/web"], true);
        check(
            "/system.slice/runc-web.scope",
            &["/sys/fs/cgroup/system.slice/runc-web.scope"],
            true,
        );
        check("/system.slice/runc-web.scope", &["system.slice:runc:web"], true);
        check("/user.slice/session-web.scope", &["/sys/fs/cgroup/web2"], false);
        check("/web/other", &["/web"], true);
        check("/", &["/web"], false);
    }

    #[test]
    fn documents_that_come_late_are_looked_for_again_but_not_at_each_event() {
        let (mut known, mut table) = known(&["/web"], 2);
        table.enter(KEY, ["/web".to_owned()].into(), false);
        assert!(table.container(KEY, Occasion::Start, 1, &mut known).is_none());
        for now in 2..1000 {
            assert!(table.container(KEY, Occasion::Event, now, &mut known).is_none());
        }
        assert_eq!(known.asked, 1);
        assert!(table.container(KEY, Occasion::Start, 1000, &mut known).is_none());
        let found = table.container(KEY, Occasion::Event, 1000 + 4 * PAUSE, &mut known).unwrap();
        assert_eq!((found.id.clone(), found.privileged), ("web".into(), Some(true)));
        table.container(KEY, Occasion::Start, 100 * PAUSE, &mut known).unwrap();
        assert_eq!(known.asked, 3);
    }

    #[test]
    fn who_is_gone_before_it_is_known_is_not_the_host() {
        let check = |paths: &[&str], is_fresh: bool, occasion: Occasion, expected: Option<&str>| {
            let (mut known, mut table) = known(&[], 0);
            table.enter(KEY, paths.iter().map(|path| (*path).to_owned()).collect(), is_fresh);
            table.container(KEY, occasion, 0, &mut known);
            // What comes later is of the same container.
            let found = table.container(KEY, Occasion::Event, 1, &mut known);
            let id = found.map(|container| container.id.lossy().into_owned());
            assert_eq!(id.as_deref(), expected, "{paths:?} {is_fresh} {occasion:?}");
        };
        check(&["/", "/fast"], true, Occasion::First, Some("fast"));
        check(&["/of-the-host", "/fast"], true, Occasion::First, Some("fast"));
        check(&["/system.slice/runc-fast.scope"], true, Occasion::First, Some("fast"));
        check(&["/fast"], true, Occasion::Start, None);
        check(&["/fast"], true, Occasion::Event, None);
        check(&["/fast"], false, Occasion::First, None);
        check(&["/user.slice/session-2.scope"], true, Occasion::First, None);
        check(&["/system.slice/cron.service"], true, Occasion::First, None);
        check(&["/"], true, Occasion::First, None);
    }

    #[test]
    fn a_guess_gives_way_to_what_is_found() {
        let (mut known, mut table) = known(&["/web"], 1);
        table.enter(KEY, ["/web".to_owned()].into(), true);
        let guess = table.container(KEY, Occasion::First, 1, &mut known).unwrap();
        assert_eq!((guess.id.clone(), guess.privileged), ("web".into(), None));
        let found = table.container(KEY, Occasion::Start, 2, &mut known).unwrap();
        assert_eq!((found.id.clone(), found.privileged), ("web".into(), Some(true)));
    }

    #[test]
    fn groups_are_bounded_and_those_in_use_stay() {
        let mut table = Groups::default();
        let path = |number: u64| [format!("/docker/{number:064x}")].into();
        let mut nothing = crate::Nothing;
        for number in 0..3 * GROUPS as u64 {
            table.enter(GroupKey { hierarchy: 4, number }, path(number), false);
            let busy = GroupKey { hierarchy: 4, number: 0 };
            table.container(busy, Occasion::Event, number, &mut nothing).unwrap();
            assert!(table.len() <= GROUPS);
        }
        assert!(table.wants_paths(GroupKey { hierarchy: 4, number: 1 }));
    }

    #[test]
    fn an_id_in_the_path_is_known_at_once() {
        let id = "a".repeat(64);
        let (mut known, mut table) = known(&[], 0);
        table.enter(KEY, ["/".to_owned(), format!("/docker/{id}")].into(), false);
        let found = table.container(KEY, Occasion::Event, 0, &mut known).unwrap();
        assert_eq!(
            (found.id.clone(), found.runtime.clone()),
            (id.as_str().into(), Some("docker".into()))
        );
        assert_eq!(found.privileged, None);
    }

    /// A pod: a container that names its sandbox, and that one with labels.
    struct APod;

    impl Surroundings for APod {
        fn container(&mut self, name: &str) -> Option<Found> {
            let mut metadata = Metadata::default();
            if name == "5".repeat(64) {
                metadata.pod.labels.insert("app".to_owned(), "web".to_owned());
            } else {
                metadata.pod.name = Some("web-0".to_owned());
                metadata.pod.sandbox = Some("5".repeat(64));
            }
            Some(Found { runtime: Runtime::Containerd, metadata, problems: Vec::new() })
        }

        fn accounts(&mut self, _: &View) -> Option<Accounts> {
            None
        }
    }

    #[test]
    fn the_labels_of_a_pod_are_its_sandboxes() {
        let mut table = Groups::default();
        table.enter(KEY, [format!("/kubepods/pod1/{}", "c".repeat(64))].into(), false);
        let found = table.container(KEY, Occasion::Start, 0, &mut APod).unwrap();
        let pod = found.pod.as_ref().unwrap();
        assert_eq!(
            (pod.name.clone(), pod.labels.clone()),
            ("web-0".into(), vec![("app".into(), "web".into())])
        );
    }
}
