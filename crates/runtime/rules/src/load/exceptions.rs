//! Exceptions of rules: tuples of values at which a rule stays silent.

use super::lists::{is_bare, push_element, push_item};
use super::value::text;
use crate::problem::Problem;
use crate::syntax::{Operator, Quantifier};
use crate::text::{Place, Text};
use crate::yaml::{Node, Value};

/// An exception of a rule.
#[derive(Debug, Clone)]
pub(crate) struct Exception {
    name: Text,
    place: Place,
    /// None in an item that only adds values.
    fields: Option<ExceptionValue>,
    comparisons: Option<ExceptionValue>,
    values: Vec<ExceptionValue>,
}

/// A text, or several that belong together.
#[derive(Debug, Clone)]
pub(crate) enum ExceptionValue {
    One(Text),
    Several(Place, Vec<Self>),
}

impl ExceptionValue {
    fn place(&self) -> Place {
        match self {
            Self::One(text) => text.start(),
            Self::Several(place, _) => place.clone(),
        }
    }
}

pub(super) fn read(node: &Node) -> Result<Vec<Exception>, Problem> {
    let nodes = match &node.value {
        Value::Nothing => return Ok(Vec::new()),
        Value::List(nodes) => nodes,
        _ => return Err(Problem::error(node.place.clone(), "`exceptions` is not a list")),
    };
    nodes.iter().map(exception).collect()
}

/// Tells of exceptions of one name. Each holds; what is added later goes to the first.
pub(crate) fn repeated(exceptions: &[Exception]) -> impl Iterator<Item = Problem> {
    let is_known = |(index, exception): &(usize, &Exception)| {
        let name = exception.name.as_str();
        exceptions.iter().take(*index).any(|other| other.name.as_str() == name)
    };
    exceptions.iter().enumerate().filter(is_known).map(|(_, exception)| {
        let message = format!("two exceptions are called `{}`", exception.name.as_str());
        Problem::warning(exception.place.clone(), message).hint("give each its own name")
    })
}

/// The fields of exceptions that have no values yet: nothing else tells whether there are such fields.
pub(crate) fn without_values(exceptions: &[Exception]) -> impl Iterator<Item = &Text> {
    let open = exceptions.iter().filter(|exception| exception.values.is_empty());
    open.flat_map(|exception| match &exception.fields {
        None => &[],
        Some(ExceptionValue::Several(_, fields)) => fields.as_slice(),
        Some(field) => std::slice::from_ref(field),
    })
    .filter_map(|field| match field {
        ExceptionValue::One(text) => Some(text),
        ExceptionValue::Several(..) => None,
    })
}

/// Adds new exceptions, and values to those that are there.
pub(super) fn append(old: &mut Vec<Exception>, more: Vec<Exception>) -> Result<(), Problem> {
    for exception in more {
        let known = old.iter_mut().find(|known| known.name.as_str() == exception.name.as_str());
        match known {
            None if exception.values.is_empty() => {
                return Err(Problem::error(exception.place, "a new exception has no `values`"));
            }
            None => old.push(exception),
            Some(_) if exception.fields.is_some() || exception.comparisons.is_some() => {
                return Err(Problem::error(
                    exception.place,
                    format!("exception `{}` is there already", exception.name.as_str()),
                )
                .hint("give only `name` and `values` to add to it"));
            }
            Some(known) => known.values.extend(exception.values),
        }
    }
    Ok(())
}

fn exception(node: &Node) -> Result<Exception, Problem> {
    let Value::Map(pairs) = &node.value else {
        return Err(Problem::error(node.place.clone(), "an exception is not a mapping of keys"));
    };
    let get = |key: &str| pairs.iter().find(|(name, _)| name.as_str() == key).map(|(_, node)| node);
    let name = get("name")
        .ok_or_else(|| Problem::error(node.place.clone(), "an exception has no `name`"))?;
    let values = match get("values") {
        None => Vec::new(),
        Some(node) => match value(node, 0)? {
            ExceptionValue::Several(_, values) => values,
            ExceptionValue::One(text) => {
                return Err(Problem::error(text.start(), "`values` is not a list"));
            }
        },
    };
    Ok(Exception {
        name: text("name", name)?.clone(),
        place: node.place.clone(),
        fields: get("fields").map(|node| value(node, 0)).transpose()?,
        comparisons: get("comps").map(|node| value(node, 0)).transpose()?,
        values,
    })
}

