//! Which rules can still be met when something is not seen.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::collections::BTreeMap;

use bulkhead_events::{Kind, Need};
use bulkhead_limits::{Budget, Limits};
use bulkhead_rules::{Coverage, Lack, RuleFile, RuleSet, Selection, Sight};

/// What every rule must have, up to its condition.
const HEAD: &str = "\n  desc: d\n  output: o\n  priority: info\n  condition: ";

fn set(conditions: &[&str]) -> RuleSet {
    let mut rules = String::new();
    for (number, condition) in conditions.iter().enumerate() {
        rules += &["- rule: r", &number.to_string(), HEAD, condition, "\n"].concat();
    }
    let files = [RuleFile { name: "f", bytes: rules.as_bytes() }];
    let selection = Selection::default();
    bulkhead_rules::load(&files, &selection, &Budget::new(Limits::DEFAULT)).set.unwrap()
}

fn states(set: &RuleSet, sight: &Sight) -> String {
    let state = |coverage: &Coverage| match coverage {
        Coverage::Live => 'L',
        Coverage::Degraded(_) => 'D',
        Coverage::Blind(_) => 'B',
        Coverage::Off(_) => '-',
    };
    set.coverage(sight).iter().map(|(_, coverage)| state(coverage)).collect()
}

fn kind(name: &str) -> Kind {
    Kind::by_name(name).unwrap()
}

#[test]
fn a_field_that_is_needed_blinds() {
    let set = set(&[
        "evt.type=openat and container.image.repository=x",
        "evt.type=openat and not container.image.repository=x",
        "evt.type=openat and (container.image.repository=x or proc.name=y)",
        "evt.type=openat and proc.name=y",
        "evt.type=openat and tolower(container.image.repository)=x",
        "evt.type=openat and container.image.repository exists",
        "evt.type in (openat, execve) and (container.image.repository=x or evt.type=execve)",
    ]);
    let none =
        Sight::everything().without(Need::ContainerMetadata, Lack::Wholly("no runtime".into()));
    assert_eq!(states(&set, &Sight::everything()), "LLLLLLL");
    assert_eq!(states(&set, &none), "BDDLBBD");
    let partly = Sight::everything().without(Need::ContainerMetadata, Lack::Partly("late".into()));
    assert_eq!(states(&set, &partly), "DDDLDDD");
    let coverage = set.coverage(&none);
    let Coverage::Blind(gaps) = &coverage[0].1 else { panic!() };
    assert_eq!(
        (gaps[0].what.as_str(), gaps[0].reason.as_str()),
        ("container.image.repository", "no runtime")
    );
}

