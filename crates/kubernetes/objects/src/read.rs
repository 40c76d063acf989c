//! One document to the objects in it.

use std::borrow::Cow;

use rayon::prelude::*;
use serde::Deserialize;

use crate::elements::{Elements, elements};
use crate::extract::{Mistakes, extract};
use crate::kinds;
use crate::locate::Cursor;
use crate::name::Name;
use crate::node::{Node, Value};
use crate::object::{Metadata, Object, Origin, TypeName};
use crate::objects::{DOCUMENTS, FileId, ProblemKind};
use crate::path::FieldPath;
use crate::values::Labels;
use crate::yaml::{self, Document, DocumentTree};

/// What kubectl writes the whole object into, values of Secrets and all.
pub(crate) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What a document gave. Problems have their line and column in the file.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) objects: Vec<Object>,
    pub(crate) problems: Vec<(ProblemKind, (u32, u32), String)>,
}

/// Reads the objects of a document; the elements of a long list beside each other.
pub(crate) fn document(file: FileId, document: &Document<'_>, text: &str) -> Read {
    let template = template(document.text);
    let list =
        elements(document).and_then(|elements| list(file, &elements, template.as_ref(), text));
    list.unwrap_or_else(|| {
        let mut read = Read::default();
        let mut cursor = Cursor::new(text, document.start, document.line);
        match yaml::read(document) {
            Ok(tree) => {
                read.note(&tree, &mut cursor);
                let origin = origin(file, document, template);
                object(&tree.root, &origin, None, &mut cursor, &mut read);
            }
            Err(broken) => {
                read.problems.push((ProblemKind::Syntax, cursor.move_to(broken.at), broken.cause));
            }
        }
        read
    })
}

/// Reads a list piece by piece; none where a piece is not one element that stands for itself.
fn list(
    file: FileId,
    elements: &Elements<'_>,
    template: Option<&Name>,
    text: &str,
) -> Option<Read> {
    let pieces = elements.pieces.par_iter().with_min_len(DOCUMENTS);
    let read = pieces.map(|piece| {
        let mut read = Read::default();
        let mut cursor = Cursor::new(text, piece.start, piece.line);
        let tree = yaml::read(piece).ok()?;
        let mut origin = origin(file, piece, template.cloned());
        let mut root = &tree.root;
        if elements.is_listed {
            let [element] = root.elements() else { return None };
            root = element;
            origin.within = FieldPath::ROOT.index(0);
        }
        read.note(&tree, &mut cursor);
        object(root, &origin, Some(&elements.type_name), &mut cursor, &mut read);
        Some(read)
    });
    let mut whole = Read::default();
    for read in read.collect::<Option<Vec<_>>>()? {
        whole.objects.extend(read.objects);
        whole.problems.extend(read.problems);
    }
    Some(whole)
}

/// Where a document stands.
pub(crate) fn origin(file: FileId, document: &Document<'_>, template: Option<Name>) -> Origin {
    let place = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    Origin {
        file,
        bytes: place(document.start)..place(document.start.saturating_add(document.text.len())),
        within: FieldPath::ROOT,
        line: document.line,
        template,
        kustomization: None,
    }
}

impl Read {
    /// Says which keys stand twice.
    fn note(&mut self, tree: &DocumentTree<'_>, cursor: &mut Cursor<'_>) {
        for repeated in &tree.repeated {
            let message = format!("the key {:?} stands twice", repeated.key);
            let place = cursor.move_to(repeated.span.start as usize);
            self.problems.push((ProblemKind::RepeatedKey, place, message));
        }
    }
}

/// An object, or those of a list.
fn object(
    root: &Node<'_>,
    origin: &Origin,
    list: Option<&TypeName>,
    cursor: &mut Cursor<'_>,
    read: &mut Read,
) {
    let Some(type_name) = type_of(root, list) else {
        if !root.is_null() {
            let message = format!("no Kubernetes object: {}", missing(root));
            read.problems.push((
                ProblemKind::NoObject,
                cursor.move_to(root.span.start as usize),
                message,
            ));
        }
        return;
    };
    if let Some(items) = items(root, &type_name) {
        for (index, item) in items.iter().enumerate() {
            let within = origin.within.clone().key("items").index(index);
            object(item, &Origin { within, ..origin.clone() }, Some(&type_name), cursor, read);
        }
        return;
    }
    let origin = Origin { line: cursor.move_to(root.span.start as usize).0, ..origin.clone() };
    read.objects.push(typed(type_name, root, origin));
}

/// A tree that was built from several files, as an object.
pub(crate) fn built(root: &Node<'_>, origin: Origin) -> Option<Object> {
    type_of(root, None).map(|type_name| typed(type_name, root, origin))
}

fn typed(type_name: TypeName, root: &Node<'_>, origin: Origin) -> Object {
    let mistakes = Mistakes::default();
    let metadata = metadata(root, &mistakes);
    let body = kinds::read_body(&type_name, root, &mistakes);
    Object { type_name, metadata, origin, body, mistakes: mistakes.into_inner() }
}

/// What an object says it is; an element of `PodList` need not.
pub(crate) fn type_of(root: &Node<'_>, list: Option<&TypeName>) -> Option<TypeName> {
    let api_version = root.text("apiVersion");
    let kind = root.text("kind");
    match list.and_then(|list| Some((list, list.kind.strip_suffix("List")?))) {
        Some((list, element)) if kind.is_empty() && !element.is_empty() => {
            Some(TypeName { kind: Name::new(element), ..list.clone() })
        }
        _ if api_version.is_empty() || kind.is_empty() => None,
        _ => Some(TypeName::new(api_version, kind)),
    }
}

fn missing(root: &Node<'_>) -> Cow<'static, str> {
    if !matches!(root.value, Value::Map(_)) {
        return format!("it is {}", root.what()).into();
    }
    if root.text("kind").is_empty() { "it names no kind" } else { "it names no apiVersion" }.into()
}

/// The elements of a list of objects. A kind of one's own may be called `…List`, too; it has no
/// `items` beside its metadata.
fn items<'n, 'a>(root: &'n Node<'a>, type_name: &TypeName) -> Option<&'n [Node<'a>]> {
    if !type_name.kind.ends_with("List") {
        return None;
    }
    let items = root.get("items")?;
    matches!(items.value, Value::List(_) | Value::Null).then(|| items.elements())
}

fn metadata(root: &Node<'_>, mistakes: &Mistakes) -> Metadata {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Described {
        metadata: Metadata,
    }
    let mut metadata = extract::<Described>(root, mistakes).metadata;
    if metadata.annotations.get(LAST_APPLIED).is_some() {
        let kept = metadata.annotations.iter().filter(|(key, _)| key.as_str() != LAST_APPLIED);
        metadata.annotations = Labels::new(kept.map(|(key, value)| (key.clone(), value.clone())));
    }
    metadata
}

/// The template that helm names above each document: `# Source: chart/templates/web.yaml`.
fn template(text: &str) -> Option<Name> {
    let mut comments = text.lines().take_while(|line| line.is_empty() || line.starts_with('#'));
    let path = comments.find_map(|line| line.strip_prefix("# Source: "))?;
    Some(Name::new(path.trim()))
}
