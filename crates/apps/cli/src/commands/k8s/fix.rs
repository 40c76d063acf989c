//! `bulkhead k8s fix`.

mod accepted;
mod answers;
mod cluster;
mod report;

use std::path::PathBuf;
use std::time::Duration;

use bulkhead_objects::Object;
use bulkhead_posture::{Catalogue, Settings};
use bulkhead_remediation::{
    Choice, Event, Patience, Record, Records, go_on, plan, roll_back, write_file,
};

use super::INCOMPLETE;
use super::objects::{Loaded, read_manifests};
use crate::arguments::{K8sFix, Organisation};
use crate::commands::answers::read_or_find_exceptions;
use crate::commands::{folders, survey};
use crate::failure::Failure;
use crate::terminal::Terminal;
use accepted::spare;
use cluster::Live;
use report::{Change, Report};

pub(super) fn run(
    arguments: &K8sFix,
    organisation: &Organisation,
    terminal: Terminal,
) -> Result<u8, Failure> {
    if arguments.list {
        return list(arguments, terminal);
    }
    let catalogue = Catalogue::built_in()?;
    let mut choice = answers::choice(arguments, &catalogue)?;
    if let Some(id) = &arguments.rollback {
        return take_back(arguments, organisation, id, &catalogue, &choice, terminal);
    }
    if arguments.paths.is_empty() && !arguments.cluster {
        return Err(Failure::new(
            "nothing to mend is named",
            "name files or folders, or ask for --cluster",
        ));
    }
    let testimony = read_or_find_exceptions(&arguments.ignorefile)?;
    let mut report = Report::new(arguments.apply);
    if arguments.apply {
        finish_earlier(arguments, organisation, &catalogue, &choice, &mut report)?;
    }
    if arguments.cluster {
        let live = Live::connect(arguments, organisation)?;
        report.accepted = spare(&live.loaded, &testimony, arguments, &mut choice, terminal)?;
        live.mend(arguments, &catalogue, &choice, &mut report, terminal)?;
    } else {
        let charts = arguments.charts();
        let loaded = read_manifests(&arguments.paths, &charts)?.under(organisation, &charts);
        loaded.warn_of_idle(&charts, terminal);
        report.accepted = spare(&loaded, &testimony, arguments, &mut choice, terminal)?;
        files(arguments, &loaded, &catalogue, &choice, &mut report)?;
    }
    report.write(arguments.output, terminal)?;
    let asked = |control: &str| arguments.control.iter().any(|own| own == control);
    Ok(if report.is_complete(asked) { 0 } else { INCOMPLETE })
}

fn files(
    arguments: &K8sFix,
    loaded: &Loaded,
    catalogue: &Catalogue,
    choice: &Choice,
    report: &mut Report,
) -> Result<(), Failure> {
    report.not_assessed.extend(loaded.not_assessed.iter().cloned());
    // Files are seldom all of a cluster: what they do not name may be there.
    let settings = Settings { complete: false, ..loaded.organisation.clone() };
    let wanted = |object: &Object| is_wanted(arguments, object);
    let plan = plan(&loaded.objects, &settings, catalogue, choice, &wanted);
    report.open = plan.open;
    let records =
        if arguments.apply && !plan.files.is_empty() { Some(records(arguments)?) } else { None };
    for file in plan.files {
        let write = |records: &Records| write_file(&file, records, &survey::clock().to_string());
        let written = records.as_ref().map(write);
        let mut change = Change::of_file(file);
        match written {
            None => {}
            Some(Ok(record)) => change.record(&record),
            Some(Err(error)) => change.failed(&Failure::from(error)),
        }
        report.changes.push(change);
    }
    Ok(())
}

fn is_wanted(arguments: &K8sFix, object: &Object) -> bool {
    let namespaces = &arguments.namespace;
    let is_named = object.type_name.kind == "Namespace";
    let own = if is_named { object.metadata.name.as_str() } else { object.namespace() };
    namespaces.is_empty() || namespaces.iter().any(|name| name == own)
}

/// Goes on with repairs that were cut short, before new ones are begun.
fn finish_earlier(
    arguments: &K8sFix,
    organisation: &Organisation,
    catalogue: &Catalogue,
    choice: &Choice,
    report: &mut Report,
) -> Result<(), Failure> {
    if !folder(arguments)?.is_dir() {
        return Ok(());
    }
    let records = records(arguments)?;
    let (all, broken) = records.all()?;
    report.not_assessed.extend(broken.iter().map(ToString::to_string));
    let open: Vec<Record> = all.into_iter().filter(|record| !record.state.is_final()).collect();
    let asks = arguments.cluster && !open.is_empty();
    let live = if asks { Some(Live::connect(arguments, organisation)?) } else { None };
    for mut record in open {
        let outcome = match &live {
            Some(live) => live.with(arguments, catalogue, choice, |repairs| {
                go_on(&mut record, &records, Some(repairs), &mut |_| {})
            }),
            None => go_on(&mut record, &records, None, &mut |_| {}),
        };
        let mut change = Change::of_record(&record);
        if let Err(error) = outcome {
            change.failed(&Failure::from(error));
        }
        report.changes.push(change);
    }
    Ok(())
}

fn take_back(
    arguments: &K8sFix,
    organisation: &Organisation,
    id: &str,
    catalogue: &Catalogue,
    choice: &Choice,
    terminal: Terminal,
) -> Result<u8, Failure> {
    let records = records(arguments)?;
    let mut record = records.read(id)?;
    let live = if arguments.cluster { Some(Live::connect(arguments, organisation)?) } else { None };
    match &live {
        Some(live) => live.with(arguments, catalogue, choice, |repairs| {
            roll_back(&mut record, &records, Some(repairs), &mut |_| {})
        }),
        None => roll_back(&mut record, &records, None, &mut |_| {}),
    }?;
    let mut report = Report::new(true);
    report.changes.push(Change::of_record(&record));
    report.write(arguments.output, terminal)?;
    Ok(0)
}

fn list(arguments: &K8sFix, terminal: Terminal) -> Result<u8, Failure> {
    let mut report = Report::new(true);
    if folder(arguments)?.is_dir() {
        let (records, broken) = records(arguments)?.all()?;
        report.not_assessed = broken.iter().map(ToString::to_string).collect();
        report.changes = records.iter().map(Change::of_record).collect();
    }
    report.write(arguments.output, terminal)?;
    Ok(if report.not_assessed.is_empty() { 0 } else { INCOMPLETE })
}

fn records(arguments: &K8sFix) -> Result<Records, Failure> {
    Ok(Records::open(&folder(arguments)?)?)
}

/// `XDG_STATE_HOME` is where states belong that outlive a run. (XDG Base Directory Specification)
fn folder(arguments: &K8sFix) -> Result<PathBuf, Failure> {
    let own = || Some(folders::of_user("XDG_STATE_HOME", ".local/state")?.join("repairs"));
    arguments.state.clone().or_else(own).ok_or_else(|| {
        Failure::new("there is no folder for records of repairs", "name one by --state")
    })
}

fn patience(arguments: &K8sFix) -> Patience {
    Patience {
        within: Duration::from_secs(arguments.healthy_within),
        window: Duration::from_secs(arguments.healthy_for),
    }
}

/// What is said of a step while it goes on.
const fn said(event: Event) -> Option<&'static str> {
    match event {
        Event::Tried => Some("the API server accepts it"),
        Event::Sent => Some("applied; waiting until it is well"),
        Event::TakenBack => Some("taken back"),
        Event::Recorded(_) => None,
    }
}
