//! The tag-value form of documents (SPDX 2.3, annex on serialisations): lines of `Tag: value`, texts
//! of several lines between `<text>` and `</text>`.

use std::collections::HashMap;

use bulkhead_limits::{Budget, Exceeded};

use super::lenient::{
    Annotation, Document, ExternalReference, ExtractedLicence, File, Package, Relationship,
};
use crate::lenient::{List, Object, Text};

/// The tag that every document has, in its first lines.
const VERSION: &str = "SPDXVersion:";

/// Bytes in which it is looked for, behind comments.
const HEAD: usize = 4 << 10;

/// The text of a document in this form; none where the bytes are something else.
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    let head = bytes.get(..bytes.len().min(HEAD)).unwrap_or_default();
    let is_tagged = String::from_utf8_lossy(head).lines().any(|line| line.starts_with(VERSION));
    std::str::from_utf8(bytes).ok().filter(|_| is_tagged)
}

/// The document that a text is. Lines that mean nothing here are left out.
pub(super) fn parse(text: &str, budget: &Budget) -> Result<Document, Exceeded> {
    let mut reader = Reader::default();
    let mut rest = text;
    while let Some((tag, value, after)) = next(rest) {
        budget.charge_entry()?;
        reader.take(tag, value);
        rest = after;
    }
    Ok(reader.into_document())
}

/// The next tag, its value, and what follows.
fn next(mut text: &str) -> Option<(&str, &str, &str)> {
    loop {
        let (line, after) = text.split_once('\n').unwrap_or((text, ""));
        if let Some((tag, value)) = line.split_once(':').filter(|(tag, _)| !tag.starts_with('#')) {
            let value = value.trim();
            return Some(match value.strip_prefix("<text>") {
                None => (tag.trim(), value, after),
                Some(value) if value.contains("</text>") => {
                    (tag.trim(), value.trim_end_matches("</text>"), after)
                }
                Some(_) => {
                    let (_, open) = text.split_once("<text>")?;
                    let (value, after) = open.split_once("</text>").unwrap_or((open, ""));
                    (tag.trim(), value, after)
                }
            });
        }
        if after.is_empty() {
            return None;
        }
        text = after;
    }
}

/// What the tags belong to that have no element in their name.
#[derive(Default, Clone, Copy)]
enum Element {
    #[default]
    Document,
    Package,
    File,
    Other,
}

#[derive(Default)]
struct Reader {
    version: Text,
    element: Element,
    packages: Vec<Package>,
    files: Vec<File>,
    relationships: Vec<Relationship>,
    licences: Vec<ExtractedLicence>,
    /// What the next annotation is about.
    annotated: String,
    annotations: HashMap<String, Vec<Object<Annotation>>>,
}

impl Reader {
    fn take(&mut self, tag: &str, value: &str) {
        let text = || Text(Some(value.to_owned()));
        match tag {
            "SPDXVersion" => self.version = text(),
            "PackageName" => {
                self.element = Element::Package;
                self.packages.push(Package { name: text(), ..Package::default() });
            }
            "FileName" => {
                self.element = Element::File;
                self.files.push(File { file_name: text(), ..File::default() });
            }
            "SnippetSPDXID" => self.element = Element::Other,
            "LicenseID" => {
                self.element = Element::Other;
                let licence = ExtractedLicence { license_id: text(), ..Default::default() };
                self.licences.push(licence);
            }
            "Relationship" => self.relationships.extend(relationship(value)),
            "SPDXREF" => value.clone_into(&mut self.annotated),
            "AnnotationComment" => {
                let annotation = Object(Some(Annotation { comment: text() }));
                self.annotations.entry(self.annotated.clone()).or_default().push(annotation);
            }
            _ => self.describe(tag, value),
        }
    }

    /// Takes what is said of the last element.
    fn describe(&mut self, tag: &str, value: &str) {
        let text = Text(Some(value.to_owned()));
        match (tag, self.element) {
            ("SPDXID", Element::File) | ("FileComment", _) => {
                let Some(file) = self.files.last_mut() else { return };
                *(if tag == "SPDXID" { &mut file.id } else { &mut file.comment }) = text;
            }
            ("RelationshipComment", _) => {
                let Some(relationship) = self.relationships.last_mut() else { return };
                relationship.comment = text;
            }
            ("LicenseName" | "ExtractedText", _) => {
                let Some(licence) = self.licences.last_mut() else { return };
                let is_name = tag == "LicenseName";
                *(if is_name { &mut licence.name } else { &mut licence.extracted_text }) = text;
            }
            (_, Element::Package) => {
                if let Some(package) = self.packages.last_mut() {
                    describe_package(package, tag, text);
                }
            }
            _ => {}
        }
    }

    fn into_document(mut self) -> Document {
        for package in &mut self.packages {
            let annotations = self.annotations.remove(package.id.as_str());
            package.annotations = List(annotations.unwrap_or_default());
        }
        let own = self.annotations.remove(super::DOCUMENT).unwrap_or_default();
        Document {
            spdx_version: self.version,
            packages: objects(self.packages),
            files: objects(self.files),
            relationships: objects(self.relationships),
            annotations: List(own),
            has_extracted_licensing_infos: objects(self.licences),
            ..Document::default()
        }
    }
}

fn describe_package(package: &mut Package, tag: &str, text: Text) {
    match tag {
        "SPDXID" => package.id = text,
        "PackageVersion" => package.version_info = text,
        "PrimaryPackagePurpose" => package.primary_package_purpose = text,
        "PackageDescription" => package.description = text,
        "PackageSourceInfo" => package.source_info = text,
        "PackageLicenseConcluded" => package.license_concluded = text,
        "PackageLicenseDeclared" => package.license_declared = text,
        "PackageAttributionText" => package.attribution_texts.0.push(text),
        "ExternalRef" => package.external_refs.0.push(Object(reference(text.as_str()))),
        _ => {}
    }
}

/// `PACKAGE-MANAGER purl pkg:npm/lodash@4.17.4` (SPDX 2.3, 7.21).
fn reference(value: &str) -> Option<ExternalReference> {
    let mut words = value.split_whitespace().skip(1);
    let text = |word: &str| Text(Some(word.to_owned()));
    let (reference_type, reference_locator) = (text(words.next()?), text(words.next()?));
    Some(ExternalReference { reference_type, reference_locator })
}

/// `SPDXRef-a DEPENDS_ON SPDXRef-b` (SPDX 2.3, 11.1).
fn relationship(value: &str) -> Option<Relationship> {
    let mut words = value.split_whitespace().map(|word| Text(Some(word.to_owned())));
    Some(Relationship {
        spdx_element_id: words.next()?,
        relationship_type: words.next()?,
        related_spdx_element: words.next()?,
        comment: Text::default(),
    })
}

fn objects<T>(values: Vec<T>) -> List<Object<T>> {
    List(values.into_iter().map(|value| Object(Some(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_may_have_many_lines() {
        let text = "# x: y\n\nA: 1\r\nB: <text>one</text>\nC: <text>a: b\nc</text>\nD: <text>open";
        let mut found = Vec::new();
        let mut rest = text;
        while let Some((tag, value, after)) = next(rest) {
            found.push((tag, value));
            rest = after;
        }
        assert_eq!(found, [("A", "1"), ("B", "one"), ("C", "a: b\nc"), ("D", "open")]);
    }
}
