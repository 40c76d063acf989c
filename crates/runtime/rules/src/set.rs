//! Rule sets: files compiled once, shared by all that use them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use bulkhead_events::{FieldType, Kind};
use bulkhead_limits::Budget;
use rustc_hash::{FxBuildHasher, FxHashSet};

use crate::check::{OperandError, Question, Sources, UnknownField};
use crate::correlation::{self, Correlation};
use crate::coverage::{Coverage, NEVER, Sight};
use crate::engine::{Builder, Pending, Program, Types, index};
use crate::load::{
    self, Collection, FileCount, Lists, Macros, Object, RuleFile, SYSCALL, Value, exceptions, keys,
};
use crate::output::Format;
use crate::problem::{Problem, Weight};
use crate::rule::Rule;
use crate::selection::Selection;
use crate::syntax::Expression;
use crate::text::Text;
use crate::trial::Trial;

/// A rule for more kinds of events than this is looked at for nearly all of them.
const MANY_KINDS: usize = 50;

/// Rules that are ready to be held against events. It never changes: new files make a new one.
#[derive(Debug, Clone)]
pub struct RuleSet {
    pub(crate) rules: Vec<Rule>,
    pub(crate) program: Program,
    pub(crate) types: Types,
    /// The conditions of the rules that are used, whatever the kind of event.
    pub(crate) roots: Vec<Pending>,
    /// Leaves by what they ask.
    pub(crate) leaves: HashMap<String, u32, FxBuildHasher>,
    pub(crate) trials: Vec<Trial>,
    /// What rules ask beyond a single event, by their numbers.
    pub(crate) correlations: HashMap<u32, Correlation, FxBuildHasher>,
}

/// What came of files.
#[derive(Debug)]
pub struct Loaded {
    /// The rules. None where a problem is an error: half a rule set would be silent about the rest.
    pub set: Option<RuleSet>,
    /// What is wrong, in the order of files and lines.
    pub problems: Vec<Problem>,
    /// What the files hold.
    pub files: Vec<FileCount>,
}

/// Reads files in their order, each of which can change what those before it defined.
pub fn load(files: &[RuleFile<'_>], selection: &Selection, budget: &Budget) -> Loaded {
    let mut collection = load::collect(files, budget);
    let mut problems = std::mem::take(&mut collection.problems);
    let set = compile(&collection, selection, &mut problems);
    let order: HashMap<&str, usize> =
        files.iter().enumerate().map(|(number, file)| (file.name, number)).collect();
    problems.sort_by_key(|problem| {
        let place = &problem.place;
        (order.get(&*place.file).copied(), place.line, place.column)
    });
    problems.dedup();
    let broken = problems.iter().any(|problem| problem.weight == Weight::Error);
    Loaded { set: (!broken).then_some(set), problems, files: collection.files }
}

impl RuleSet {
    /// The rules in their order, also those that are not used.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of a name.
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| &*rule.name == name)
    }

    /// The kinds of events that a rule can be met by; empty where it is not used.
    pub fn kinds(&self, rule: &Rule) -> Vec<Kind> {
        let is_pending = |kind: &Kind| {
            let mut pending = self.types.rules(*kind).iter();
            pending.any(|pending| {
                self.rules.get(index(pending.rule)).is_some_and(|other| other.name == rule.name)
            })
        };
        Kind::all().filter(is_pending).collect()
    }

    /// The domain names that rules compare addresses with, as far as they are used.
    pub fn domain_names(&self) -> BTreeSet<String> {
        let pending = Kind::all().flat_map(|kind| self.types.rules(kind));
        let roots: BTreeSet<_> = pending.map(|pending| pending.root).collect();
        let leaves = roots.into_iter().flat_map(|root| self.program.leaves_below(root));
        let of_domains = leaves.map(|(_, leaf)| leaf).filter(|leaf| {
            let field = leaf.field(&self.program.sources);
            field.is_some_and(|field| field.kind() == FieldType::Domain)
        });
        let texts = of_domains.flat_map(|leaf| match &leaf.question {
            Question::Matches(_, matcher) => matcher.texts(),
            Question::Exists | Question::Relates(..) => Vec::new(),
        });
        texts.map(|text| String::from_utf8_lossy(text).into_owned()).collect()
    }

    /// Whether a field is asked for, or shown, by a rule that events of a kind can meet.
    pub fn names_field(&self, kind: Kind, field: &str) -> bool {
        let is_named = |source: usize| {
            let mut fields = self.program.sources.fields(source).into_iter();
            fields.any(|known| known.row().name == field)
        };
        self.types.rules(kind).iter().any(|pending| {
            let shown = self.rules.get(index(pending.rule)).map(|rule| &rule.output);
            shown.is_some_and(|output| output.sources().any(is_named))
                || self
                    .program
                    .leaves_below(pending.root)
                    .any(|(_, leaf)| leaf.sources().any(is_named))
        })
    }

    /// The tests that stand in the files.
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }
}

