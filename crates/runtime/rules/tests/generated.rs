//! Events that are made of the words of the rule files themselves: what one way of asking says, the
//! others say, too.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::collections::BTreeMap;

use bulkhead_events::{Event, Fields, Kind, Setting};
use bulkhead_limits::{Budget, Limits};
use bulkhead_rules::{ASKABLE, Kept, Matching, RuleFile, RuleSet, Scanner, Selection};
use proptest::test_runner::{Config, TestRunner};

/// Falco's rule files with all of their rules, and the words in them.
struct Upstream {
    set: RuleSet,
    words: Vec<String>,
    kinds: Vec<Kind>,
}

fn upstream() -> Option<Upstream> {
    let paths = bulkhead_testing::data_files("fixtures/falco-rules");
    let files: Vec<_> = paths
        .iter()
        .map(|path| (path.display().to_string(), fs_err::read(path).unwrap()))
        .collect();
    let files: Vec<_> = files.iter().map(|(name, bytes)| RuleFile { name, bytes }).collect();
    if files.is_empty() {
        return None;
    }
    let selection = Selection::everything();
    let set = bulkhead_rules::load(&files, &selection, &Budget::new(Limits::DEFAULT)).set.unwrap();
    let mut words = Vec::new();
    for file in &files {
        let text = String::from_utf8_lossy(file.bytes);
        let conditions = text
            .lines()
            .filter(|line| !line.contains("output:") && !line.trim_start().starts_with('#'));
        for line in conditions {
            let found = line.split(|c: char| c.is_whitespace() || "(),=[]\"'".contains(c));
            words.extend(found.filter(|word| !word.is_empty()).map(str::to_owned));
        }
    }
    words.sort();
    words.dedup();
    let mut kinds: Vec<_> = set.rules().iter().flat_map(|rule| set.kinds(rule)).collect();
    kinds.sort();
    kinds.dedup();
    Some(Upstream { set, words, kinds })
}

/// Numbers one after the other, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // Constants of Knuth's MMIX; the high bits are the good ones.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

impl Upstream {
    fn event(&self, seed: u64) -> Event {
        let mut dice = Dice(seed);
        let mut fields = Fields::new();
        let kind = self.kinds[dice.roll(self.kinds.len())];
        fields.insert("evt.type".to_owned(), Setting::Word(kind.name().to_owned()));
        let mut set = |name: &str, value: String| {
            // Not every kind of event has every argument, or a file.
            let may_lack = name.starts_with("evt.arg.") || name.starts_with("fd.");
            let mut tried = fields.clone();
            tried.insert(name.to_owned(), Setting::Word(value));
            if !may_lack || Event::write(&tried).is_ok() {
                fields = tried;
            }
        };
        let texts = [
            "proc.name",
            "proc.exe",
            "proc.args",
            "proc.cwd",
            "proc.pname",
            "proc.aname[2]",
            "proc.pexe",
            "fd.name",
            "fd.nameraw",
            "evt.arg.newpath",
            "evt.arg.oldpath",
            "evt.arg.target",
            "evt.arg.path",
            "user.name",
            "container.image.repository",
            "k8s.ns.name",
            "evt.arg.data",
            "evt.arg.request",
        ];
        for name in texts {
            if dice.roll(3) > 0 {
                let mut text = self.words[dice.roll(self.words.len())].clone();
                if dice.roll(4) == 0 {
                    text += " ";
                    text += &self.words[dice.roll(self.words.len())];
                }
                // The kernel keeps no longer names.
                if name.starts_with("proc.") && name.contains("name") {
                    text = text.chars().take(15).collect();
                }
                set(name, text);
            }
        }
        let choices: &[(&str, &[&str])] = &[
            (
                "evt.arg.flags",
                &["O_RDONLY", "O_WRONLY|O_CREAT|O_TRUNC", "O_RDWR", "O_RDONLY|O_CLOEXEC"],
            ),
            ("evt.arg.mode", &["0755", "0644", "04755"]),
            ("evt.res", &["SUCCESS", "ENOENT", "EINPROGRESS", "3", "0", "1"]),
            ("fd.type", &["file", "ipv4", "ipv6", "unix", "directory"]),
            ("fd.sip", &["127.0.0.1", "10.0.0.1", "93.184.216.34", "169.254.169.254"]),
            ("fd.sport", &["22", "443", "4444", "3333", "31000"]),
            ("fd.l4proto", &["tcp", "udp"]),
            ("container.id", &["host", "3ad7b26ded6d", "3ad7b26ded6d"]),
            ("container.privileged", &["true", "false"]),
            ("proc.tty", &["0", "34816"]),
            ("proc.vpid", &["1", "7"]),
            ("user.uid", &["0", "33", "1000"]),
            ("user.loginuid", &["-1", "0", "1000"]),
            ("proc.is_exe_upper_layer", &["true", "false"]),
            ("proc.is_exe_from_memfd", &["true", "false"]),
            ("thread.cap_effective", &["CAP_SYS_ADMIN", "CAP_SYS_MODULE", "CAP_CHOWN"]),
        ];
        for (name, values) in choices {
            if dice.roll(3) > 0 {
                set(name, values[dice.roll(values.len())].to_owned());
            }
        }
        Event::write(&fields).unwrap()
    }
}

