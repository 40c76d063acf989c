//! What must hold of an object for a repair to be automatic.

use bulkhead_posture::Condition;
use serde_json::Value;

use crate::flag;
use crate::site::Site;

/// Whether a condition holds at a place.
pub(crate) fn holds(condition: &Condition, site: &Site<'_>) -> bool {
    match condition {
        Condition::Powerless => site.containers().iter().all(|container| {
            let is = |field: &str| site.effective(container, field).and_then(Value::as_bool);
            let cannot_gain =
                own(container, "allowPrivilegeEscalation") == Some(&Value::Bool(false));
            let not_root = is("runAsNonRoot") == Some(true) || is_above_root(site, container);
            cannot_gain && not_root && own(container, "privileged") != Some(&Value::Bool(true))
        }),
        Condition::NoRightsBeyond => site.containers().iter().all(|container| {
            own(container, "privileged") != Some(&Value::Bool(true))
                && !adds(container, "SYS_ADMIN")
        }),
        Condition::UserAboveRoot => {
            site.containers().iter().all(|container| is_above_root(site, container))
        }
        Condition::NetRawNotAdded => {
            site.containers().iter().all(|container| !adds(container, "NET_RAW"))
        }
        Condition::UnreadAnnotation => {
            site.place.to_string().contains("seccomp.security.alpha.kubernetes.io")
        }
        Condition::UnreferencedVariable => is_unreferenced(site).unwrap_or(false),
        Condition::DefaultAccount => is_default_account(site),
        Condition::FlagGiven => site.here().is_some_and(Value::is_string),
        Condition::OtherFlag(name) => {
            flag::words(site).iter().any(|(_, word)| flag::is_named(word, name))
        }
        Condition::Given(path) => site.look(path).is_some(),
        Condition::Absent(path) => site.look(path).is_none(),
        Condition::ValueIs(values) => {
            let here = site.here().and_then(Value::as_str).unwrap_or_default();
            values.iter().any(|value| value == here)
        }
    }
}

/// A field of the container's own security context.
fn own<'v>(container: &'v Value, field: &str) -> Option<&'v Value> {
    container.get("securityContext")?.get(field)
}

fn adds(container: &Value, capability: &str) -> bool {
    let list = own(container, "capabilities").and_then(|list| list.get("add")?.as_array());
    list.is_some_and(|list| {
        list.iter().filter_map(Value::as_str).any(|name| {
            let name = name.to_ascii_uppercase();
            let bare = name.strip_prefix("CAP_").unwrap_or(&name);
            bare == capability || bare == "ALL"
        })
    })
}

fn is_above_root<'v>(site: &Site<'v>, container: &'v Value) -> bool {
    site.effective(container, "runAsUser").and_then(Value::as_i64).is_some_and(|user| user > 0)
}

fn is_default_account(site: &Site<'_>) -> bool {
    if site.root.get("kind").and_then(Value::as_str) == Some("ServiceAccount") {
        return site.look("object:metadata.name").and_then(Value::as_str) == Some("default");
    }
    ["pod:serviceAccountName", "pod:serviceAccount"].iter().all(|path| {
        let name = site.look(path).and_then(Value::as_str).unwrap_or_default();
        name.is_empty() || name == "default"
    })
}

/// Whether none of the variables between two of the same name is made of it.
fn is_unreferenced(site: &Site<'_>) -> Option<bool> {
    let name = site.here()?.as_str()?;
    let variables = site.look("container:env")?.as_array()?;
    let called = |variable: &&Value| variable.get("name").and_then(Value::as_str) == Some(name);
    let first = variables.iter().position(|variable| called(&variable))?;
    let reference = format!("$({name})");
    let uses = |variable: &Value| {
        variable.get("value").and_then(Value::as_str).is_some_and(|text| text.contains(&reference))
    };
    Some(!variables.get(first..)?.iter().any(uses))
}
