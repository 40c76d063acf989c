//! The conditions of all rules as one graph, in which whatever stands in several rules is there once.

use std::collections::HashMap;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use bulkhead_events::{Basis, Event};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::check::{
    Combine, Leaf, MOST_TOGETHER, Matcher, OperandError, Question, Sources, common, doubtful_kinds,
    misused_values,
};
use crate::problem::Problem;
use crate::syntax::{Check, Expression};

/// The number of a node.
pub(crate) type NodeId = u32;

/// A part of a condition. Parts have smaller numbers than what is made of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    Never,
    Always,
    Leaf(u32),
    Not(NodeId),
    /// The cheapest first: the order changes no verdict.
    And(Box<[NodeId]>),
    /// The cheapest first.
    Or(Box<[NodeId]>),
}

/// The graph and what its leaves ask.
#[derive(Debug, Clone, Default)]
pub(crate) struct Program {
    pub(crate) nodes: Vec<Node>,
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) sources: Sources,
    costs: Vec<u32>,
    bases: Vec<Basis>,
}

impl Program {
    pub(crate) fn node(&self, node: NodeId) -> &Node {
        self.nodes.get(index(node)).unwrap_or(&Node::Never)
    }

    pub(crate) fn leaf(&self, leaf: u32) -> Option<&Leaf> {
        self.leaves.get(index(leaf))
    }

    /// Whether a leaf holds for an event.
    pub(crate) fn answer(&self, leaf: &Leaf, event: &Event) -> bool {
        let value = |source: usize| self.sources.value(source, event);
        let right = match leaf.question {
            Question::Relates(_, _, source) => Some(value(source)),
            Question::Exists | Question::Matches(..) => None,
        };
        leaf.holds(&value(leaf.source), right.as_ref())
    }

    /// What a node is where some leaves are known: `known` says which, by their numbers.
    pub(crate) fn decide(
        &self,
        node: NodeId,
        known: &dyn Fn(u32) -> Option<bool>,
        decided: &mut FxHashMap<NodeId, Option<bool>>,
    ) -> Option<bool> {
        if let Some(decision) = decided.get(&node) {
            return *decision;
        }
        let decision = match self.node(node) {
            Node::Never => Some(false),
            Node::Always => Some(true),
            Node::Leaf(leaf) => known(*leaf),
            Node::Not(part) => self.decide(*part, known, decided).map(|holds| !holds),
            Node::And(parts) => self.settle(parts, false, known, decided),
            Node::Or(parts) => self.settle(parts, true, known, decided),
        };
        decided.insert(node, decision);
        decision
    }

    /// One part that is `settles` settles the whole; parts that are all the other settle it, too.
    fn settle(
        &self,
        parts: &[NodeId],
        settles: bool,
        known: &dyn Fn(u32) -> Option<bool>,
        decided: &mut FxHashMap<NodeId, Option<bool>>,
    ) -> Option<bool> {
        let mut open = false;
        for part in parts {
            match self.decide(*part, known, decided) {
                Some(holds) if holds == settles => return Some(settles),
                Some(_) => {}
                None => open = true,
            }
        }
        (!open).then_some(!settles)
    }

    /// The leaves that a node is made of, each once, with their numbers.
    pub(crate) fn leaves_below(&self, root: NodeId) -> impl Iterator<Item = (u32, &Leaf)> {
        let mut seen = vec![false; self.nodes.len()];
        let mut open = vec![root];
        std::iter::from_fn(move || {
            while let Some(node) = open.pop() {
                match seen.get_mut(index(node)) {
                    Some(seen) if !*seen => *seen = true,
                    _ => continue,
                }
                match self.node(node) {
                    Node::Leaf(leaf) => {
                        if let Some(asked) = self.leaf(*leaf) {
                            return Some((*leaf, asked));
                        }
                    }
                    Node::Not(part) => open.push(*part),
                    Node::And(parts) | Node::Or(parts) => open.extend(parts.iter()),
                    Node::Never | Node::Always => {}
                }
            }
            None
        })
    }

    /// How long a node takes: only the order among others matters.
    pub(crate) fn cost(&self, node: NodeId) -> u32 {
        self.costs.get(index(node)).copied().unwrap_or(0)
    }

    /// What of an event decides whether a node holds.
    pub(crate) fn basis(&self, node: NodeId) -> Basis {
        self.bases.get(index(node)).copied().unwrap_or(Basis::Event)
    }
}

