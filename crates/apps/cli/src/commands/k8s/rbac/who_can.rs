//! `bulkhead k8s rbac who-can`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use bulkhead_rbac::{Catalogue, Holder, MASTERS, Request, Rule, Target};
use bulkhead_report::printable;
use serde::Serialize;

use super::{BindingName, SCHEMA_VERSION, rights};
use crate::arguments::{Form, WhoCan};
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

#[derive(Serialize)]
struct Answer<'graph> {
    schema_version: &'static str,
    request: String,
    /// Whom the API server obeys without asking.
    always: String,
    holders: Vec<Line<'graph>>,
    not_assessed: Vec<String>,
}

#[derive(Serialize)]
struct Line<'graph> {
    subject: String,
    /// None where it holds everywhere.
    namespace: Option<&'graph str>,
    binding: BindingName,
    rule: &'graph Rule,
}

pub(super) fn run(arguments: &WhoCan, terminal: Terminal) -> Result<u8, Failure> {
    let mut target = Catalogue::embedded()?.target(&arguments.resource)?;
    if let Target::Resource(resource) = &mut target {
        resource.namespace = arguments.namespace.clone().unwrap_or_default();
        resource.name = arguments.name.clone().unwrap_or_default();
    }
    let request = Request { verb: arguments.verb.clone(), target };
    let rights = rights(&arguments.objects, false)?;
    let mut holders: Vec<Holder<'_>> = rights.graph.who_can(&request).collect();
    holders.sort_by_key(|holder| (holder.subject, &holder.grant.binding.namespace));
    let answer = Answer {
        schema_version: SCHEMA_VERSION,
        request: request.to_string(),
        always: format!("group {MASTERS}"),
        holders: holders.iter().map(Line::of).collect(),
        not_assessed: rights.loaded.not_assessed.clone(),
    };
    match arguments.output {
        Form::Json => output::json(&answer)?,
        Form::Table => {
            let table = table(&answer, &holders);
            output::standard(&format!("{table}{}", rights.loaded.reservation()))?;
        }
    }
    Ok(rights.loaded.finish(terminal))
}

impl<'graph> Line<'graph> {
    fn of(holder: &Holder<'graph>) -> Self {
        Self {
            subject: holder.subject.to_string(),
            namespace: holder.grant.binding.namespace.as_deref(),
            binding: BindingName::of(holder.grant.binding),
            rule: holder.grant.rule,
        }
    }
}

fn table(answer: &Answer<'_>, holders: &[Holder<'_>]) -> String {
    let mut text = String::new();
    let mut last = None;
    for holder in holders {
        if last != Some(holder.subject) {
            let _ = writeln!(text, "{}", printable(&holder.subject.to_string()));
            last = Some(holder.subject);
        }
        let place = match &holder.grant.binding.namespace {
            None => "everywhere".to_owned(),
            Some(namespace) => format!("in {namespace}"),
        };
        let reason = format!(
            "{place}, by {}: {} has {}",
            holder.grant.binding, holder.grant.binding.role, holder.grant.rule
        );
        let _ = writeln!(text, "    {}", printable(&reason));
    }
    let subjects: BTreeSet<_> = holders.iter().map(|holder| holder.subject).collect();
    let (request, count) = (printable(&answer.request), subjects.len());
    let noun = if count == 1 { "subject" } else { "subjects" };
    let _ = writeln!(
        text,
        "\n{count} {noun} can {request}. Members of the {} always can.",
        answer.always
    );
    text
}
