//! `bulkhead k8s controls`.

use std::fmt::Write as _;

use bulkhead_posture::{Catalogue, ControlText, Strategy};

use crate::arguments::{ControlList, Controls, Form, Organisation};
use crate::failure::Failure;
use crate::output;

pub(super) fn run(command: &Controls, organisation: &Organisation) -> Result<u8, Failure> {
    let catalogue = Catalogue::built_in()?;
    match command {
        Controls::List(arguments) => list(&catalogue, arguments)?,
        Controls::Explain { id } => explain(&catalogue, organisation, id)?,
    }
    Ok(0)
}

fn list(catalogue: &Catalogue, arguments: &ControlList) -> Result<(), Failure> {
    let wanted = |name: &str| arguments.family.as_deref().is_none_or(|family| family == name);
    let families: Vec<_> = catalogue.families.iter().filter(|it| wanted(&it.family)).collect();
    if families.is_empty() {
        let known: Vec<&str> = catalogue.families.iter().map(|it| it.family.as_str()).collect();
        let wanted = arguments.family.as_deref().unwrap_or_default();
        return Err(Failure::new(
            format!("no family is called {wanted:?}"),
            format!("there are {}", known.join(", ")),
        ));
    }
    if arguments.output == Form::Json {
        return output::json(&families);
    }
    let mut text = String::new();
    for family in families {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} ({})", family.title, family.family);
        let width = family.controls.iter().map(|control| control.id.len()).max().unwrap_or(0);
        for control in &family.controls {
            let severity = control.severity.to_string();
            let _ = writeln!(text, "  {:width$}  {severity:<8}  {}", control.id, control.title);
        }
        text.push('\n');
    }
    output::standard(&text)
}

fn explain(catalogue: &Catalogue, organisation: &Organisation, id: &str) -> Result<(), Failure> {
    let Some(ControlText { id, severity, title, why, risk, fix, map, repair, settings }) =
        catalogue.get(id)
    else {
        return Err(Failure::new(
            format!("no control is called {id:?}"),
            "list them with `bulkhead k8s controls list`",
        ));
    };
    let mut text = format!("{id}  {severity}\n{title}\n\n{why}\n\nRisk\n{risk}\n\nFix\n{fix}\n");
    let strategy = match repair.strategy {
        Strategy::Automatic => "automatic",
        Strategy::Ask => "asks first",
        Strategy::Never => "by people",
    };
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\nRepair: {strategy}\n{}", repair.because);
    for name in settings {
        let values = organisation.values(name).unwrap_or_default();
        let values = if values.is_empty() { "nothing".to_owned() } else { values.join(", ") };
        let _ = writeln!(text, "\nSetting {name} (--{name}, see `bulkhead config show`): {values}");
    }
    for (key, clauses) in map.by_framework() {
        let Some(framework) = catalogue.frameworks.get(key).filter(|_| !clauses.is_empty()) else {
            continue;
        };
        let clauses = clauses.join(", ");
        let _ = writeln!(text, "\n{} {}: {clauses}", framework.title, framework.version);
    }
    output::standard(&text)
}
