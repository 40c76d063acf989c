//! Rules over several events: steps that come before the rule's own condition, and events that must
//! come often. Both are ours; Falco has neither.
//!
//! ```yaml
//! sequence:            # these came before, in this order
//!   within: 60s        # from the first step to the rule's own condition
//!   by: [container.id] # in the same container; or [lineage]: by the process or its ancestors
//!   steps: [evt.type=connect and fd.sport=4444]
//! threshold:           # the rule is met once for so many events
//!   events: 5
//!   within: 10s
//!   by: [user.name]    # counted for each user alone; without it all together
//!   distinct: fd.name  # only events with another file count
//! ```

mod memory;

pub(crate) use memory::Memory;

use crate::check::{OperandError, Sources};
use crate::load::value::{text, words};
use crate::problem::{Problem, nearest};
use crate::text::Text;
use crate::yaml::{Node, Value};

/// What a rule asks beyond a single event.
#[derive(Debug, Clone, Default)]
pub(crate) struct Correlation {
    pub(crate) sequence: Option<Sequence>,
    pub(crate) threshold: Option<Threshold>,
}

/// Steps that come before. Their conditions are pending like the rule's own.
#[derive(Debug, Clone)]
pub(crate) struct Sequence {
    pub(crate) steps: u8,
    /// Nanoseconds.
    pub(crate) within: u64,
    pub(crate) by: Vec<usize>,
    pub(crate) lineage: bool,
}

/// How often events must come.
#[derive(Debug, Clone)]
pub(crate) struct Threshold {
    pub(crate) events: usize,
    /// Nanoseconds.
    pub(crate) within: u64,
    pub(crate) by: Vec<usize>,
    pub(crate) distinct: Option<usize>,
}

/// A sequence has no more steps before the last.
const MOST_STEPS: usize = 8;
/// A threshold counts no further.
const MOST_EVENTS: u64 = 10_000;
/// What stands for the process and its ancestors among fields.
const LINEAGE: &str = "lineage";

/// Reads `sequence`: what it asks, and the conditions of its steps.
pub(crate) fn read_sequence(
    node: &Node,
    sources: &mut Sources,
) -> Result<(Sequence, Vec<Text>), OperandError> {
    let keys = Keys::of(node, &["within", "by", "steps"])?;
    let steps = words("steps", keys.required("steps")?)?;
    let count = u8::try_from(steps.len()).ok().filter(|_| (1..=MOST_STEPS).contains(&steps.len()));
    let Some(count) = count else {
        let message = format!("a sequence has 1 to {MOST_STEPS} steps before the condition");
        return Err(Problem::error(node.place.clone(), message).into());
    };
    let mut by = words("by", keys.required("by")?)?;
    let fields = by.len();
    by.retain(|name| name.as_str() != LINEAGE);
    let sequence = Sequence {
        steps: count,
        within: duration(text("within", keys.required("within")?)?)?,
        lineage: by.len() < fields,
        by: by.iter().map(|name| sources.add_named(name)).collect::<Result<_, _>>()?,
    };
    Ok((sequence, steps))
}

/// Reads `threshold`.
pub(crate) fn read_threshold(
    node: &Node,
    sources: &mut Sources,
) -> Result<Threshold, OperandError> {
    let keys = Keys::of(node, &["events", "within", "by", "distinct"])?;
    let events = text("events", keys.required("events")?)?;
    let count = events.as_str().parse().ok().filter(|count| (2..=MOST_EVENTS).contains(count));
    let Some(count) = count.and_then(|count| usize::try_from(count).ok()) else {
        let message = format!("`events` is no number from 2 to {MOST_EVENTS}");
        return Err(Problem::error(events.start(), message).into());
    };
    let by = keys.get("by").map(|node| words("by", node)).transpose()?.unwrap_or_default();
    let distinct = keys.get("distinct").map(|node| text("distinct", node)).transpose()?;
    Ok(Threshold {
        events: count,
        within: duration(text("within", keys.required("within")?)?)?,
        by: by.iter().map(|name| sources.add_named(name)).collect::<Result<_, _>>()?,
        distinct: distinct.map(|name| sources.add_named(name)).transpose()?,
    })
}

struct Keys<'node> {
    node: &'node Node,
    pairs: &'node [(Text, Node)],
}

impl<'node> Keys<'node> {
    fn of(node: &'node Node, known: &[&'static str]) -> Result<Self, Problem> {
        let Value::Map(pairs) = &node.value else {
            let message = format!("a mapping with {} is expected", known.join(", "));
            return Err(Problem::error(node.place.clone(), message));
        };
        if let Some((key, _)) = pairs.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            let mut problem =
                Problem::error(key.start(), format!("`{}` is unknown here", key.as_str()));
            problem.hint = match nearest(key.as_str(), known.iter().copied()) {
                Some(near) => Some(format!("did you mean `{near}`")),
                None => Some(format!("one of {}", known.join(", "))),
            };
            return Err(problem);
        }
        Ok(Self { node, pairs })
    }

    fn get(&self, name: &str) -> Option<&'node Node> {
        self.pairs.iter().find(|(key, _)| key.as_str() == name).map(|(_, node)| node)
    }

    fn required(&self, name: &str) -> Result<&'node Node, Problem> {
        self.get(name)
            .ok_or_else(|| Problem::error(self.node.place.clone(), format!("`{name}` is missing")))
    }
}

/// `500ms`, `10s`, `5m`, `1h`, to nanoseconds.
fn duration(text: &Text) -> Result<u64, Problem> {
    let written = text.as_str();
    let digits = written.trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
    let unit = match written.get(digits.len()..) {
        Some("ms") => Some(1_000_000),
        Some("s") => Some(1_000_000_000),
        Some("m") => Some(60_000_000_000),
        Some("h") => Some(3_600_000_000_000),
        _ => None,
    };
    let number = digits.parse::<u64>().ok().filter(|number| *number > 0);
    number.zip(unit).and_then(|(number, unit)| number.checked_mul(unit)).ok_or_else(|| {
        Problem::error(text.start(), format!("`{written}` is no duration"))
            .hint("write 500ms, 10s, 5m or 1h")
    })
}
