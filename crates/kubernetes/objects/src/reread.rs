//! Objects of kinds that only one caller knows, read as that caller's own shape.

use serde::de::DeserializeOwned;

use crate::extract::{Mistakes, extract};
use crate::node::{Node, Value};
use crate::object::{Mistake, Object};
use crate::objects::{FileId, Objects};
use crate::path::{FieldPath, Step};
use crate::yaml;

impl Objects {
    /// The wanted objects, each read anew as a `T`, with what is of another type than its field there: for
    /// kinds without a [`Body`](crate::Body). Each document is read once.
    pub fn reread<T: DeserializeOwned + Default>(
        &self,
        wanted: impl Fn(&Object) -> bool,
    ) -> Vec<(&Object, T, Box<[Mistake]>)> {
        let mut read = Vec::new();
        let mut document: Option<(FileId, u32, Option<Node<'_>>)> = None;
        for object in self.objects.iter().filter(|object| wanted(object)) {
            let (file, start) = (object.origin.file, object.origin.bytes.start);
            if document.as_ref().is_none_or(|(a, b, _)| (*a, *b) != (file, start)) {
                document = Some((file, start, self.tree(object)));
            }
            let root = document.as_ref().and_then(|(_, _, root)| root.as_ref());
            if let Some(node) = root.and_then(|root| below(root, &object.origin.within)) {
                let mistakes = Mistakes::default();
                let shape = extract(node, &mistakes);
                read.push((object, shape, mistakes.into_inner()));
            }
        }
        read
    }

    /// All of an object, read again: what checks do not read, and values of Secrets, too. None where it
    /// was built or its text is not kept.
    pub fn node(&self, object: &Object) -> Option<Node<'_>> {
        if object.origin.kustomization.is_some() {
            return None;
        }
        self.tree(object).and_then(|root| below(&root, &object.origin.within).cloned())
    }

    /// The document of an object, read again.
    pub(crate) fn tree(&self, object: &Object) -> Option<Node<'_>> {
        let text: &str = &self.file(object)?.text;
        let bytes = &object.origin.bytes;
        let piece = text.get(bytes.start as usize..bytes.end as usize)?;
        let document = yaml::Document { text: piece, start: bytes.start as usize, line: 1 };
        yaml::read(&document).ok().map(|tree| tree.root)
    }
}

fn below<'n, 'a>(root: &'n Node<'a>, path: &FieldPath) -> Option<&'n Node<'a>> {
    path.steps().iter().try_fold(root, |node, step| match (&node.value, step) {
        (Value::Map(_), Step::Key(key)) => node.get(key),
        (Value::List(elements), Step::Index(index)) => elements.get(*index),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use bulkhead_limits::{Budget, Limits};
    use serde::Deserialize;

    use super::*;

    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Route {
        to: Option<String>,
    }

    #[test]
    fn a_list_is_read_element_by_element() {
        let text = "apiVersion: v1\nkind: List\nitems:\n\
                    - {apiVersion: a.b/v1, kind: Way, metadata: {name: one}, to: x}\n\
                    - {apiVersion: v1, kind: Secret, metadata: {name: two}, to: z}\n\
                    - {apiVersion: a.b/v1, kind: Way, metadata: {name: three}, to: [1]}\n";
        let mut objects = Objects::new();
        objects.add("list.yaml", text.as_bytes(), &Budget::new(Limits::DEFAULT));
        let read = objects.reread::<Route>(|object| object.type_name.kind == "Way");
        let shown: Vec<_> = read
            .iter()
            .map(|(object, it, mistakes)| {
                (&*object.metadata.name, it.to.as_deref(), mistakes.len())
            })
            .collect();
        assert_eq!(shown, [("one", Some("x"), 0), ("three", Some(""), 1)]);
    }
}