/// `values` nest three deep: a list of tuples of lists.
const MOST_DEPTH: u32 = 3;

fn value(node: &Node, depth: u32) -> Result<ExceptionValue, Problem> {
    match &node.value {
        Value::Text(text) => Ok(ExceptionValue::One(text.clone())),
        Value::List(nodes) if depth < MOST_DEPTH => {
            let inner = nodes.iter().map(|node| value(node, depth.saturating_add(1)));
            Ok(ExceptionValue::Several(node.place.clone(), inner.collect::<Result<_, _>>()?))
        }
        _ => Err(Problem::error(
            node.place.clone(),
            "an exception holds neither a value nor a list of values here",
        )),
    }
}

/// The condition with `and not (...)` for each exception.
pub(crate) fn apply(condition: &Text, exceptions: &[Exception]) -> Result<Text, Problem> {
    if exceptions.is_empty() {
        return Ok(condition.clone());
    }
    let start = condition.start();
    let mut whole = Text::empty();
    whole.push_for("(", start.clone());
    whole.push_part(condition, 0, condition.as_str().len());
    whole.push_for(")", start);
    for exception in exceptions {
        let place = exception.place.clone();
        if exception.values.is_empty() {
            exception.pairs()?;
            continue;
        }
        whole.push_for(" and not (", place.clone());
        exception.write(&mut whole)?;
        whole.push_for(")", place);
    }
    Ok(whole)
}

/// A field and its comparison.
type Pair<'exception> = (&'exception Text, Comparison<'exception>);

struct Comparison<'exception> {
    text: &'exception str,
    /// Whether a list stands on its right.
    list: bool,
}

impl Exception {
    fn write(&self, whole: &mut Text) -> Result<(), Problem> {
        match self.pairs()? {
            Pairs::Single((field, comparison)) => {
                whole.push_part(field, 0, field.as_str().len());
                whole.push_for(&format!(" {} (", comparison.text), field.start());
                for (index, value) in self.values.iter().enumerate() {
                    let ExceptionValue::One(text) = value else {
                        return Err(Problem::error(value.place(), "a single value is expected")
                            .hint("`fields` names one field, so `values` is a list of values"));
                    };
                    if index > 0 {
                        whole.push_for(", ", text.start());
                    }
                    push_element(whole, text);
                }
                whole.push_for(")", field.start());
            }
            Pairs::Several(pairs) => {
                for (index, value) in self.values.iter().enumerate() {
                    if index > 0 {
                        whole.push_for(" or ", value.place());
                    }
                    tuple(whole, &pairs, value)?;
                }
            }
        }
        Ok(())
    }

