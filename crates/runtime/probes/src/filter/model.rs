//! The decision of the programs in the kernel, made by what a record holds: for tests, and for what was recorded.

use super::bytes::{Bigrams, CallFilter, RESULT, keys, rarest, scans, told};
use super::{Clause, Domain, Filter, facts};
use crate::abi::{Kind, Origin, Role, part_flags, record_flags};
use crate::calls::SystemCall;
use crate::record::{Record, Value};

/// Bytes of a name that are looked up at most, the first of a longer one, and of one that is looked into.
const LOOKED_UP: usize = 253;
const LOOKED_INTO: usize = 256;
/// Bytes of a given path that the copy at entry may have at most to be looked into.
const GIVEN: usize = 252;

const IN_PROGRESS: i64 = -115;
/// The port of name servers.
const NAME_SERVICE: u16 = 53;

impl Filter {
    /// Whether the programs in the kernel hand a record over under this filter. Only of calls they ask; what came
    /// through `io_uring` is always kept.
    pub fn keeps(&self, call: &SystemCall, record: &Record<'_>) -> bool {
        if record.kind != Kind::Call {
            return true;
        }
        let clauses = match self.calls.get(call.told_as()) {
            None => return false,
            Some(None) => return true,
            Some(Some(_)) if record.origin == Origin::Ring => return true,
            Some(Some(clauses)) => clauses,
        };
        let Some(filter) = CallFilter::new(self, call, clauses) else { return true };
        let mut knowledge = Knowledge::default();
        knowledge.numbers(&filter, record);
        if filter.asks_for_object() {
            knowledge.object(&filter, record);
        }
        if filter.asks_for_names() {
            knowledge.names(self, &filter, record);
        }
        filter.clauses().iter().any(|clause| knowledge.allows(*clause))
    }
}

/// Facts that are open until a path was judged, as it was given or as the file's own. The same may follow from both.
struct Open {
    given: u64,
    own: u64,
}

/// What is so, and what is known to be so or not.
#[derive(Clone, Copy, Debug, Default)]
struct Knowledge {
    facts: u64,
    known: u64,
}

impl Knowledge {
    fn allows(self, clause: Clause) -> bool {
        clause.must & self.known & !self.facts == 0
            && clause.must_not & self.known & self.facts == 0
    }

    fn learn(&mut self, fact: u64, is_so: bool) {
        self.known |= fact;
        self.facts |= if is_so { fact } else { 0 };
    }

    fn numbers(&mut self, filter: &CallFilter<'_>, record: &Record<'_>) {
        let result = record.header.result.get();
        self.learn(facts::SUCCEEDED, result >= 0);
        self.learn(facts::IN_PROGRESS, result == IN_PROGRESS);
        self.learn(facts::STANDARD, (0..=2).contains(&result));
        if filter.asks_for_host() && record.has(record_flags::AT_ROOT) {
            self.learn(facts::HOST, true);
        }
        let arguments = record.arguments().unwrap_or_default();
        let number = |place: u8| {
            // Behind the last argument the programs find the result.
            arguments.get(usize::from(place)).copied().unwrap_or(result.cast_unsigned())
        };
        let (flags, mode) = match filter.flags {
            6 => (0o1101, number(1)),
            place @ ..6 => (number(place), number(place.saturating_add(1))),
            _ => return,
        };
        let access = flags & 3;
        let makes = flags & 0o100 != 0 || flags & 0o20_200_000 == 0o20_200_000;
        self.learn(facts::READS, matches!(access, 0 | 2));
        self.learn(facts::WRITES, matches!(access, 1 | 2));
        self.learn(facts::EXECUTABLE, makes && mode & 0o111 != 0);
    }

    fn object(&mut self, filter: &CallFilter<'_>, record: &Record<'_>) {
        if filter.object == RESULT && record.header.result.get() < 0 {
            self.known |= facts::TYPES | facts::TCP;
            self.facts |= if filter.opens { facts::FILE } else { 0 };
            return;
        }
        let role = role(filter.object);
        for part in record.parts().filter(|part| part.role == role) {
            match part.value {
                Value::Socket(socket) => {
                    let (known, fact) = match socket.family.get() {
                        2 => (facts::TYPES, facts::IPV4),
                        1 => (facts::TYPES, facts::UNIX),
                        10 => (facts::TYPES & !(facts::IPV4 | facts::IPV6), 0),
                        _ => (facts::TYPES, facts::OTHER),
                    };
                    self.known |= known;
                    self.facts |= fact;
                    let is_tcp = socket.protocol.get() == 6 && socket.kind.get() != 3;
                    self.learn(facts::TCP, is_tcp);
                    let (local, remote) = (socket.local_port.get(), socket.remote_port.get());
                    let asks = local == NAME_SERVICE || remote == NAME_SERVICE;
                    if matches!(socket.family.get(), 2 | 10) && (asks || remote != 0) {
                        self.learn(facts::NAME_SERVICE, asks);
                    }
                }
                Value::File(file) => {
                    let on = file.filesystem.get();
                    let (known, fact) = match file.mode.get() & 0o170_000 {
                        0o040_000 => (facts::TYPES, facts::DIRECTORY),
                        0o140_000 => (facts::TYPES, facts::UNIX),
                        0 | 0o010_000 => (facts::TYPES, facts::OTHER),
                        _ if on == PIPES || on == PROCESSES => (facts::TYPES, facts::OTHER),
                        0o100_000 if on == TEMPORARY => {
                            (facts::TYPES & !(facts::FILE | facts::OTHER), 0)
                        }
                        _ => (facts::TYPES, facts::FILE),
                    };
                    self.known |= known | facts::TCP | facts::NAME_SERVICE;
                    self.facts |= fact;
                }
                _ => {}
            }
        }
    }

