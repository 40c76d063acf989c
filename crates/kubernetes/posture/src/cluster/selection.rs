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
