//! One alternative, put together from what the rules ask.

use std::collections::BTreeMap;

use bulkhead_events::Kind;
use bulkhead_probes::filter::{Clause, Domain, LONGEST_NAME, facts};
use bulkhead_rules::{Asked, AskedValue, Form};

use super::names::{Asking, NameSet, Vocabulary};

/// What must be so and must not, before names have facts of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) must: u64,
    pub(super) must_not: u64,
    /// One of each must be its name.
    pub(super) named: Vec<NameSet>,
    /// None of these must be.
    pub(super) not_named: NameSet,
}

impl Draft {
    /// Adds a question, or what follows from its answer that the kernel knows.
    pub(super) fn ask(&mut self, kind: Kind, asked: &Asked) {
        let texts = || {
            asked.values.iter().filter_map(|value| match value {
                AskedValue::Text(text) => Some(text.as_slice()),
                _ => None,
            })
        };
        match asked.field.as_str() {
            // Of who is not at the root nothing is known.
            "container.id" if texts().any(|text| text == b"host") != asked.wanted => {
                self.must_not |= facts::HOST;
            }
            "evt.is_open_read" => self.truth(asked, facts::READS),
            "evt.is_open_write" => self.truth(asked, facts::WRITES),
            "evt.is_open_exec" => self.truth(asked, facts::EXECUTABLE),
            "evt.is_swapped" => self.truth(asked, facts::SWAPPED),
            "evt.failed" => match truth(asked) {
                Some(true) => self.must_not |= facts::SUCCEEDED,
                Some(false) => self.must |= facts::SUCCEEDED,
                None => {}
            },
            "evt.rawres" => self.result(asked),
            // What is not opened has no number, which is neither.
            "fd.num" if kind.opens_file() && asked.wanted => self.result(asked),
            "evt.res" => self.outcome(&texts().collect::<Vec<_>>(), asked.wanted),
            "fd.typechar" => {
                self.types(&texts().map(by_character).collect::<Vec<_>>(), asked.wanted);
            }
            // What was not opened has none, which is neither.
            "fd.type" if asked.wanted => {
                self.types(&texts().map(by_name).collect::<Vec<_>>(), true);
            }
            "fd.l4proto" => self.protocol(&texts().collect::<Vec<_>>(), asked.wanted),
            "fd.name" | "fd.directory" | "fd.filename" | "fd.nameraw"
                if kind.opens_path().is_some() =>
            {
                self.name(asked, texts().collect());
            }
            _ => {}
        }
    }

    /// Whether anything can be so.
    pub(super) fn is_possible(&self) -> bool {
        self.must & self.must_not == 0 && self.must_not & facts::TYPES != facts::TYPES
    }

    fn truth(&mut self, asked: &Asked, fact: u64) {
        match truth(asked) {
            Some(true) => self.must |= fact,
            Some(false) => self.must_not |= fact,
            None => {}
        }
    }

    fn result(&mut self, asked: &Asked) {
        let numbers: Vec<i64> = asked
            .values
            .iter()
            .filter_map(|value| match value {
                AskedValue::Number(number) => Some(*number),
                _ => None,
            })
            .collect();
        let is_exactly = |low, high| asked.form == Form::Order && *numbers == [low, high];
        let (succeeds, fails) = if asked.wanted {
            (numbers.iter().all(|number| *number >= 0), numbers.iter().all(|number| *number < 0))
        } else {
            (is_exactly(i64::MIN, -1), is_exactly(0, i64::MAX))
        };
        if succeeds && asked.wanted && numbers.iter().all(|number| *number <= 2) {
            self.must |= facts::STANDARD;
        } else if succeeds {
            self.must |= facts::SUCCEEDED;
        } else if fails {
            self.must_not |= facts::SUCCEEDED;
        }
    }

    fn outcome(&mut self, words: &[&[u8]], wanted: bool) {
        let has_success = words.contains(&b"SUCCESS".as_slice());
        match words {
            [b"EINPROGRESS"] if wanted => self.must |= facts::IN_PROGRESS,
            [b"EINPROGRESS"] => self.must_not |= facts::IN_PROGRESS,
            [b"SUCCESS"] if wanted => self.must |= facts::SUCCEEDED,
            [b"SUCCESS"] => self.must_not |= facts::SUCCEEDED,
            _ if wanted && !has_success => self.must_not |= facts::SUCCEEDED,
            _ => {}
        }
    }

    fn types(&mut self, types: &[(u64, bool)], wanted: bool) {
        if wanted {
            let possible = types.iter().fold(0, |all, (types, _)| all | types);
            self.must_not |= facts::TYPES & !possible;
        } else {
            let exact = types.iter().filter(|(_, is_exact)| *is_exact);
            self.must_not |= exact.fold(0, |all, (types, _)| all | types);
        }
    }

