//! Components as parts, and back.

use super::document::{Component, Evidence, License, LicenseChoice, Occurrence};
use super::lenient;
use crate::parts::{CONTAINER, OPERATING_SYSTEM, Part};

/// The component of a part that we write.
pub(super) fn from_part(part: Part) -> Component {
    let licence = |name| LicenseChoice { license: License { name, acknowledgement: "declared" } };
    let occurrences: Vec<Occurrence> =
        part.occurrences.into_iter().map(|location| Occurrence { location }).collect();
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    Component {
        kind: match part.kind.as_str() {
            CONTAINER => "container",
            OPERATING_SYSTEM => "operating-system",
            "library" => "library",
            _ => "application",
        },
        reference: filled(part.reference),
        group: filled(part.group),
        name: part.name,
        version: part.version,
        description: filled(part.description),
        licenses: part.licences.into_iter().map(licence).collect(),
        purl: filled(part.purl),
        evidence: (!occurrences.is_empty()).then_some(Evidence { occurrences }),
        properties: part.properties,
    }
}

/// The part of a component that was read, without the components inside it.
pub(super) fn to_part(component: lenient::Component) -> Part {
    let text = |text: crate::lenient::Text| text.0.unwrap_or_default();
    let evidence = component.evidence.0.unwrap_or_default();
    Part {
        kind: text(component.kind),
        reference: text(component.reference),
        group: text(component.group),
        name: text(component.name),
        version: text(component.version),
        description: text(component.description),
        purl: text(component.purl),
        licences: component.licenses.objects().filter_map(licence).collect(),
        occurrences: evidence
            .occurrences
            .objects()
            .map(|occurrence| text(occurrence.location))
            .collect(),
        properties: lenient::properties(component.properties),
        ..Part::default()
    }
}

fn licence(choice: lenient::LicenseChoice) -> Option<String> {
    let named = choice.license.0.unwrap_or_default();
    named.id.0.or(named.name.0).or(choice.expression.0)
}
