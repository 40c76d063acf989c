//! Values of keys: how they are read, and what it means to append to one.

use super::exceptions::{self, Exception};
use super::keys::{Form, Key};
use crate::priority::Priority;
use crate::problem::{Problem, nearest};
use crate::text::Text;
use crate::yaml::{self, Node};

/// The value of a key.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(Text),
    Flag(bool),
    Priority(Priority),
    Words(Vec<Text>),
    Exceptions(Vec<Exception>),
    Node(Node),
}

impl Value {
    pub(crate) fn read(key: Key, node: &Node) -> Result<Self, Problem> {
        match key.form {
            Form::Text => text(key.name, node).cloned().map(Self::Text),
            Form::Flag => flag(key.name, node).map(Self::Flag),
            Form::Priority => priority(text(key.name, node)?).map(Self::Priority),
            Form::Words => words(key.name, node).map(Self::Words),
            Form::Exceptions => exceptions::read(node).map(Self::Exceptions),
            Form::Node => Ok(Self::Node(node.clone())),
        }
    }

    /// Adds to what was there. Forms differ never for one key.
    pub(crate) fn append(&mut self, more: Self) -> Result<(), Problem> {
        match (self, more) {
            (Self::Text(old), Self::Text(more)) => old.append(&more),
            (Self::Words(old), Self::Words(more)) => old.extend(more),
            (Self::Exceptions(old), Self::Exceptions(more)) => exceptions::append(old, more)?,
            (old, more) => *old = more,
        }
        Ok(())
    }
}

/// A scalar that is not empty.
pub(crate) fn text<'node>(key: &str, node: &'node Node) -> Result<&'node Text, Problem> {
    match &node.value {
        yaml::Value::Text(text) if !text.as_str().is_empty() => Ok(text),
        yaml::Value::Text(_) | yaml::Value::Nothing => {
            Err(Problem::error(node.place.clone(), format!("`{key}` is empty")))
        }
        _ => Err(Problem::error(node.place.clone(), format!("`{key}` is not a text"))),
    }
}

/// The truth values of YAML 1.1, which rule files are written in.
pub(crate) fn flag(key: &str, node: &Node) -> Result<bool, Problem> {
    match text(key, node)?.as_str().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "y" => Ok(true),
        "false" | "no" | "off" | "n" => Ok(false),
        _ => Err(Problem::error(node.place.clone(), format!("`{key}` is neither true nor false"))),
    }
}

/// A list of scalars.
pub(crate) fn words(key: &str, node: &Node) -> Result<Vec<Text>, Problem> {
    let yaml::Value::List(nodes) = &node.value else {
        return Err(Problem::error(node.place.clone(), format!("`{key}` is not a list"))
            .hint("write [a, b], or [] for an empty one"));
    };
    nodes
        .iter()
        .map(|node| match &node.value {
            yaml::Value::Text(text) => Ok(text.clone()),
            _ => Err(Problem::error(
                node.place.clone(),
                format!("an element of `{key}` is not a single value"),
            )),
        })
        .collect()
}

fn priority(text: &Text) -> Result<Priority, Problem> {
    let name = text.as_str();
    Priority::read(name).ok_or_else(|| {
        let known = Priority::ALL.iter().map(|priority| priority.name());
        let hint = match nearest(&name.to_ascii_lowercase(), known.clone()) {
            Some(near) => format!("did you mean {near}"),
            None => format!("one of {}", known.collect::<Vec<_>>().join(", ")),
        };
        Problem::error(text.start(), format!("`{name}` is no priority")).hint(hint)
    })
}
