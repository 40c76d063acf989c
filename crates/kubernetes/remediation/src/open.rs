//! What stays as it is, and why.

use bulkhead_model::Severity;
use bulkhead_objects::{FieldPath, Name};
use bulkhead_posture::{ControlText, Strategy, Wanted};
use schemars::JsonSchema;
use serde::Serialize;

/// A failure that is not mended. There may be dozens of them an object, in the same words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Open {
    /// The control.
    #[schemars(with = "String")]
    pub control: Name,
    /// How bad its failure is.
    pub severity: Severity,
    /// The object.
    #[schemars(with = "String")]
    pub object: Name,
    /// The fields that the control names.
    #[schemars(with = "Vec<String>")]
    pub places: Box<[Name]>,
    /// Who may decide.
    pub strategy: Strategy,
    /// Why it stays.
    #[schemars(with = "String")]
    pub reason: Name,
    /// What has to be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Wanted>,
    /// It was to be mended, and cannot be.
    pub refused: bool,
}

/// Why a failure stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It is no matter of a few fields.
    Never,
    /// What the edits need does not hold of the object.
    Unfit,
    /// Somebody has to decide.
    Ask,
    /// The answer is of no use.
    Answer(String),
    /// It cannot be written.
    Refused(String),
    /// The control would fail as before.
    Ineffective,
    /// Another control would fail.
    Harms(String),
}

impl Open {
    pub(crate) fn new(
        text: &ControlText,
        object: &str,
        places: &[FieldPath],
        reason: Reason,
    ) -> Self {
        let because = text.repair.because.clone();
        let asks = matches!(reason, Reason::Ask);
        let refused = !matches!(reason, Reason::Ask | Reason::Never | Reason::Unfit);
        let strategy = match reason {
            Reason::Ask => Strategy::Ask,
            Reason::Unfit => Strategy::Never,
            _ => text.repair.strategy,
        };
        let reason = match reason {
            Reason::Never | Reason::Ask => because,
            Reason::Answer(what) | Reason::Refused(what) => what,
            Reason::Unfit => format!("it does not fit this object: {}", text.fix),
            Reason::Ineffective => "the edits do not make the control pass".to_owned(),
            Reason::Harms(control) => format!("{control} would fail by it"),
        };
        Self {
            control: Name::new(&text.id),
            severity: text.severity,
            object: Name::new(object),
            places: places.iter().map(|place| Name::new(&place.to_string())).collect(),
            strategy,
            reason: Name::new(&reason),
            value: text.repair.value.filter(|_| asks),
            refused,
        }
    }
}
