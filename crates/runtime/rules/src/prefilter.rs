//! What a kernel can leave out: conditions that some rule needs, whatever else it asks.
//!
//! Of each rule that part is kept that a kernel can ask; what it cannot ask counts as answered. So an
//! event that is dropped meets no rule, and one that is kept may still meet none.

use std::net::IpAddr;

use bulkhead_events::{Event, Kind};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::{Matcher, Question};
use crate::engine::{Node, NodeId, Program};
use crate::set::RuleSet;

/// What a kernel can ask of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Askable {
    /// The field: `fd.name`.
    pub field: &'static str,
    /// How it can be compared.
    pub forms: &'static [Form],
}

/// How a value is compared, by what a kernel needs for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// One of some texts: a hash table.
    Equal,
    /// Begins with a text: a table of prefixes.
    StartsWith,
    /// Ends with a text.
    EndsWith,
    /// Holds a text.
    Contains,
    /// Is true, or is false.
    Truth,
    /// Is one of some numbers.
    Number,
    /// Lies above or below a number.
    Order,
    /// Lies in one of some networks: a table of prefixes.
    Network,
}

/// What the programs of the probes know when a system call returns, before they make a record: where it was done,
/// with which result, and what it was about.
pub const ASKABLE: &[Askable] = &[
    Askable { field: "container.id", forms: &[Form::Equal] },
    Askable { field: "evt.is_open_read", forms: &[Form::Truth] },
    Askable { field: "evt.is_open_write", forms: &[Form::Truth] },
    Askable { field: "evt.is_open_exec", forms: &[Form::Truth] },
    Askable { field: "evt.is_swapped", forms: &[Form::Truth] },
    Askable { field: "evt.failed", forms: &[Form::Truth] },
    Askable { field: "evt.rawres", forms: &[Form::Number, Form::Order] },
    Askable { field: "evt.res", forms: &[Form::Equal] },
    Askable { field: "fd.num", forms: &[Form::Number, Form::Order] },
    Askable {
        field: "fd.name",
        forms: &[Form::Equal, Form::StartsWith, Form::EndsWith, Form::Contains],
    },
    Askable { field: "fd.directory", forms: &[Form::Equal, Form::StartsWith] },
    Askable { field: "fd.filename", forms: &[Form::Equal, Form::StartsWith] },
    Askable { field: "fd.nameraw", forms: &[Form::Contains] },
    Askable { field: "fd.typechar", forms: &[Form::Equal] },
    Askable { field: "fd.type", forms: &[Form::Equal] },
    Askable { field: "fd.l4proto", forms: &[Form::Equal] },
];

/// For each kind of event, what is kept.
#[derive(Debug, Clone)]
pub struct Prefilter<'set> {
    program: &'set Program,
    askable: &'set [Askable],
    kept: FxHashMap<Kind, Kept>,
}

/// Which events of a kind are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// None: no rule can be met.
    Nothing,
    /// All: some rule asks for nothing that a kernel knows.
    Everything,
    /// Those that meet one of these.
    Clauses(Vec<Clause>),
}

/// Questions all of which must be answered so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clause {
    /// The questions, each once.
    pub atoms: Vec<Atom>,
}

/// A question and its answer. Where a kernel cannot answer it, it counts as answered so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Atom {
    leaf: u32,
    /// It must not hold.
    pub negated: bool,
}

/// A question as a kernel program is given it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The field.
    pub field: String,
    /// How it is compared.
    pub form: Form,
    /// With what. For [`Form::Order`] the lowest and the highest number.
    pub values: Vec<AskedValue>,
    /// Whether it must be so, or must not be so.
    pub wanted: bool,
}

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskedValue {
    /// A text.
    Text(Vec<u8>),
    /// A number.
    Number(i64),
    /// A truth.
    Truth(bool),
    /// A network: an address, and how many of its bits count.
    Network(IpAddr, u8),
}

/// Of one condition more clauses than this are no filter any more.
const MOST_CLAUSES: usize = 128;
/// Nor are more than this of all conditions of a kind.
const MOST_OF_KIND: usize = 1024;

