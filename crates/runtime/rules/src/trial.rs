//! Tests that stand in rule files: events, and whether a rule is met by one of them.
//!
//! ```yaml
//! - test: a shell that reads the shadow file is told
//!   of: Read sensitive file untrusted
//!   expect: alert                # or none
//!   defaults: { proc.name: cat } # fields of all events
//!   times: 20                    # the events come so often; `{n}` in a value says which time it is
//!   events:
//!     - { evt.type: openat, evt.arg.flags: O_RDONLY, fd.name: /etc/shadow }
//! ```
//! The rule's name stands behind `of`, so that Falco takes the item for an unknown one and goes on.

use bulkhead_events::{Event, EventScript, Fields, ScriptError, Setting};

use crate::engine::{Matching, Scanner};
use crate::explain::Explanation;
use crate::load::Objects;
use crate::load::value::text;
use crate::problem::{Problem, nearest};
use crate::set::RuleSet;
use crate::text::{Place, Text};
use crate::yaml::{Node, Value};

/// A test of a rule.
#[derive(Debug, Clone)]
pub struct Trial {
    /// What it shows.
    pub name: String,
    /// The rule that it is about.
    pub rule: String,
    /// Where it stands.
    pub place: Place,
    /// Whether one of the events is to meet the rule, or none.
    pub alerts: bool,
    /// What happens once.
    script: EventScript,
    /// How often it happens.
    times: usize,
}

/// What came of a test.
#[derive(Debug, Clone)]
pub struct TrialOutcome {
    /// Whether it came as was expected.
    pub passed: bool,
    /// For each event, what the condition made of it.
    pub explanations: Vec<Explanation>,
}

impl RuleSet {
    /// Runs a test. Rules before this one do not stand in its way, and it may be switched off: then only its
    /// condition is asked, not what it says of several events.
    pub fn try_out(&self, trial: &Trial) -> TrialOutcome {
        let Some(rule) = self.rule(&trial.rule) else {
            return TrialOutcome { passed: !trial.alerts, explanations: Vec::new() };
        };
        let events = trial.events();
        let explanations: Vec<_> = events.iter().map(|event| self.explain(rule, event)).collect();
        let met = if rule.off.is_none() {
            let mut scanner = Scanner::new(self, Matching::All);
            let mut met = false;
            for event in &events {
                met |= scanner.scan(event).any(|found| found.name == rule.name);
            }
            met
        } else {
            explanations.iter().any(|explanation| explanation.holds)
        };
        TrialOutcome { passed: met == trial.alerts, explanations }
    }
}

const KEYS: [&str; 6] = ["test", "of", "expect", "defaults", "times", "events"];

/// The events of a test come at most so many times.
const MOST_TIMES: usize = 10_000;

impl Trial {
    /// What happens: all of its times.
    pub fn events(&self) -> Vec<Event> {
        // It was found good when it was read.
        repeated(&self.script, self.times).events().unwrap_or_default()
    }

    /// Reads tests once all rules are known. Those that cannot be run are errors.
    pub(crate) fn read_all(
        nodes: &[Node],
        rules: &Objects,
        problems: &mut Vec<Problem>,
    ) -> Vec<Self> {
        let read = nodes.iter().map(|node| Self::read(node, rules));
        read.filter_map(|trial| trial.map_err(|problem| problems.push(problem)).ok()).collect()
    }

    fn read(node: &Node, rules: &Objects) -> Result<Self, Problem> {
        let Value::Map(pairs) = &node.value else {
            return Err(Problem::error(node.place.clone(), "a test is not a mapping of keys"));
        };
        if let Some((key, _)) = pairs.iter().find(|(key, _)| !KEYS.contains(&key.as_str())) {
            return Err(Problem::error(key.start(), format!("a test has no `{}`", key.as_str()))
                .hint(format!("it has {}", KEYS.join(", "))));
        }
        let get =
            |name: &str| pairs.iter().find(|(key, _)| key.as_str() == name).map(|(_, node)| node);
        let required = |name: &str| {
            get(name).ok_or_else(|| {
                Problem::error(node.place.clone(), format!("a test has no `{name}`"))
            })
        };
        let name = text("test", required("test")?)?;
        let rule = text("of", required("of")?)?;
        if rules.get(rule.as_str()).is_none() {
            let mut problem =
                Problem::error(rule.start(), format!("there is no rule `{}`", rule.as_str()));
            problem.hint = nearest(rule.as_str(), rules.iter().map(|rule| &*rule.name))
                .map(|near| format!("did you mean `{near}`"));
            return Err(problem);
        }
        let expected = text("expect", required("expect")?)?;
        let alerts = match expected.as_str() {
            "alert" => true,
            "none" => false,
            other => {
                return Err(Problem::error(
                    expected.start(),
                    format!("`{other}` cannot be expected"),
                )
                .hint("write alert or none"));
            }
        };
        let (script, times) = script(required("events")?, get("defaults"), get("times"))?;
        Ok(Self {
            name: name.as_str().to_owned(),
            rule: rule.as_str().to_owned(),
            place: node.place.clone(),
            alerts,
            script,
            times,
        })
    }
}