    fn names(&mut self, filter: &Filter, of_call: &CallFilter<'_>, record: &Record<'_>) {
        let told = told(filter);
        let mut open = Open { given: told.given, own: told.names | told.parts };
        let all = open.given | open.own;
        let result = record.header.result.get();
        if of_call.asks_for_given() || result < 0 {
            self.given(filter, of_call, record, &mut open);
        }
        let is_file = |part: &crate::Part<'_>| {
            part.role == Role::Result && matches!(part.value, Value::File(_))
        };
        let other = part_flags::PEER | part_flags::TRUNCATED;
        let path = record.text(Role::Result, part_flags::RESOLVED, other);
        let opened =
            of_call.object == RESULT && result >= 0 && record.parts().any(|part| is_file(&part));
        if let Some(path) = path.filter(|path| opened && path.starts_with(b"/")) {
            self.look_up(filter, path);
            open.own = told.parts;
            if of_call.asks_for_parts() && path.len() < LOOKED_INTO {
                self.look_into(filter, path, false);
                open.own = 0;
            }
        }
        self.known |= all & (self.facts | !(open.given | open.own));
    }

    /// The path as it was given, by the copy at entry.
    fn given(
        &mut self,
        filter: &Filter,
        of_call: &CallFilter<'_>,
        record: &Record<'_>,
        open: &mut Open,
    ) {
        if record.has(record_flags::NO_ENTRY) {
            return;
        }
        let role = role(of_call.text);
        let later =
            record.text(role, 0, part_flags::RESOLVED | part_flags::ENTRY | part_flags::FAULT);
        let is_swapped = record.has(record_flags::MEMORY_CHANGED);
        if of_call.asks_for_swap() && later.is_some() {
            self.learn(facts::SWAPPED, is_swapped);
        }
        let entry =
            record.text(role, part_flags::ENTRY, part_flags::RESOLVED).filter(|_| is_swapped);
        let Some(given) = entry.or(later).filter(|given| (1..=GIVEN).contains(&given.len())) else {
            return;
        };
        self.look_into(filter, given, true);
        open.given = 0;
        let plain = given.starts_with(b"/") && !given.ends_with(b"/");
        let failed = record.header.result.get() < 0;
        if !failed || !of_call.opens || !plain || has_detours(given) {
            return;
        }
        self.look_into(filter, given, false);
        self.look_up(filter, given);
        open.own = 0;
    }

    fn look_into(&mut self, filter: &Filter, text: &[u8], given: bool) {
        let bigrams = Bigrams::of(text);
        let is_scanned = given && !scans(&filter.parts).is_empty();
        for part in filter.parts.iter().filter(|part| part.given == given) {
            let has_pair = |pair: [u8; 2]| text.array_windows().any(|other| *other == pair);
            let may_be = !is_scanned || rarest(&part.text).is_some_and(has_pair);
            if may_be && bigrams.holds(&Bigrams::of(&part.text)) {
                self.facts |= part.facts;
            }
        }
    }

    fn look_up(&mut self, filter: &Filter, path: &[u8]) {
        let keys = keys(filter, 0);
        let find = |domain: Domain, text: &[u8]| {
            let head = text.get(..LOOKED_UP).unwrap_or(text);
            let mut asked = vec![domain as u8];
            asked.extend(head);
            asked.extend((head.len() == text.len()).then_some(0));
            let matching = keys.iter().filter(|(key, bits, _)| {
                let length = usize::try_from(bits / 8).unwrap_or_default();
                key.get(..length).is_some_and(|key| asked.starts_with(key))
            });
            let longest = matching.max_by_key(|(_, bits, _)| *bits);
            longest.map_or(0, |(.., facts)| *facts)
        };
        self.facts |= find(Domain::Path, path);
        let slash =
            path.iter().rposition(|byte| *byte == b'/').map_or(0, |place| place.saturating_add(1));
        let (folder, last) = path.split_at(slash);
        let mut folder = folder.to_vec();
        if self.facts & facts::DIRECTORY != 0 {
            folder = path.to_vec();
            if path.len() > 1 {
                folder.push(b'/');
            }
        }
        self.facts |= find(Domain::Folder, &folder) | find(Domain::Last, last);
    }
}

/// File systems: `include/uapi/linux/magic.h`.
const PIPES: u64 = 0x5049_5045;
const PROCESSES: u64 = 0x5049_4446;
const TEMPORARY: u64 = 0x0102_1994;

/// Whether a path is not the one that the kernel would find by it.
fn has_detours(path: &[u8]) -> bool {
    path.ends_with(b"/.")
        || path.windows(3).any(|three| matches!(three, b"/./" | b"/.."))
        || path.windows(2).any(|two| two == b"//")
}

/// Arguments are counted from 1 among roles.
fn role(operand: u8) -> Role {
    Role::of(operand.saturating_add(1)).unwrap_or(Role::None)
}
