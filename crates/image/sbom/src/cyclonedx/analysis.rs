//! An answer to a vulnerability as its `analysis`.

use bulkhead_model::{Suppression, SuppressionSource};

use super::document::Analysis;

/// A VEX statement has a state. An exception claims none: that somebody lives with a vulnerability
/// does not make it one that does not matter.
pub(super) fn of(by: &Suppression) -> Analysis {
    let (state, justification, response, place) = match &by.source {
        SuppressionSource::IgnoreFile { file, line } => {
            let line = line.map(|line| format!(" line {line}")).unwrap_or_default();
            (None, None, vec!["will_not_fix"], format!("{file}{line}"))
        }
        // Bills of materials have no objects.
        SuppressionSource::Annotation { file, .. } => {
            (None, None, vec!["will_not_fix"], file.clone())
        }
        SuppressionSource::Vex { document, status, justification, .. } => {
            let state = match status.as_str() {
                "fixed" => "resolved",
                _ => "not_affected",
            };
            let code = justification.as_deref().and_then(justification_of);
            (Some(state), code, Vec::new(), document.clone())
        }
    };
    let mut parts = vec![place];
    parts.extend(by.reason.clone());
    parts.extend(by.owner.as_ref().map(|owner| format!("owner: {owner}")));
    parts.extend(by.expires.as_ref().map(|until| format!("until {until}")));
    Analysis { state, justification, response, detail: parts.join("; ") }
}

/// The specification's own codes, and what those of OpenVEX and CSAF mean here.
fn justification_of(code: &str) -> Option<&'static str> {
    const OWN: [&str; 9] = [
        "code_not_present",
        "code_not_reachable",
        "requires_configuration",
        "requires_dependency",
        "requires_environment",
        "protected_by_compiler",
        "protected_at_runtime",
        "protected_at_perimeter",
        "protected_by_mitigating_control",
    ];
    Some(match code {
        "component_not_present" | "vulnerable_code_not_present" => "code_not_present",
        "vulnerable_code_not_in_execute_path" => "code_not_reachable",
        "inline_mitigations_already_exist" => "protected_by_mitigating_control",
        other => return OWN.into_iter().find(|own| *own == other),
    })
}
