//! `vars`, which replacements took the place of: `$(NAME)` in texts.

use super::Failed;
use super::fields::FieldSpec;
use super::file::Var;
use super::replace;
use super::resource::{Identity, Resource};
use crate::node::{Node, Value};

/// Tells the resources of a kustomization which variables have their values from them: here the names
/// and namespaces that tell two apart are still those that the kustomization knows.
pub(super) fn attach(resources: &mut [Resource], vars: &[Var]) -> Result<(), Failed> {
    for var in vars {
        let mut found =
            resources.iter_mut().filter(|it| it.identities().iter().any(|it| is_meant(it, var)));
        let Some(resource) = found.next() else { continue };
        if found.next().is_some() {
            let object = &var.objref;
            return Err(format!(
                "the variable {} is of {} {}, of which there are several",
                var.name, object.kind, object.name
            ));
        }
        resource.vars.push(var.name.clone());
    }
    Ok(())
}

fn is_meant(identity: &Identity, var: &Var) -> bool {
    let object = &var.objref;
    let (group, version) =
        object.api_version.split_once('/').unwrap_or(("", object.api_version.as_str()));
    let is_of_type =
        object.api_version.is_empty() || (identity.group == group && identity.version == version);
    let is_placed = object.namespace.is_empty()
        || identity.is_of_cluster()
        || identity.effective_namespace() == object.namespace;
    identity.kind == object.kind && identity.name == object.name && is_of_type && is_placed
}

/// Puts the values of variables where they are named: in commands, arguments and environment of
/// containers, and in the texts of other objects that kustomize looks at.
pub(super) fn resolve(resources: &mut [Resource], vars: &[Var]) -> Result<(), Failed> {
    let mut values: Vec<(&str, Value<'static>)> = Vec::new();
    for var in vars {
        if values.iter().any(|(name, _)| *name == var.name) {
            return Err(format!("the variable {} is there twice", var.name));
        }
        values.push((&var.name, value(resources, var)?));
    }
    if values.is_empty() {
        return Ok(());
    }
    for resource in resources {
        let identity = resource.current();
        let mut change = |node: &mut Node<'static>| expand(node, &values);
        let mut visit = |path: &str| {
            let field = FieldSpec { group: "", version: "", kind: "", path, create: false };
            field.visit(&mut resource.node, &mut change);
        };
        for path in ["metadata/labels", "metadata/annotations"] {
            visit(path);
        }
        if let Some((_, pod)) = PODS.iter().find(|(kind, _)| *kind == identity.kind) {
            for list in ["containers", "initContainers"] {
                for field in ["args", "command", "env/value", "volumeMounts/mountPath"] {
                    visit(&format!("{pod}/{list}/{field}"));
                }
            }
        }
        for (_, path) in OTHERS.iter().filter(|(kind, _)| *kind == identity.kind) {
            visit(path);
        }
    }
    Ok(())
}

/// Kinds that make Pods, and where these stand in them.
const PODS: [(&str, &str); 7] = [
    ("Pod", "spec"),
    ("CronJob", "spec/jobTemplate/spec/template/spec"),
    ("DaemonSet", "spec/template/spec"),
    ("Deployment", "spec/template/spec"),
    ("Job", "spec/template/spec"),
    ("ReplicaSet", "spec/template/spec"),
    ("StatefulSet", "spec/template/spec"),
];

/// Other fields that may name variables. (kustomize's documentation, Transformer Configurations,
/// Variable Reference)
const OTHERS: [(&str, &str); 14] = [
    ("Pod", "spec/volumes/nfs/server"),
    // kustomize's own path, which is none of a CronJob's.
    ("CronJob", "spec/jobTemplate/spec/template/volumes/nfs/server"),
    ("DaemonSet", "spec/template/spec/volumes/nfs/server"),
    ("Deployment", "spec/template/spec/volumes/nfs/server"),
    ("Job", "spec/template/spec/volumes/nfs/server"),
    ("ReplicaSet", "spec/template/spec/volumes/nfs/server"),
    ("StatefulSet", "spec/volumeClaimTemplates/spec/nfs/server"),
    ("PersistentVolume", "spec/nfs/server"),
    ("Deployment", "spec/template/metadata/annotations"),
    ("Ingress", "spec/rules/host"),
    ("Ingress", "spec/tls/hosts"),
    ("Ingress", "spec/tls/secretName"),
    ("Service", "spec/ports/port"),
    ("Service", "spec/ports/targetPort"),
];

fn value(resources: &[Resource], var: &Var) -> Result<Value<'static>, Failed> {
    let object = &var.objref;
    let resource = resources.iter().find(|resource| resource.vars.contains(&var.name));
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
        found = Some(node.value.clone());
    });
    let is_scalar =
        |value: &Value<'_>| !matches!(value, Value::Null | Value::List(_) | Value::Map(_));
    found.filter(is_scalar).ok_or_else(|| format!("the variable {} names no text", var.name))
}

/// Expands a text, each text of a list, or each value of a map.
fn expand(node: &mut Node<'static>, values: &[(&str, Value<'static>)]) {
    match &mut node.value {
        Value::Text(text) if text.contains('$') => node.value = expanded(text, values),
        Value::List(elements) => {
            for element in elements {
                if matches!(element.value, Value::Text(_)) {
                    expand(element, values);
                }
            }
        }
        Value::Map(entries) => {
            for entry in entries {
                if matches!(entry.node.value, Value::Text(_)) {
                    expand(&mut entry.node, values);
                }
            }
        }
        _ => {}
    }
}

/// A text with the values of its variables. One that is nothing but a variable has its type; `$$` is a
/// `$`; a variable that nobody knows stays as it is.
fn expanded(text: &str, values: &[(&str, Value<'static>)]) -> Value<'static> {
    let mut new = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('$') {
        new.push_str(before);
        let reference = behind.strip_prefix('(').and_then(|behind| behind.split_once(')'));
        if let Some((name, behind)) = reference {
            match values.iter().find(|(known, _)| *known == name) {
                Some((_, value)) if text.len() == name.len().saturating_add(3) => {
                    return value.clone();
                }
                Some((_, value)) => {
                    let value = Node::unplaced(value.clone());
                    new.push_str(&replace::as_text(&value).unwrap_or_default());
                }
                None => new.extend(["$(", name, ")"]),
            }
            rest = behind;
        } else {
            new.push('$');
            rest = behind.strip_prefix('$').unwrap_or(behind);
        }
    }
    new.push_str(rest);
    super::resource::text(&new)
}

#[cfg(test)]
mod tests {
    use super::{Value, expanded};

    #[test]
    fn texts_are_expanded() {
        let values = [("A", Value::Integer(80)), ("B", Value::Text("b".into()))];
        for (text, expected) in [
            ("$(A)", Value::Integer(80)),
            ("$(B)", Value::Text("b".into())),
            ("x$(A)$(B)y", Value::Text("x80by".into())),
            ("$(C) $(B", Value::Text("$(C) $(B".into())),
            ("$$(A) $A $", Value::Text("$(A) $A $".into())),
        ] {
            assert_eq!(expanded(text, &values), expected, "{text}");
        }
    }
}
