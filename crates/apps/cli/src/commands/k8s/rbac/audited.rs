//! `bulkhead k8s rbac unused` and `suggest`.

use std::fmt::Write as _;

use bulkhead_rbac::{Idle, Malformed, Replay, Rule, Suggestion, Uses, idle};
use bulkhead_report::printable;
use serde::Serialize;

use super::audit_log::uses;
use super::{BindingName, Rights, SCHEMA_VERSION, rights};
use crate::arguments::{Audited, Form};
use crate::commands::k8s::INCOMPLETE;
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

#[derive(Serialize)]
struct Window<'a> {
    first: &'a str,
    last: &'a str,
    allowed: u64,
    denied: u64,
}

#[derive(Serialize)]
struct UnusedAnswer<'a> {
    schema_version: &'static str,
    window: Window<'a>,
    unused: Vec<UnusedLine<'a>>,
    not_assessed: &'a [String],
}

#[derive(Serialize)]
struct UnusedLine<'a> {
    binding: BindingName,
    subjects: Vec<String>,
    /// Nothing of the binding was used.
    whole: bool,
    /// Who of the subjects used nothing of it.
    idle_subjects: Vec<String>,
    /// The role is absent.
    dangling: bool,
    rules: &'a [Rule],
}

#[derive(Serialize)]
struct SuggestAnswer<'a> {
    schema_version: &'static str,
    window: Window<'a>,
    manifests: String,
    /// Requests of the log that the suggested roles were held against.
    replayed: u64,
    left_out: Vec<(&'a str, &'static str)>,
    writers_of_roles: Vec<&'a str>,
    not_assessed: &'a [String],
}

pub(super) fn unused(arguments: &Audited, terminal: Terminal) -> Result<u8, Failure> {
    let rights = rights(&arguments.objects, false)?;
    let uses = uses(&arguments.audit_log)?;
    let idle = idle(&rights.graph, &uses);
    match arguments.output {
        Form::Json => output::json(&UnusedAnswer {
            schema_version: SCHEMA_VERSION,
            window: Window::of(&uses),
            unused: idle.iter().map(UnusedLine::of).collect(),
            not_assessed: &rights.loaded.not_assessed,
        })?,
        Form::Table => output::standard(&unused_table(&idle, &uses))?,
    }
    Ok(finish(&rights, &uses, terminal))
}

pub(super) fn suggest(arguments: &Audited, terminal: Terminal) -> Result<u8, Failure> {
    let rights = rights(&arguments.objects, false)?;
    let uses = uses(&arguments.audit_log)?;
    let suggestion = Suggestion::new(&rights.graph, &uses);
    let replay = Replay::new(&suggestion, &rights.graph, &uses);
    if let Some((identity, request)) = replay.denied.first() {
        return Err(Failure::new(
            format!("the suggested roles would deny {} to {request}", identity.user),
            "this is a mistake of Bulkhead's: please report it with this line of the log",
        ));
    }
    let manifests = suggestion.manifests()?;
    let writers: Vec<&str> = suggestion.writers_of_roles.iter().map(String::as_str).collect();
    match arguments.output {
        Form::Json => output::json(&SuggestAnswer {
            schema_version: SCHEMA_VERSION,
            window: Window::of(&uses),
            manifests,
            replayed: replay.requests,
            left_out: suggestion.left_out.iter().map(|(who, why)| (who.as_str(), *why)).collect(),
            writers_of_roles: writers,
            not_assessed: &rights.loaded.not_assessed,
        })?,
        Form::Table => {
            let comment = suggest_comment(&suggestion, &uses, replay.requests);
            output::standard(&format!("{comment}{manifests}"))?;
            for writer in writers {
                terminal.warning(
                    &format!("{} writes roles or bindings", printable(writer)),
                    Some("the API server lets it grant only what it holds: keep such rights, or grant bind and escalate"),
                );
            }
        }
    }
    Ok(finish(&rights, &uses, terminal))
}

/// Says what was not assessed, and gives the exit code.
fn finish(rights: &Rights, uses: &Uses, terminal: Terminal) -> u8 {
    for Malformed { log, line, reason } in &uses.malformed {
        let place = format!("{log}:{line}: {reason}");
        terminal.warning(&format!("not assessed: {}", printable(&place)), None);
    }
    if uses.further_malformed > 0 {
        terminal.warning(&format!("not assessed: {} more lines", uses.further_malformed), None);
    }
    let code = rights.loaded.finish(terminal);
    if uses.malformed.is_empty() { code } else { INCOMPLETE }
}

impl<'a> Window<'a> {
    fn of(uses: &'a Uses) -> Self {
        Self { first: &uses.first, last: &uses.last, allowed: uses.lines, denied: uses.denied }
    }

    fn describe(&self) -> String {
        let Self { first, last, allowed, denied } = self;
        let (first, last) = (printable(first), printable(last));
        format!("{allowed} allowed and {denied} denied requests from {first} to {last}")
    }
}

impl<'a> UnusedLine<'a> {
    fn of(idle: &'a Idle<'_>) -> Self {
        Self {
            binding: BindingName::of(idle.binding),
            subjects: idle.binding.subjects.iter().map(ToString::to_string).collect(),
            whole: idle.is_whole,
            idle_subjects: idle.subjects.iter().map(ToString::to_string).collect(),
            dangling: idle.role.is_none(),
            rules: &idle.rules,
        }
    }
}

fn unused_table(idle: &[Idle<'_>], uses: &Uses) -> String {
    let mut text = String::new();
    for idle in idle {
        let binding = idle.binding;
        let subjects: Vec<String> = binding.subjects.iter().map(ToString::to_string).collect();
        let subjects = if subjects.is_empty() { "nobody".to_owned() } else { subjects.join(", ") };
        let head = format!("{binding}: {} to {subjects}", binding.role);
        let _ = writeln!(text, "{}", printable(&head));
        if idle.role.is_none() {
            let _ =
                writeln!(text, "    the role is absent: whoever makes it chooses what this grants");
            continue;
        }
        if idle.is_whole {
            let _ = writeln!(text, "    nothing of it was used");
            continue;
        }
        for subject in &idle.subjects {
            let _ = writeln!(text, "    not used by {}", printable(&subject.to_string()));
        }
        for rule in &idle.rules {
            let _ = writeln!(text, "    not used: {}", printable(&rule.to_string()));
        }
    }
    let count = idle.len();
    let bindings = if count == 1 { "binding grants" } else { "bindings grant" };
    let window = Window::of(uses).describe();
    let _ = writeln!(text, "\n{count} {bindings} what was not used in {window}.");
    text
}

fn suggest_comment(suggestion: &Suggestion, uses: &Uses, replayed: u64) -> String {
    let mut text = format!(
        "# The least roles for what was done in {}.\n\
         # {replayed} requests were held against them, with the bindings to groups as they are: none is denied.\n",
        Window::of(uses).describe()
    );
    for (user, reason) in &suggestion.left_out {
        let _ = writeln!(text, "# left out: {}, {reason}", printable(user));
    }
    text
}
