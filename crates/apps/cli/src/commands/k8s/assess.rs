//! Objects to what controls say of them: the evidence of a report.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use bulkhead_model::{
    Clauses, ControlStatement, Finding, NotAssessed, NotAssessedReason, Posture, Severity, Target,
    VerdictCounts,
};
use bulkhead_objects::{Body, Object, Objects, Places, ProblemKind};
use bulkhead_posture::{
    Catalogue, Cluster, Control, ControlText, Settings, Verdict, file, subject,
};
use bulkhead_scan::Evidence;

use super::objects::Loaded;

/// Objects with all that judging them takes.
pub(super) struct Assessment<'l> {
    loaded: &'l Loaded,
    catalogue: &'l Catalogue,
    texts: HashMap<&'l str, &'l ControlText>,
    cluster: Cluster<'l>,
    /// The objects as reports list their findings.
    order: Vec<&'l Object>,
}

impl<'l> Assessment<'l> {
    pub(super) fn new(
        loaded: &'l Loaded,
        settings: &'l Settings,
        catalogue: &'l Catalogue,
    ) -> Self {
        let objects = &loaded.objects;
        let texts = catalogue.controls().map(|text| (text.id.as_str(), text)).collect();
        let mut order: Vec<&Object> = objects.objects.iter().collect();
        order.sort_by_cached_key(|object| {
            let line = objects.has_lines(object).then_some(object.origin.line);
            (file(object, objects), line, subject(object))
        });
        let cluster = Cluster::new(&objects.objects, settings);
        Self { loaded, catalogue, texts, cluster, order }
    }

    /// What is to be said of the objects, but for the findings: these are given to `found`, object by object
    /// in the order of reports.
    pub(super) fn evidence(&self, target: Target, mut found: impl FnMut(Vec<Finding>)) -> Evidence {
        let (mut posture, mut places) = (Posture::default(), self.loaded.objects.places());
        let mut open = Open::default();
        let mut named: BTreeSet<&str> = BTreeSet::new();
        for object in &self.order {
            let (mut findings, mut counts) = (Vec::new(), VerdictCounts::default());
            self.cluster.judge(object, |judgement| {
                count(&mut counts, judgement.verdict);
                let Some(text) = self.texts.get(judgement.control.id) else { return };
                let into = match judgement.verdict {
                    Verdict::Fail => &mut findings,
                    Verdict::NotCheckable => {
                        let what = judgement.remarks.first();
                        open.add(judgement.control.id, what.map(|it| it.reason.text().1));
                        &mut posture.not_checkable
                    }
                    Verdict::Pass | Verdict::NotApplicable => return,
                };
                named.insert(judgement.control.id);
                into.extend(judgement.findings(text, &self.loaded.objects, &mut places));
            });
            found(findings);
            posture.verdicts.merge(counts);
            posture.namespaces.entry(namespace(object).to_owned()).or_default().merge(counts);
            let count = posture.objects.entry(object.type_name.kind.to_string()).or_default();
            *count = count.saturating_add(1);
        }
        sort(&mut posture.not_checkable);
        let statements =
            named.iter().filter_map(|id| Some(statement(self.texts.get(id)?, self.catalogue)));
        posture.controls = statements.collect();

        let mut not_assessed = self.loaded.gaps();
        not_assessed.extend(unknown(&self.loaded.objects.objects));
        not_assessed.extend(misnamed(&self.loaded.objects));
        not_assessed.extend(open.not_assessed());
        let problems = self.loaded.problems().chain(mistakes(&self.loaded.objects)).collect();
        Evidence { target, posture: Some(posture), not_assessed, problems, ..Evidence::default() }
    }

    /// Finds the places of findings.
    pub(super) fn places(&self) -> Places<'l> {
        self.loaded.objects.places()
    }

    /// The file and the name under which an object is shown.
    pub(super) fn name(&self, object: &'l Object) -> (&'l str, String) {
        (file(object, &self.loaded.objects), subject(object).object().unwrap_or_default())
    }

    /// The objects in the order of reports.
    pub(super) fn objects(&self) -> &[&'l Object] {
        &self.order
    }

    /// What is wrong with an object, of this severity or of any.
    pub(super) fn findings(
        &self,
        object: &'l Object,
        severity: Option<Severity>,
        places: &mut Places<'l>,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let rated = |control: &Control| self.texts.get(control.id).map(|text| text.severity);
        let wanted = |it: &Control| severity.is_none() || rated(it) == severity;
        self.cluster.judge_some(object, wanted, |judgement| {
            let text = self.texts.get(judgement.control.id);
            if let (Verdict::Fail, Some(text)) = (judgement.verdict, text) {
                findings.extend(judgement.findings(text, &self.loaded.objects, places));
            }
        });
        sort(&mut findings);
        findings
    }
}

/// The namespace whose verdicts those of an object are; empty where it lies in none.
fn namespace(object: &Object) -> &str {
    match object.body {
        Body::Namespace => &object.metadata.name,
        _ if object.is_namespaced() => object.namespace(),
        _ => "",
    }
}

/// Counts a verdict.
pub(super) const fn count(counts: &mut VerdictCounts, verdict: Verdict) {
    let count = match verdict {
        Verdict::Fail => &mut counts.fail,
        Verdict::NotCheckable => &mut counts.not_checkable,
        Verdict::Pass => &mut counts.pass,
        Verdict::NotApplicable => &mut counts.not_applicable,
    };
    *count = count.saturating_add(1);
}

