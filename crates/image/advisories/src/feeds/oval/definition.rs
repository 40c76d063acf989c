//! A definition as it stands in the document.

use super::names;

/// One definition.
#[derive(Debug, Default)]
pub(super) struct Definition {
    /// The identifier, `oval:org.debian:def:…`.
    pub(super) id: String,
    /// `vulnerability` or `patch`.
    pub(super) class: String,
    /// `CVE-2022-47184 trafficserver`, `DSA-5435-1 trafficserver`.
    pub(super) title: String,
    pub(super) platforms: Vec<String>,
    pub(super) products: Vec<String>,
    pub(super) references: Vec<String>,
    pub(super) description: String,
    /// The bulletin's text.
    pub(super) more: String,
    /// `DSA-5435`.
    pub(super) bulletins: Vec<String>,
    pub(super) date: Option<String>,
    pub(super) criteria: Vec<Criterion>,
}

/// A leaf of the tree of criteria.
#[derive(Debug)]
pub(super) struct Criterion {
    /// The test's identifier.
    pub(super) test: String,
    pub(super) negated: bool,
}

impl Definition {
    pub(super) fn is_bulletin(&self) -> bool {
        self.class == "patch"
    }

    /// The CVEs that it refers to, in its order, each once.
    pub(super) fn cves(&self) -> Vec<String> {
        let mut cves: Vec<String> = Vec::new();
        for name in self.references.iter().filter_map(|reference| names::canonical(reference)) {
            if names::is_cve(&name) && !cves.contains(&name) {
                cves.push(name);
            }
        }
        cves
    }

    /// The first word of the title, which names the vulnerability or bulletin.
    pub(super) fn title_word(&self) -> &str {
        self.title.split_whitespace().next().unwrap_or_default()
    }

    /// What problems call it.
    pub(super) fn name(&self) -> &str {
        if self.title.is_empty() { &self.id } else { &self.title }
    }

    /// The text that says most: the tracker writes "security update" where it has none of its own.
    pub(super) fn text(&self) -> &str {
        let own = self.description.trim();
        if own.is_empty() || own == "security update" { &self.more } else { own }
    }
}
