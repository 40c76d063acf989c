//! How failures of controls are mended: data of `content/controls`, which `remediation` carries out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a failure of a control is mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repair {
    /// Who decides.
    pub strategy: Strategy,
    /// Why it is safe, what may break, or why nothing can be done.
    pub because: String,
    /// What is changed for each place that the control names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Recipe>,
    /// What must hold of the object so that the edits fit it at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Condition>,
    /// What must hold of the object so that an automatic repair is one; else it asks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<Condition>,
    /// What people have to give; nothing but their consent where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Wanted>,
    /// Where a value is found that need not be asked for: `$` and a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// Who decides about a repair.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Nobody has to: it is safe, and there is one way.
    Automatic,
    /// Somebody: something may break, or a value is needed.
    Ask,
    /// It is no matter of a few fields.
    Never,
}

/// One change, relative to the place that a control names.
///
/// Paths have the notation of fields, behind the name of where they begin: `pod:`, `container:`,
/// `object:`, `parent:` (the map around the place), `entry:` (the element of a list around it);
/// without one they begin at the place. A key `{}` stands for the last key of the place. A text that is `$` and a
/// path stands for the value there, `$value` for what people gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Recipe {
    /// The field gets a value.
    Set {
        /// The field.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        at: String,
        /// The value.
        to: Value,
        /// The value where the field is an annotation, which spells it otherwise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        in_annotation: Option<Value>,
        /// Only where the field has a value already, or only where it has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        given: Option<bool>,
    },
    /// The field goes, and what is left empty around it.
    Remove(String),
    /// The list gets an element at its end, unless it has it.
    Append {
        /// The list.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        at: String,
        /// The element.
        value: Value,
    },
    /// The list gets an element at its beginning.
    Prepend {
        /// The list.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        at: String,
        /// The element.
        value: Value,
    },
    /// The value goes to another field, unless that has one.
    MoveTo(String),
    /// A text that begins so begins otherwise.
    ReplacePrefix {
        /// How it begins.
        from: String,
        /// How it should.
        to: String,
    },
    /// An image without a registry is named with that of Docker, as Kubernetes reads it.
    QualifyImage,
    /// Of the elements with the name of the one at the place, those before it go.
    DropEarlier,
    /// A flag of a command line; without more than a name, or nothing, it is taken away.
    Flag {
        /// The flag without dashes; that at the place if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Its value.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// An element that its list is to have.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        with: Option<String>,
        /// An element that its list is not to have.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        without: Option<String>,
    },
}

/// What must hold of an object, so that a repair takes nothing away from what runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// The containers run neither as root nor may they gain rights.
    Powerless,
    /// The containers are not privileged and add no `SYS_ADMIN`: the API server refuses to forbid
    /// those to gain rights.
    NoRightsBeyond,
    /// The containers run under a user id above 0.
    UserAboveRoot,
    /// The container does not add `NET_RAW`.
    NetRawNotAdded,
    /// The annotation is one that no supported Kubernetes reads.
    UnreadAnnotation,
    /// No variable between the two is made of the one that is given twice.
    UnreferencedVariable,
    /// The account is that of the namespace.
    DefaultAccount,
    /// The flag is on the command line.
    FlagGiven,
    /// Another flag is on the command line.
    OtherFlag(String),
    /// A field has a value.
    Given(String),
    /// A field has none.
    Absent(String),
    /// The value at the place is one of these; none counts as an empty one.
    ValueIs(Vec<String>),
}

/// What people have to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// A whole number.
    Number,
    /// A quantity: `500m`, `128Mi`.
    Quantity,
    /// A text.
    Text,
}
