//! What the kind of an event says of its fields, whatever else is known of it.

use crate::Form;
use crate::kind::{Kind, UNNAMED};

use super::row::Change;
use super::{Basis, Field, FieldRow};

/// Whether a field is the same for all events of a kind, whichever that is.
pub(super) fn names_kind(row: &FieldRow) -> bool {
    row.name == "evt.type" || matches!(row.change, Change::Follows("evt.type"))
}

/// Whether a field has one value for all events of a kind.
pub(super) fn is_settled(field: &Field, kind: Kind) -> bool {
    let row = field.row;
    if row.is_empty() {
        // Why it is empty is said elsewhere.
        return false;
    }
    if row.name == "evt.type" || matches!(row.change, Change::Fixed) {
        return true;
    }
    if kind.name() == UNNAMED {
        // A newer version may know it, and tell more of it.
        return false;
    }
    let paths = || kind.parameters().iter().filter(|it| matches!(it.form, Form::Path)).count();
    match row.name {
        "evt.arg" | "evt.rawarg" => {
            let place = field.selector.place(kind);
            place.is_none_or(|place| place >= kind.parameters().len())
        }
        "evt.buffer" | "evt.buflen" => kind.parameter("data").is_none(),
        "evt.abspath" | "evt.abspath.src" | "evt.abspath.dst" | "fs.path.name"
        | "fs.path.nameraw" => paths() == 0,
        "fs.path.source" | "fs.path.sourceraw" | "fs.path.target" | "fs.path.targetraw" => {
            paths() < 2
        }
        "evt.is_open_read" | "evt.is_open_write" | "evt.is_open_create" | "evt.is_open_exec" => {
            kind.opens_path().is_none()
        }
        name if name.starts_with("fd.") && field.basis() != Basis::Process => !kind.has_file(),
        _ => names_kind(row),
    }
}
