//! Filters as the maps of the programs have them.

use std::collections::BTreeSet;

use super::{Clause, Domain, Filter, MOST_CLAUSES, MOST_NAMES, MOST_PARTS, NamePart, facts};
use crate::calls::SystemCall;
use crate::plan::Step;

/// Different filters in one generation (`FILTERS` of `bpf/filter.h`).
pub(crate) const FILTERS: usize = 128;
pub(crate) const CALL_FILTER_BYTES: usize = 8 + 16 * MOST_CLAUSES;
pub(crate) const VOCABULARY_BYTES: usize = 176 + 16 * SCANS + 8 * PLACES + 40 * MOST_PARTS;
pub(crate) const NAME_KEY_BYTES: usize = 256;

/// The domain of folders that names lie in (`DOMAIN_BELOW`), and how many there is room for (`FOLDERS`).
const BELOW: u8 = 8;
const FOLDERS: usize = 16 * MOST_NAMES;

/// Words of a set of pairs of bytes (`BLOOM`), and the places of its bits.
const BLOOM: usize = 4;
const PLACES: usize = 64 * BLOOM;
/// How many of what is asked for of a given path is first scanned for (`SCANS`).
const SCANS: usize = 8;
/// How many of 255 paths have a pair of bytes at each place, by a sample of those below `/usr`, `/etc`, `/var/lib`, `/proc`, `/sys`,
/// `/run` and `/dev` of a Debian that compiles and runs containers: a part is looked for where the fewest do.
#[rustfmt::skip]
const OFTEN: [u8; PLACES] = [
    28, 37, 72, 55, 29, 9, 14, 76, 9, 51, 65, 10, 42, 32, 75, 116,
    8, 60, 78, 40, 8, 22, 111, 65, 25, 31, 26, 48, 10, 20, 115, 2,
    125, 160, 44, 55, 6, 40, 49, 15, 17, 56, 39, 30, 125, 5, 6, 78,
    12, 10, 15, 5, 91, 51, 92, 13, 74, 5, 83, 239, 51, 114, 9, 5,
    56, 10, 160, 123, 34, 32, 28, 39, 62, 12, 2, 93, 92, 57, 88, 13,
    132, 99, 41, 1, 69, 25, 23, 171, 47, 35, 70, 16, 25, 2, 172, 25,
    24, 12, 53, 88, 6, 22, 242, 104, 6, 28, 24, 36, 32, 55, 28, 35,
    144, 33, 73, 196, 61, 7, 11, 56, 2, 39, 28, 26, 35, 25, 13, 11,
    195, 9, 33, 23, 15, 23, 21, 2, 16, 8, 21, 63, 65, 11, 140, 82,
    29, 39, 22, 1, 116, 12, 136, 47, 33, 14, 15, 148, 96, 2, 42, 62,
    13, 22, 165, 9, 242, 10, 17, 195, 10, 35, 18, 55, 5, 25, 42, 5,
    67, 24, 7, 129, 16, 3, 166, 76, 73, 47, 4, 179, 80, 21, 127, 35,
    160, 12, 2, 9, 69, 10, 11, 237, 12, 88, 5, 57, 1, 182, 18, 19,
    62, 9, 32, 47, 28, 19, 7, 30, 3, 29, 1, 31, 15, 58, 109, 66,
    37, 12, 81, 31, 4, 59, 12, 40, 43, 52, 19, 74, 134, 5, 67, 29,
    18, 1, 40, 23, 120, 48, 5, 193, 12, 32, 130, 70, 22, 141, 33, 12,
];
/// The fractional part of the golden ratio: neighbours get places far from each other.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The result, and nothing, beside the six arguments of a call.
pub(super) const RESULT: u8 = 6;
const NOTHING: u8 = 7;
/// The flags are those of `creat(2)`, which has none.
const CREATES: u8 = 6;

/// Where calls have the flags of `open(2)`.
const FLAGS: [(&str, u8); 3] = [("open", 1), ("openat", 2), ("creat", CREATES)];

/// What is needed to judge (`enum stage`).
mod stage {
    pub(super) const HOST: u8 = 1;
    pub(super) const OBJECT: u8 = 2;
    pub(super) const NAME: u8 = 4;
    pub(super) const PARTS: u8 = 8;
    pub(super) const GIVEN: u8 = 16;
    pub(super) const SWAPPED: u8 = 32;
}

