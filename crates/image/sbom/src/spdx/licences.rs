//! Licences as packages declare them, and licence expressions (SPDX 2.3, clause 10 and annex D).

use std::collections::BTreeMap;

use bulkhead_model::Digest;
use spdx::{Expression, ParseMode};

use super::NO_ASSERTION;
use super::document::ExtractedLicence;
use super::references::plain;

/// What begins the name of a licence that is not on the list.
const REFERENCE: &str = "LicenseRef-";

/// Identifiers that left the list are still those of what packages declare.
const MODE: ParseMode = ParseMode {
    allow_deprecated: true,
    allow_imprecise_license_names: false,
    allow_postfix_plus_on_gpl: true,
    allow_slash_as_or_operator: false,
    allow_unknown: false,
};

/// Licences that are not on the list, by their references.
#[derive(Default)]
pub(super) struct Extracted(BTreeMap<String, String>);

impl Extracted {
    /// The expression of what a package declares: all of it holds.
    pub(super) fn expression(&mut self, declared: &[String]) -> String {
        let mut terms: Vec<String> = Vec::with_capacity(declared.len());
        for text in declared {
            let term = self.term(text);
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
        match &*terms {
            [] => NO_ASSERTION.to_owned(),
            [term] => term.clone(),
            terms => {
                let terms: Vec<String> = terms.iter().map(|term| enclosed(term)).collect();
                terms.join(" AND ")
            }
        }
    }

    /// The text itself where it is an expression of identifiers on the list, else a reference.
    fn term(&mut self, text: &str) -> String {
        if is_expression(text) {
            return text.to_owned();
        }
        let digest = Digest::of(text.as_bytes());
        let start = digest.hex().get(..8).unwrap_or_default();
        let reference = format!("{REFERENCE}{}-{start}", plain(text));
        self.0.insert(reference.clone(), text.to_owned());
        reference
    }

    pub(super) fn into_licences(self) -> Vec<ExtractedLicence> {
        let licence = |(license_id, text): (String, String)| ExtractedLicence {
            license_id,
            extracted_text: text.clone(),
            name: text,
        };
        self.0.into_iter().map(licence).collect()
    }
}

/// What a licence expression declares: the extracted text where it is a single reference.
pub(super) fn declared(expression: &str, extracted: &BTreeMap<String, String>) -> Vec<String> {
    match expression.trim() {
        "" | NO_ASSERTION | "NONE" => Vec::new(),
        text => vec![extracted.get(text).cloned().unwrap_or_else(|| text.to_owned())],
    }
}

fn is_expression(text: &str) -> bool {
    // Its own references would name licences that the document does not explain.
    !text.contains("Ref-")
        && !matches!(text, "NONE" | NO_ASSERTION)
        && text.trim() == text
        && Expression::parse_mode(text, MODE).is_ok()
}

fn enclosed(term: &str) -> String {
    if term.contains(' ') { format!("({term})") } else { term.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(declared: &[&str], expression: &str) {
        let declared: Vec<String> = declared.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(Extracted::default().expression(&declared), expression);
    }

    #[test]
    fn what_is_on_the_list_is_an_expression() {
        check(&[], "NOASSERTION");
        check(&["MIT"], "MIT");
        check(&["MIT OR Apache-2.0"], "MIT OR Apache-2.0");
        check(&["MIT OR Apache-2.0", "Zlib", "Zlib"], "(MIT OR Apache-2.0) AND Zlib");
        check(&["GPL-2.0"], "GPL-2.0");
    }

    #[test]
    fn what_is_not_is_a_reference() {
        for text in ["GPL-2+ and others", "NOASSERTION", "LicenseRef-x", "MIT OR Nonsense", " MIT"]
        {
            let expression = Extracted::default().expression(&[text.to_owned()]);
            assert!(expression.starts_with(REFERENCE) && !expression.contains(' '), "{expression}");
        }
    }

    #[test]
    fn references_are_read_as_what_they_stand_for() {
        let mut extracted = Extracted::default();
        let expression = extracted.expression(&["Ruby's".to_owned()]);
        assert_eq!(declared(&expression, &extracted.0), ["Ruby's"]);
        assert_eq!(declared("NONE", &extracted.0), Vec::<String>::new());
        assert_eq!(declared("MIT", &extracted.0), ["MIT"]);
    }
}