fn compile(collection: &Collection, selection: &Selection, problems: &mut Vec<Problem>) -> RuleSet {
    let lists = Lists::resolve(&collection.lists, problems);
    let mut macros = Macros::resolve(&collection.macros, &lists, problems);
    let mut builder = Builder::default();
    let mut rules = Vec::new();
    let mut roots = Vec::new();
    let mut correlations = HashMap::default();
    for object in collection.rules.iter() {
        if let Some(source) = object.text(keys::SOURCE).filter(|text| text.as_str() != SYSCALL) {
            problems.push(
                Problem::warning(
                    source.start(),
                    format!(
                        "rule `{}` is for events of `{}`, which are not seen here",
                        object.name,
                        source.as_str()
                    ),
                )
                .hint("it was left out"),
            );
            continue;
        }
        let mut compiler =
            Compiler { builder: &mut builder, lists: &lists, macros: &mut macros, problems };
        let Some((mut rule, root)) = compiler.rule(object) else { continue };
        let Some((correlation, steps)) = compiler.correlation(object) else { continue };
        rule.off = selection.off(&rule);
        if rule.off.is_none() {
            let number = u32::try_from(rules.len()).unwrap_or(u32::MAX);
            roots.push(Pending { rule: number, step: None, root });
            // The last step first, so that no event takes two.
            let steps = (0..).zip(steps).collect::<Vec<(u8, u32)>>().into_iter().rev();
            roots.extend(steps.map(|(step, root)| Pending {
                rule: number,
                step: Some(step),
                root,
            }));
            if correlation.sequence.is_some() || correlation.threshold.is_some() {
                correlations.insert(number, correlation);
            }
        }
        rules.push(rule);
    }
    problems.append(&mut builder.doubts);
    warn_of_shared_names(collection, problems);
    // What a broken rule would have named is not known.
    if problems.iter().all(|problem| problem.weight != Weight::Error) {
        warn_of_unused(collection, &lists, &macros, problems);
    }
    let trials = Trial::read_all(&collection.tests, &collection.rules, problems);
    let types = Types::new(&mut builder, &roots);
    let (program, leaves) = builder.finish();
    let set = RuleSet { rules, program, types, roots, leaves, trials, correlations };
    warn_of_many_kinds(collection, &set, problems);
    warn_of_the_impossible(&set, problems);
    set
}

struct Compiler<'set, 'collection> {
    builder: &'set mut Builder,
    lists: &'set Lists<'collection>,
    macros: &'set mut Macros<'collection>,
    problems: &'set mut Vec<Problem>,
}

impl Compiler<'_, '_> {
    /// A rule and the node of its condition; none where it was left out, which is said.
    fn rule(&mut self, object: &Object) -> Option<(Rule, u32)> {
        let exceptions = match object.get(keys::EXCEPTIONS) {
            Some(Value::Exceptions(exceptions)) => exceptions.as_slice(),
            _ => &[],
        };
        self.problems.extend(exceptions::repeated(exceptions));
        for field in exceptions::without_values(exceptions) {
            self.settle(object, Sources::default().add_named(field))?;
        }
        let text = exceptions::apply(object.text(keys::CONDITION)?, exceptions);
        let text = text.map_err(|problem| self.problems.push(problem)).ok()?;
        let condition = self.macros.place(&text, self.lists, self.problems)?;
        let root = self.node(object, &condition);
        let output = object.text(keys::OUTPUT)?;
        let output = Format::read(output, self.builder.sources(), self.problems);
        let mut output = self.settle(object, output)?;
        let root = root?;
        output.suggest(self.builder.sources());
        let Some(Value::Priority(priority)) = object.get(keys::PRIORITY) else { return None };
        let mut known = FxHashSet::default();
        let tags = object.words(keys::TAGS).iter().map(Text::as_str);
        let tags = tags.filter(|tag| known.insert(*tag)).map(str::to_owned).collect();
        let rule = Rule {
            name: Arc::from(object.name.as_str()),
            place: object.place.clone(),
            description: object.text(keys::DESCRIPTION)?.as_str().trim().to_owned(),
            priority: *priority,
            tags,
            condition,
            output,
            enabled: object.flag(keys::ENABLED).unwrap_or(true),
            off: None,
        };
        Some((rule, root))
    }

    /// What the rule asks beyond a single event, and the nodes of the steps of its sequence.
    fn correlation(&mut self, object: &Object) -> Option<(Correlation, Vec<u32>)> {
        let mut correlation = Correlation::default();
        let mut nodes = Vec::new();
        if let Some(Value::Node(node)) = object.get(keys::SEQUENCE) {
            let read = correlation::read_sequence(node, self.builder.sources());
            let (sequence, steps) = self.settle(object, read)?;
            for step in steps {
                let condition = self.macros.place(&step, self.lists, self.problems)?;
                nodes.push(self.node(object, &condition)?);
            }
            correlation.sequence = Some(sequence);
        }
        if let Some(Value::Node(node)) = object.get(keys::THRESHOLD) {
            let read = correlation::read_threshold(node, self.builder.sources());
            correlation.threshold = Some(self.settle(object, read)?);
        }
        Some((correlation, nodes))
    }