/// Numbers of 32 bits are places here: nothing has more nodes.
pub(crate) fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Puts a program together.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    program: Program,
    interned: HashMap<Node, NodeId, FxBuildHasher>,
    /// Leaves by what they ask, as a rule would write it.
    by_text: HashMap<String, u32, FxBuildHasher>,
    /// Bodies of macros, by where they lie; the expressions are kept so that they stay there.
    macros: HashMap<usize, (Arc<Expression>, NodeId), FxBuildHasher>,
    /// What is odd in the conditions, though they can be asked.
    pub(crate) doubts: Vec<Problem>,
    /// What is wrong with the condition at hand.
    wrong: Vec<OperandError>,
}

impl Builder {
    pub(crate) fn finish(self) -> (Program, HashMap<String, u32, FxBuildHasher>) {
        (self.program, self.by_text)
    }

    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    pub(crate) fn sources(&mut self) -> &mut Sources {
        &mut self.program.sources
    }

    /// The node of a condition, or everything that is wrong with it.
    pub(crate) fn condition(
        &mut self,
        expression: &Expression,
    ) -> Result<NodeId, Vec<OperandError>> {
        let node = self.add(expression);
        let wrong = std::mem::take(&mut self.wrong);
        if wrong.is_empty() { Ok(node) } else { Err(wrong) }
    }

    fn add(&mut self, expression: &Expression) -> NodeId {
        match expression {
            Expression::And(parts) => {
                let parts = parts.iter().map(|part| self.add(part)).collect();
                self.and(parts)
            }
            Expression::Or(parts) => {
                let parts = parts.iter().map(|part| self.add(part)).collect();
                self.or(parts)
            }
            Expression::Not(part) => {
                let part = self.add(part);
                self.not(part)
            }
            Expression::Check(check) => {
                let node = match self.leaf(check) {
                    Ok(leaf) => Node::Leaf(leaf),
                    Err(error) => {
                        self.wrong.push(error);
                        Node::Never
                    }
                };
                self.intern(node)
            }
            Expression::Macro { body: None, .. } => self.intern(Node::Never),
            Expression::Macro { body: Some(body), .. } => {
                let key = Arc::as_ptr(body).addr();
                if let Some((_, node)) = self.macros.get(&key) {
                    return *node;
                }
                let before = self.wrong.len();
                let node = self.add(body);
                // What is wrong with it is said to each rule that names it.
                if self.wrong.len() == before {
                    self.macros.insert(key, (body.clone(), node));
                }
                node
            }
        }
    }

    /// The node that is left where some leaves are known: `known` says which, by their numbers.
    pub(crate) fn simplify(
        &mut self,
        node: NodeId,
        known: &dyn Fn(u32) -> Option<bool>,
        done: &mut HashMap<NodeId, NodeId, FxBuildHasher>,
    ) -> NodeId {
        if let Some(simple) = done.get(&node) {
            return *simple;
        }
        let simple = match self.program.node(node).clone() {
            Node::Never | Node::Always => node,
            Node::Leaf(leaf) => match known(leaf) {
                Some(true) => self.intern(Node::Always),
                Some(false) => self.intern(Node::Never),
                None => node,
            },
            Node::Not(part) => {
                let part = self.simplify(part, known, done);
                self.not(part)
            }
            Node::And(parts) => {
                let parts = parts.iter().map(|part| self.simplify(*part, known, done)).collect();
                self.and(parts)
            }
            Node::Or(parts) => {
                let parts = parts.iter().map(|part| self.simplify(*part, known, done)).collect();
                self.or(parts)
            }
        };
        done.insert(node, simple);
        simple
    }

