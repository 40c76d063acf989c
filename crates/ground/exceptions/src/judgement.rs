//! One entry held against one finding.

use bulkhead_model::{
    AnswerOutcome, Finding, Inventory, Package, PackageType, Verdict, Void, VulnerabilityDetail,
};

use crate::{Exception, Moment};

/// A finding, and what the inventory knows of its package.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    pub(crate) finding: &'a Finding,
    pub(crate) package: Option<&'a Package>,
}

impl<'a> Candidate<'a> {
    /// A finding of a report with this inventory.
    pub fn new(finding: &'a Finding, inventory: &'a Inventory) -> Self {
        let package = finding.vulnerability().and_then(|detail| inventory.package(detail.package));
        Self { finding, package }
    }

    /// The finding.
    pub const fn finding(&self) -> &'a Finding {
        self.finding
    }

    /// Whether the vulnerability has this name, be it an alias; letters of any case.
    pub fn is_named(&self, id: &str) -> bool {
        let aliases = self.finding.aliases().iter().map(String::as_str);
        std::iter::once(self.finding.rule.as_str())
            .chain(aliases)
            .any(|name| name.eq_ignore_ascii_case(id))
    }

    pub(crate) fn detail(&self) -> Option<&'a VulnerabilityDetail> {
        self.finding.vulnerability()
    }

    pub(crate) fn purl(&self) -> &'a str {
        self.finding.subject.purl()
    }

    pub(crate) fn name(&self) -> &'a str {
        self.finding.subject.name()
    }

    pub(crate) fn version(&self) -> &'a str {
        self.finding.subject.version()
    }

    /// The names that tools give the package: of Maven's the artifact alone, too.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        let name = self.name();
        let is_maven = self.purl().starts_with("pkg:maven/");
        let artifact = name.rsplit_once(':').map(|(_, artifact)| artifact).filter(|_| is_maven);
        std::iter::once(name).chain(artifact)
    }

    pub(crate) fn package_type(&self) -> Option<PackageType> {
        self.package.map(|package| package.package_type)
    }

    pub(crate) fn source_name(&self) -> Option<&'a str> {
        self.package?.source.as_ref().map(|source| source.name.as_str())
    }

    /// Every file that the finding or its package is known by. One inside an archive is known by
    /// the archive alone, and by the whole way to it.
    pub(crate) fn paths(&self) -> Vec<String> {
        let of_package = self.package.map_or(&[][..], |package| &package.locations);
        let mut paths = Vec::new();
        for location in std::iter::once(&self.finding.location).chain(of_package) {
            let archive = location.path.to_string();
            let inside = location.inside.iter().map(ToString::to_string);
            let whole =
                std::iter::once(archive.clone()).chain(inside).collect::<Vec<_>>().join("/");
            for path in [archive, whole] {
                if !path.is_empty() && !paths.contains(&path) {
                    paths.push(path);
                }
            }
        }
        paths
    }
}

impl Exception {
    /// Holds the entry against a finding; none where it is about another vulnerability. One that
    /// names no vulnerability is about every one, and is silent where something else is missing.
    pub fn judge(&self, candidate: &Candidate<'_>, now: Moment) -> Option<Verdict> {
        if self.id.as_deref().is_some_and(|id| !candidate.is_named(id))
            || self.kind.is_some_and(|kind| kind != candidate.finding.kind)
            || self.annotation.as_ref().is_some_and(|own| !own.is_of(candidate.finding))
        {
            return None;
        }
        let (outcome, stated, found) = self.outcome(candidate, now);
        let applies = outcome == AnswerOutcome::Suppresses;
        let finding = candidate.finding.id.clone();
        (applies || self.id.is_some()).then_some(Verdict { finding, outcome, stated, found })
    }

    fn outcome(
        &self,
        candidate: &Candidate<'_>,
        now: Moment,
    ) -> (AnswerOutcome, Option<String>, Option<String>) {
        match &self.void {
            Some(Void::NotJudged { criterion }) => {
                return (AnswerOutcome::NotJudged, Some(criterion.clone()), None);
            }
            Some(Void::OtherScanner { scanner }) => {
                return (AnswerOutcome::OtherCriterion, Some(scanner.clone()), None);
            }
            Some(Void::Expired) | None => {}
        }
        if let Some(expiry) = self.expiry.as_ref().filter(|expiry| expiry.is_past(now)) {
            return (AnswerOutcome::Expired, Some(expiry.text().to_owned()), None);
        }
        match self.criteria.iter().find_map(|criterion| criterion.miss(candidate)) {
            Some(miss) => (miss.outcome, Some(miss.stated), Some(miss.found)),
            None => (AnswerOutcome::Suppresses, None, None),
        }
    }
}
