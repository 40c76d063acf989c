//! `.trivyignore.yaml`: lists of findings by scanner.

use bulkhead_yaml::{Node, Pair, Placed};
use std::str::FromStr as _;

use bulkhead_model::{FindingKind, Void};
use packageurl::PackageUrl;

use super::entry::{self, Entry};
use super::{Reading, quoted};
use crate::{Criterion, Dialect, Exception};

/// The lists, by scanner; the first two are those whose findings there are.
pub(super) const SECTIONS: [&str; 4] =
    ["vulnerabilities", "misconfigurations", "secrets", "licenses"];

pub(super) fn read(pairs: &[Pair], reading: &mut Reading) {
    for (Placed { value: key, .. }, node) in pairs {
        if !SECTIONS.contains(&key.as_str()) {
            let sections = SECTIONS.join(", ");
            reading.problem(
                node.line,
                &format!("the key {} is not known; known: {sections}", quoted(key)),
            );
            continue;
        }
        for element in entry::list(key, node, reading) {
            if let Some(exception) = exception(element, reading) {
                let kind = match key.as_str() {
                    "vulnerabilities" => Some(FindingKind::Vulnerability),
                    "misconfigurations" => Some(FindingKind::Configuration),
                    _ => None,
                };
                let other = kind.is_none();
                let void = other.then(|| Void::OtherScanner { scanner: key.clone() });
                reading.add(Exception { kind, void, ..exception });
            }
        }
    }
}

fn exception(node: &Node, reading: &mut Reading) -> Option<Exception> {
    let mut entry = Entry::new(node, "id", reading)?;
    let id = entry.text("id");
    if id.is_none() {
        entry.mistake(node.line, "it has no id".to_owned());
    }
    let exception = Exception {
        line: entry::line(node.line),
        id,
        criteria: limits(&mut entry),
        annotation: None,
        kind: None,
        owner: None,
        reason: entry.text("statement"),
        expiry: entry.expiry("expired_at"),
        void: None,
    };
    entry.finish(reading).then_some(exception)
}

/// `paths` and `purls`, which the project's own files have, too.
pub(super) fn limits(entry: &mut Entry<'_>) -> Vec<Criterion> {
    let paths = entry.globs("paths", Dialect::Relative);
    let mut urls = Vec::new();
    for (text, line) in entry.texts("purls") {
        match PackageUrl::from_str(&text) {
            Ok(url) => urls.push(url),
            Err(error) => {
                entry.mistake(line, format!("{} is no package URL: {error}", quoted(&text)));
            }
        }
    }
    let paths = (!paths.is_empty()).then_some(Criterion::Paths(paths));
    let urls = (!urls.is_empty()).then_some(Criterion::PackageUrls(urls));
    paths.into_iter().chain(urls).collect()
}
