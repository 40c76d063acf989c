//! What rules can see on this kernel, by what became of the probes.

use bulkhead_events::{Kind, Need, Origin};
use bulkhead_probes::Feature;
use bulkhead_rules::{Lack, Sight};
use bulkhead_sensor::status::{FeatureStatus, FeatureWorth};

/// What is told of programs that start, beside calls that fail.
const EXECUTIONS: [&str; 2] = ["execve", "execveat"];

/// What is told where processes are made, not where the call for it returns.
const BIRTHS: [&str; 4] = ["clone", "clone3", "fork", "vfork"];

/// What the sensor sees where this became of the features of the probes.
pub(crate) fn sight(features: &[FeatureStatus]) -> Sight {
    let mut sight = Sight::everything();
    for FeatureStatus { name, state, reason, .. } in features {
        let why = match state {
            FeatureWorth::Works => continue,
            FeatureWorth::Off => format!("{name} is switched off"),
            FeatureWorth::Refused => {
                format!("the kernel refuses {name}: {}", reason.as_deref().unwrap_or_default())
            }
        };
        sight = match Feature::ALL.iter().find(|feature| feature.name() == name) {
            Some(feature) => without(sight, *feature, &why),
            None => without_step(sight, name, &why),
        };
    }
    sight
}

/// What is seen without a part of the probes.
fn without(sight: Sight, feature: Feature, reason: &str) -> Sight {
    let partly = || Lack::Partly(reason.to_owned());
    let wholly = || Lack::Wholly(reason.to_owned());
    match feature {
        Feature::Execute => kinds(sight, is_execution, reason)
            .without(Need::CommandLine, partly())
            .without(Need::Environment, partly())
            .without(Need::Executable, partly()),
        Feature::Fork => sight.without(Need::Lineage, partly()),
        Feature::Exit => sight.without_kind(Kind::EXIT, reason),
        Feature::Calls => {
            let call = |kind: Kind| {
                let is_call = kind.is_system_call() || kind == Kind::DNS;
                is_call && !is_execution(kind) && !BIRTHS.contains(&kind.name())
            };
            kinds(sight, call, reason)
        }
        Feature::EntryCopies => sight.without(Need::EntryArguments, wholly()),
        Feature::Rings => sight.without_origin(Origin::IoUring, reason),
        Feature::Moves => sight.without(Need::Container, partly()),
        Feature::Signals => sight.without_kind(Kind::SIGNAL, reason),
        Feature::Tasks => {
            sight.without(Need::Lineage, partly()).without(Need::CommandLine, partly())
        }
        Feature::Descriptors => sight.without(Need::Descriptors, partly()),
        Feature::Step(program) => without_step(sight, program, reason),
    }
}

/// What is seen where records lack what a program would add to them.
fn without_step(sight: Sight, program: &str, reason: &str) -> Sight {
    let partly = || Lack::Partly(reason.to_owned());
    let wholly = || Lack::Wholly(reason.to_owned());
    match program {
        "step_text" | "step_directory" => sight.without(Need::Arguments, partly()),
        "step_object" => sight
            .without(Need::Descriptors, wholly())
            .without(Need::Connections, wholly())
            .without_kind(Kind::DNS, reason),
        "step_address" | "step_sender" | "step_message" => {
            sight.without(Need::Connections, partly())
        }
        "step_given" | "step_received" => sight.without(Need::Buffer, partly()),
        "step_same_name" | "step_copy" => sight.without(Need::EntryArguments, wholly()),
        "step_identity" => {
            sight.without(Need::Credentials, partly()).without(Need::Capabilities, partly())
        }
        "step_process" => sight.without(Need::Session, partly()),
        "step_standard" => sight.without(Need::Descriptors, partly()),
        "step_program" => sight
            .without(Need::Executable, wholly())
            .without(Need::OverlayLayer, wholly())
            .without(Need::MemoryFile, wholly()),
        "step_memory" => {
            sight.without(Need::CommandLine, wholly()).without(Need::Environment, wholly())
        }
        "step_cgroups" => {
            sight.without(Need::Container, wholly()).without_kind(Kind::CONTAINER, reason)
        }
        // The beginning, the end and the filter are part of every record.
        _ => sight.without(Need::Process, wholly()),
    }
}

fn is_execution(kind: Kind) -> bool {
    EXECUTIONS.contains(&kind.name())
}

fn kinds(sight: Sight, unseen: impl Fn(Kind) -> bool, reason: &str) -> Sight {
    Kind::all()
        .filter(|kind| unseen(*kind))
        .fold(sight, |sight, kind| sight.without_kind(kind, reason))
}

#[cfg(test)]
mod tests;