#[test]
fn what_can_never_be_met_is_told() {
    let rules = [
        ("evt.type=openat and proc.nthreads=0", "cannot be met: `proc.nthreads` never has"),
        (
            "evt.type=openat and (evt.latency > 5 or proc.name=y)",
            "is met by less, or by more: `evt.l",
        ),
        ("evt.type=openat and not proc.nthreads=1", "is met by less"),
        ("evt.type in (open, oepnat) and proc.name=x", "no kind of event is called `oepnat`"),
        ("evt.type=oepn and proc.name=x", "no kind of event is all that it asks for"),
        ("evt.type=open and evt.dir=>", "cannot be met: `evt.dir` is always `<`"),
        ("evt.type=open and not evt.dir=<", "cannot be met: `evt.dir` is always `<`"),
        (
            "evt.type=open and evt.dir=< and proc.nthreads=0",
            "cannot be met: `proc.nthreads` never has",
        ),
        ("evt.source=k8s_audit and proc.name=x", "cannot be met: `evt.source` is always `syscall`"),
        ("evt.type=open and evt.type=close", "no kind of event is all that it asks for"),
        ("evt.type in (read, pread64) and proc.name=x", "events of `pread64` are called `pread`"),
        ("evt.type=execve and fd.type=ipv4", "cannot be met: `fd.type` has no value for `execve`"),
        (
            "evt.type in (unlink, rename) and proc.name=x and (fd.name=/x or fd.name startswith /y)",
            "cannot be met: `fd.name` has no value for `rename`, `unlink`",
        ),
        ("evt.type=unlink and evt.is_open_write=true", "is always `false` of `unlink`"),
        ("evt.type=unlink and not evt.is_open_write=false", "is always `false` of `unlink`"),
        (
            "evt.type=connect and evt.arg.flags contains O_CREAT",
            "`evt.arg.flags` has no value for `connect`",
        ),
        ("evt.type=openat and evt.arg[9]=x", "`evt.arg[9]` has no value for `openat`"),
        ("tolower(fd.name)=/x and syscall.type=fork", "`tolower(fd.name)` has no value for `fork`"),
        ("syscall.type in (open, procexit) and proc.name=x", "`procexit` is no system call"),
        (
            "evt.type in (open, execve) and evt.dir=> and fd.name=/x",
            "r` cannot be met: `evt.dir` is always `<`",
        ),
        ("fs.path.source=/x and evt.type=open", "`fs.path.source` has no value for `open`"),
        ("fd.name=/x and fs.path.target=/y", "`fd.name` has no value for"),
        (
            "(evt.type=chmod and fd.name=/x) or (evt.type=unlink and fd.name=/y)",
            "r` cannot be met: `fd.name` has no value for `unlink`, `chmod`",
        ),
        (
            "(evt.type=open and fs.path.source=/x) or (evt.type=rename and evt.arg.flags=y)",
            "r` cannot be met: `evt.arg.flags` has no value for `rename`, `fs.path.source` has no",
        ),
        (
            "evt.io_dir=write and fs.path.name=/x",
            "r` cannot be met: `fs.path.name` has no value for",
        ),
        ("evt.type=kill and tolower(fd.name)=val(fd.name)", "`tolower(fd.name)` has no value for"),
    ];
    for (condition, told) in rules {
        let text = ["- rule: r", HEAD, condition, "\n"].concat();
        let files = [RuleFile { name: "f", bytes: text.as_bytes() }];
        let loaded =
            bulkhead_rules::load(&files, &Selection::default(), &Budget::new(Limits::DEFAULT));
        assert!(loaded.set.is_some(), "{condition}");
        let problems: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
        assert!(problems.iter().any(|it| it.contains(told)), "{condition}: {problems:?}");
    }
}

#[test]
fn what_holds_for_every_event_takes_nothing_away() {
    let set = set(&[
        "evt.type=open and evt.dir=<",
        "evt.type=open and evt.dir!=>",
        "evt.type=open and (evt.dir=> or proc.name=x)",
        "evt.type=open and not evt.dir=>",
    ]);
    assert_eq!(states(&set, &Sight::everything()), "LLLL");
}

/// Macros that name others twice make a condition of few nodes and of more paths than can be walked.
#[test]
fn what_stands_in_a_condition_twice_is_looked_at_once() {
    let level = |level: u8| {
        let next = level + 1;
        format!(
            "- {{macro: m{next}, condition: (m{level} and proc.pid=1) or (m{level} and proc.ppid=1)}}\n\
             - {{macro: n{next}, condition: (n{level} and proc.pid={next}) and (n{level} and proc.ppid={next})}}\n"
        )
    };
    let mut text = String::from(
        "- {macro: m0, condition: fd.name=/x}\n- {macro: n0, condition: proc.pid=9}\n",
    );
    text.extend((0..60).map(level));
    for (name, condition) in [("r", "evt.type=chmod and m60"), ("s", "evt.type=open and n60")] {
        text += &["- rule: ", name, HEAD, condition, "\n"].concat();
    }
    let files = [RuleFile { name: "f", bytes: text.as_bytes() }];
    let loaded = bulkhead_rules::load(&files, &Selection::default(), &Budget::new(Limits::DEFAULT));
    let set = loaded.set.unwrap();
    assert_eq!(states(&set, &Sight::everything()), "BL");
}

