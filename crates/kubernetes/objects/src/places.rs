//! Places of many fields, one document at a time.

use crate::locate::{Cursor, Location, follow};
use crate::node::{Node, Span};
use crate::object::Object;
use crate::objects::{FileId, Objects};
use crate::path::FieldPath;

/// Finds the places of fields. The document that was read last is kept: who asks in the order of the
/// objects has each document read once.
#[derive(Debug)]
pub struct Places<'o> {
    objects: &'o Objects,
    last: Option<Open<'o>>,
}

/// A document that was read for its places.
#[derive(Debug)]
struct Open<'o> {
    file: FileId,
    /// Its first byte there.
    start: u32,
    root: Node<'o>,
    cursor: Cursor<'o>,
}

impl<'o> Places<'o> {
    pub(crate) const fn new(objects: &'o Objects) -> Self {
        Self { objects, last: None }
    }

    /// Where a field of an object was written, or the nearest value around it.
    pub fn locate(&mut self, object: &Object, path: &FieldPath) -> Option<Location> {
        let origin = &object.origin;
        let is_open = self
            .last
            .as_ref()
            .is_some_and(|open| (open.file, open.start) == (origin.file, origin.bytes.start));
        if !is_open {
            self.last = self.open(object);
        }
        let open = self.last.as_mut()?;
        let within = origin.within.steps().len();
        let whole = origin.within.clone().join(path);
        let mut location = follow(&open.root, &whole).placed(&mut open.cursor);
        location.found = location.found.saturating_sub(within);
        Some(location)
    }

    fn open(&self, object: &Object) -> Option<Open<'o>> {
        let origin = &object.origin;
        let text: &'o str = &self.objects.file(object)?.text;
        let root = self.objects.tree(object)?;
        let own: Span = follow(&root, &origin.within).span();
        let cursor = Cursor::new(text, own.start as usize, origin.line);
        Some(Open { file: origin.file, start: origin.bytes.start, root, cursor })
    }
}
