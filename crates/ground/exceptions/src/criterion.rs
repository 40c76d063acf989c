//! What an exception asks of a finding beside its vulnerability.

use std::borrow::Cow;
use std::str::FromStr as _;

use bulkhead_model::{AnswerOutcome, Ecosystem, Evidence, FixState, PackageType, Subject};
use packageurl::PackageUrl;

use crate::{Candidate, Glob, Regex};

/// One thing that must hold.
#[derive(Debug, Clone)]
pub enum Criterion {
    /// One of the files that the finding is about matches one of these patterns.
    Paths(Vec<Glob>),
    /// The object matches one of these patterns of `KIND/NAMESPACE/NAME`, or `KIND/NAME` where it lies in
    /// no namespace.
    Objects(Vec<Glob>),
    /// The package is named by one of these package URLs. What a URL leaves out (version,
    /// qualifiers, subpath) may be anything.
    PackageUrls(Vec<PackageUrl<'static>>),
    /// The package has this name.
    PackageName(Name),
    /// The package has exactly this version.
    PackageVersion(String),
    /// The package is of this type, by Syft's word for it.
    PackageType(String),
    /// The package is of this language, by Syft's word for it.
    Language(String),
    /// The package was built from a source of this name.
    UpstreamName(Name),
    /// The fix is in this state, by Grype's word for it.
    FixState(String),
    /// The statement was about the package itself (`exact-direct-match`) or about what it was built
    /// from (`exact-indirect-match`).
    MatchType(String),
}

/// A name, or a pattern of names.
#[derive(Debug, Clone)]
pub enum Name {
    /// This one.
    Exactly(String),
    /// Those that match.
    Pattern(Regex),
}

/// Why a criterion does not hold.
pub(crate) struct Miss {
    pub(crate) outcome: AnswerOutcome,
    pub(crate) stated: String,
    pub(crate) found: String,
}

impl Criterion {
    /// None where it holds.
    pub(crate) fn miss(&self, candidate: &Candidate<'_>) -> Option<Miss> {
        let other = |stated: &str, found: &str| Miss {
            outcome: AnswerOutcome::OtherCriterion,
            stated: stated.to_owned(),
            found: found.to_owned(),
        };
        match self {
            Self::Paths(patterns) => paths(patterns, candidate),
            Self::Objects(patterns) => objects(patterns, candidate),
            Self::PackageUrls(urls) => package_urls(urls, candidate),
            Self::PackageName(name) => (!candidate.names().any(|own| name.matches(own)))
                .then(|| product(name.text(), candidate.name())),
            Self::UpstreamName(name) => {
                let source = candidate.source_name();
                (!source.is_some_and(|source| name.matches(source)))
                    .then(|| product(name.text(), source.unwrap_or_default()))
            }
            Self::PackageVersion(version) => (version != candidate.version()).then(|| Miss {
                outcome: AnswerOutcome::OtherVersion,
                stated: version.clone(),
                found: candidate.version().to_owned(),
            }),
            Self::PackageType(stated) => {
                let own = candidate.package_type().map_or("", syft_type);
                (stated != own).then(|| other(stated, own))
            }
            Self::Language(stated) => {
                let own = candidate.package_type().and_then(language).unwrap_or_default();
                (stated != own).then(|| other(stated, own))
            }
            Self::FixState(stated) => {
                let own = candidate.detail().map_or("", |detail| grype_state(detail.state));
                (stated != own).then(|| other(stated, own))
            }
            Self::MatchType(stated) => {
                let own = match_type(candidate);
                (stated != own).then(|| other(stated, own))
            }
        }
    }
}

impl Name {
    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exactly(own) => own == name,
            Self::Pattern(pattern) => pattern.matches(name),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Exactly(name) => name,
            Self::Pattern(pattern) => pattern.source(),
        }
    }
}

fn product(stated: &str, found: &str) -> Miss {
    Miss {
        outcome: AnswerOutcome::OtherProduct,
        stated: stated.to_owned(),
        found: found.to_owned(),
    }
}

fn paths(patterns: &[Glob], candidate: &Candidate<'_>) -> Option<Miss> {
    let own: Vec<String> = candidate.paths();
    let matches = |path: &String| patterns.iter().any(|pattern| pattern.matches(path));
    let stated: Vec<&str> = patterns.iter().map(Glob::source).collect();
    (!own.iter().any(matches)).then(|| Miss {
        outcome: AnswerOutcome::OtherPath,
        stated: stated.join(", "),
        found: own.join(", "),
    })
}