fn for_each_event(count: u32, test: impl Fn(&Event)) {
    let Some(upstream) = upstream() else { return };
    let mut runner = TestRunner::new(Config { cases: count, ..Config::default() });
    let events = proptest::strategy::Strategy::prop_map(proptest::num::u64::ANY, |seed| {
        upstream.event(seed)
    });
    runner
        .run(&events, |event| {
            test(&event);
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_the_filter_drops_meets_no_rule() {
    let Some(upstream) = upstream() else { return };
    let filter = upstream.set.prefilter(ASKABLE);
    let (mut dropped, mut met) = (0, BTreeMap::<String, u32>::new());
    let mut scanner = Scanner::new(&upstream.set, Matching::All);
    for seed in 0..5_000 {
        let event = upstream.event(seed * 7_919);
        let kept = filter.keeps(&event);
        dropped += u32::from(!kept);
        for rule in scanner.scan(&event) {
            assert!(kept, "{} is met by what is dropped: {event:#?}", rule.name);
            *met.entry(rule.name.to_string()).or_default() += 1;
        }
    }
    // Else nothing was shown.
    assert!(dropped > 50, "only {dropped} of 5000 are dropped");
    assert!(met.len() > 20, "only these rules were met: {met:?}");
    println!("{dropped} of 5000 dropped, {} rules met", met.len());
}

/// The engine asks cheap questions first, each once, and only those that the kind leaves open; the
/// explanation asks all of them in their order.
#[test]
fn the_engine_and_the_explanation_agree() {
    let Some(upstream) = upstream() else { return };
    for_each_event(200, |event| {
        let mut scanner = Scanner::new(&upstream.set, Matching::All);
        let met: Vec<_> = scanner.scan(event).map(|rule| rule.name.clone()).collect();
        for rule in upstream.set.rules() {
            let explanation = upstream.set.explain(rule, event);
            assert_eq!(explanation.holds, met.contains(&rule.name), "{}: {event:#?}", rule.name);
            assert!(!explanation.decisive().is_empty());
        }
    });
}

/// Kinds that no rule asks for are not kept at all.
#[test]
fn only_wanted_kinds_are_kept() {
    let Some(upstream) = upstream() else { return };
    let filter = upstream.set.prefilter(ASKABLE);
    for kind in Kind::all() {
        let wanted = upstream.kinds.contains(&kind);
        assert_eq!(*filter.of(kind) != Kept::Nothing, wanted, "{}", kind.name());
    }
    let open = Kind::by_name("openat").unwrap();
    let Kept::Clauses(clauses) = filter.of(open) else { panic!("every open is kept") };
    for atom in clauses.iter().flat_map(|clause| &clause.atoms) {
        let asked = filter.asked(*atom).unwrap();
        assert!(ASKABLE.iter().any(|known| known.field == asked.field), "{asked:?}");
    }
    // What cannot be asked is not asked.
    for kind in Kind::all() {
        assert!(!matches!(upstream.set.prefilter(&[]).of(kind), Kept::Clauses(_)));
    }
}
