//! Repairs of objects in a cluster.

use bulkhead_cluster::{Cluster, Collection};
use bulkhead_objects::Object;
use bulkhead_posture::{Catalogue, Settings};
use bulkhead_remediation::{Choice, LiveRepairs, Outcome};

use super::report::{Change, Report};
use super::{is_wanted, patience, records, said};
use crate::arguments::{Charts, K8sFix, K8sObjects, Organisation};
use crate::commands::k8s::objects::{self, Loaded};
use crate::commands::survey;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// A cluster with its objects.
pub(super) struct Live {
    cluster: Cluster,
    pub(super) loaded: Loaded,
}

impl Live {
    /// Connects, and reads everything that controls look at, but for Secrets: that would give their values.
    pub(super) fn connect(
        arguments: &K8sFix,
        organisation: &Organisation,
    ) -> Result<Self, Failure> {
        let source = K8sObjects {
            paths: Vec::new(),
            cluster: true,
            connection: arguments.connection.clone(),
            charts: Charts::default(),
        };
        let loaded = objects::load(&source, Collection::SCANNED)?;
        let loaded = loaded.under(organisation, &source.charts);
        let cluster = objects::connect(&arguments.connection)?;
        Ok(Self { cluster, loaded })
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
        let settings = Settings { complete: false, ..self.loaded.organisation.clone() };
        let context = bulkhead_posture::Cluster::new(&self.loaded.objects.objects, &settings);
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
        report.not_assessed.extend(self.loaded.not_assessed.iter().cloned());
        self.with(arguments, catalogue, choice, |repairs| {
            let records = if arguments.apply { Some(records(arguments)?) } else { None };
            for object in self.loaded.objects.objects.iter().filter(|it| is_wanted(arguments, it)) {
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
        let collection = &self.loaded.objects.file(object)?.path;
        let (base, plural) = collection.rsplit_once('/')?;
        let name = &object.metadata.name;
        Some(match &object.metadata.namespace {
            Some(namespace) => format!("{base}/namespaces/{namespace}/{plural}/{name}"),
            None => format!("{base}/{plural}/{name}"),
        })
    }
}