    /// The parts of a condition all of which must hold.
    pub(crate) fn conjuncts(&mut self, root: NodeId) -> Vec<NodeId> {
        let mut parts = Vec::new();
        // Whatever stands in a condition twice is one node.
        let mut seen = FxHashSet::default();
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            if !seen.insert(node) {
                continue;
            }
            match self.program.node(node).clone() {
                Node::Always => {}
                Node::And(inner) => open.extend(inner),
                Node::Not(part) => match self.program.node(part).clone() {
                    // None of them may hold.
                    Node::Or(inner) => open.extend(inner.iter().map(|part| self.not(*part))),
                    _ => parts.push(node),
                },
                _ => parts.push(node),
            }
        }
        parts
    }

    fn not(&mut self, part: NodeId) -> NodeId {
        match self.program.node(part) {
            Node::Never => self.intern(Node::Always),
            Node::Always => self.intern(Node::Never),
            Node::Not(inner) => *inner,
            _ => self.intern(Node::Not(part)),
        }
    }

    fn and(&mut self, parts: Vec<NodeId>) -> NodeId {
        self.joined(parts, &Node::Always, &Node::Never, Node::And)
    }

    fn or(&mut self, parts: Vec<NodeId>) -> NodeId {
        let parts = self.merge_searches(parts);
        self.joined(parts, &Node::Never, &Node::Always, Node::Or)
    }

    /// Leaves out what changes nothing; is what settles it where that is among the parts.
    fn joined(
        &mut self,
        mut parts: Vec<NodeId>,
        neutral: &Node,
        settles: &Node,
        join: fn(Box<[NodeId]>) -> Node,
    ) -> NodeId {
        if parts.iter().any(|part| self.program.node(*part) == settles) {
            return self.intern(settles.clone());
        }
        parts.retain(|part| self.program.node(*part) != neutral);
        parts.sort_by_key(|part| (self.program.cost(*part), *part));
        parts.dedup();
        match parts.as_slice() {
            [] => self.intern(neutral.clone()),
            [only] => *only,
            _ => self.intern(join(parts.into())),
        }
    }

    /// Several texts that are looked for in one value are looked for in one pass.
    fn merge_searches(&mut self, parts: Vec<NodeId>) -> Vec<NodeId> {
        let mut by_source: HashMap<usize, Vec<(NodeId, Vec<u8>)>, FxBuildHasher> =
            HashMap::default();
        for part in &parts {
            let Node::Leaf(leaf) = *self.program.node(*part) else { continue };
            if let Some(Leaf { source, question: Question::Matches(Combine::Any, matcher), .. }) =
                self.program.leaf(leaf)
                && let Matcher::Contains(finder) = &**matcher
            {
                by_source.entry(*source).or_default().push((*part, finder.needle().to_vec()));
            }
        }
        by_source.retain(|_, found| found.len() > 2);
        let mut parts = parts;
        let together = by_source
            .iter()
            .flat_map(|(source, found)| found.chunks(MOST_TOGETHER).map(|found| (*source, found)));
        for (source, found) in together {
            let Ok(searcher) = AhoCorasick::new(found.iter().map(|(_, text)| text)) else {
                continue;
            };
            let texts: Vec<_> = found.iter().map(|(_, text)| text).collect();
            let text = format!("{source} contains anyof {texts:?}");
            let cost = found.iter().map(|(part, _)| self.program.cost(*part)).max().unwrap_or(0);
            let question =
                Question::Matches(Combine::Any, Box::new(Matcher::ContainsAny(searcher)));
            let leaf = Leaf { source, question, cost: cost.saturating_mul(2) };
            let merged = self.push_leaf(text, leaf);
            let found: FxHashSet<NodeId> = found.iter().map(|(part, _)| *part).collect();
            parts.retain(|part| !found.contains(part));
            parts.push(self.intern(Node::Leaf(merged)));
        }
        parts
    }

    fn leaf(&mut self, check: &Check) -> Result<u32, OperandError> {
        let text = check.to_string();
        if let Some(leaf) = self.by_text.get(&text) {
            return Ok(*leaf);
        }
        let leaf = Leaf::new(check, &mut self.program.sources)?;
        self.doubts.extend(doubtful_kinds(check));
        self.doubts.extend(misused_values(check));
        Ok(self.push_leaf(text, leaf))
    }

    fn push_leaf(&mut self, text: String, leaf: Leaf) -> u32 {
        let leaves = &mut self.program.leaves;
        *self.by_text.entry(text).or_insert_with(|| {
            leaves.push(leaf);
            u32::try_from(leaves.len().saturating_sub(1)).unwrap_or(u32::MAX)
        })
    }

    fn intern(&mut self, node: Node) -> NodeId {
        if let Some(number) = self.interned.get(&node) {
            return *number;
        }
        let cost = match &node {
            Node::Never | Node::Always => 0,
            Node::Leaf(leaf) => self.program.leaf(*leaf).map_or(0, |leaf| leaf.cost),
            Node::Not(part) => self.program.cost(*part),
            Node::And(parts) | Node::Or(parts) => {
                parts.iter().map(|part| self.program.cost(*part)).fold(1, u32::saturating_add)
            }
        };
        let program = &self.program;
        let basis = match &node {
            Node::Never | Node::Always => Basis::Event,
            Node::Leaf(leaf) => {
                let sources = program.leaf(*leaf).into_iter().flat_map(Leaf::sources);
                common(
                    sources
                        .filter_map(|source| program.sources.get(source))
                        .map(|typed| typed.basis),
                )
            }
            Node::Not(part) => program.basis(*part),
            Node::And(parts) | Node::Or(parts) => {
                common(parts.iter().map(|part| program.basis(*part)))
            }
        };
        let number = u32::try_from(self.program.nodes.len()).unwrap_or(u32::MAX);
        self.program.nodes.push(node.clone());
        self.program.costs.push(cost);
        self.program.bases.push(basis);
        self.interned.insert(node, number);
        number
    }
}