/// Verdicts that nothing decided, by what they lack: how many, and of which controls.
#[derive(Default)]
pub(super) struct Open(BTreeMap<String, (u64, BTreeSet<&'static str>)>);

impl Open {
    /// One more; `lacks` is what its first remark says.
    pub(super) fn add(&mut self, control: &'static str, lacks: Option<String>) {
        let (count, controls) =
            self.0.entry(lacks.unwrap_or_else(|| MISTAKE.to_owned())).or_default();
        *count = count.saturating_add(1);
        controls.insert(control);
    }

    pub(super) fn not_assessed(self) -> impl Iterator<Item = NotAssessed> {
        self.0.into_iter().map(|(cause, (count, controls))| NotAssessed {
            reason: NotAssessedReason::Control {
                cause,
                controls: controls.into_iter().map(str::to_owned).collect(),
            },
            count,
            hint: None,
        })
    }
}

/// What is wanting where the API server would refuse the object.
const MISTAKE: &str = "an object that the API server takes";

/// The worst first, then as they stand.
pub(super) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |it: &'_ Finding| -> (Reverse<Severity>, Option<u32>) {
            (Reverse(it.rating.severity), it.control().and_then(|detail| detail.line))
        };
        let ((worse_a, line_a), (worse_b, line_b)) = (key(a), key(b));
        worse_a
            .cmp(&worse_b)
            .then_with(|| a.location.path.cmp(&b.location.path))
            .then_with(|| line_a.cmp(&line_b))
            .then_with(|| a.subject.cmp(&b.subject))
            .then_with(|| a.rule.cmp(&b.rule))
            .then_with(|| a.location.inside.cmp(&b.location.inside))
    });
}

/// What people read about a control.
fn statement(text: &ControlText, catalogue: &Catalogue) -> ControlStatement {
    let clauses = text.map.by_framework().into_iter().filter(|(_, clauses)| !clauses.is_empty());
    let clauses = clauses.filter_map(|(key, clauses)| {
        let framework = catalogue.frameworks.get(key)?;
        Some(Clauses {
            document: framework.title.clone(),
            version: framework.version.clone(),
            clauses: clauses.to_vec(),
        })
    });
    ControlStatement {
        id: text.id.clone(),
        title: text.title.clone(),
        why: text.why.clone(),
        risk: text.risk.clone(),
        fix: text.fix.clone(),
        clauses: clauses.collect(),
    }
}

/// Objects of which controls know no more than their names.
pub(super) fn unknown<'a>(
    objects: impl IntoIterator<Item = &'a Object>,
) -> impl Iterator<Item = NotAssessed> {
    let mut kinds: BTreeMap<(String, String), u64> = BTreeMap::new();
    for object in objects {
        if let Body::Unknown(why) = &object.body {
            let count = kinds.entry((object.type_name.to_string(), why.to_string())).or_default();
            *count = count.saturating_add(1);
        }
    }
    kinds.into_iter().map(|((kind, cause), count)| NotAssessed {
        reason: NotAssessedReason::Kind { kind, cause },
        count,
        hint: None,
    })
}

/// Objects of a version that their kind does not have: the API server takes none of them, so what is said of
/// them holds of what was meant only.
fn misnamed(objects: &Objects) -> impl Iterator<Item = NotAssessed> {
    let mut kinds: BTreeMap<(String, String), u64> = BTreeMap::new();
    for object in &objects.objects {
        let mistake = object.mistakes.iter().find(|mistake| mistake.is_about_the_version());
        if let Some(mistake) = mistake {
            let key = (object.type_name.kind.to_string(), mistake.message.clone());
            let count = kinds.entry(key).or_default();
            *count = count.saturating_add(1);
        }
    }
    kinds.into_iter().map(|((kind, cause), count)| NotAssessed {
        reason: NotAssessedReason::Kind { kind, cause },
        count,
        hint: None,
    })
}

/// What the API server would refuse.
fn mistakes(objects: &Objects) -> impl Iterator<Item = bulkhead_model::Problem> {
    let problem = |object: &Object, mistake: &bulkhead_objects::Mistake| {
        let location = bulkhead_model::Location::of(file(object, objects));
        let message = format!("{object}: {}: {}", mistake.path, mistake.message);
        let kind = bulkhead_model::ProblemKind::Malformed;
        bulkhead_model::Problem::new(kind, location, message)
    };
    objects.objects.iter().flat_map(move |object| {
        let others = object.mistakes.iter().filter(|mistake| !mistake.is_about_the_version());
        others.map(move |mistake| problem(object, mistake))
    })
}

impl Loaded {
    /// What gave no objects.
    fn gaps(&self) -> Vec<NotAssessed> {
        let whole = self.objects.problems.iter().filter(|it| it.kind != ProblemKind::RepeatedKey);
        let manifests = whole.map(|problem| NotAssessedReason::Manifest {
            file: problem.file.to_string(),
            line: problem.position.map(|(line, _)| line),
            cause: problem.message.clone(),
        });
        let collections = self.absent.iter().map(|absent| NotAssessedReason::Collection {
            resource: absent.resource.clone(),
            cause: absent.reason.clone(),
        });
        manifests
            .chain(collections)
            .map(|reason| NotAssessed { reason, count: 0, hint: None })
            .collect()
    }

    /// What is odd about what was read.
    fn problems(&self) -> impl Iterator<Item = bulkhead_model::Problem> {
        let odd = self.objects.problems.iter().filter(|it| it.kind == ProblemKind::RepeatedKey);
        odd.map(|problem| {
            let line = problem.position.map_or(String::new(), |(line, _)| format!("line {line}: "));
            bulkhead_model::Problem::new(
                bulkhead_model::ProblemKind::Ambiguous,
                bulkhead_model::Location::of(&*problem.file),
                format!("{line}{}", problem.message),
            )
        })
    }
}
