//! Repairs of objects in a cluster.

use std::collections::BTreeSet;

use bulkhead_cluster::{Cluster, Collection, Listing};
use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::{Object, Objects};
use bulkhead_posture::{Catalogue, Settings};
use bulkhead_remediation::{Choice, LiveRepairs, Outcome};

use super::report::{Change, Report};
use super::{is_wanted, patience, records, said};
use crate::arguments::K8sFix;
use crate::commands::survey;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// A cluster with its objects.
pub(super) struct Live {
    cluster: Cluster,
    objects: Objects,
    not_assessed: Vec<String>,
}

impl Live {
    /// Connects, and reads everything that controls look at.
    pub(super) fn connect(arguments: &K8sFix) -> Result<Self, Failure> {
        let context = arguments.context.as_deref();
        let cluster = Cluster::connect(arguments.kubeconfig.as_deref(), context)?;
        let (mut objects, mut not_assessed) = (Objects::new(), Vec::new());
        let budget = Budget::new(Limits::DEFAULT);
        let mut listed = BTreeSet::new();
        for collection in Collection::SCANNED {
            let (path, kind) = (collection.path(), (collection.group, collection.plural));
            if listed.contains(&kind) {
                continue;
            }
            let listing = cluster.list(*collection, |page| {
                objects.add(&path, page.as_bytes(), &budget);
                if let Some(page) = objects.files.last_mut() {
                    page.text = "".into();
                }
            })?;
            match listing {
                Listing::Absent => continue,
                Listing::Forbidden(reason) => {
                    not_assessed.push(format!("{}: {reason}", collection.resource()));
                }
                Listing::Whole { .. } => {}
            }
            listed.insert(kind);
        }
        not_assessed.extend(objects.problems.iter().map(super::super::objects::sentence));
        Ok(Self { cluster, objects, not_assessed })
    }

    /// Calls `act` with what repairs of this cluster need.
    pub(super) fn with<T>(
        &self,
        arguments: &K8sFix,
        catalogue: &Catalogue,
        choice: &Choice,
        act: impl FnOnce(&LiveRepairs<'_>) -> T,
    ) -> T {
        // Secrets are not listed, for that would give their values; what they name may be there.
        let settings = Settings { complete: false, ..Settings::default() };
        let context = bulkhead_posture::Cluster::new(&self.objects.objects, &settings);
        let cluster = &self.cluster;
        let (patience, managed) = (patience(arguments), arguments.include_managed);
        act(&LiveRepairs { cluster, catalogue, choice, context: &context, patience, managed })
    }

    /// Mends what fails, one object after the other.
    pub(super) fn mend(
        &self,
        arguments: &K8sFix,
        catalogue: &Catalogue,
        choice: &Choice,
        report: &mut Report,
        terminal: Terminal,
    ) -> Result<(), Failure> {
        report.not_assessed.extend(self.not_assessed.iter().cloned());
        self.with(arguments, catalogue, choice, |repairs| {
            let records = if arguments.apply { Some(records(arguments)?) } else { None };
            for object in self.objects.objects.iter().filter(|it| is_wanted(arguments, it)) {
                if !repairs.may_mend(object) {
                    continue;
                }
                let Some(path) = self.path(object) else { continue };
                let mut plan = match repairs.plan(object, &path) {
                    Ok(plan) => plan,
                    Err(error) => {
                        report.changes.push(Change::unplanned(object, &Failure::from(error)));
                        continue;
                    }
                };
                if plan.repair.steps.is_empty() {
                    report.open.extend(plan.open);
                    continue;
                }
                let mut outcome = None;
                if let Some(records) = &records {
                    let now = survey::clock().to_string();
                    let mut listen = |event| {
                        if let Some(said) = said(event) {
                            terminal.note(&format!("{object}: {said}"));
                        }
                    };
                    outcome = Some(repairs.carry_out(&mut plan, records, &now, &mut listen));
                }
                let mut change = Change::of_object(&plan);
                match outcome {
                    None => {}
                    Some(Ok(Outcome::Recorded(record))) => change.record(&record),
                    Some(Ok(Outcome::Refused(reason))) => change.refused(&reason),
                    Some(Err(error)) => change.failed(&Failure::from(error)),
                }
                report.open.extend(plan.open);
                report.changes.push(change);
            }
            Ok(())
        })
    }

    /// Where the server keeps an object, by the collection that it was listed in.
    fn path(&self, object: &Object) -> Option<String> {
        let collection = &self.objects.file(object)?.path;
        let (base, plural) = collection.rsplit_once('/')?;
        let name = &object.metadata.name;
        Some(match &object.metadata.namespace {
            Some(namespace) => format!("{base}/namespaces/{namespace}/{plural}/{name}"),
            None => format!("{base}/{plural}/{name}"),
        })
    }
}
