//! `bulkhead k8s scan`.

mod publish;

use bulkhead_model::{Finding, Report, Suppressed, Target};
use bulkhead_posture::Catalogue;
use bulkhead_report::map::Map;
use bulkhead_report::{Format, Listed, streamed};
use bulkhead_scan::{JudgeOptions, Testimony};

use super::annotations;
use super::assess::Assessment;
use super::judged::Judged;
use super::objects::{self, Loaded};
use super::{netpol, rbac};
use crate::arguments::{K8sObjects, K8sScan, Organisation};
use crate::commands::{TOOL, answers, survey};
use crate::failure::Failure;
use crate::output::{self, Output};
use crate::terminal::Terminal;

pub(super) fn run(
    arguments: &K8sScan,
    organisation: &Organisation,
    terminal: Terminal,
) -> Result<u8, Failure> {
    output::check(&arguments.output)?;
    let standard = [Output::standard(Format::Table)];
    let outputs = if arguments.output.is_empty() { &standard } else { &*arguments.output };
    // First: a wrong name of a file should not cost the time of a scan.
    let testimony = answers::read_or_find_exceptions(&arguments.ignorefile)?;
    let mut loaded = load(arguments, organisation, outputs)?;
    loaded.warn_of_idle(&arguments.objects.charts, terminal);
    let options = JudgeOptions {
        severities: arguments.severity.clone(),
        gate: arguments.fail_on.clone(),
        strict: arguments.strict,
        ..JudgeOptions::default()
    };
    let target = target(&arguments.objects, &loaded);
    let listed = if arguments.show_suppressed { Listed::Suppressed } else { Listed::Findings };
    let has_maps = outputs.iter().any(|output| output.format() == Format::Html);
    let maps = if has_maps { maps(&mut loaded)? } else { Vec::new() };
    let (settings, catalogue) = (loaded.settings(), Catalogue::built_in()?);
    let assessment = Assessment::new(&loaded, &settings, &catalogue);
    let options = now(&loaded, testimony, options);
    let can_be_made =
        !arguments.publish && outputs.iter().all(|output| streamed::is_streamed(output.format()));
    let judged = Judged::new(&assessment, target, &options, can_be_made);
    judged.write(outputs, (listed, &maps), terminal)?;
    if arguments.publish {
        publish::publish(&judged.report, &arguments.objects.connection, terminal)?;
    }
    Ok(judged.report.outcome.exit_code)
}

/// The report on what was loaded, without its findings, each of which is given to `take`.
pub(super) fn report(
    loaded: &Loaded,
    target: Target,
    testimony: Testimony,
    take: &mut dyn FnMut(Finding),
) -> Result<Report, Failure> {
    let (settings, catalogue) = (loaded.settings(), Catalogue::built_in()?);
    let assessment = Assessment::new(loaded, &settings, &catalogue);
    let options = now(loaded, testimony, JudgeOptions::default());
    Ok(Judged::giving(&assessment, target, &options, take))
}

/// The failures that exceptions answer.
pub(super) fn answered(loaded: &Loaded, testimony: Testimony) -> Result<Vec<Suppressed>, Failure> {
    Ok(report(loaded, Target::default(), testimony, &mut |_| {})?.suppressed)
}

/// The options of this run, with what answers findings: annotations first, which are nearest.
fn now(loaded: &Loaded, mut testimony: Testimony, options: JudgeOptions) -> JudgeOptions {
    let now = survey::now();
    testimony.exceptions.splice(0..0, annotations::exceptions(&loaded.objects));
    JudgeOptions {
        testimony,
        created: now.to_string(),
        today: survey::day(now),
        tool: TOOL.to_owned(),
        ..options
    }
}

/// The objects, with their text where it is needed: for pictures and for a snapshot.
fn load(
    arguments: &K8sScan,
    organisation: &Organisation,
    outputs: &[Output],
) -> Result<Loaded, Failure> {
    let needs_text = arguments.snapshot.is_some()
        || outputs.iter().any(|output| output.format() == Format::Html);
    let loaded =
        objects::load_judged(&arguments.objects, organisation, arguments.secrets, needs_text)?;
    if let (Some(file), Some(bytes)) = (&arguments.snapshot, &loaded.snapshot) {
        fs_err::write(file, bytes)?;
    }
    Ok(loaded)
}

pub(super) fn target(arguments: &K8sObjects, loaded: &Loaded) -> Target {
    if let (true, Some(cluster)) = (arguments.cluster, &loaded.cluster) {
        return Target { name: cluster.clone(), kind: "cluster".to_owned(), image: None };
    }
    let paths = arguments.paths.iter();
    let paths: Vec<String> = paths.map(|path| path.display().to_string()).collect();
    let kind = if loaded.is_live { "snapshot" } else { "manifests" };
    Target { name: paths.join(" "), kind: kind.to_owned(), image: None }
}

/// Who reaches whom, and who comes to more rights: as far as a picture can show it.
fn maps(loaded: &mut Loaded) -> Result<Vec<Map>, Failure> {
    let reach = netpol::map_of(loaded);
    let rights = rbac::map_of(loaded)?;
    Ok(reach.into_iter().chain(rights).collect())
}
