//! From objects to a written report: with its findings in it, or, where they are more than memory should
//! hold, with findings that are made anew whenever one is written.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use bulkhead_model::{Finding, FindingKind, Inventory, Report, Severity, Target};
use bulkhead_objects::Object;
use bulkhead_report::map::Map;
use bulkhead_report::streamed::{self, Findings, Take, Tally};
use bulkhead_report::{Listed, ReportError};
use bulkhead_scan::{Conclusion, JudgeOptions};

use super::assess::{Assessment, sort};
use crate::failure::Failure;
use crate::output::{self, Output};
use crate::terminal::Terminal;

/// More findings than these are not held: a few hundred bytes each, where an object takes five thousand.
const HELD: usize = 20_000;

/// A report, and its findings where it does not hold them.
pub(super) struct Judged<'l> {
    pub(super) report: Report,
    made: Option<Made<'l>>,
}

/// Findings that are made when they are asked for.
struct Made<'l> {
    assessment: &'l Assessment<'l>,
    options: &'l JudgeOptions,
    target: Target,
    inventory: Inventory,
    tally: Tally,
    /// How bad each object is, in the order of the assessment; none where nothing is shown of it.
    worst: Vec<Option<Severity>>,
}

impl<'l> Judged<'l> {
    /// Judges all objects; more findings than [`HELD`] are only counted, where everybody who asked for them can
    /// do without them in memory.
    pub(super) fn new(
        assessment: &'l Assessment<'l>,
        target: Target,
        options: &'l JudgeOptions,
        can_be_made: bool,
    ) -> Self {
        Self::holding(assessment, target, options, if can_be_made { HELD } else { usize::MAX })
    }

    fn holding(
        assessment: &'l Assessment<'l>,
        target: Target,
        options: &'l JudgeOptions,
        held: usize,
    ) -> Self {
        let (inventory, named) = (Inventory::default(), target.clone());
        let mut conclusion =
            Conclusion::new(options, &named, &inventory, FindingKind::Configuration);
        let (mut findings, mut tally, mut worst) = (Vec::new(), Tally::default(), Vec::new());
        let evidence = assessment.evidence(target, |mut found| {
            sort(&mut found);
            let shown: Vec<_> = found.into_iter().filter_map(|it| conclusion.take(it)).collect();
            for finding in &shown {
                tally.add(finding);
            }
            worst.push(shown.iter().map(|finding| finding.rating.severity).max());
            if tally.total() <= held as u64 {
                findings.extend(shown);
            } else {
                findings = Vec::new();
            }
        });
        let is_held = tally.total() <= held as u64;
        sort(&mut findings);
        let report = conclusion.finish(evidence, Vec::new());
        let report = Report { findings, ..report };
        let made = || Made {
            assessment,
            options,
            target: named,
            inventory: Inventory::default(),
            tally,
            worst,
        };
        Self { report, made: (!is_held).then(made) }
    }

    /// The report without its findings, each of which is given to `take`.
    pub(super) fn giving(
        assessment: &Assessment<'_>,
        target: Target,
        options: &JudgeOptions,
        mut take: impl FnMut(Finding),
    ) -> Report {
        let (inventory, named) = (Inventory::default(), target.clone());
        let mut conclusion =
            Conclusion::new(options, &named, &inventory, FindingKind::Configuration);
        let evidence = assessment.evidence(target, |mut found| {
            sort(&mut found);
            found.into_iter().filter_map(|it| conclusion.take(it)).for_each(&mut take);
        });
        conclusion.finish(evidence, Vec::new())
    }

    /// Writes the report in every form that is asked for.
    pub(super) fn write(
        &self,
        outputs: &[Output],
        (listed, maps): (Listed, &[Map]),
        terminal: Terminal,
    ) -> Result<(), Failure> {
        let Some(made) = &self.made else {
            let report = std::slice::from_ref(&self.report);
            return output::write(report, outputs, listed, maps, terminal);
        };
        for output in outputs {
            output.stream(terminal, |style, out| {
                let findings: (&dyn Findings, &Tally) = (made, &made.tally);
                let format = output.format();
                streamed::write(&self.report, findings, format, listed, (style, maps), out)
            })?;
        }
        Ok(())
    }
}

/// Objects that are shown as one, with the worst finding of them.
type Group<'l> = (Option<Severity>, Vec<&'l Object>);

impl Made<'_> {
    fn conclusion(&self) -> Conclusion<'_> {
        let kind = FindingKind::Configuration;
        Conclusion::new(self.options, &self.target, &self.inventory, kind)
    }
}

