//! What people ask for and answer.

use bulkhead_posture::{Catalogue, Strategy};
use bulkhead_remediation::Choice;

use crate::arguments::K8sFix;
use crate::failure::Failure;

/// Reads the controls and answers, each of which has to be about a control that there is.
pub(super) fn choice(arguments: &K8sFix, catalogue: &Catalogue) -> Result<Choice, Failure> {
    let mut choice = Choice::default();
    for control in &arguments.control {
        if catalogue.get(control).is_none() {
            return Err(unknown(control));
        }
        choice.controls.insert(control.clone());
    }
    if let Some(file) = &arguments.answers {
        let text = fs_err::read_to_string(file)?;
        let tree = bulkhead_objects::read_tree(&text).map_err(|cause| {
            Failure::new(
                format!("{}: {cause}", file.display()),
                "answers are a map: memory-limit-missing: 256Mi",
            )
        })?;
        for entry in tree.entries() {
            let value = match &entry.node.value {
                bulkhead_objects::Value::Bool(true) => "yes".to_owned(),
                bulkhead_objects::Value::Bool(false) => "no".to_owned(),
                bulkhead_objects::Value::Integer(number) => number.to_string(),
                _ => entry.node.as_text().unwrap_or_default().to_owned(),
            };
            add(&mut choice, &entry.key, &value, catalogue)?;
        }
    }
    for answer in &arguments.set {
        let Some((key, value)) = answer.split_once('=') else {
            return Err(Failure::new(
                format!("--set {answer} has no value"),
                "write it as --set CONTROL=VALUE, or --set CONTROL=yes",
            ));
        };
        add(&mut choice, key, value, catalogue)?;
    }
    Ok(choice)
}

fn add(choice: &mut Choice, key: &str, value: &str, catalogue: &Catalogue) -> Result<(), Failure> {
    let control = key.split('@').next().unwrap_or(key);
    match catalogue.get(control) {
        None => Err(unknown(control)),
        Some(text) if text.repair.strategy == Strategy::Never => Err(Failure::new(
            format!("{control} cannot be mended by an answer: {}", text.repair.because),
            format!("bulkhead k8s controls explain {control}"),
        )),
        Some(_) => {
            choice.answers.insert(key.to_owned(), value.to_owned());
            Ok(())
        }
    }
}

fn unknown(control: &str) -> Failure {
    Failure::new(format!("there is no control {control}"), "bulkhead k8s controls list shows them")
}
