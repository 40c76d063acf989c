//! What a node's kernel tells: events, the fields of them that rules name, and recordings.
//!
//! An [`Event`] is told once it is over, with the [`Process`] that did it, that one's ancestors, its
//! [`Container`] and the [`FileDescriptor`] that it was about. Nothing here knows how events are
//! gathered, so that rules can be tested and recordings be replayed without a kernel.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unreachable
    )
)]

mod container;
mod event;
mod field;
mod file;
mod glob;
mod kind;
mod process;
mod recording;
mod script;
mod text;
mod value;

pub use container::{Container, Image, Mount, Pod, Shared};
pub use event::{Argument, Event, Mismatch, SocketAddress};
pub use field::{Basis, Field, FieldError, FieldRow, FieldType, Many, Need, Selection, fields};
pub use file::{Called, Connection, Endpoint, FileDescriptor, FileKind, Protocol, Role};
pub use glob::Glob;
pub use kind::{Form, Kind, Origin, Parameter, Words};
pub use process::{Account, Ancestors, Capabilities, Composed, Executable, Lineage, Process};
pub use recording::{RecordingError, RecordingReader, RecordingWriter};
pub use script::{EventScript, Fields, ScriptError, Setting, SettingError};
pub use text::Text;
pub use value::Value;
