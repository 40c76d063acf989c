//! What the kind of an event says of its fields, whatever else is known of it.

use crate::{Form, Kind};

use super::row::Change;
use super::{Basis, Field};

/// Whether a field has one value for all events of a kind.
pub(super) fn is_settled(field: &Field, kind: Kind) -> bool {
    let paths = || kind.parameters().iter().filter(|it| matches!(it.form, Form::Path)).count();
    match field.row.name {
        "evt.type" => true,
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
        // Why it is empty is said elsewhere.
        _ if field.row.is_empty() => false,
        _ => matches!(field.row.change, Change::Fixed | Change::Follows("evt.type")),
    }
}
