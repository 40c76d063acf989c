//! Rules to what the kernel asks before it makes a record.
//!
//! What a rule set keeps ([`RuleSet::prefilter`]) is put in the kernel's few facts. Whatever does not fit there is left
//! out of what is asked, so that more is kept, never less. What the state needs of calls is kept beside it, by rules of
//! its own (`content/sensor-state.yaml`).

mod clause;
mod names;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bulkhead_events::Kind;
use bulkhead_limits::{Budget, Limits};
use bulkhead_probes::filter::{Clause, MOST_CLAUSES, facts};
use bulkhead_probes::{Filter, SystemCalls};
use bulkhead_rules::{ASKABLE, Kept, Prefilter, RuleFile, RuleSet, Selection};

use clause::Draft;
use names::Vocabulary;

/// Calls without which the state would be wrong: where paths start, whose accounts are seen, who a process is and
/// what it may. All of them are rare.
const STATE_CALLS: &str = "chdir fchdir chroot pivot_root setns unshare capset setuid setgid setreuid \
    setregid setresuid setresgid setfsuid setfsgid setgroups";

/// What the state needs of calls that rules want.
static STATE: LazyLock<Option<RuleSet>> = LazyLock::new(|| {
    let bytes = include_bytes!("../../../../content/sensor-state.yaml");
    let file = RuleFile { name: "sensor-state.yaml", bytes };
    bulkhead_rules::load(&[file], &Selection::default(), &Budget::new(Limits::DEFAULT)).set
});

/// Calls that move messages of the name service, and those by which a process comes to a socket that leads there, or is
/// there.
const MESSAGE_CALLS: [&str; 7] =
    ["sendmsg", "sendmmsg", "recvmsg", "recvmmsg", "connect", "bind", "pidfd_getfd"];

/// Calls that do it among much else: where nothing else is wanted of them, they are reported only of who is known to ask,
/// and of who says where a datagram goes.
const COMMON_CALLS: [&str; 6] = ["read", "write", "readv", "writev", "sendto", "recvfrom"];

/// The field that a descriptor keeps from the call that opened it.
const KEPT_FIELD: &str = "fd.nameraw";

/// What rules and the state need of the kernel, and no more than that. Of several sets: what one of them needs, as
/// long as the one takes the place of the other.
pub fn filter(sets: &[&RuleSet], calls: &SystemCalls) -> Filter {
    let wanted: Vec<_> = sets.iter().map(|set| set.prefilter(ASKABLE)).collect();
    let state = STATE.as_ref().map(|state| state.prefilter(ASKABLE));
    let mut drafts = Vec::new();
    for kind in Kind::all().filter(|kind| calls.told_as(kind.name()).next().is_some()) {
        let each = wanted.iter().map(|wanted| draft(kind, wanted, state.as_ref()));
        let of_any: Option<Vec<_>> = each.collect();
        drafts.push((kind, of_any.map(|drafts| drafts.concat())));
    }
    let names_are_kept = drafts.iter().any(|(kind, draft)| {
        kind.opens_path().is_none()
            && kind.has_file()
            && *draft != Some(Vec::new())
            && sets.iter().any(|set| set.names_field(*kind, KEPT_FIELD))
    });
    let asks_for_names = wanted.iter().any(|wanted| *wanted.of(Kind::DNS) != Kept::Nothing);
    let signals = wanted.iter().any(|wanted| *wanted.of(Kind::SIGNAL) != Kept::Nothing);
    let of_askers = if asks_for_names { ask_for_messages(&mut drafts) } else { BTreeSet::new() };
    for (kind, draft) in &mut drafts {
        if let (true, Some(draft)) = (names_are_kept && kind.opens_path().is_some(), draft)
            && !draft.is_empty()
        {
            draft.push(Draft { must: facts::SUCCEEDED, ..Draft::default() });
        }
    }
    let mut vocabulary = Vocabulary::default();
    let mut filter = Filter { signals, of_askers, ..everything([], calls) };
    for (kind, draft) in drafts {
        let clauses = match draft {
            None => None,
            Some(drafts) if drafts.is_empty() => continue,
            Some(drafts) => settled(drafts, &mut vocabulary),
        };
        // What the state needs all of stays as it is.
        filter.calls.entry(kind.name().to_owned()).or_insert(clauses);
    }
    vocabulary.enter(&mut filter);
    filter
}