/// What happens, and how often. Only what is good at all of its times.
fn script(
    list: &Node,
    defaults: Option<&Node>,
    times: Option<&Node>,
) -> Result<(EventScript, usize), Problem> {
    let Value::List(nodes) = &list.value else {
        return Err(Problem::error(list.place.clone(), "`events` is not a list"));
    };
    if nodes.is_empty() {
        return Err(Problem::error(list.place.clone(), "a test without events shows nothing"));
    }
    let times = times.map(read_times).transpose()?.unwrap_or(1);
    let script = EventScript {
        defaults: defaults.map(fields).transpose()?.unwrap_or_default(),
        events: nodes.iter().map(fields).collect::<Result<_, _>>()?,
    };
    match repeated(&script, times).events() {
        Ok(_) => Ok((script, times)),
        Err(error) => Err(placed(&error, list, nodes, defaults)),
    }
}

/// The events over and over.
fn repeated(script: &EventScript, times: usize) -> EventScript {
    let events =
        (1..=times).flat_map(|time| script.events.iter().map(move |event| at(event, time)));
    EventScript { defaults: script.defaults.clone(), events: events.collect() }
}

fn read_times(node: &Node) -> Result<usize, Problem> {
    let written = text("times", node)?;
    let times = written.as_str().parse().ok().filter(|times| (1..=MOST_TIMES).contains(times));
    times.ok_or_else(|| {
        let message = format!("`times` is no number from 1 to {MOST_TIMES}");
        Problem::error(written.start(), message)
    })
}

/// The event as it is this time: `{n}` in what was written stands for the number.
fn at(event: &Fields, time: usize) -> Fields {
    let number = time.to_string();
    let word = |word: &String| word.replace("{n}", &number);
    let setting = |setting: &Setting| match setting {
        Setting::Word(written) => Setting::Word(word(written)),
        Setting::Words(written) => Setting::Words(written.iter().map(word).collect()),
    };
    event.iter().map(|(name, written)| (name.clone(), setting(written))).collect()
}

fn fields(node: &Node) -> Result<Fields, Problem> {
    let Value::Map(pairs) = &node.value else {
        return Err(Problem::error(node.place.clone(), "an event is not a mapping of fields"));
    };
    let field = |(key, value): &(Text, Node)| {
        let setting = match &value.value {
            Value::Text(text) => Setting::Word(text.as_str().to_owned()),
            Value::List(nodes) => Setting::Words(
                nodes
                    .iter()
                    .map(|node| text(key.as_str(), node))
                    .map(|text| text.map(|text| text.as_str().to_owned()))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Nothing | Value::Map(_) => {
                let message = format!("`{}` is neither a value nor a list of them", key.as_str());
                return Err(Problem::error(value.place.clone(), message));
            }
        };
        Ok((key.as_str().to_owned(), setting))
    };
    pairs.iter().map(field).collect()
}

/// The mistake in an event where that event, or the field of it, stands.
fn placed(error: &ScriptError, list: &Node, nodes: &[Node], defaults: Option<&Node>) -> Problem {
    let (node, cause) = match error {
        ScriptError::Event { number, cause } => {
            let place = number.checked_sub(1).and_then(|index| index.checked_rem(nodes.len()));
            (place.and_then(|index| nodes.get(index)), &**cause)
        }
        error => (None, error),
    };
    let of_field = |name: &str| {
        node.into_iter().chain(defaults).find_map(|node| match &node.value {
            Value::Map(pairs) => {
                pairs.iter().find(|(key, _)| key.as_str() == name).map(|(key, _)| key.start())
            }
            _ => None,
        })
    };
    let place = match cause {
        ScriptError::Setting { field, .. } => of_field(field),
        ScriptError::UnknownType { .. } => of_field("evt.type"),
        _ => None,
    };
    let place = place.unwrap_or_else(|| node.unwrap_or(list).place.clone());
    Problem::error(place, cause.to_string())
}
