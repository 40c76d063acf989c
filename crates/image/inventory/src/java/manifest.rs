//! `MANIFEST.MF` (JAR file specification, "JAR Manifest").

use crate::reading::text;

/// The attributes of the main section, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Manifest(Vec<(String, String)>);

impl Manifest {
    /// The value of an attribute; names have no case. None where it is empty or a placeholder of
    /// the build was left standing.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        Some(value.as_str()).filter(|value| !value.is_empty() && !value.contains("${"))
    }
}

/// The main section: what follows it concerns single files. Lines are at most 72 bytes long; a
/// leading space continues the one before.
pub(super) fn parse(bytes: &[u8]) -> Manifest {
    let mut attributes: Vec<(String, String)> = Vec::new();
    for line in text(bytes).lines() {
        if line.is_empty() {
            if attributes.is_empty() {
                continue;
            }
            break;
        }
        if let Some(continued) = line.strip_prefix(' ') {
            if let Some((_, value)) = attributes.last_mut() {
                value.push_str(continued);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            attributes.push((name.trim().to_owned(), value.trim_start().to_owned()));
        }
    }
    for (_, value) in &mut attributes {
        value.truncate(value.trim_end().len());
    }
    Manifest(attributes)
}