/// Asks for calls that move messages of the name service, beside what rules want of them; returns those that are asked
/// for only of processes that ask name servers or are one.
fn ask_for_messages(drafts: &mut [(Kind, Option<Vec<Draft>>)]) -> BTreeSet<String> {
    let mut of_askers = BTreeSet::new();
    for (kind, draft) in drafts {
        let is_common = COMMON_CALLS.contains(&kind.name());
        let Some(draft) =
            draft.as_mut().filter(|_| is_common || MESSAGE_CALLS.contains(&kind.name()))
        else {
            continue;
        };
        if is_common && draft.is_empty() {
            of_askers.insert(kind.name().to_owned());
        }
        draft.push(Draft {
            must: facts::NAME_SERVICE,
            must_not: facts::TYPES & !(facts::IPV4 | facts::IPV6),
            ..Draft::default()
        });
    }
    of_askers
}

/// All events of some kinds, and of those that change what the others mean. Names that are no system calls of this
/// machine are passed over, but for signals: what else is told, is told unasked.
pub fn everything<'a>(names: impl IntoIterator<Item = &'a str>, calls: &SystemCalls) -> Filter {
    let mut signals = false;
    let names = names.into_iter().inspect(|name| signals |= *name == Kind::SIGNAL.name());
    let names = names.chain(STATE_CALLS.split_whitespace());
    let filter = Filter::of_calls(names.filter(|name| calls.named(name).is_some()));
    Filter { signals, ..filter }
}

/// What is asked of a kind of call; none for nothing, so that all are kept. An empty list where no rule wants it.
fn draft(kind: Kind, wanted: &Prefilter<'_>, state: Option<&Prefilter<'_>>) -> Option<Vec<Draft>> {
    let mut drafts = match wanted.of(kind) {
        Kept::Nothing => return Some(Vec::new()),
        Kept::Everything => return None,
        Kept::Clauses(clauses) => translated(kind, clauses, wanted),
    };
    match state.map(|state| (state, state.of(kind))) {
        Some((_, Kept::Nothing)) => {}
        None | Some((_, Kept::Everything)) => return None,
        Some((state, Kept::Clauses(clauses))) => drafts.extend(translated(kind, clauses, state)),
    }
    // A call that nothing can make a rule hold is wanted all the same: then too much was left out.
    (!drafts.is_empty()).then_some(drafts)
}

fn translated(kind: Kind, clauses: &[bulkhead_rules::Clause], of: &Prefilter<'_>) -> Vec<Draft> {
    let drafts = clauses.iter().filter_map(|clause| {
        let mut draft = Draft::default();
        for asked in clause.atoms.iter().filter_map(|atom| of.asked(*atom)) {
            draft.ask(kind, &asked);
        }
        draft.is_possible().then_some(draft)
    });
    drafts.collect()
}

/// Drafts with their names as facts; none where one of them asks nothing, or where they are too many.
fn settled(drafts: Vec<Draft>, vocabulary: &mut Vocabulary) -> Option<Vec<Clause>> {
    let mut clauses: Vec<Clause> =
        clause::merged(drafts).iter().map(|draft| draft.settle(vocabulary)).collect();
    clauses.sort();
    clauses.dedup();
    let all = clauses.clone();
    // One that asks for more than another adds nothing.
    clauses.retain(|clause| {
        let weaker = |other: &Clause| {
            other != clause
                && other.must & !clause.must == 0
                && other.must_not & !clause.must_not == 0
        };
        !all.iter().any(weaker)
    });
    let asks = clauses.iter().all(|clause| clause.must | clause.must_not != 0);
    (asks && clauses.len() <= MOST_CLAUSES).then_some(clauses)
}
