//! What the engine says of events that share processes and files with each other, as those of a node do, against
//! the condition taken part by part in the order in which it was written, with nothing known from before.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::collections::BTreeSet;
use std::sync::Arc;

use bulkhead_events::{
    Account, Argument, Basis, Composed, Container, Event, Field, FileDescriptor, FileKind, Image,
    Kind, Lineage, Process, Text,
};
use bulkhead_limits::{Budget, Limits};
use bulkhead_rules::{Matching, RuleFile, RuleSet, SHIPPED, Scanner, Selection, Trial};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Fields of every basis, with operators for them and values that some of the events below have.
const COMPARISONS: &[(&str, &[&str], &[&str])] = &[
    ("proc.name", &["=", "!=", "startswith", "in"], NAMES),
    ("proc.pname", &["=", "contains", "exists"], NAMES),
    ("proc.aname", &["=", "!=", "in", "exists"], NAMES),
    ("proc.aname[2]", &["=", "startswith"], NAMES),
    ("proc.cmdline", &["contains", "endswith"], &["cat", "shadow", "sh"]),
    ("container.id", &["=", "!="], &["host", "3ad7b26ded6d"]),
    ("container.image.repository", &["endswith", "exists"], NAMES),
    ("user.name", &["=", "exists"], NAMES),
    ("fd.name", &["=", "!=", "startswith", "contains", "glob", "in", "pmatch", "exists"], PATHS),
    ("fd.nameraw", &["contains", "exists"], PATHS),
    ("fd.directory", &["=", "startswith"], PATHS),
    ("fd.filename", &["=", "in", "exists"], PATHS),
    ("fd.type", &["=", "!="], &["file", "directory", "ipv4"]),
    ("fd.num", &["<", ">="], &["0"]),
    ("evt.res", &["=", "!="], &["SUCCESS", "ENOENT"]),
    ("evt.arg.flags", &["contains", "exists"], &["O_RDONLY"]),
    ("evt.type", &["=", "!=", "in"], KINDS),
    ("tolower(proc.name)", &["="], NAMES),
    ("basename(fd.name)", &["=", "endswith"], PATHS),
    ("concat(proc.name, fd.name)", &["contains", "exists"], &["cat/etc", "sh/", "nginx"]),
];

const NAMES: &[&str] = &["cat", "sh", "nginx"];
const PATHS: &[&str] = &["/etc/shadow", "/etc", "/tmp/a", "a", "shadow"];
const KINDS: &[&str] = &["openat", "connect", "unlinkat"];

fn comparison() -> impl Strategy<Value = String> {
    let parts = (select(COMPARISONS), any::<[Index; 3]>());
    parts.prop_map(|((field, operators, words), [operator, one, other])| {
        let (operator, one, other) = (operator.get(operators), one.get(words), other.get(words));
        match *operator {
            "exists" => format!("{field} exists"),
            "in" | "pmatch" => format!("{field} {operator} ({one}, {other})"),
            _ => format!("{field} {operator} {one}"),
        }
    })
}

fn condition() -> impl Strategy<Value = String> {
    comparison().prop_recursive(4, 24, 4, |inner| {
        let joined = |word: &'static str| {
            let parts = prop::collection::vec(inner.clone(), 2..4);
            parts.prop_map(move |parts| format!("({})", parts.join(word)))
        };
        // Most conditions that people write are a row of parts that must hold.
        prop_oneof![
            3 => joined(" and "),
            1 => joined(" or "),
            1 => inner.clone().prop_map(|part| format!("not ({part})")),
        ]
    })
}

fn rules(conditions: &[String]) -> RuleSet {
    let rules = conditions.iter().enumerate().map(|(number, condition)| {
        let name = format!("- rule: r{number}\n  desc: d\n  output: o\n  priority: INFO\n");
        format!("{name}  condition: {condition:?}\n")
    });
    load(&[RuleFile { name: "generated.yaml", bytes: rules.collect::<String>().as_bytes() }])
}

