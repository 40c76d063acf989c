//! What may stand in an item, and what a later item may do to it.

use super::Kind;

/// How the value of a key is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A text that is not empty.
    Text,
    /// `true` or `false`.
    Flag,
    /// The name of a priority.
    Priority,
    /// A list of scalars.
    Words,
    /// A list of exceptions.
    Exceptions,
    /// Whatever stands there; whoever uses it reads it.
    Node,
}

/// A key of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    /// Without it the item defines nothing.
    pub(crate) required: bool,
    /// A later item may add to it.
    pub(crate) append: bool,
    /// A later item may set it anew.
    pub(crate) replace: bool,
}

const fn key(name: &'static str, form: Form) -> Key {
    Key { name, form, required: false, append: false, replace: false }
}

impl Key {
    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    const fn append(self) -> Self {
        Self { append: true, ..self }
    }

    const fn replace(self) -> Self {
        Self { replace: true, ..self }
    }
}

pub(crate) const ITEMS: Key = key("items", Form::Words).required().append().replace();
pub(crate) const CONDITION: Key = key("condition", Form::Text).required().append().replace();
pub(crate) const OUTPUT: Key = key("output", Form::Text).required().append().replace();
pub(crate) const DESCRIPTION: Key = key("desc", Form::Text).required().append().replace();
pub(crate) const PRIORITY: Key = key("priority", Form::Priority).required().replace();
pub(crate) const TAGS: Key = key("tags", Form::Words).append().replace();
pub(crate) const EXCEPTIONS: Key = key("exceptions", Form::Exceptions).append().replace();
pub(crate) const ENABLED: Key = key("enabled", Form::Flag).replace();
pub(crate) const SOURCE: Key = key("source", Form::Text);
pub(crate) const WARN_TYPES: Key = key("warn_evttypes", Form::Flag).replace();
pub(crate) const SKIP_UNKNOWN: Key = key("skip-if-unknown-filter", Form::Flag).replace();
pub(crate) const SEQUENCE: Key = key("sequence", Form::Node).replace();
pub(crate) const THRESHOLD: Key = key("threshold", Form::Node).replace();
/// Recordings are asked for elsewhere; the keys are taken so that files load.
const CAPTURE: Key = key("capture", Form::Flag).replace();
const CAPTURE_DURATION: Key = key("capture_duration", Form::Text).replace();

/// What `append: true` appends; it looks at nothing else.
pub(crate) const APPENDED: [Key; 3] = [ITEMS, CONDITION, EXCEPTIONS];

impl Kind {
    /// The keys beside the one that names the object.
    pub(crate) const fn keys(self) -> &'static [Key] {
        match self {
            Self::List => &[ITEMS],
            Self::Macro => &[CONDITION],
            Self::Rule => &[
                CONDITION,
                OUTPUT,
                DESCRIPTION,
                PRIORITY,
                TAGS,
                EXCEPTIONS,
                ENABLED,
                SOURCE,
                WARN_TYPES,
                SKIP_UNKNOWN,
                SEQUENCE,
                THRESHOLD,
                CAPTURE,
                CAPTURE_DURATION,
            ],
        }
    }
}
