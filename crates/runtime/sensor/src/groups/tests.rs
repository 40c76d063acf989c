//! Groups of which the documents come sooner or later, or never.

use super::*;
use crate::metadata::{Metadata, Probes};
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
        table.enter(KEY, [path.to_owned()].into(), false, 0);
        let found = table.container(KEY, Occasion::Start, 0, &mut known).container;
        assert_eq!(found.is_some(), expected, "{path} {groups:?}");
    };
    check("/web", &["/sys/fs/cgroup/memory/a/web"], true);
    check("/default/web", &["/default/web"], true);
    check("/system.slice/runc-web.scope", &["/sys/fs/cgroup/system.slice/runc-web.scope"], true);
    check("/system.slice/runc-web.scope", &["system.slice:runc:web"], true);
    check("/user.slice/session-web.scope", &["/sys/fs/cgroup/web2"], false);
    check("/web/other", &["/web"], true);
    check("/web/a/b/c/d/e/f/g/h/i/j", &["/web"], true);
    check("/", &["/web"], false);
}

/// Two containers whose groups lie beside each other.
struct Neighbours;

impl Surroundings for Neighbours {
    fn container(&mut self, name: &str) -> Option<Found> {
        let groups = vec![format!("/sys/fs/cgroup/pids/{name}")];
        let metadata = Metadata { groups, ..Metadata::default() };
        let found = Found { runtime: Runtime::Oci, metadata, problems: Vec::new() };
        ["attacker", "victim"].contains(&name).then_some(found)
    }

    fn accounts(&mut self, _: &View) -> Option<Accounts> {
        None
    }
}

#[test]
fn a_group_that_is_called_as_another_container_is_not_its() {
    let check = |path: &str, expected: &str| {
        let mut table = Groups::default();
        table.enter(KEY, [path.to_owned()].into(), false, 0);
        let found = table.container(KEY, Occasion::Start, 0, &mut Neighbours).container;
        assert_eq!(found.map(|container| container.id.clone()), Some(expected.into()), "{path}");
    };
    check("/victim", "victim");
    check("/attacker/victim", "attacker");
    check("/attacker/init.scope/x:victim", "attacker");
    check("/attacker/system.slice/runc-victim.scope", "attacker");
    // Where a runtime sees its groups from elsewhere nothing but the name is left.
    check("/node/victim", "victim");
}

/// Containers of Kubernetes and of docker.
struct Pods;

const OWN: &str = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";
const OTHER: &str = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b";

impl Surroundings for Pods {
    fn container(&mut self, name: &str) -> Option<Found> {
        let group = match name {
            OWN => format!("kubepods-burstable-podx.slice:cri-containerd:{OWN}"),
            OTHER => format!("/docker/{OTHER}"),
            _ => return None,
        };
        let metadata = Metadata { groups: vec![group], ..Metadata::default() };
        Some(Found { runtime: Runtime::Containerd, metadata, problems: Vec::new() })
    }

    fn accounts(&mut self, _: &View) -> Option<Accounts> {
        None
    }
}

#[test]
fn nobody_borrows_an_id() {
    let own = format!(
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podx.slice/cri-containerd-{OWN}.scope"
    );
    let unknown = "0c".repeat(32);
    for (path, expected) in [
        (own.clone(), OWN),
        (format!("{own}/init.scope"), OWN),
        (format!("/docker/{OTHER}"), OTHER),
        (format!("{own}/docker/{OTHER}"), OWN),
        (format!("{own}/system.slice/docker-{OTHER}.scope/a"), OWN),
        (format!("{own}/kubepods-burstable-podx.slice/cri-containerd-{OWN}.scope"), OWN),
        (
            format!("/docker/{OTHER}/kubepods-burstable-podx.slice/cri-containerd-{OWN}.scope"),
            OTHER,
        ),
        // A container within a container, of which nobody here has documents, is itself.
        (format!("{own}/docker/{unknown}"), &unknown),
        // As where a node is a container itself, whose documents are elsewhere.
        (format!("/docker/{unknown}/docker/{OTHER}"), OTHER),
    ] {
        let mut table = Groups::default();
        table.enter(KEY, [path.clone()].into(), false, 0);
        let found = table.container(KEY, Occasion::Start, 0, &mut Pods).container;
        let id = found.map(|container| container.id.lossy().into_owned());
        assert_eq!(id.as_deref(), Some(expected), "{path}");
    }
}

