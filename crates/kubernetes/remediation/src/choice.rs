//! What people ask for and answer.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_posture::Wanted;
use serde_json::Value;

use crate::open::Reason;

/// Which controls are to be mended, and what is answered where one asks.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// The controls; all of them if empty.
    pub controls: BTreeSet<String>,
    /// Controls that are left as they are.
    pub except: BTreeSet<String>,
    /// Controls whose failure was accepted, by the object as it is shown: `Deployment shop/web`.
    pub accepted: BTreeMap<String, BTreeSet<String>>,
    /// Answers by control, or by control and object: `cpu-limit-missing@Deployment/shop/web`.
    pub answers: BTreeMap<String, String>,
}

impl Choice {
    /// Whether a control is to be mended on an object.
    pub(crate) fn wants(&self, control: &str, object: &str) -> bool {
        !self.except.contains(control)
            && (self.controls.is_empty() || self.controls.contains(control))
            && !self.accepted.get(object).is_some_and(|accepted| accepted.contains(control))
    }

    /// What was answered for a control and an object, as the value that is wanted.
    pub(crate) fn answer(
        &self,
        control: &str,
        object: &str,
        wanted: Option<Wanted>,
    ) -> Result<Option<Value>, Reason> {
        let object = object.replacen(' ', "/", 1);
        let own = self.answers.get(&format!("{control}@{object}"));
        let Some(answer) = own.or_else(|| self.answers.get(control)) else { return Ok(None) };
        match wanted {
            None if answer == "yes" => Ok(Some(Value::Bool(true))),
            None if answer == "no" => Ok(None),
            None => Err(Reason::Answer(format!("{answer} is neither yes nor no"))),
            Some(Wanted::Number) => match answer.parse::<i64>() {
                Ok(number) => Ok(Some(number.into())),
                Err(_) => Err(Reason::Answer(format!("{answer} is no whole number"))),
            },
            Some(Wanted::Quantity) if is_quantity(answer) => Ok(Some(answer.as_str().into())),
            Some(Wanted::Quantity) => Err(Reason::Answer(format!("{answer} is no quantity"))),
            Some(Wanted::Text) => Ok(Some(answer.as_str().into())),
        }
    }
}

/// A positive number with a suffix of `resource.Quantity`.
fn is_quantity(text: &str) -> bool {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let suffixes =
        ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    number.parse::<f64>().is_ok_and(|number| number > 0.0) && suffixes.contains(&suffix)
}
