//! Macros, which stand for their condition wherever their name stands in another.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bulkhead_events::Field;
use rustc_hash::FxBuildHasher;

use super::collection::Objects;
use super::keys::CONDITION;
use super::lists::Lists;
use crate::falco;
use crate::problem::{Problem, nearest};
use crate::syntax::{self, Expression};
use crate::text::{Place, Text};

/// How deep a condition may nest with its macros in place.
const MOST_DEPTH: u32 = 450;

/// A condition with its macros in place.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    pub(crate) expression: Arc<Expression>,
    depth: u32,
}

/// The macros of all files, each resolved once.
pub(crate) struct Macros<'collection> {
    objects: &'collection Objects,
    parsed: HashMap<&'collection str, Option<Expression>, FxBuildHasher>,
    /// None where something is wrong with it, which was said once.
    resolved: HashMap<&'collection str, Option<Resolved>, FxBuildHasher>,
    used: HashSet<&'collection str, FxBuildHasher>,
}

impl<'collection> Macros<'collection> {
    pub(crate) fn resolve(
        macros: &'collection Objects,
        lists: &Lists<'_>,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut all = Self {
            objects: macros,
            parsed: HashMap::default(),
            resolved: HashMap::default(),
            used: HashSet::default(),
        };
        for object in macros.iter() {
            let Some(condition) = object.text(CONDITION) else { continue };
            let parsed = parse(condition, lists).map_err(|problem| problems.push(problem)).ok();
            all.parsed.insert(&object.name, parsed);
        }
        for object in macros.iter() {
            all.body(&object.name, &mut Vec::new(), problems);
        }
        all
    }

    /// A condition of a rule with every macro in place; none where something is wrong, which is
    /// said.
    pub(crate) fn place(
        &mut self,
        condition: &Text,
        lists: &Lists<'_>,
        problems: &mut Vec<Problem>,
    ) -> Option<Arc<Expression>> {
        let parsed = parse(condition, lists).map_err(|problem| problems.push(problem)).ok()?;
        let resolved = self.expand(parsed, usize::MAX, &mut Vec::new(), problems)?;
        Some(resolved.expression)
    }

    pub(crate) fn is_used(&self, name: &str) -> bool {
        self.used.contains(name)
    }

    fn body(
        &mut self,
        name: &'collection str,
        path: &mut Vec<&'collection str>,
        problems: &mut Vec<Problem>,
    ) -> Option<Resolved> {
        if let Some(known) = self.resolved.get(name) {
            return known.clone();
        }
        let changed = self.objects.get(name)?.changed;
        let parsed = self.parsed.get_mut(name).and_then(Option::take)?;
        path.push(name);
        let resolved = self.expand(parsed, changed, path, problems);
        path.pop();
        self.resolved.insert(name, resolved.clone());
        resolved
    }

    /// Puts macros in place that were first defined before item `visible`.
    fn expand(
        &mut self,
        expression: Expression,
        visible: usize,
        path: &mut Vec<&'collection str>,
        problems: &mut Vec<Problem>,
    ) -> Option<Resolved> {
        let mut depth = 0;
        let expression = self.walk(expression, visible, path, problems, &mut depth)?;
        if depth > MOST_DEPTH {
            let name = path.last().copied().unwrap_or("the rule");
            let place = self.objects.get(name).map(|object| object.place.clone());
            problems.extend(place.map(|place| {
                Problem::error(place, format!("the condition nests more than {MOST_DEPTH} deep"))
            }));
            return None;
        }
        Some(Resolved { expression: Arc::new(expression), depth })
    }

    fn walk(
        &mut self,
        expression: Expression,
        visible: usize,
        path: &mut Vec<&'collection str>,
        problems: &mut Vec<Problem>,
        depth: &mut u32,
    ) -> Option<Expression> {
        let mut deepest = 0;
        let mut inner = |this: &mut Self, expression, problems: &mut Vec<Problem>| {
            let mut depth = 0;
            let walked = this.walk(expression, visible, path, problems, &mut depth);
            deepest = deepest.max(depth);
            walked
        };
        let walked = match expression {
            Expression::And(parts) => Expression::And(
                parts.into_iter().map(|part| inner(self, part, problems)).collect::<Option<_>>()?,
            ),
            Expression::Or(parts) => Expression::Or(
                parts.into_iter().map(|part| inner(self, part, problems)).collect::<Option<_>>()?,
            ),
            Expression::Not(part) => Expression::Not(Box::new(inner(self, *part, problems)?)),
            Expression::Check(check) => Expression::Check(check),
            Expression::Macro { name, place, .. } => {
                let body = self.macro_body(&name, &place, visible, path, problems)?;
                deepest = body.depth;
                Expression::Macro { name, place, body: Some(body.expression) }
            }
        };
        *depth = deepest.saturating_add(1);
        Some(walked)
    }

    fn macro_body(
        &mut self,
        name: &str,
        place: &Place,
        visible: usize,
        path: &mut Vec<&'collection str>,
        problems: &mut Vec<Problem>,
    ) -> Option<Resolved> {
        let macros = self.objects;
        let Some(object) = macros.get(name) else {
            let mut problem = Problem::error(place.clone(), format!("there is no macro `{name}`"));
            let known = macros.iter().map(|object| object.name.as_str());
            let dotted = name.replace('_', ".");
            problem.hint = Some(if falco::has_macro(name) {
                falco::HINT.to_owned()
            } else if let Some(near) = nearest(name, known) {
                format!("did you mean `{near}`")
            } else if Field::is_named(&dotted) {
                format!("did you mean the field `{dotted}`")
            } else {
                "a field has a dot, a macro must be defined in one of the files".to_owned()
            });
            problems.push(problem);
            return None;
        };
        if object.index >= visible {
            problems.push(
                Problem::error(place.clone(), format!("macro `{name}` is defined only later"))
                    .hint(format!("move it before this one; it stands at {}", object.place)),
            );
            return None;
        }
        if path.contains(&object.name.as_str()) {
            problems.push(Problem::error(
                place.clone(),
                format!("macros name each other: {}, {name}", path.join(", ")),
            ));
            return None;
        }
        self.used.insert(&object.name);
        self.body(&object.name, path, problems)
    }
}

fn parse(condition: &Text, lists: &Lists<'_>) -> Result<Expression, Problem> {
    let text = lists.substitute(condition)?;
    syntax::parse(&text).map_err(|error| Problem {
        hint: error.hint,
        ..Problem::error(text.place(error.offset), error.cause)
    })
}
