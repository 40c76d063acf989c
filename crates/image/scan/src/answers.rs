//! What ignore files and VEX documents answer to findings: after the match, before the gate.

mod naming;

use std::collections::BTreeMap;

use bulkhead_exceptions::{Candidate, ExceptionFile, Moment};
use bulkhead_model::{
    Answer, AnswerOutcome, Confidence, Detail, Finding, FindingKind, Inventory, Problem,
    ProblemKind, Report, Subject, Suppressed, Suppression, Target, Verdict,
};
use bulkhead_sbom::vex::{self, Scanned, Statements};

use naming::Names;

/// What was said before the scan about what it may find.
#[derive(Debug, Clone, Default)]
pub struct Testimony {
    /// Ignore files, in the order in which they are asked.
    pub exceptions: Vec<ExceptionFile>,
    /// VEX documents.
    pub statements: Vec<vex::Document>,
}

impl Testimony {
    /// What everything that was said has to say of the findings of a target. `kind` is what the scan looks
    /// for, `now` its time, RFC 3339.
    pub(crate) fn about<'a>(
        &'a self,
        target: &'a Target,
        inventory: &'a Inventory,
        kind: FindingKind,
        now: &str,
    ) -> Answering<'a> {
        let now = Moment::read(now).unwrap_or(Moment::LAST);
        Answering {
            testimony: self,
            now,
            inventory,
            scanned: Scanned::new(target, inventory, &Names),
            entries: Entries::of(&self.exceptions, kind, now),
            statements: Statements::new(&self.statements),
            by_statement: BTreeMap::new(),
            problems: self.problems(),
        }
    }

    fn problems(&self) -> Vec<Problem> {
        let of_files = self.exceptions.iter().flat_map(|file| &file.problems).cloned();
        let of_documents = self.statements.iter().flat_map(|document| {
            document.problems.iter().map(|problem| Problem {
                message: format!("{}: {}", document.id, problem.message),
                ..problem.clone()
            })
        });
        of_files.chain(of_documents).collect()
    }
}

/// Lets more be said about a finished report: what it would be if that had been known. Findings
/// that were answered before stay so, and the outcome stays that of the scan.
pub fn answer(report: &mut Report, testimony: &Testimony, now: &str) {
    let findings = std::mem::take(&mut report.findings);
    let kind = match report.posture {
        Some(_) => FindingKind::Configuration,
        None => FindingKind::Vulnerability,
    };
    let mut answering = testimony.about(&report.target, &report.inventory, kind, now);
    for mut finding in findings {
        match answering.ask(&mut finding) {
            Some(by) => report.suppressed.push(Suppressed { finding, by }),
            None => report.findings.push(finding),
        }
    }
    let (answers, problems) = answering.finish();
    // What the scan was told already, it was told.
    let is_known = |new: &Answer| {
        let mut known = report.answers.iter();
        known.any(|old| old.says == new.says && old.vulnerabilities == new.vulnerabilities)
    };
    let new: Vec<Answer> = answers.into_iter().filter(|new| !is_known(new)).collect();
    report.answers.extend(new);
    report.problems.extend(problems);
}

/// The work on the findings of one target.
pub(crate) struct Answering<'a> {
    testimony: &'a Testimony,
    now: Moment,
    inventory: &'a Inventory,
    scanned: Scanned<'a>,
    entries: Entries,
    statements: Statements<'a>,
    /// Only statements about something that was found.
    by_statement: BTreeMap<(usize, usize), Answer>,
    problems: Vec<Problem>,
}

/// The entries of all ignore files.
struct Entries {
    /// One for each, in order.
    answers: Vec<Answer>,
    /// File and entry of each.
    positions: Vec<(usize, usize)>,
    /// Which of them name a vulnerability, by its name.
    by_name: BTreeMap<String, Vec<usize>>,
    /// Those that name none.
    nameless: Vec<usize>,
    /// Annotations, by their objects.
    by_object: BTreeMap<Subject, Vec<usize>>,
}