#[test]
fn documents_that_come_late_are_looked_for_again_but_not_at_each_event() {
    let (mut known, mut table) = known(&["/web"], 2);
    table.enter(KEY, ["/web".to_owned()].into(), false, 0);
    assert!(table.container(KEY, Occasion::Start, 1, &mut known).container.is_none());
    for now in 2..1000 {
        assert!(table.container(KEY, Occasion::Event, now, &mut known).container.is_none());
    }
    assert_eq!(known.asked, 1);
    assert!(table.container(KEY, Occasion::Start, 1000, &mut known).container.is_none());
    let found =
        table.container(KEY, Occasion::Event, 1000 + 4 * PAUSE, &mut known).container.unwrap();
    assert_eq!((found.id.clone(), found.privileged), ("web".into(), Some(true)));
    table.container(KEY, Occasion::Start, 100 * PAUSE, &mut known).container.unwrap();
    assert_eq!(known.asked, 3);
}

#[test]
fn who_is_gone_before_it_is_known_is_not_the_host() {
    let check = |paths: &[&str], is_fresh: bool, occasion: Occasion, expected: Option<&str>| {
        let (mut known, mut table) = known(&[], 0);
        table.enter(KEY, paths.iter().map(|path| (*path).to_owned()).collect(), is_fresh, 0);
        table.container(KEY, occasion, 0, &mut known);
        // What comes later is of the same container.
        let found = table.container(KEY, Occasion::Event, 1, &mut known).container;
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
    table.enter(KEY, ["/web".to_owned()].into(), true, 0);
    let guess = table.container(KEY, Occasion::First, 1, &mut known).container.unwrap();
    assert_eq!((guess.id.clone(), guess.privileged), ("web".into(), None));
    let found = table.container(KEY, Occasion::Start, 2, &mut known).container.unwrap();
    assert_eq!((found.id.clone(), found.privileged), ("web".into(), Some(true)));
}

#[test]
fn groups_are_bounded_and_those_in_use_stay() {
    let mut table = Groups::default();
    let path = |number: u64| [format!("/docker/{number:064x}")].into();
    let mut nothing = crate::Nothing;
    for number in 0..3 * GROUPS as u64 {
        table.enter(GroupKey { hierarchy: 4, number }, path(number), false, 0);
        let busy = GroupKey { hierarchy: 4, number: 0 };
        table.container(busy, Occasion::Event, number, &mut nothing).container.unwrap();
        assert!(table.len() <= GROUPS);
    }
    assert!(table.wants_paths(GroupKey { hierarchy: 4, number: 1 }));
}

#[test]
fn an_id_in_the_path_is_known_at_once() {
    let id = "a".repeat(64);
    let (mut known, mut table) = known(&[], 0);
    table.enter(KEY, ["/".to_owned(), format!("/docker/{id}")].into(), false, 0);
    let found = table.container(KEY, Occasion::Event, 0, &mut known).container.unwrap();
    assert_eq!(
        (found.id.clone(), found.runtime.clone()),
        (id.as_str().into(), Some("docker".into()))
    );
    assert_eq!(found.privileged, None);
}

/// A pod: a container that names its sandbox, and that one with labels, an address and probes.
struct APod {
    joins_processes: bool,
}

impl Surroundings for APod {
    fn container(&mut self, name: &str) -> Option<Found> {
        let mut metadata = Metadata::default();
        if name == "5".repeat(64) {
            metadata.pod.labels.insert("app".to_owned(), "web".to_owned());
            metadata.address = Some("10.88.0.5".to_owned());
            for (name, word) in [("web", "ask-web"), ("other", "ask-other")] {
                let liveness = Some(vec![word.to_owned()]);
                metadata.pod.probes.insert(name.to_owned(), Probes { liveness, readiness: None });
            }
        } else {
            metadata.joins_processes = self.joins_processes;
            metadata.pod.container = Some("web".to_owned());
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
    table.enter(KEY, [format!("/kubepods/pod1/{}", "c".repeat(64))].into(), false, 0);
    let mut around = APod { joins_processes: false };
    let found = table.container(KEY, Occasion::Start, 0, &mut around).container.unwrap();
    let pod = found.pod.as_ref().unwrap();
    assert_eq!(
        (pod.name.clone(), pod.labels.clone()),
        ("web-0".into(), vec![("app".into(), "web".into())])
    );
    assert_eq!(found.address, Some([10, 88, 0, 5].into()));
    assert_eq!((&found.liveness, &found.readiness), (&Some(vec!["ask-web".into()]), &None));
}

/// There the first process of a container cannot be told from one that a kubelet starts.
#[test]
fn nobody_is_a_probe_among_the_processes_of_others() {
    let mut table = Groups::default();
    table.enter(KEY, [format!("/kubepods/pod1/{}", "c".repeat(64))].into(), false, 0);
    let mut around = APod { joins_processes: true };
    let found = table.container(KEY, Occasion::Start, 0, &mut around).container.unwrap();
    assert_eq!((found.liveness.clone(), found.address), (None, Some([10, 88, 0, 5].into())));
}

#[test]
fn a_container_is_news_once_all_is_known_and_its_program_runs() {
    let (mut known, mut table) = known(&["/web"], 1);
    let mut is_news = |table: &mut Groups, occasion: Occasion, now: u64| {
        table.container(KEY, occasion, now, &mut known).is_news
    };
    table.enter(KEY, ["/web".to_owned()].into(), true, 0);
    assert!(!is_news(&mut table, Occasion::Start, 1), "nothing is known");
    assert!(!is_news(&mut table, Occasion::Start, 2), "what prepares it is not yet it");
    assert!(is_news(&mut table, Occasion::First, 3));
    table.tell(KEY);
    assert!(!is_news(&mut table, Occasion::Execution, 4), "it was told");
    // Of one that was there before nothing is to be waited for.
    let old = GroupKey { number: 100, ..KEY };
    table.enter(old, ["/web".to_owned()].into(), false, 0);
    assert!(table.container(old, Occasion::Start, 5, &mut known).is_news);
}

#[test]
fn what_is_not_found_is_looked_for_without_events_and_told_of_without() {
    let (mut known, mut table) = known(&["/web"], 2);
    table.enter(KEY, ["/web".to_owned()].into(), true, 0);
    let guess = table.container(KEY, Occasion::First, 1, &mut known);
    assert_eq!(guess.container.unwrap().privileged, None);
    assert_eq!(table.look_again(2, &mut known), [], "it was asked just now");
    assert_eq!(table.look_again(PAUSE * 3, &mut known), [], "not found, and there is time");
    let news = table.look_again(PAUSE * 9, &mut known);
    assert_eq!(news[0].1.privileged, Some(true));
    table.tell(KEY);
    assert_eq!(table.look_again(PAUSE * 99, &mut known), []);
    let lost = GroupKey { number: 100, ..KEY };
    table.enter(lost, ["/gone".to_owned()].into(), true, 0);
    table.container(lost, Occasion::First, 1, &mut known);
    assert_eq!(table.look_again(PATIENCE - 1, &mut known), []);
    assert_eq!(table.look_again(PATIENCE, &mut known)[0].1.id, "gone");
}
