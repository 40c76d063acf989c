//! `bulkhead k8s rbac who-can`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use bulkhead_rbac::{
    AttributePolicy, Catalogue, Holder, MASTERS, Request, Rule, Target, read_attribute_policies,
};
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
    /// What the policy file of ABAC allows beside.
    attributes: Vec<Attributes>,
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

#[derive(Serialize)]
struct Attributes {
    subject: String,
    scope: String,
    file: String,
    line: u64,
    policy: AttributePolicy,
}

pub(super) fn run(arguments: &WhoCan, terminal: Terminal) -> Result<u8, Failure> {
    let mut target = Catalogue::embedded()?.target(&arguments.resource)?;
    if let Target::Resource(resource) = &mut target {
        resource.namespace = arguments.namespace.clone().unwrap_or_default();
        resource.name = arguments.name.clone().unwrap_or_default();
    }
    let request = Request { verb: arguments.verb.clone(), target };
    let mut rights = rights(&arguments.objects, false)?;
    let attributes = match &arguments.abac_policy {
        None => Vec::new(),
        Some(file) => attributes(file, &request, &mut rights.loaded.not_assessed)?,
    };
    let mut holders: Vec<Holder<'_>> = rights.graph.who_can(&request).collect();
    holders.sort_by_key(|holder| (holder.subject, &holder.grant.binding.namespace));
    let answer = Answer {
        schema_version: SCHEMA_VERSION,
        request: request.to_string(),
        always: format!("group {MASTERS}"),
        holders: holders.iter().map(Line::of).collect(),
        attributes,
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

/// The policies of a file that allow a request to somebody.
fn attributes(
    file: &Path,
    request: &Request,
    not_assessed: &mut Vec<String>,
) -> Result<Vec<Attributes>, Failure> {
    let (policies, problems) = read_attribute_policies(&fs_err::read(file)?);
    let file = file.display().to_string();
    not_assessed.extend(problems.iter().map(|(line, reason)| format!("{file}:{line}: {reason}")));
    let allowing = policies.into_iter().filter(|(_, policy)| policy.allows_somebody(request));
    let told = allowing.map(|(line, policy)| {
        let (subject, scope) = (policy.to_string(), policy.scope(request));
        Attributes { subject, scope, file: file.clone(), line, policy }
    });
    Ok(told.collect())
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
    for Attributes { subject, scope, file, line, .. } in &answer.attributes {
        let _ = writeln!(text, "{}", printable(subject));
        let _ = writeln!(text, "    {}", printable(&format!("{scope}, by ABAC: {file}:{line}")));
    }
    let by_roles = holders.iter().map(|holder| holder.subject.to_string());
    let by_attributes = answer.attributes.iter().map(|it| it.subject.clone());
    let subjects: BTreeSet<String> = by_roles.chain(by_attributes).collect();
    let (request, count) = (printable(&answer.request), subjects.len());
    let noun = if count == 1 { "subject" } else { "subjects" };
    let _ = writeln!(
        text,
        "\n{count} {noun} can {request}. Members of the {} always can.",
        answer.always
    );
    text
}
