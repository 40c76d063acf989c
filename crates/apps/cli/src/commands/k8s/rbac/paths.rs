//! `bulkhead k8s rbac paths`.

use std::fmt::Write as _;

use bulkhead_rbac::{
    Binding, Graph, Path, Place, Reach, Right, Rule, Step, Subject, Where, escalations,
};
use bulkhead_report::printable;
use serde::Serialize;

use super::{BindingName, SCHEMA_VERSION, map, rights};
use crate::arguments::{Destination, Paths, PathsForm};
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

#[derive(Serialize)]
struct Answer<'a> {
    schema_version: &'static str,
    goal: String,
    paths: Vec<PathLine<'a>>,
    /// Parts of Kubernetes that are not shown.
    hidden: usize,
    not_assessed: &'a [String],
}

#[derive(Serialize)]
struct PathLine<'a> {
    from: String,
    steps: Vec<StepLine<'a>>,
}

#[derive(Serialize)]
struct StepLine<'a> {
    /// None where what was reached holds the next place anyway.
    escalation: Option<&'a str>,
    title: &'a str,
    to: String,
    rights: Vec<RightLine<'a>>,
}

#[derive(Serialize)]
struct RightLine<'a> {
    /// None where the step before gave the role.
    binding: Option<BindingName>,
    role: &'a str,
    rule: &'a Rule,
}

pub(super) fn run(arguments: &Paths, terminal: Terminal) -> Result<u8, Failure> {
    Destination::check(&arguments.output)?;
    let goal = goal(&arguments.to)?;
    let rights = rights(&arguments.objects, true)?;
    let escalations = escalations()?;
    let reach = Reach::new(&rights.graph, &rights.inventory, &escalations);
    let graph = &rights.graph;
    let (paths, hidden) = shown(&reach, graph, &goal, arguments.all);
    let answer = Answer {
        schema_version: SCHEMA_VERSION,
        goal: goal.describe(graph),
        paths: paths.iter().map(|path| PathLine::of(path, graph)).collect(),
        hidden,
        not_assessed: &rights.loaded.not_assessed,
    };
    for output in &arguments.output {
        let text = match output.form {
            PathsForm::Json => output::json_text(&answer)?,
            PathsForm::Table => format!("{}{}", table(&answer), rights.loaded.reservation()),
            PathsForm::Svg => map::of(&paths, &goal, graph, rights.loaded.not_assessed.len()).svg(),
        };
        output.write(&text)?;
    }
    Ok(rights.loaded.finish(terminal))
}

/// The ways to a goal, and how many of parts of Kubernetes are left out.
pub(super) fn shown<'reach>(
    reach: &'reach Reach<'_>,
    graph: &Graph,
    goal: &Place,
    all: bool,
) -> (Vec<Path<'reach>>, usize) {
    let mut paths = reach.paths(goal);
    // Somebody who is the goal has no way to go.
    paths.retain(|path| !path.steps.is_empty());
    let found = paths.len();
    if !all {
        paths.retain(|path| !is_built_in(graph, path.start));
    }
    let hidden = found - paths.len();
    (paths, hidden)
}

fn goal(text: &str) -> Result<Place, Failure> {
    let subject = |subject| Ok(Place::Subject(subject));
    match text.split_once(':') {
        None if text == "cluster" => Ok(Place::Everything(Where::Cluster)),
        Some(("namespace", name)) => Ok(Place::Everything(Where::Namespace(name.to_owned()))),
        Some(("user", name)) => subject(Subject::User(name.to_owned())),
        Some(("group", name)) => subject(Subject::Group(name.to_owned())),
        Some(("account", account)) if account.contains('/') => {
            let (namespace, name) = account.split_once('/').unwrap_or_default();
            let (namespace, name) = (namespace.to_owned(), name.to_owned());
            subject(Subject::ServiceAccount { namespace, name })
        }
        _ => Err(Failure::new(
            format!("{text:?} is no goal"),
            "cluster, namespace:NAME, user:NAME, group:NAME or account:NAMESPACE/NAME",
        )),
    }
}

/// Whether somebody has just the bindings that the API server makes itself.
fn is_built_in(graph: &Graph, start: &Place) -> bool {
    let Place::Subject(subject) = start else { return false };
    let mut own =
        graph.bindings().iter().filter(|binding| binding.subjects.contains(subject)).peekable();
    own.peek().is_some() && own.all(|binding: &Binding| binding.is_built_in)
}

impl<'a> PathLine<'a> {
    fn of(path: &'a Path<'_>, graph: &Graph) -> Self {
        Self {
            from: path.start.describe(graph),
            steps: path.steps.iter().map(|step| StepLine::of(step, graph)).collect(),
        }
    }
}

impl<'a> StepLine<'a> {
    fn of(step: &'a Step<'_>, graph: &Graph) -> Self {
        Self {
            escalation: step.escalation.map(|escalation| escalation.id.as_str()),
            title: step.escalation.map_or("is or has", |escalation| escalation.title.as_str()),
            to: step.to.describe(graph),
            rights: step
                .rights
                .iter()
                .map(|right| match right {
                    Right::Granted(grant) => RightLine {
                        binding: Some(BindingName::of(grant.binding)),
                        role: &grant.role.name,
                        rule: grant.rule,
                    },
                    Right::Gained(role, rule) => {
                        RightLine { binding: None, role: &role.name, rule }
                    }
                })
                .collect(),
        }
    }
}

fn table(answer: &Answer<'_>) -> String {
    let mut text = String::new();
    for path in &answer.paths {
        let _ = writeln!(text, "{}", printable(&path.from));
        for step in &path.steps {
            let _ = writeln!(text, "    {} → {}", step.title, printable(&step.to));
            for right in &step.rights {
                let by = match &right.binding {
                    None => format!("{} of the step before", right.role),
                    Some(BindingName { kind, namespace: None, name, role_kind, role }) => {
                        format!("{kind} {name} grants {role_kind} {role}")
                    }
                    Some(BindingName { kind, namespace: Some(place), name, role_kind, role }) => {
                        format!("{kind} {place}/{name} grants {role_kind} {role}")
                    }
                };
                let _ = writeln!(text, "        {}", printable(&format!("{by}: {}", right.rule)));
            }
        }
    }
    let (count, goal) = (answer.paths.len(), printable(&answer.goal));
    let noun = if count == 1 { "subject has" } else { "subjects have" };
    let _ = writeln!(text, "\n{count} {noun} a way to {goal}.");
    if answer.hidden > 0 {
        let _ =
            writeln!(text, "{} parts of Kubernetes itself are not shown (--all).", answer.hidden);
    }
    text
}
