//! A definition as it stands in the document.

use bulkhead_model::Scope;

use super::criteria::Criteria;
use super::document::Document;
use super::release;
use crate::feeds::{names, texts};

/// One definition.
#[derive(Debug, Default)]
pub(super) struct Definition {
    /// The identifier, `oval:org.debian:def:…`.
    pub(super) id: String,
    /// `vulnerability`, `patch` or `inventory`.
    pub(super) class: String,
    /// `CVE-2022-47184 trafficserver`, `RHSA-2022:8832: nodejs:18 security update (Moderate)`.
    pub(super) title: String,
    pub(super) platforms: Vec<String>,
    pub(super) products: Vec<String>,
    pub(super) references: Vec<Reference>,
    pub(super) description: String,
    /// Debian's text of the bulletin.
    pub(super) more: String,
    /// Debian's bulletins, `DSA-5435`.
    pub(super) bulletins: Vec<String>,
    /// Microsoft's word for whether there is a fix: `true`, `false`, `Not Applicable`.
    pub(super) patchable: String,
    /// Who issued the bulletin: an address, or a platform name.
    pub(super) from: String,
    /// The publisher's word for the severity of the whole.
    pub(super) severity: String,
    pub(super) published: Option<String>,
    pub(super) modified: Option<String>,
    /// What a bulletin says of each vulnerability.
    pub(super) vulnerabilities: Vec<Vulnerability>,
    pub(super) criteria: Criteria,
}

/// A reference of a definition.
#[derive(Debug, Default)]
pub(super) struct Reference {
    /// `CVE`, `USN`, `RHSA`.
    pub(super) source: String,
    pub(super) id: String,
    pub(super) address: String,
}

/// An element `cve` of a bulletin.
#[derive(Debug, Default)]
pub(super) struct Vulnerability {
    pub(super) id: String,
    pub(super) address: String,
    /// `impact` of Red Hat, `priority` of Ubuntu.
    pub(super) severity: String,
    /// Vectors, some behind their score: `9.3/CVSS:3.1/AV:N…`.
    pub(super) vectors: Vec<String>,
    /// `CWE-400->CWE-770`.
    pub(super) weaknesses: String,
    /// `20220419:2000`.
    pub(super) public: String,
}

impl Definition {
    pub(super) fn is_patch(&self) -> bool {
        self.class == "patch"
    }

    /// The CVEs that it refers to, in its order, each once.
    pub(super) fn cves(&self) -> Vec<String> {
        let references = self.references.iter().map(|reference| reference.id.as_str());
        let listed = self.vulnerabilities.iter().map(|vulnerability| vulnerability.id.as_str());
        let mut cves: Vec<String> = Vec::new();
        for name in references.chain(listed).filter_map(names::canonical) {
            if names::is_cve(&name) && !cves.contains(&name) {
                cves.push(name);
            }
        }
        cves
    }

    /// The first word of the title, which names the vulnerability or bulletin.
    pub(super) fn title_word(&self) -> &str {
        self.title.split_whitespace().next().unwrap_or_default().trim_end_matches(':')
    }

    /// What problems call it.
    pub(super) fn name(&self) -> &str {
        if self.title.is_empty() { &self.id } else { &self.title }
    }

    /// The releases that it is about: those of its platforms; else the one whose definition it
    /// extends; else the one of its issuer.
    pub(super) fn scopes(&self, document: &Document) -> Result<Vec<Scope>, String> {
        let of_platform = |platform: &String| {
            release::of_platform(platform)
                .ok_or_else(|| format!("unknown platform {}", texts::quote(platform)))
        };
        if !self.platforms.is_empty() {
            return self.platforms.iter().map(of_platform).collect();
        }
        let extended =
            self.criteria.extended().into_iter().filter_map(|id| document.definition(id));
        let mut scopes: Vec<Scope> =
            extended.filter_map(|definition| release::of_title(&definition.title)).collect();
        if scopes.is_empty() {
            scopes.extend(release::of_cpe(&self.from));
        }
        if scopes.is_empty() { Err("about no known release".to_owned()) } else { Ok(scopes) }
    }
}