impl RuleSet {
    /// What can be left out before events reach the rules, given what can be asked.
    pub fn prefilter<'set>(&'set self, askable: &'set [Askable]) -> Prefilter<'set> {
        let mut derivation =
            Derivation { program: &self.program, askable, known: FxHashMap::default() };
        let mut kept = FxHashMap::default();
        for kind in Kind::all() {
            let mut all = Some(Vec::new());
            for pending in self.types.rules(kind) {
                all = either(all, derivation.clauses(pending.root, false), MOST_OF_KIND);
            }
            let of_kind = match all {
                None => Kept::Everything,
                Some(clauses) if clauses.is_empty() => Kept::Nothing,
                Some(clauses) if clauses.iter().any(|clause| clause.atoms.is_empty()) => {
                    Kept::Everything
                }
                Some(clauses) => Kept::Clauses(clauses),
            };
            kept.insert(kind, of_kind);
        }
        Prefilter { program: &self.program, askable, kept }
    }
}

impl Prefilter<'_> {
    /// Which events of a kind are kept. Kinds without names are.
    pub fn of(&self, kind: Kind) -> &Kept {
        self.kept.get(&kind).unwrap_or(&Kept::Everything)
    }

    /// Whether an event is kept. One that is not meets no rule.
    pub fn keeps(&self, event: &Event) -> bool {
        match self.of(event.kind) {
            Kept::Nothing => false,
            Kept::Everything => true,
            Kept::Clauses(clauses) => clauses.iter().any(|clause| self.meets(clause, event)),
        }
    }

    /// Whether an event meets a clause.
    pub fn meets(&self, clause: &Clause, event: &Event) -> bool {
        clause.atoms.iter().all(|atom| self.answers(*atom, event))
    }

    /// What an atom asks.
    pub fn asked(&self, atom: Atom) -> Option<Asked> {
        asked(self.program, self.askable, atom)
    }

    fn answers(&self, atom: Atom, event: &Event) -> bool {
        let Some(leaf) = self.program.leaf(atom.leaf) else { return true };
        let value = self.program.sources.value(leaf.source, event);
        leaf.holds(&value, None) != atom.negated
    }
}

/// Alternatives, of which an empty list is none. None where there are too many to be worth asking.
type Clauses = Option<Vec<Clause>>;

struct Derivation<'set> {
    program: &'set Program,
    askable: &'set [Askable],
    known: FxHashMap<(NodeId, bool), Clauses>,
}

impl Derivation<'_> {
    /// What must be so for a node to hold, or for `negated` not to hold.
    fn clauses(&mut self, node: NodeId, negated: bool) -> Clauses {
        if let Some(known) = self.known.get(&(node, negated)) {
            return known.clone();
        }
        let always = || Some(vec![Clause { atoms: Vec::new() }]);
        let clauses = match (self.program.node(node), negated) {
            (Node::Never, false) | (Node::Always, true) => Some(Vec::new()),
            (Node::Leaf(leaf), negated) if self.is_askable(*leaf, negated) => {
                Some(vec![Clause { atoms: vec![Atom { leaf: *leaf, negated }] }])
            }
            (Node::Never | Node::Always | Node::Leaf(_), _) => always(),
            (Node::Not(part), negated) => self.clauses(*part, !negated),
            (Node::And(parts), false) | (Node::Or(parts), true) => {
                let parts: Vec<_> =
                    parts.iter().filter_map(|part| self.clauses(*part, negated)).collect();
                let mut parts: Vec<_> =
                    parts.into_iter().filter(|part| !self.is_vain(part)).collect();
                parts.sort_by_key(Vec::len);
                let start = vec![Clause { atoms: Vec::new() }];
                Some(parts.iter().fold(start, |all, part| both(all, part)))
            }
            (Node::Or(parts), false) | (Node::And(parts), true) => {
                let mut any = Some(Vec::new());
                for part in parts {
                    any = either(any, self.clauses(*part, negated), MOST_CLAUSES);
                }
                any
            }
        };
        self.known.insert((node, negated), clauses.clone());
        clauses
    }

    /// Whether one of several alternatives only says what must not be: nearly everything meets it, and
    /// the exceptions of a rule would multiply to thousands of such.
    fn is_vain(&self, clauses: &[Clause]) -> bool {
        let wanted = |atom: &Atom| {
            asked(self.program, self.askable, *atom).is_some_and(|asked| asked.wanted)
        };
        clauses.len() > 1 && clauses.iter().any(|clause| !clause.atoms.iter().any(wanted))
    }

    fn is_askable(&self, leaf: u32, negated: bool) -> bool {
        asked(self.program, self.askable, Atom { leaf, negated }).is_some()
    }
}