    fn protocol(&mut self, words: &[&[u8]], wanted: bool) {
        match words {
            [b"tcp"] if wanted => self.must |= facts::TCP,
            words if !wanted && words.contains(&b"tcp".as_slice()) => self.must_not |= facts::TCP,
            _ => {}
        }
    }

    fn name(&mut self, asked: &Asked, texts: Vec<&[u8]>) {
        let mut set = NameSet::new();
        for text in texts {
            let found = names(&asked.field, asked.form, text);
            // One text that cannot be asked for may be the one.
            if found.is_empty() {
                return;
            }
            set.extend(found);
        }
        let is_exact = asked.field == "fd.name"
            && set.iter().all(|name| match name {
                Asking::Name(_, text, _) => text.len() < LONGEST_NAME,
                Asking::Part(..) => false,
            });
        match asked.wanted {
            true => self.named.push(set),
            false if is_exact => self.not_named.extend(set),
            false => {}
        }
    }

    /// The clause, with facts for its names. Names for which there is no room are not asked for.
    pub(super) fn settle(&self, vocabulary: &mut Vocabulary) -> Clause {
        let mut clause = Clause { must: self.must, must_not: self.must_not };
        for set in &self.named {
            clause.must |= vocabulary.fact(set);
        }
        if !self.not_named.is_empty() {
            clause.must_not |= vocabulary.fact(&self.not_named);
        }
        clause
    }
}

/// Drafts that differ in one set of names alone are one with all of the names.
pub(super) fn merged(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut apart = Vec::new();
    let mut together: BTreeMap<(u64, u64, NameSet), NameSet> = BTreeMap::new();
    for mut draft in drafts {
        match draft.named.as_mut_slice() {
            [names] => {
                let key = (draft.must, draft.must_not, draft.not_named);
                together.entry(key).or_default().append(names);
            }
            _ => apart.push(draft),
        }
    }
    apart.extend(together.into_iter().map(|((must, must_not, not_named), names)| Draft {
        must,
        must_not,
        named: vec![names],
        not_named,
    }));
    apart
}

/// What a true or false question wants, if it is one.
fn truth(asked: &Asked) -> Option<bool> {
    match asked.values.as_slice() {
        [AskedValue::Truth(truth)] => Some(*truth == asked.wanted),
        _ => None,
    }
}

/// Types of files by their characters, and whether the kernel's fact says the same.
fn by_character(character: &[u8]) -> (u64, bool) {
    match character {
        b"f" => (facts::FILE, true),
        b"d" => (facts::DIRECTORY, true),
        b"4" => (facts::IPV4, true),
        b"6" => (facts::IPV6, true),
        // Page faults that a program handles have the same character.
        b"u" => (facts::UNIX | facts::OTHER, false),
        _ => (facts::OTHER, false),
    }
}

fn by_name(name: &[u8]) -> (u64, bool) {
    match name {
        b"file" => (facts::FILE, true),
        b"directory" => (facts::DIRECTORY, true),
        b"ipv4" => (facts::IPV4, true),
        b"ipv6" => (facts::IPV6, true),
        b"unix" => (facts::UNIX, true),
        _ => (facts::OTHER, false),
    }
}

/// What the kernel is asked for a text; nothing where it cannot be.
fn names(field: &str, form: Form, text: &[u8]) -> Vec<Asking> {
    let name = |domain: Domain, text: &[u8], whole: bool| match text.get(..LONGEST_NAME) {
        // Longer ones by their start.
        Some(start) => Asking::Name(domain, start.to_vec(), false),
        None => Asking::Name(domain, text.to_vec(), whole),
    };
    match (field, form) {
        _ if text.is_empty() => Vec::new(),
        ("fd.name", Form::Equal) => vec![name(Domain::Path, text, true)],
        ("fd.name", Form::StartsWith) => vec![name(Domain::Path, text, false)],
        ("fd.name", Form::EndsWith | Form::Contains) if text.len() > 1 => {
            vec![Asking::Part(false, text.to_vec())]
        }
        ("fd.nameraw", Form::Contains) if text.len() > 1 => vec![Asking::Part(true, text.to_vec())],
        ("fd.directory", Form::Equal) => {
            let slash: &[u8] = if text == b"/" { b"" } else { b"/" };
            vec![name(Domain::Folder, &[text, slash].concat(), true)]
        }
        ("fd.directory", Form::StartsWith) => vec![name(Domain::Folder, text, false)],
        ("fd.filename", Form::Equal) => vec![name(Domain::Last, text, true)],
        ("fd.filename", Form::StartsWith) => vec![name(Domain::Last, text, false)],
        _ => Vec::new(),
    }
}