impl Findings for Made<'_> {
    fn each(&self, kind: Option<&str>, take: &mut Take<'_>) -> Result<(), ReportError> {
        let mut conclusion = self.conclusion();
        for severity in Severity::DESCENDING {
            let mut places = self.assessment.places();
            let objects = self.assessment.objects().iter();
            for object in objects.filter(|it| kind.is_none_or(|kind| it.type_name.kind == *kind)) {
                for finding in self.assessment.findings(object, Some(severity), &mut places) {
                    if let Some(finding) = conclusion.take(finding)
                        && take(&finding)? == ControlFlow::Break(())
                    {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    fn by_object(
        &self,
        take: &mut dyn FnMut(&[Finding]) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        let mut conclusion = self.conclusion();
        let mut places = self.assessment.places();
        // Objects of one name in one file are shown as one.
        let mut groups: BTreeMap<(&str, String), Group<'_>> = BTreeMap::new();
        for (object, worst) in self.assessment.objects().iter().zip(&self.worst) {
            let (known, objects) = groups.entry(self.assessment.name(object)).or_default();
            *known = (*known).max(*worst);
            objects.push(object);
        }
        let mut groups: Vec<_> =
            groups.into_values().filter_map(|(worst, objects)| Some((worst?, objects))).collect();
        groups.sort_by_key(|(worst, _)| Reverse(*worst));
        for (_, objects) in groups {
            let findings = objects
                .into_iter()
                .flat_map(|object| self.assessment.findings(object, None, &mut places));
            let mut findings: Vec<_> = findings.filter_map(|it| conclusion.take(it)).collect();
            sort(&mut findings);
            take(&findings)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bulkhead_limits::{Budget, Limits};
    use bulkhead_posture::Catalogue;
    use bulkhead_report::{Format, Style, render_all};
    use bulkhead_scan::{Gate, Testimony};

    use super::super::annotations;
    use super::super::objects::Loaded;
    use super::*;

    const FILES: [(&str, &str); 2] = [
        (
            "b.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: one\n  annotations:\n    \
             bulkhead.io/except.image-tag-mutable: reason=its owner knows; owner=me\nspec:\n  hostPID: true\n  containers:\n  \
             - {name: a, image: x}\n  - name: b\n    image: y\n    securityContext: {privileged: true}\n---\n\
             apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {a: b}}\n---\n\
             apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {containers: \
             [{name: m, image: 'x:1', env: [{name: PASSWORD, value: hunter2}]}]}}}\n",
        ),
        (
            "a.json",
            "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \
             \"metadata\": {\"name\": \"z\"}, \"spec\": {\"containers\": [{\"name\": \"m\", \"image\": \"x\"}]}}, \
             {\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"y\"}, \"spec\": {\"hostNetwork\": \
             true, \"containers\": [{\"name\": \"m\", \"image\": \"x\"}]}}]}",
        ),
    ];

    /// Findings that are made while they are written are those that a report holds, in the same words.
    #[test]
    fn made_findings_are_written_as_held_ones() -> Result<(), Box<dyn std::error::Error>> {
        let mut loaded = Loaded::default();
        for (name, text) in FILES {
            loaded.objects.add(name, text.as_bytes(), &Budget::new(Limits::DEFAULT));
        }
        let (settings, catalogue) = (loaded.settings(), Catalogue::built_in()?);
        let assessment = Assessment::new(&loaded, &settings, &catalogue);
        let exceptions = annotations::exceptions(&loaded.objects).into_iter().collect();
        let all = JudgeOptions {
            testimony: Testimony { exceptions, ..Testimony::default() },
            gate: Some(Gate::parse("high,low+fixable")?),
            ..JudgeOptions::default()
        };
        let some = JudgeOptions { severities: vec![Severity::Medium], ..all.clone() };
        let none = JudgeOptions { severities: vec![Severity::Unknown], ..all.clone() };
        for (options, is_empty) in [(&all, false), (&some, false), (&none, true)] {
            let target = Target::default;
            let held = Judged::holding(&assessment, target(), options, usize::MAX).report;
            assert_eq!(held.findings.is_empty(), is_empty);
            assert!(!held.suppressed.is_empty() && !held.outcome.gates.is_empty());
            let judged = Judged::holding(&assessment, target(), options, 0);
            let Some(made) = &judged.made else { continue };
            for (format, listed) in [
                (Format::Table, Listed::Findings),
                (Format::Table, Listed::Suppressed),
                (Format::Json, Listed::Findings),
                (Format::Sarif, Listed::Findings),
                (Format::Junit, Listed::Findings),
                (Format::Markdown, Listed::Findings),
                (Format::Html, Listed::Findings),
            ] {
                assert!(streamed::is_streamed(format));
                let (style, mut streamed) = ((Style::PLAIN, &[] as &[Map]), Vec::new());
                let findings: (&dyn Findings, &Tally) = (made, &made.tally);
                streamed::write(&judged.report, findings, format, listed, style, &mut streamed)?;
                let whole = render_all(std::slice::from_ref(&held), format, listed, style.0, &[])?;
                assert_eq!(String::from_utf8(streamed)?, whole);
            }
        }
        Ok(())
    }
}
