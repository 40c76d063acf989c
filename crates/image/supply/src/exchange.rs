//! Databases in OCI registries: [`push`] one, [`pull`] what is new in it.
//!
//! A database travels as an artefact of the OCI image specification whose layers, one behind the other, are
//! the file: first its head (header and root), then runs of pages. Where runs end depends on the
//! pages around that place, so that most of two editions are the same blobs; a registry gets those
//! that it lacks. Who pulls reads the head, decides by its signature whether to go on, and asks for the pages
//! that it lacks alone, as parts of blobs where the registry gives those.

mod error;
mod fetch;
mod known;
mod origin;
mod plan;
mod pull;
mod push;
mod runs;

pub use error::ExchangeError;
pub use origin::Origin;
pub use pull::{Change, Pulled, Wanted, pull};
pub use push::{Pushed, push};
