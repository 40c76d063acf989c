//! `vars`, which replacements took the place of: `$(NAME)` in texts.

use super::Failed;
use super::file::Var;
use super::replace;
use super::resource::Resource;
use crate::node::{Node, Value};

/// Puts the values of variables where they are named: in commands, arguments and environment of
/// containers, and in the texts of other objects that kustomize looks at.
pub(super) fn resolve(resources: &mut [Resource], vars: &[Var]) -> Result<(), Failed> {
    let mut values = Vec::new();
    for var in vars {
        values.push((format!("$({})", var.name), value(resources, var)?));
    }
    if values.is_empty() {
        return Ok(());
    }
    for resource in resources {
        substitute(&mut resource.node, "", &values);
    }
    Ok(())
}

fn value(resources: &[Resource], var: &Var) -> Result<String, Failed> {
    let object = &var.objref;
    let (group, version) =
        object.api_version.split_once('/').unwrap_or(("", object.api_version.as_str()));
    let resource = resources.iter().find(|resource| {
        resource.identities().iter().any(|identity| {
            identity.kind == object.kind
                && identity.name == object.name
                && (object.api_version.is_empty()
                    || (identity.group == group && identity.version == version))
                && (object.namespace.is_empty() || identity.namespace == object.namespace)
        })
    });
    let resource = resource.ok_or_else(|| {
        format!(
            "the variable {} is of {} {}, which is not there",
            var.name, object.kind, object.name
        )
    })?;
    let path = Some(&*var.fieldref.field_path).filter(|path| !path.is_empty());
    let path = path.unwrap_or("metadata.name").replace('[', ".").replace(']', "");
    let mut node = resource.node.clone();
    let mut found = None;
    replace::visit(&mut node, &replace::split(&path), false, &mut |node| {
        found = match &node.value {
            Value::Text(text) => Some(text.clone().into_owned()),
            Value::Integer(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            _ => None,
        };
    });
    found.ok_or_else(|| format!("the variable {} names no text", var.name))
}

/// Fields whose texts may name variables.
const FIELDS: &[&str] = &[
    "command",
    "args",
    "value",
    "mountPath",
    "subPath",
    "host",
    "hosts",
    "path",
    "secretName",
    "serviceName",
    "labels",
    "annotations",
    "matchLabels",
    "clusterIP",
    "schedule",
    "claimName",
];

fn substitute(node: &mut Node<'static>, field: &str, values: &[(String, String)]) {
    match &mut node.value {
        Value::Text(text) if FIELDS.contains(&field) && text.contains("$(") => {
            let mut new = text.clone().into_owned();
            for (name, value) in values {
                new = new.replace(name, value);
            }
            node.value = super::resource::text(&new);
        }
        Value::List(elements) => {
            for element in elements {
                substitute(element, field, values);
            }
        }
        Value::Map(entries) => {
            let is_pairs = matches!(field, "labels" | "annotations" | "matchLabels");
            for entry in entries {
                let field = if is_pairs { field } else { &*entry.key };
                substitute(&mut entry.node, field, values);
            }
        }
        _ => {}
    }
}