    /// The node of a condition; none where something is wrong with it, which is said.
    fn node(&mut self, object: &Object, condition: &Expression) -> Option<u32> {
        let wrong = match self.builder.condition(condition) {
            Ok(node) => return Some(node),
            Err(wrong) => wrong,
        };
        for error in wrong {
            self.settle::<()>(object, Err(error));
        }
        None
    }

    /// A rule may say that it is to be left out where a field of its is not known.
    fn settle<T>(&mut self, object: &Object, result: Result<T, OperandError>) -> Option<T> {
        let problem = match result {
            Ok(value) => return Some(value),
            Err(OperandError::Wrong(problem)) => problem,
            Err(OperandError::Unknown(UnknownField(problem))) => {
                if object.flag(keys::SKIP_UNKNOWN) == Some(true) {
                    let message =
                        format!("{}; rule `{}` was left out", problem.message, object.name);
                    Problem { weight: Weight::Warning, message, ..problem }
                } else {
                    problem
                }
            }
        };
        self.problems.push(problem);
        None
    }
}

/// A list stands for its items wherever its name stands, also where a macro was meant.
fn warn_of_shared_names(collection: &Collection, problems: &mut Vec<Problem>) {
    for list in collection.lists.iter() {
        if let Some(shared) = collection.macros.get(&list.name) {
            let message = format!(
                "list `{}` has the name of a macro: its items stand wherever that was named",
                list.name
            );
            let problem = Problem::warning(list.place.clone(), message);
            problems.push(
                problem.hint(format!("rename one of them; the macro is at {}", shared.place)),
            );
        }
    }
}

fn warn_of_unused(
    collection: &Collection,
    lists: &Lists<'_>,
    macros: &Macros<'_>,
    problems: &mut Vec<Problem>,
) {
    let unused = |object: &Object, kind: &str| {
        Problem::warning(object.place.clone(), format!("{kind} `{}` is not used", object.name))
    };
    let lists = collection.lists.iter().filter(|list| !lists.is_used(&list.name));
    problems.extend(lists.map(|list| unused(list, "list")));
    let macros = collection.macros.iter().filter(|object| !macros.is_used(&object.name));
    problems.extend(macros.map(|object| unused(object, "macro")));
}

/// Fields that are asked of calls which name files and open none.
const PATHS_OF_DESCRIPTORS: [&str; 3] = ["fd.name", "fd.directory", "fd.filename"];

/// Whatever the sensor sees: some fields of Falco stay empty, and some conditions contradict themselves.
fn warn_of_the_impossible(set: &RuleSet, problems: &mut Vec<Problem>) {
    for (rule, coverage) in set.coverage(&Sight::everything()) {
        let (gaps, so, weight) = match coverage {
            Coverage::Live | Coverage::Off(_) => continue,
            Coverage::Degraded(gaps) => (gaps, "is met by less, or by more", Weight::Warning),
            Coverage::Blind(gaps) => (gaps, "cannot be met", Weight::Blind),
        };
        let asks_for = |field: &str| gaps.iter().any(|gap| gap.what == field);
        let hint = if asks_for("evt.dir") {
            Some("leave `evt.dir` out: each call is told once, when it ends")
        } else if weight == Weight::Blind && PATHS_OF_DESCRIPTORS.into_iter().any(asks_for) {
            Some(
                "a path that a call is given is `fs.path.name`, or one of `evt.arg`; `fd` is what a descriptor stands for",
            )
        } else {
            None
        };
        let (empty, fixed): (Vec<_>, Vec<_>) =
            gaps.into_iter().partition(|gap| gap.reason == NEVER);
        let mut because: Vec<_> =
            fixed.into_iter().map(|gap| format!("`{}` {}", gap.what, gap.reason)).collect();
        let mut empty: Vec<_> = empty.into_iter().map(|gap| format!("`{}`", gap.what)).collect();
        empty.dedup();
        if !empty.is_empty() {
            because.push(format!("{} never has a value here", empty.join(", ")));
        }
        if because.is_empty() {
            because.push("no kind of event is all that it asks for".to_owned());
        }
        let message = format!("rule `{}` {so}: {}", rule.name, because.join(", "));
        let problem = Problem { weight, ..Problem::warning(rule.place.clone(), message) };
        problems.push(Problem { hint: hint.map(str::to_owned), ..problem });
    }
}

fn warn_of_many_kinds(collection: &Collection, set: &RuleSet, problems: &mut Vec<Problem>) {
    let mut counts = vec![0_usize; set.rules.len()];
    for kind in Kind::all() {
        for pending in set.types.rules(kind) {
            if let Some(count) = counts.get_mut(index(pending.rule)) {
                *count = count.saturating_add(1);
            }
        }
    }
    for (rule, count) in set.rules.iter().zip(counts) {
        let object = collection.rules.get(&rule.name);
        let silent = object.and_then(|object| object.flag(keys::WARN_TYPES)) == Some(false);
        if count > MANY_KINDS && !silent {
            problems.push(
                Problem::warning(
                    rule.place.clone(),
                    format!(
                        "rule `{}` is held against {count} kinds of events, which is slow",
                        rule.name
                    ),
                )
                .hint("ask for `evt.type` first, or say `warn_evttypes: false`"),
            );
        }
    }
}