impl Entries {
    fn of(files: &[ExceptionFile], kind: FindingKind, now: Moment) -> Self {
        let mut entries = Self {
            answers: Vec::new(),
            positions: Vec::new(),
            by_name: BTreeMap::new(),
            nameless: Vec::new(),
            by_object: BTreeMap::new(),
        };
        for (number, file) in files.iter().enumerate() {
            for (index, exception) in file.exceptions.iter().enumerate() {
                let at = entries.answers.len();
                match (&exception.annotation, &exception.id) {
                    (Some(annotation), _) => {
                        entries.by_object.entry(annotation.object.clone()).or_default().push(at);
                    }
                    (None, Some(id)) => {
                        entries.by_name.entry(id.to_ascii_lowercase()).or_default().push(at);
                    }
                    (None, None) => entries.nameless.push(at),
                }
                entries.positions.push((number, index));
                entries.answers.push(Answer {
                    says: exception.suppression(&file.name),
                    vulnerabilities: exception.id.clone().into_iter().collect(),
                    time: None,
                    void: exception.void(kind, now),
                    verdicts: Vec::new(),
                });
            }
        }
        entries
    }

    /// Those that may be about a finding, in the order of the files.
    fn about(&self, finding: &Finding) -> Vec<usize> {
        let names = std::iter::once(&finding.rule).chain(finding.aliases());
        let named = names.filter_map(|name| self.by_name.get(&name.to_ascii_lowercase()));
        let annotated = self.by_object.get(&finding.subject).into_iter().flatten();
        let mut about: Vec<usize> =
            named.flatten().chain(&self.nameless).chain(annotated).copied().collect();
        about.sort_unstable();
        about.dedup();
        about
    }
}

impl Answering<'_> {
    /// What suppresses a finding: an ignore file, which is the user's own word, comes before a VEX document.
    pub(crate) fn ask(&mut self, finding: &mut Finding) -> Option<Suppression> {
        let by_entry = self.ask_entries(&Candidate::new(finding, self.inventory));
        let by_statement = self.ask_statements(finding, by_entry.is_some());
        by_entry.or(by_statement)
    }

    /// What was said, with what came of it, and what is odd about it.
    pub(crate) fn finish(self) -> (Vec<Answer>, Vec<Problem>) {
        let by_statement = self.by_statement.into_values();
        (self.entries.answers.into_iter().chain(by_statement).collect(), self.problems)
    }

    /// The first entry that suppresses a finding; what came of the others is noted.
    fn ask_entries(&mut self, candidate: &Candidate<'_>) -> Option<Suppression> {
        let mut by = None;
        for at in self.entries.about(candidate.finding()) {
            let exception = self.entries.positions.get(at).and_then(|(file, index)| {
                self.testimony.exceptions.get(*file)?.exceptions.get(*index)
            });
            let verdict = exception.and_then(|it| it.judge(candidate, self.now));
            if let (Some(verdict), Some(answer)) = (verdict, self.entries.answers.get_mut(at)) {
                note(answer, verdict, &mut by);
            }
        }
        by
    }

    /// The statement that suppresses a finding; one that confirms it makes it sure.
    fn ask_statements(
        &mut self,
        finding: &mut Finding,
        is_suppressed: bool,
    ) -> Option<Suppression> {
        let mut by = None;
        for judged in self.statements.judge(finding, &self.scanned) {
            let answer = self.by_statement.entry(judged.position).or_insert_with(|| Answer {
                says: judged.statement.suppression(judged.document),
                vulnerabilities: judged.statement.vulnerabilities.clone(),
                time: judged.statement.time.clone(),
                void: None,
                verdicts: Vec::new(),
            });
            let mut verdict = judged.verdict;
            match verdict.outcome {
                AnswerOutcome::Confirms => {
                    if let Detail::Vulnerability(detail) = &mut finding.detail {
                        detail.confidence = Confidence::Confirmed;
                    }
                }
                AnswerOutcome::Contradicted => {
                    let message = format!(
                        "{}: {} of {} contradicts {}, which is as old; the more cautious counts",
                        finding.rule,
                        judged.statement.status.name(),
                        judged.document.id,
                        verdict.found.as_deref().unwrap_or_default(),
                    );
                    let problem = Problem::general(ProblemKind::Ambiguous, message);
                    if !self.problems.contains(&problem) {
                        self.problems.push(problem);
                    }
                }
                AnswerOutcome::Suppresses if is_suppressed => {
                    verdict.outcome = AnswerOutcome::AlsoSuppresses;
                }
                _ => {}
            }
            note(answer, verdict, &mut by);
        }
        by
    }
}

/// Keeps a verdict; the first that suppresses is the one that counts.
fn note(answer: &mut Answer, mut verdict: Verdict, by: &mut Option<Suppression>) {
    if verdict.outcome == AnswerOutcome::Suppresses {
        if by.is_some() {
            verdict.outcome = AnswerOutcome::AlsoSuppresses;
        } else {
            *by = Some(answer.says.clone());
        }
    }
    answer.verdicts.push(verdict);
}
