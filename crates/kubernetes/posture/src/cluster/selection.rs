//! Label selectors. (`apimachinery`, `metav1.LabelSelectorAsSelector`)

use bulkhead_objects::{LabelSelector, Labels};

/// Whether a selector selects an object with these labels. An empty one selects every object.
pub(crate) fn selects(selector: &LabelSelector, labels: &Labels) -> bool {
    let equal = selector.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value));
    equal
        && selector.match_expressions.iter().all(|requirement| {
            let own = labels.get(&requirement.key);
            let listed = own.is_some_and(|own| requirement.values.contains(own));
            match requirement.operator.as_str() {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => own.is_some(),
                "DoesNotExist" => own.is_none(),
                _ => false,
            }
        })
}

/// Whether a selector of Cilium selects the pods with these labels in a namespace; none where that
/// depends on what is not at hand. Keys may have their source before them, and name what is not a
/// label of the pod. (`cilium/pkg/labels`, `pkg/k8s/apis/cilium.io`)
pub(crate) fn cilium_selects(
    selector: &LabelSelector,
    labels: &Labels,
    namespace: &str,
) -> Option<bool> {
    let equal = selector.match_labels.iter().map(|(key, value)| {
        let own = cilium_label(key, labels, namespace).ok()?;
        Some(own == Some(value.as_str()))
    });
    let fulfilled = selector.match_expressions.iter().map(|requirement| {
        let own = cilium_label(&requirement.key, labels, namespace).ok()?;
        let listed = own.is_some_and(|own| requirement.values.iter().any(|value| *value == own));
        match requirement.operator.as_str() {
            "In" => Some(listed),
            "NotIn" => Some(!listed),
            "Exists" => Some(own.is_some()),
            "DoesNotExist" => Some(own.is_none()),
            _ => None,
        }
    });
    let mut selected = Some(true);
    for holds in equal.chain(fulfilled) {
        match holds {
            Some(false) => return Some(false),
            Some(true) => {}
            None => selected = None,
        }
    }
    selected
}

/// A key that names something else than a label of the pod.
struct NotOfThePod;

/// The value of a label of the pod, if it is there.
fn cilium_label<'a>(
    key: &str,
    labels: &'a Labels,
    namespace: &'a str,
) -> Result<Option<&'a str>, NotOfThePod> {
    let bare = ["k8s:", "any:", "k8s."].iter().find_map(|source| key.strip_prefix(source));
    match bare.unwrap_or(key) {
        "io.kubernetes.pod.namespace" => Ok(Some(namespace)),
        key if key.starts_with("io.cilium.") || key.contains(':') => Err(NotOfThePod),
        key => Ok(labels.get(key).map(bulkhead_objects::Name::as_str)),
    }
}
