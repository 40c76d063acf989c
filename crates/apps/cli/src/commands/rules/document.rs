//! What the commands about rules write for programs.

use bulkhead_report::printable;
use bulkhead_rules::{Coverage, ExplainedPart, Explanation, Gap, Place, Problem, Weight};
use schemars::JsonSchema;
use serde::Serialize;

/// Raised where readers must know: the first number where something they read is gone.
pub(super) const SCHEMA_VERSION: &str = "1.0";

/// A place in a rule file.
#[derive(Serialize, JsonSchema)]
pub(super) struct Where {
    file: String,
    /// Counted from 1.
    line: u32,
    /// Counted from 1, in characters.
    column: u32,
}

impl From<&Place> for Where {
    fn from(place: &Place) -> Self {
        Self { file: place.file.to_string(), line: place.line, column: place.column }
    }
}

/// Something wrong with a rule file.
#[derive(Serialize, JsonSchema)]
pub(super) struct Trouble {
    /// Whether the files cannot be used for it.
    is_error: bool,
    place: Where,
    message: String,
    hint: Option<String>,
}

impl From<&Problem> for Trouble {
    fn from(problem: &Problem) -> Self {
        Self {
            is_error: problem.weight == Weight::Error,
            place: Where::from(&problem.place),
            message: problem.message.clone(),
            hint: problem.hint.clone(),
        }
    }
}

/// A part of a condition, held against an event.
#[derive(Serialize, JsonSchema)]
pub(super) struct Part {
    holds: bool,
    /// What it is: `and`, `or`, `not`, `macro`, `check`, or `cut` where there was too much to show.
    kind: &'static str,
    /// The name of a macro, or a comparison as it could be written.
    text: Option<String>,
    /// What the event has on the left side of a comparison, and where there is a field on the right, on that.
    values: Vec<String>,
    place: Option<Where>,
    /// What it is made of.
    parts: Vec<Self>,
}

impl Part {
    /// A part with all that it is made of.
    pub(super) fn whole(explanation: &Explanation) -> Self {
        let parts = explanation.parts.iter().map(Self::whole).collect();
        Self { parts, ..Self::alone(explanation) }
    }

    /// What decides, a comparison each.
    pub(super) fn decisive(explanation: &Explanation) -> Vec<Self> {
        explanation.decisive().into_iter().map(Self::alone).collect()
    }

    fn alone(explanation: &Explanation) -> Self {
        let (kind, text, values, place) = match &explanation.part {
            ExplainedPart::And => ("and", None, &[][..], None),
            ExplainedPart::Or => ("or", None, &[][..], None),
            ExplainedPart::Not => ("not", None, &[][..], None),
            ExplainedPart::Macro { name, place } => ("macro", Some(name), &[][..], Some(place)),
            ExplainedPart::Check { text, values, place } => {
                ("check", Some(text), values.as_slice(), Some(place))
            }
            ExplainedPart::Cut => ("cut", None, &[][..], None),
        };
        Self {
            holds: explanation.holds,
            kind,
            text: text.cloned(),
            values: values.to_vec(),
            place: place.map(Where::from),
            parts: Vec::new(),
        }
    }
}

/// What a rule is worth on this kernel.
#[derive(Serialize, JsonSchema)]
pub(super) struct Worth {
    /// `live`, `degraded`, `blind` or `off`.
    state: &'static str,
    /// What it asks for and does not get.
    gaps: Vec<Missing>,
}

#[derive(Serialize, JsonSchema)]
struct Missing {
    /// A field, or `evt.type=` and a kind of event.
    what: String,
    reason: String,
}

impl Worth {
    pub(super) fn of(coverage: &Coverage) -> Self {
        // Why it is off stands with the rule.
        let (state, gaps) = match coverage {
            Coverage::Live => ("live", &[][..]),
            Coverage::Degraded(gaps) => ("degraded", gaps.as_slice()),
            Coverage::Blind(gaps) => ("blind", gaps.as_slice()),
            Coverage::Off(_) => ("off", &[][..]),
        };
        let missing = |gap: &Gap| Missing { what: gap.what.clone(), reason: gap.reason.clone() };
        Self { state, gaps: gaps.iter().map(missing).collect() }
    }

    pub(super) fn is_blind(&self) -> bool {
        self.state == "blind"
    }

    /// For people: the state, then a line for each reason.
    pub(super) fn lines(&self, indent: &str) -> String {
        let mut reasons: Vec<String> = Vec::new();
        for gap in &self.gaps {
            let same = self.gaps.iter().filter(|other| other.reason == gap.reason).count();
            let more = if same > 1 { " and others" } else { "" };
            let line =
                format!("{indent}{}{more}: {}\n", printable(&gap.what), printable(&gap.reason));
            if !reasons
                .iter()
                .any(|known| known.ends_with(&format!(": {}\n", printable(&gap.reason))))
            {
                reasons.push(line);
            }
        }
        format!("{indent}{}\n{}", self.state, reasons.concat())
    }
}