/// Each of the one with each of the other; where that is too many, the one alone, which keeps more.
fn both(left: Vec<Clause>, right: &[Clause]) -> Vec<Clause> {
    if left.len().saturating_mul(right.len()) > MOST_CLAUSES {
        return left;
    }
    let pairs = left.iter().flat_map(|one| {
        right.iter().map(|other| {
            let mut atoms = one.atoms.clone();
            atoms.extend(&other.atoms);
            atoms.sort_unstable();
            atoms.dedup();
            Clause { atoms }
        })
    });
    shortened(pairs.filter(|clause| !contradicts(clause)).collect())
}

fn either(left: Clauses, right: Clauses, most: usize) -> Clauses {
    let mut all = left?;
    all.extend(right?);
    let all = shortened(all);
    (all.len() <= most).then_some(all)
}

/// A clause that asks for more than another one adds nothing.
fn shortened(mut clauses: Vec<Clause>) -> Vec<Clause> {
    clauses.sort_by_key(|clause| clause.atoms.len());
    let mut kept: Vec<Clause> = Vec::with_capacity(clauses.len());
    for clause in clauses {
        let atoms: FxHashSet<_> = clause.atoms.iter().collect();
        if !kept.iter().any(|shorter| shorter.atoms.iter().all(|atom| atoms.contains(atom))) {
            kept.push(clause);
        }
    }
    kept
}

/// Whether it asks for something and its contrary.
fn contradicts(clause: &Clause) -> bool {
    clause.atoms.windows(2).any(|pair| matches!(pair, [one, other] if one.leaf == other.leaf))
}

/// What an atom asks in a way that is askable, if there is one.
fn asked(program: &Program, askable: &[Askable], atom: Atom) -> Option<Asked> {
    let leaf = program.leaf(atom.leaf)?;
    let Question::Matches(_, matcher) = &leaf.question else { return None };
    let (matcher, wanted) = match &**matcher {
        Matcher::Not(inner) => (&**inner, atom.negated),
        matcher => (matcher, !atom.negated),
    };
    if !wanted && is_weakened(matcher) {
        return None;
    }
    let field = leaf.field(&program.sources)?.to_string();
    let forms = askable.iter().find(|known| known.field == field)?.forms;
    let mut ways = ways_to_ask(matcher).into_iter();
    let (form, values) = ways.find(|(form, _)| forms.contains(form))?;
    Some(Asked { field, form, values, wanted })
}

/// Whether a kernel is asked for less than the matcher asks, so that its contrary says nothing.
fn is_weakened(matcher: &Matcher) -> bool {
    matches!(matcher, Matcher::Glob(..) | Matcher::Paths(_))
}

/// How a kernel could be asked, the best way first.
fn ways_to_ask(matcher: &Matcher) -> Vec<(Form, Vec<AskedValue>)> {
    let text = |text: &[u8]| AskedValue::Text(text.to_vec());
    let way = match matcher {
        Matcher::Text(expected) => (Form::Equal, vec![text(expected)]),
        Matcher::TextIn(set) => {
            let mut values: Vec<_> = set.iter().collect();
            values.sort_unstable();
            (Form::Equal, values.into_iter().map(|value| text(value)).collect())
        }
        Matcher::StartsWith(start) => (Form::StartsWith, vec![text(start)]),
        Matcher::Paths(paths) => {
            (Form::StartsWith, paths.starts().iter().map(|start| text(start)).collect())
        }
        Matcher::Glob(_, literals) => {
            let ways = [(Form::StartsWith, &literals.start), (Form::Contains, &literals.inside)];
            let ways = ways.into_iter().filter(|(_, known)| !known.is_empty());
            return ways.map(|(form, known)| (form, vec![text(known)])).collect();
        }
        Matcher::EndsWith(end) => (Form::EndsWith, vec![text(end)]),
        Matcher::Contains(finder) => (Form::Contains, vec![text(finder.needle())]),
        Matcher::Networks(networks) => {
            let values =
                networks.iter().map(|network| AskedValue::Network(network.address, network.bits));
            (Form::Network, values.collect())
        }
        Matcher::Boolean(truth) => (Form::Truth, vec![AskedValue::Truth(*truth)]),
        Matcher::Number(operator, number) => match operator.range(*number) {
            Some((low, high)) => (Form::Order, [low, high].map(AskedValue::Number).to_vec()),
            None => return Vec::new(),
        },
        Matcher::NumberIn(set) => {
            let mut values: Vec<_> = set.iter().copied().collect();
            values.sort_unstable();
            (Form::Number, values.into_iter().map(AskedValue::Number).collect())
        }
        _ => return Vec::new(),
    };
    vec![way]
}