/// Clauses of a call, and where it has what they ask for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallFilter<'a> {
    clauses: &'a [Clause],
    /// Which argument holds the flags.
    pub(super) flags: u8,
    /// What it is about: an argument, or 6 for the result.
    pub(super) object: u8,
    /// The one text; none where there are several.
    pub(super) text: u8,
    pub(super) opens: bool,
    stages: u8,
}

impl<'a> CallFilter<'a> {
    /// How a call is judged by clauses. More than there is room for are no filter.
    pub(crate) fn new(
        filter: &'a Filter,
        call: &SystemCall,
        clauses: &'a [Clause],
    ) -> Option<Self> {
        if clauses.len() > MOST_CLAUSES {
            return None;
        }
        let steps = &call.plan.steps;
        let opens = steps.iter().any(|step| matches!(step, Step::Open(_)));
        let objects = steps.iter().filter_map(|step| match step {
            Step::Object(number) => Some(*number),
            Step::Open(_) => Some(RESULT),
            _ => None,
        });
        // The event is about what the call opened, else about the first that it was given.
        let object =
            objects.clone().find(|number| *number == RESULT).or_else(|| objects.clone().next());
        let mut texts = steps.iter().filter_map(|step| match step {
            Step::Text(number) | Step::Open(number) => Some(*number),
            _ => None,
        });
        let text = texts.next().filter(|_| texts.next().is_none() && call.plan.copies);
        // What a structure was swapped for, only the record shows.
        let is_structured = steps.iter().any(|step| matches!(step, Step::Address(_)));
        let asked = clauses.iter().fold(0, |all, clause| all | clause.must | clause.must_not);
        let told = told(filter);
        let of_object = facts::TYPES | facts::TCP | facts::NAME_SERVICE | told.names | told.parts;
        let mut stages = 0;
        for (needed, stage) in [
            (asked & facts::HOST != 0, stage::HOST),
            (object.is_some() && asked & of_object != 0, stage::OBJECT),
            (opens && asked & told.names != 0, stage::NAME),
            (opens && asked & told.parts != 0, stage::PARTS),
            (opens && text.is_some() && asked & told.given != 0, stage::GIVEN),
            (text.is_some() && !is_structured && asked & facts::SWAPPED != 0, stage::SWAPPED),
        ] {
            stages |= if needed { stage } else { 0 };
        }
        let flags = FLAGS.iter().find(|(name, _)| *name == call.told_as());
        Some(CallFilter {
            clauses,
            flags: flags.map_or(NOTHING, |(_, place)| *place),
            object: object.unwrap_or(NOTHING),
            text: text.unwrap_or(NOTHING),
            opens,
            stages,
        })
    }

    /// Whether no call that failed meets a clause.
    pub(crate) fn wants_success(&self) -> bool {
        self.clauses.iter().all(|clause| clause.must & facts::SUCCEEDED != 0)
    }

    pub(super) fn clauses(&self) -> &'a [Clause] {
        self.clauses
    }

    pub(super) fn asks_for_host(&self) -> bool {
        self.stages & stage::HOST != 0
    }

    pub(super) fn asks_for_object(&self) -> bool {
        self.stages & !stage::HOST != 0
    }

    pub(super) fn asks_for_given(&self) -> bool {
        self.stages & (stage::GIVEN | stage::SWAPPED) != 0
    }

    pub(super) fn asks_for_swap(&self) -> bool {
        self.stages & stage::SWAPPED != 0
    }

    pub(super) fn asks_for_names(&self) -> bool {
        self.asks_for_given() || self.stages & (stage::NAME | stage::PARTS) != 0
    }

    pub(super) fn asks_for_parts(&self) -> bool {
        self.stages & stage::PARTS != 0
    }

    /// As the kernel's map has it.
    pub(crate) fn bytes(&self) -> [u8; CALL_FILTER_BYTES] {
        let count = u8::try_from(self.clauses.len()).unwrap_or_default();
        let mut bytes = vec![count, self.stages, self.flags, self.object, self.text];
        bytes.extend([u8::from(self.opens), 0, 0]);
        for clause in self.clauses {
            bytes.extend(clause.must.to_le_bytes());
            bytes.extend(clause.must_not.to_le_bytes());
        }
        bytes.resize(CALL_FILTER_BYTES, 0);
        bytes.try_into().unwrap_or([0; CALL_FILTER_BYTES])
    }
}