fn load(files: &[RuleFile<'_>]) -> RuleSet {
    let selection = Selection::everything();
    let loaded = bulkhead_rules::load(files, &selection, &Budget::new(Limits::DEFAULT));
    loaded.set.unwrap_or_else(|| panic!("{:#?}", loaded.problems))
}

fn process() -> impl Strategy<Value = Arc<Process>> {
    let name = || prop::option::of(select(&["cat", "sh", "nginx", "CAT"][..]));
    (name(), name(), name(), any::<bool>()).prop_map(|(name, parent, ancestor, is_contained)| {
        let mut lineage = Lineage::default();
        for ancestor in [ancestor, parent].into_iter().flatten() {
            lineage = Lineage::of(Arc::new(Process {
                name: ancestor.into(),
                lineage,
                ..Process::default()
            }));
        }
        let repository = name.map(Text::from);
        let image = Image { repository, ..Image::default() };
        let container = Container { id: "3ad7b26ded6d".into(), image, ..Container::default() };
        Arc::new(Process {
            name: name.unwrap_or_default().into(),
            directory: parent.unwrap_or_default().into(),
            arguments: [name.unwrap_or_default().into(), "/etc/shadow".into()].into(),
            user: Account { name: parent.map(Text::from), ..Account::default() },
            lineage,
            container: is_contained.then(|| container.into()),
            ..Process::default()
        })
    })
}

fn file() -> impl Strategy<Value = Option<Arc<FileDescriptor>>> {
    let name = select(&["/etc/shadow", "/etc", "/tmp/a", "/tmp//a", "a", ""][..]);
    let raw = prop::option::of(select(&["/etc/../etc/shadow", "a", "//a"][..]));
    let kind = select(&[FileKind::File, FileKind::Directory, FileKind::Ipv4][..]);
    let parts = (name, raw, kind, select(&[-1, 3][..]));
    let file = parts.prop_map(|(name, raw, kind, number)| FileDescriptor {
        number,
        kind,
        name: name.into(),
        name_raw: raw.map(Text::from),
        ..FileDescriptor::default()
    });
    prop::option::weighted(0.9, file.prop_map(Arc::new))
}

/// An event of a kind that went well or not, with flags where such events have them and they are known.
fn event(kind: &str, failed: bool, with_flags: bool) -> Event {
    let mut event = Event::new(Kind::by_name(kind).unwrap());
    event.result = Some(if failed { -2 } else { 0 });
    if let Some((place, _)) = event.kind.parameter("flags").filter(|_| with_flags) {
        event.arguments.resize(place + 1, Argument::Absent);
        event.arguments[place] = Argument::Number(0);
    }
    event
}

/// That the scanner meets just the rules whose conditions hold.
fn agree(set: &RuleSet, scanner: &mut Scanner<'_>, event: &Event) -> BTreeSet<String> {
    let met: BTreeSet<_> = scanner.scan(event).map(|rule| rule.name.to_string()).collect();
    let holding = set.rules().iter().filter(|rule| set.explain(rule, event).holds);
    let expected: BTreeSet<_> = holding.map(|rule| rule.name.to_string()).collect();
    assert_eq!(met, expected, "{event:#?}");
    met
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// Processes and files come again and again, in every kind of event, beside each other and after others have
    /// taken the room of those that are gone.
    #[test]
    fn what_is_known_from_before_changes_nothing(
        conditions in prop::collection::vec(condition(), 1..12),
        processes in prop::collection::vec(process(), 1..4),
        files in prop::collection::vec(file(), 1..6),
        turns in prop::collection::vec((any::<Index>(), any::<Index>(), select(KINDS), any::<[bool; 4]>()), 1..48),
    ) {
        let set = rules(&conditions);
        let mut scanner = Scanner::new(&set, Matching::All);
        let (mut processes, mut gone) = (processes, 0_u32);
        for (process, file, kind, [failed, fresh, changes, flags]) in turns {
            let mut event = event(kind, failed, flags);
            if changes {
                // As it goes where a process takes other rights or executes something else, in the room that it had.
                let changed = Arc::make_mut(process.get_mut(&mut processes));
                std::mem::swap(&mut changed.name, &mut changed.directory);
                changed.container = changed.container.is_none().then(Arc::default);
                changed.composed = Composed::default();
            }
            event.file = file.get(&files).clone().filter(|_| event.kind.has_file());
            event.process = Arc::clone(process.get(&processes));
            if fresh {
                // Lives only for this event: the next one may lie in the same place.
                gone += 1;
                event.process = Arc::new(Process { pid: gone, ..Process::clone(&event.process) });
            }
            agree(&set, &mut scanner, &event);
        }
    }
}

/// What a rule asks beyond one event can only make it less often met.
#[test]
fn shipped_rules_are_met_only_where_their_conditions_hold() {
    let set = load(SHIPPED);
    let mut scanner = Scanner::new(&set, Matching::All);
    for event in set.trials().iter().flat_map(Trial::events) {
        for rule in scanner.scan(&event) {
            assert!(set.explain(rule, &event).holds, "{}: {event:#?}", rule.name);
        }
    }
}

/// Fields that only a part of the event decides are asked of that part alone.
#[test]
fn some_fields_depend_on_a_part_of_the_event() {
    let basis = |name: &str| Field::parse(name).unwrap().basis();
    for (name, expected) in [
        ("proc.name", Basis::Process),
        ("proc.aname", Basis::Process),
        ("container.image.repository", Basis::Process),
        ("proc.duration", Basis::Event),
        ("thread.tid", Basis::Event),
        ("fd.name", Basis::Called),
        ("fd.filename", Basis::Called),
        ("fd.num", Basis::Event),
        ("evt.res", Basis::Event),
    ] {
        assert_eq!(basis(name), expected, "{name}");
    }
}
