//! Labels of namespaces.

use bulkhead_objects::Object;

use super::resources::is_system;
use crate::Place;
use crate::control::{Control, View};
use crate::verdict::Reason::{Is, Unset};

const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

pub(super) const CONTROLS: &[Control] = &[
    Control::namespace("pod-security-not-enforced", |namespace, sheet| {
        if applies(namespace) {
            let place = Place::of("metadata.labels{}").key(ENFORCE);
            sheet.fail_if(level(namespace).is_none(), place, Unset);
        }
    }),
    Control::namespace("pod-security-below-baseline", |namespace, sheet| {
        if applies(namespace) {
            let enough =
                level(namespace).is_some_and(|level| ["baseline", "restricted"].contains(&level));
            let reason = level(namespace).map_or(Unset, Is);
            sheet.fail_if(!enough, Place::of("metadata.labels{}").key(ENFORCE), reason);
        }
    }),
    Control::namespace("pod-security-below-restricted", |namespace, sheet| {
        if applies(namespace) {
            let reason = level(namespace).map_or(Unset, Is);
            let enough = level(namespace) == Some("restricted");
            sheet.fail_if(!enough, Place::of("metadata.labels{}").key(ENFORCE), reason);
        }
    }),
    Control::namespace("pod-security-label-invalid", |namespace, sheet| {
        for (key, value) in namespace.object.metadata.labels.iter() {
            let Some(mode) = key.strip_prefix("pod-security.kubernetes.io/") else { continue };
            let valid = match mode {
                "enforce" | "audit" | "warn" => {
                    ["privileged", "baseline", "restricted"].contains(&value.as_str())
                }
                "enforce-version" | "audit-version" | "warn-version" => is_version(value),
                _ => false,
            };
            sheet.fail_if(!valid, Place::of("metadata.labels{}").key(key), Is(value));
        }
    }),
    Control::namespace("pod-security-not-audited", |namespace, sheet| {
        if applies(namespace) {
            sheet.applies();
            for key in ["pod-security.kubernetes.io/audit", "pod-security.kubernetes.io/warn"] {
                // Whoever enforces the strictest level has nothing more to learn.
                let missing = namespace.object.metadata.labels.get(key).is_none();
                if missing && level(namespace) != Some("restricted") {
                    sheet.fail(Place::of("metadata.labels{}").key(key), Unset);
                }
            }
        }
    }),
];

/// The system's own namespaces run what those profiles forbid.
fn applies(namespace: &View<'_, Object>) -> bool {
    !is_system(&namespace.object.metadata.name)
}

fn level<'a>(namespace: &View<'a, Object>) -> Option<&'a str> {
    namespace.object.metadata.labels.get(ENFORCE).map(bulkhead_objects::Name::as_str)
}

fn is_version(version: &str) -> bool {
    let minor = version.strip_prefix("v1.");
    version == "latest" || minor.is_some_and(|minor| minor.parse::<u16>().is_ok())
}