/// Which facts come from where.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    pub(super) names: u64,
    pub(super) parts: u64,
    pub(super) given: u64,
}

pub(super) fn told(filter: &Filter) -> Told {
    let parts = |given: bool| {
        let parts = filter.parts.iter().filter(move |part| part.given == given);
        parts.fold(0, |all, part| all | part.facts)
    };
    Told {
        names: filter.names.iter().fold(0, |all, name| all | name.facts),
        parts: parts(false),
        given: parts(true),
    }
}

/// The parts and where facts come from, as the kernel's map has it. What was found by a vocabulary of the same version is
/// not looked up again.
pub(crate) fn vocabulary(filter: &Filter, version: u64) -> [u8; VOCABULARY_BYTES] {
    let Told { names, parts, given } = told(filter);
    let mut bytes = Vec::with_capacity(VOCABULARY_BYTES);
    for facts in [names, parts, given] {
        bytes.extend(facts.to_le_bytes());
    }
    let mut parts: Vec<_> = filter.parts.iter().take(MOST_PARTS).collect();
    parts.sort_by_key(|part| !part.given);
    let given = parts.partition_point(|part| part.given);
    let counts = [parts.len(), given].map(|count| u32::try_from(count).unwrap_or_default());
    bytes.extend(counts.into_iter().flat_map(u32::to_le_bytes));
    bytes.extend(version.to_le_bytes());
    for domain in [Domain::Path, Domain::Folder, Domain::Last] {
        let Edges { mask, bloom } = Edges::of(filter, domain);
        bytes.extend([mask].into_iter().chain(bloom).flat_map(u64::to_le_bytes));
    }
    let scans = scans(&filter.parts);
    bytes.extend(scans.len().to_le_bytes());
    for pair in scans.into_iter().chain([[0; 2]; SCANS]).take(SCANS) {
        bytes.extend(pair.iter().flat_map(|byte| [*byte; 8]));
    }
    let (pairless, by_pair) = by_pair(&parts);
    bytes.extend([pairless].into_iter().chain(by_pair).flat_map(u64::to_le_bytes));
    for part in parts {
        bytes.extend(part.facts.to_le_bytes());
        bytes.extend(Bigrams::of(&part.text).0.iter().flat_map(|word| word.to_le_bytes()));
    }
    bytes.resize(VOCABULARY_BYTES, 0);
    bytes.try_into().unwrap_or([0; VOCABULARY_BYTES])
}

/// The pair of a text that the fewest paths have.
pub(super) fn rarest(text: &[u8]) -> Option<[u8; 2]> {
    text.array_windows().copied().min_by_key(|pair| OFTEN.get(place_of(*pair)))
}

/// What is scanned for of the parts that are asked for of a given path, in their order; nothing where they are too many or
/// one has no pair.
pub(super) fn scans(parts: &[NamePart]) -> Vec<[u8; 2]> {
    let given = parts.iter().take(MOST_PARTS).filter(|part| part.given);
    let pairs: Option<Vec<_>> = given.map(|part| rarest(&part.text)).collect();
    pairs.filter(|pairs| pairs.len() <= SCANS).unwrap_or_default()
}

/// The parts, as bits, that have no pair, and those that are looked for in texts with a pair at each place: a part stands
/// where the fewest texts have one.
fn by_pair(parts: &[&NamePart]) -> (u64, [u64; PLACES]) {
    let (mut pairless, mut by_pair) = (0, [0; PLACES]);
    for (number, part) in parts.iter().enumerate() {
        let place = rarest(&part.text).map(place_of);
        let parts = place.and_then(|place| by_pair.get_mut(place)).unwrap_or(&mut pairless);
        *parts |= 1 << number;
    }
    (pairless, by_pair)
}

fn place_of(pair: [u8; 2]) -> usize {
    place(u16::from_le_bytes(pair).into())
}

/// Bytes that the names of a domain have at their edge, the first eight of paths and the last eight of others, each
/// masked to those that count, as a bit: names with others are not looked up (`struct edges`).
#[derive(Clone, Copy, Debug, Default)]
struct Edges {
    mask: u64,
    bloom: [u64; BLOOM],
}

