//! Selectors of labels in one text: `app=web,tier in (front, back),!old`.
//! (Kubernetes' documentation, Labels and Selectors, Label selectors)

use super::Failed;
use crate::node::Node;

/// Whether labels fulfil a query; an empty one is fulfilled by all.
pub(super) fn fits(query: &str, labels: Option<&Node<'_>>) -> Result<bool, Failed> {
    for requirement in requirements(query) {
        if !fulfils(requirement.trim(), labels)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Parts between commas outside parentheses.
fn requirements(query: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let parts = query.split(move |letter| {
        match letter {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    });
    parts.filter(|part| !part.trim().is_empty()).collect()
}

fn fulfils(requirement: &str, labels: Option<&Node<'_>>) -> Result<bool, Failed> {
    let value =
        |key: &str| labels.and_then(|labels| labels.get(key.trim())).and_then(Node::as_text);
    if let Some(key) = requirement.strip_prefix('!') {
        return Ok(value(key).is_none());
    }
    if let Some(list) = requirement.strip_suffix(')') {
        let (head, list) = list.split_once('(').ok_or_else(|| refused(requirement))?;
        let among = |key: &str| {
            value(key).is_some_and(|value| list.split(',').any(|item| item.trim() == value))
        };
        return match head.split_whitespace().collect::<Vec<_>>()[..] {
            [key, "in"] => Ok(among(key)),
            [key, "notin"] => Ok(!among(key)),
            _ => Err(refused(requirement)),
        };
    }
    if let Some((key, wanted)) = requirement.split_once("!=") {
        return Ok(value(key) != Some(wanted.trim()));
    }
    if let Some((key, wanted)) = requirement.split_once('=') {
        return Ok(value(key) == Some(wanted.strip_prefix('=').unwrap_or(wanted).trim()));
    }
    if requirement.contains(char::is_whitespace) {
        return Err(refused(requirement));
    }
    Ok(value(requirement).is_some())
}

fn refused(requirement: &str) -> Failed {
    format!("{requirement:?} is no selector of labels")
}
