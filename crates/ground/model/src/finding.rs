//! Statements about the target that somebody should act on.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::identity;
use crate::{Evidence, Location, Rating, VulnerabilityDetail};

/// A finding of any scanner.
///
/// It holds no sentence: [`Text`] names one and gives its arguments, so that it can be shown in any
/// language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable across scans; see [`FindingId::new`].
    pub id: FindingId,
    /// Which kind of scanner.
    pub kind: FindingKind,
    /// The canonical id of the rule or vulnerability: the CVE where there is one.
    pub rule: String,
    /// What it is about.
    pub subject: Subject,
    /// Where that is.
    pub location: Location,
    /// How bad it is, and who says so.
    pub rating: Rating,
    /// Why it is there, in the order in which it was decided.
    pub evidence: Vec<Evidence>,
    /// The particulars of its kind.
    pub detail: Detail,
    /// The sentence that says it.
    pub text: Text,
}

/// The kinds of findings.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A package version with a known vulnerability.
    Vulnerability,
    /// An object that is configured as it should not be.
    Configuration,
}

impl FindingKind {
    /// The name as in JSON; part of [`FindingId`], so it never changes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vulnerability => "vulnerability",
            Self::Configuration => "configuration",
        }
    }
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Subject {
    /// An installed package.
    Package {
        /// The package URL with its version.
        purl: String,
        /// The name as the package writes it.
        name: String,
        /// The version as the package writes it.
        version: String,
    },
    /// A Kubernetes object.
    Object {
        /// The API group, empty for the core group.
        group: String,
        /// The kind.
        kind: String,
        /// The namespace; none for an object of the cluster.
        namespace: Option<String>,
        /// The name.
        name: String,
    },
}

impl Subject {
    /// The name of the package or the object.
    pub fn name(&self) -> &str {
        match self {
            Self::Package { name, .. } | Self::Object { name, .. } => name,
        }
    }

    /// The version of the package; empty for what has none.
    pub fn version(&self) -> &str {
        match self {
            Self::Package { version, .. } => version,
            Self::Object { .. } => "",
        }
    }

    /// The object as people call it, `Deployment shop/web`; none for what is no object.
    pub fn object(&self) -> Option<String> {
        match self {
            Self::Package { .. } => None,
            Self::Object { kind, namespace: Some(namespace), name, .. } => {
                Some(format!("{kind} {namespace}/{name}"))
            }
            Self::Object { kind, namespace: None, name, .. } => Some(format!("{kind} {name}")),
        }
    }

    /// The package URL; empty for what is no package.
    pub fn purl(&self) -> &str {
        match self {
            Self::Package { purl, .. } => purl,
            Self::Object { .. } => "",
        }
    }

    /// The subject without its version: the same before and after an upgrade.
    fn identity(&self) -> Cow<'_, str> {
        match self {
            Self::Package { purl, .. } => {
                let end = purl.find(['?', '#']).unwrap_or(purl.len());
                let coordinates = purl.get(..end).unwrap_or(purl);
                // The version follows the last `@`; one inside a scope or namespace is encoded.
                coordinates.rsplit_once('@').map_or(coordinates, |(identity, _)| identity).into()
            }
            // `Deployment.apps/shop/web`, whatever the version of the API.
            Self::Object { group, kind, namespace, name } => {
                let namespace = namespace.as_deref().unwrap_or_default();
                format!("{kind}.{group}/{namespace}/{name}").into()
            }
        }
    }
}

/// The identity of a finding across scans, versions of the package and builds of the image.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct FindingId(String);

impl FindingId {
    /// Hash of the kind, the canonical rule or alias id, the subject without its version, and the
    /// path (without the layer: a rebuild changes it). Exceptions, comparisons, fingerprints and
    /// life cycles hang on it, so its inputs never change.
    pub fn new(kind: FindingKind, rule: &str, subject: &Subject, location: &Location) -> Self {
        let location = location.to_string();
        Self(identity([kind.name(), rule, &subject.identity(), &location].map(str::as_bytes)))
    }

    /// 32 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// The particulars of a kind of finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Detail {
    /// Of [`FindingKind::Vulnerability`].
    Vulnerability(Box<VulnerabilityDetail>),
    /// Of [`FindingKind::Configuration`].
    Control(ControlDetail),
}

/// Where an object is configured as it should not be. The control is the finding's rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ControlDetail {
    /// The field: where it would stand, if it is missing.
    pub place: String,
    /// The line of the file, from 1, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The columns of that line that it takes, from 1, in characters: the first, and the one behind the
    /// last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<(u32, u32)>,
}

impl Finding {
    /// Other names of the rule: of a vulnerability its aliases.
    pub fn aliases(&self) -> &[String] {
        self.vulnerability().map_or(&[], |detail| &detail.aliases)
    }

    /// The particulars of a vulnerability.
    pub fn vulnerability(&self) -> Option<&VulnerabilityDetail> {
        match &self.detail {
            Detail::Vulnerability(detail) => Some(detail),
            Detail::Control(_) => None,
        }
    }

    /// The particulars of an object's configuration.
    pub const fn control(&self) -> Option<&ControlDetail> {
        match &self.detail {
            Detail::Control(detail) => Some(detail),
            Detail::Vulnerability(_) => None,
        }
    }
}

/// A sentence by name, with what goes into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Text {
    /// The name, such as `vulnerability.fixed`.
    pub id: String,
    /// Its arguments by name.
    pub arguments: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(rule: &str, purl: &str, path: &str) -> FindingId {
        let subject =
            Subject::Package { purl: purl.into(), name: String::new(), version: String::new() };
        FindingId::new(FindingKind::Vulnerability, rule, &subject, &Location::of(path))
    }

    /// Golden: a change here breaks every stored exception and fingerprint.
    #[test]
    fn ids_never_change() {
        let golden = id("CVE-2021-44228", "pkg:maven/org.apache/log4j@2.14.1", "app/log4j.jar");
        assert_eq!(golden.as_str(), "69935d1c21051d3225ed1785d7ceafe3");
    }

    /// Golden, too: the version of the API and the line are not part of it.
    #[test]
    fn ids_of_objects_never_change() {
        let subject = Subject::Object {
            group: "apps".into(),
            kind: "Deployment".into(),
            namespace: Some("shop".into()),
            name: "web".into(),
        };
        let location = Location { inside: vec!["spec.hostPID".into()], ..Location::of("web.yaml") };
        let id = FindingId::new(FindingKind::Configuration, "host-pid", &subject, &location);
        assert_eq!(id.as_str(), "8da6ca9cf9d289c2b6eb78abec3a0040");
    }

    #[test]
    fn versions_and_qualifiers_are_not_part_of_it() {
        let one = id("CVE-1-1", "pkg:npm/%40scope/name@1.0.0", "a");
        assert_eq!(one, id("CVE-1-1", "pkg:npm/%40scope/name@2.0.0?arch=x", "a"));
        assert_ne!(one, id("CVE-1-1", "pkg:npm/%40scope/other@1.0.0", "a"));
        assert_ne!(one, id("CVE-1-2", "pkg:npm/%40scope/name@1.0.0", "a"));
        assert_ne!(one, id("CVE-1-1", "pkg:npm/%40scope/name@1.0.0", "b"));
    }
}