impl Edges {
    fn of(filter: &Filter, domain: Domain) -> Self {
        let names = || filter.names.iter().filter(move |name| name.domain == domain);
        // Of a text that may go on, what comes is not known.
        let known = names().filter(|name| !name.whole).map(|name| match domain {
            Domain::Path => name.text.len(),
            Domain::Folder | Domain::Last => 0,
        });
        let known = known.min().unwrap_or(8);
        let mask = head([0xff; 8].get(..known).unwrap_or(&[0xff; 8]));
        let mut bloom = [0; BLOOM];
        for name in names() {
            let edge = if domain == Domain::Path { head(&name.text) } else { tail(&name.text) };
            add(&mut bloom, edge & mask);
        }
        Edges { mask, bloom }
    }
}

/// The first bytes of a text, or all of a shorter one.
fn head(text: &[u8]) -> u64 {
    let mut word = [0; 8];
    word.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
    u64::from_le_bytes(word)
}

/// The last ones.
fn tail(text: &[u8]) -> u64 {
    let mut word = [0; 8];
    word.iter_mut().rev().zip(text.iter().rev()).for_each(|(to, from)| *to = *from);
    u64::from_le_bytes(word)
}

/// Keys of the folders that paths lie in which are asked for; one that stands for all where they are too many.
fn folders(filter: &Filter, generation: u8) -> Vec<(Vec<u8>, u64)> {
    let below = BELOW | generation;
    let paths = filter.names.iter().filter(|name| name.domain == Domain::Path);
    let folders = paths.flat_map(|name| {
        let slashes = (1..name.text.len()).filter(|end| name.text.get(end - 1) == Some(&b'/'));
        slashes.filter_map(|end| name.text.get(..end))
    });
    let folders: BTreeSet<&[u8]> = folders.collect();
    if folders.len() > FOLDERS {
        return vec![(vec![below], 1)];
    }
    folders.into_iter().map(|folder| ([&[below], folder, &[0]].concat(), 1)).collect()
}

/// Keys of the table of names, how many of their bits count, and what they lead to. The table finds the longest
/// key only, which therefore tells what the shorter ones do.
pub(crate) fn keys(filter: &Filter, generation: u8) -> Vec<([u8; NAME_KEY_BYTES], u32, u64)> {
    let mut all: Vec<(Vec<u8>, u64)> = filter
        .names
        .iter()
        .map(|name| {
            let mut key = vec![name.domain as u8 | generation];
            key.extend(&name.text);
            key.extend(name.whole.then_some(0));
            (key, name.facts)
        })
        .collect();
    all.extend(folders(filter, generation));
    all.sort();
    let mut keys: Vec<(Vec<u8>, u64)> = Vec::with_capacity(all.len());
    // Those that the next one begins with, the shortest first.
    let mut open: Vec<usize> = Vec::new();
    for (key, facts) in all {
        let begins =
            |place: &usize| keys.get(*place).is_some_and(|(shorter, _)| key.starts_with(shorter));
        while open.last().is_some_and(|place| !begins(place)) {
            open.pop();
        }
        let inherited =
            open.last().and_then(|place| keys.get(*place)).map_or(0, |(_, facts)| *facts);
        match keys.last_mut() {
            Some((last, known)) if *last == key => *known |= facts,
            _ => {
                open.push(keys.len());
                keys.push((key, facts | inherited));
            }
        }
    }
    let filled = keys.into_iter().map(|(key, facts)| {
        let mut bytes = [0; NAME_KEY_BYTES];
        bytes.iter_mut().zip(&key).for_each(|(to, from)| *to = *from);
        (bytes, u32::try_from(key.len()).unwrap_or_default().saturating_mul(8), facts)
    });
    filled.collect()
}

/// The pairs of neighbours in a text, each as a bit; different ones may share it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Bigrams(pub(super) [u64; BLOOM]);

impl Bigrams {
    pub(super) fn of(text: &[u8]) -> Self {
        let mut set = [0; BLOOM];
        for pair in text.array_windows() {
            add(&mut set, u16::from_le_bytes(*pair).into());
        }
        Bigrams(set)
    }

    pub(super) fn holds(&self, other: &Bigrams) -> bool {
        self.0.iter().zip(other.0).all(|(have, asked)| asked & !have == 0)
    }
}

/// The place of the bit that bytes have.
fn place(bytes: u64) -> usize {
    let [.., hash] = bytes.wrapping_mul(SPREAD).to_le_bytes();
    hash.into()
}

/// Sets that bit.
fn add(set: &mut [u64; BLOOM], bytes: u64) {
    let place = place(bytes);
    if let Some(word) = set.get_mut(place / 64) {
        *word |= 1 << (place % 64);
    }
}