    fn pairs(&self) -> Result<Pairs<'_>, Problem> {
        let error = |message: &str| Problem::error(self.place.clone(), message);
        match (&self.fields, &self.comparisons) {
            (None, _) => Err(error("an exception has no `fields`")),
            (Some(ExceptionValue::One(field)), None) => {
                Ok(Pairs::Single((field, Comparison { text: "in", list: true })))
            }
            (Some(ExceptionValue::One(field)), Some(ExceptionValue::One(comparison))) => {
                let comparison = known(comparison)?;
                if !comparison.list {
                    return Err(error("a comparison of one field must take a list")
                        .hint("one of in, intersects, pmatch, or such as `startswith anyof`"));
                }
                Ok(Pairs::Single((field, comparison)))
            }
            (Some(ExceptionValue::One(_)), Some(_)) => {
                Err(error("`comps` is a list, but `fields` names one field"))
            }
            (Some(ExceptionValue::Several(_, fields)), comparisons) => {
                let comparisons = match comparisons {
                    None => None,
                    Some(ExceptionValue::Several(_, list)) if list.len() == fields.len() => {
                        Some(list)
                    }
                    Some(_) => return Err(error("`fields` and `comps` differ in length")),
                };
                let pair = |(index, field): (usize, &'_ ExceptionValue)| {
                    let ExceptionValue::One(_) = field else {
                        return Err(Problem::error(field.place(), "a field is expected"));
                    };
                    let comparison = comparisons.and_then(|list| list.get(index));
                    match comparison {
                        None => Ok(Comparison { text: "=", list: false }),
                        Some(ExceptionValue::One(text)) => known(text),
                        Some(other) => {
                            Err(Problem::error(other.place(), "a comparison is expected"))
                        }
                    }
                };
                let found: Vec<_> =
                    fields.iter().enumerate().map(pair).collect::<Result<_, _>>()?;
                let texts = fields.iter().filter_map(|field| match field {
                    ExceptionValue::One(text) => Some(text),
                    ExceptionValue::Several(..) => None,
                });
                Ok(Pairs::Several(texts.zip(found).collect()))
            }
        }
    }
}

enum Pairs<'exception> {
    Single(Pair<'exception>),
    Several(Vec<Pair<'exception>>),
}

fn tuple(whole: &mut Text, pairs: &[Pair<'_>], value: &ExceptionValue) -> Result<(), Problem> {
    let values = match value {
        ExceptionValue::Several(_, values) if values.len() == pairs.len() => values,
        _ => {
            return Err(Problem::error(
                value.place(),
                format!("a list of {} values is expected, one for each field", pairs.len()),
            ));
        }
    };
    whole.push_for("(", value.place());
    for (index, ((field, comparison), value)) in pairs.iter().zip(values).enumerate() {
        if index > 0 {
            whole.push_for(" and ", value.place());
        }
        whole.push_part(field, 0, field.as_str().len());
        whole.push_for(&format!(" {} ", comparison.text), field.start());
        match value {
            // A list that was written as the language writes it, with or without parentheses.
            ExceptionValue::One(text) if comparison.list && text.as_str().starts_with('(') => {
                whole.push_part(text, 0, text.as_str().len());
            }
            ExceptionValue::One(text) if comparison.list => {
                whole.push_for("(", text.start());
                if text.as_str().split(',').all(|value| is_bare(value.trim())) {
                    whole.push_part(text, 0, text.as_str().len());
                } else {
                    push_item(whole, text);
                }
                whole.push_for(")", text.start());
            }
            ExceptionValue::One(text) => push_item(whole, text),
            ExceptionValue::Several(place, list) => {
                whole.push_for("(", place.clone());
                for (index, element) in list.iter().enumerate() {
                    let ExceptionValue::One(text) = element else {
                        return Err(Problem::error(element.place(), "a value is expected"));
                    };
                    if index > 0 {
                        whole.push_for(", ", place.clone());
                    }
                    push_element(whole, text);
                }
                whole.push_for(")", place.clone());
            }
        }
    }
    whole.push_for(")", value.place());
    Ok(())
}

/// A comparison as the language has it, such as `startswith anyof`.
fn known(text: &Text) -> Result<Comparison<'_>, Problem> {
    let mut words = text.as_str().split_whitespace();
    let operator = words.next().unwrap_or("");
    let quantifier = words.next();
    let operator = Operator::ALL.iter().find(|known| match operator {
        "==" => **known == Operator::Equal,
        operator => known.name() == operator,
    });
    let quantified = Quantifier::ALL.iter().any(|known| Some(known.name()) == quantifier);
    match operator {
        Some(operator) if words.next().is_none() && (quantified || quantifier.is_none()) => {
            Ok(Comparison { text: text.as_str(), list: quantified || operator.takes_list() })
        }
        _ => Err(Problem::error(text.start(), format!("`{}` is no comparison", text.as_str()))),
    }
}