/// What only some of its events have leaves a rule as it is, and no kind is asked that has it not.
#[test]
fn rules_are_held_against_kinds_that_have_what_they_ask() {
    let set = set(&[
        "evt.type in (open, execve, unlink) and fd.name=/x",
        "evt.type in (open, execve) and not fd.name=/x",
        "evt.type in (open, execve) and (fd.name=/x or proc.name=x)",
        "fd.name=/x",
        "evt.type in (sendfile, splice, dns, eventfd2, preadv2, dup) and fd.type=ipv4",
        "evt.type in (open, rename) and fs.path.name=/x",
    ]);
    assert_eq!(states(&set, &Sight::everything()), "LLLLLL");
    let kinds = |rule: &str| set.kinds(set.rule(rule).unwrap());
    assert_eq!(kinds("r0"), [kind("open")]);
    assert_eq!(kinds("r1"), [kind("open"), kind("execve")]);
    assert_eq!(kinds("r2"), [kind("open"), kind("execve")]);
    assert_eq!(kinds("r3"), Kind::all().filter(|kind| kind.has_file()).collect::<Vec<_>>());
    assert_eq!(kinds("r4").len(), 6);
    assert_eq!(kinds("r5"), [kind("open"), kind("rename")]);
}

#[test]
fn kinds_that_are_not_seen_blind_what_asks_for_nothing_else() {
    let set = set(&[
        "evt.type=open and proc.name=x",
        "evt.type in (open, openat) and proc.name=x",
        "evt.type=openat and proc.name=x",
        "evt.type=openat and evt.type=open and proc.name=x",
    ]);
    let sight = Sight::everything().without_kind(kind("open"), "not hooked");
    assert_eq!(states(&set, &sight), "BDLB");
    let coverage = set.coverage(&sight);
    let Coverage::Degraded(gaps) = &coverage[1].1 else { panic!() };
    assert_eq!((gaps[0].what.as_str(), gaps[0].reason.as_str()), ("evt.type=open", "not hooked"));
    assert_eq!(set.kinds(set.rule("r1").unwrap()), [kind("open"), kind("openat")]);
}

#[test]
fn ways_that_are_not_seen_blind_what_asks_for_no_other() {
    let set = set(&[
        "evt.type=openat and evt.origin=io_uring",
        "evt.type=openat and evt.origin in (io_uring, ia32)",
        "evt.type=openat and evt.origin=ia32",
        "evt.type=openat and not evt.origin=io_uring",
        "evt.type=openat and evt.origin!=native",
        "evt.type=openat and proc.name=x",
    ]);
    let sight = Sight::everything().without_origin(bulkhead_events::Origin::IoUring, "refused");
    assert_eq!(states(&set, &sight), "BDLDDL");
}

/// Taking one thing away changes the rules that ask for it, and no other.
#[test]
fn exactly_the_dependent_rules_of_falco_change() {
    let paths = bulkhead_testing::data_files("fixtures/falco-rules");
    let files: Vec<_> = paths
        .iter()
        .map(|path| (path.display().to_string(), fs_err::read(path).unwrap()))
        .collect();
    let files: Vec<_> = files.iter().map(|(name, bytes)| RuleFile { name, bytes }).collect();
    if files.is_empty() {
        return;
    }
    let selection = Selection::everything();
    let set = bulkhead_rules::load(&files, &selection, &Budget::new(Limits::DEFAULT)).set.unwrap();
    assert!(states(&set, &Sight::everything()).chars().all(|state| state == 'L'));
    let mut blind = BTreeMap::new();
    for name in ["connect", "ptrace", "userfaultfd", "symlinkat"] {
        let sight = Sight::everything().without_kind(kind(name), "off");
        for (rule, coverage) in set.coverage(&sight) {
            let kinds = set.kinds(rule);
            let expected = match (kinds.contains(&kind(name)), kinds.len()) {
                (false, _) => coverage == Coverage::Live,
                (true, 1) => matches!(coverage, Coverage::Blind(_)),
                (true, _) => matches!(coverage, Coverage::Degraded(_)),
            };
            assert!(expected, "{name}: {} is {coverage:?}", rule.name);
            *blind.entry(name).or_insert(0) += usize::from(matches!(coverage, Coverage::Blind(_)));
        }
    }
    assert!(blind["ptrace"] > 0 && blind["userfaultfd"] > 0, "{blind:?}");
}