fn objects(patterns: &[Glob], candidate: &Candidate<'_>) -> Option<Miss> {
    let own = match &candidate.finding.subject {
        Subject::Object { kind, namespace: Some(namespace), name, .. } => {
            format!("{kind}/{namespace}/{name}")
        }
        Subject::Object { kind, namespace: None, name, .. } => format!("{kind}/{name}"),
        Subject::Package { .. } => String::new(),
    };
    let stated: Vec<&str> = patterns.iter().map(Glob::source).collect();
    let matches = patterns.iter().any(|pattern| pattern.matches(&own));
    (!matches).then(|| product(&stated.join(", "), &own))
}

fn package_urls(urls: &[PackageUrl<'static>], candidate: &Candidate<'_>) -> Option<Miss> {
    let text = candidate.purl();
    let own = PackageUrl::from_str(text).ok();
    if own.as_ref().is_some_and(|own| urls.iter().any(|url| covers(url, own))) {
        return None;
    }
    // Of the version alone it is said where everything else is the same.
    let unversioned = own.as_ref().and_then(|own| {
        urls.iter().find(|url| {
            let mut any = (*url).clone();
            any.without_version();
            covers(&any, own)
        })
    });
    let stated = || urls.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Some(match unversioned {
        Some(url) => Miss {
            outcome: AnswerOutcome::OtherVersion,
            stated: url.version().unwrap_or_default().to_owned(),
            found: candidate.version().to_owned(),
        },
        None => product(&stated(), text),
    })
}

/// Whether everything that one URL says is true of another.
fn covers(general: &PackageUrl<'_>, own: &PackageUrl<'_>) -> bool {
    let unless_absent = |stated: Option<&str>, own: Option<&str>| stated.is_none() || stated == own;
    general.ty() == own.ty()
        && general.namespace() == own.namespace()
        && general.name() == own.name()
        && unless_absent(general.version(), own.version())
        && unless_absent(general.subpath(), own.subpath())
        && general
            .qualifiers()
            .iter()
            .all(|(key, value)| own.qualifiers().get(key).map(Cow::as_ref) == Some(value.as_ref()))
}

/// Syft's names of the types of packages (`package.type` of a Grype rule).
fn syft_type(package_type: PackageType) -> &'static str {
    match package_type {
        PackageType::Language(ecosystem) => match ecosystem {
            Ecosystem::PyPi => "python",
            Ecosystem::Maven => "java-archive",
            Ecosystem::Go => "go-module",
            Ecosystem::Cargo => "rust-crate",
            Ecosystem::Composer => "php-composer",
            Ecosystem::NuGet => "dotnet",
            Ecosystem::Pub => "dart-pub",
            Ecosystem::Cran => "R-package",
            other => other.name(),
        },
        system => system.name(),
    }
}

/// Syft's names of languages (`package.language` of a Grype rule).
fn language(package_type: PackageType) -> Option<&'static str> {
    let PackageType::Language(ecosystem) = package_type else { return None };
    Some(match ecosystem {
        Ecosystem::Npm => "javascript",
        Ecosystem::PyPi => "python",
        Ecosystem::Maven => "java",
        Ecosystem::Go => "go",
        Ecosystem::Cargo => "rust",
        Ecosystem::Gem => "ruby",
        Ecosystem::Composer => "php",
        Ecosystem::NuGet => "dotnet",
        Ecosystem::Conan => "c++",
        Ecosystem::Pub => "dart",
        Ecosystem::Hex => "elixir",
        Ecosystem::Cran => "R",
        Ecosystem::Hackage => "haskell",
        Ecosystem::Bitnami | Ecosystem::Conda => return None,
    })
}

/// Grype's words for the states of a fix.
const fn grype_state(state: FixState) -> &'static str {
    match state {
        FixState::Fixed => "fixed",
        FixState::Affected => "not-fixed",
        FixState::WillNotFix => "wont-fix",
        FixState::NotAffected | FixState::UnderInvestigation => "unknown",
    }
}

/// Grype's words for what a statement was about.
fn match_type(candidate: &Candidate<'_>) -> &'static str {
    let keys = candidate.finding.evidence.iter().filter_map(|evidence| match evidence {
        Evidence::Advisory(row) => Some(row.key.name()),
        _ => None,
    });
    let source = candidate.source_name();
    let mut indirect = keys.filter(|key| Some(*key) == source && *key != candidate.name());
    if indirect.next().is_some() { "exact-indirect-match" } else { "exact-direct-match" }
}

/// Whether Grype takes a name for a regular expression: a dot alone does not make one.
pub(crate) fn is_pattern(name: &str) -> bool {
    name.contains(['^', '$', '*', '+', '?', '[', ']', '(', ')', '{', '}', '|', '\\'])
}
