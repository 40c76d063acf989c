//! Edits of manifests that keep every other byte.

use bulkhead_objects::{FieldPath, Node, Step, Value, read_tree};
use bulkhead_remediation::{Change, Edit, patch};

use crate::{Real, Target};

pub(super) const TARGETS: &[Target] =
    &[Target { name: "manifest-patch", run, seeds, data: MANIFESTS }];

const MANIFESTS: &[Real] = &[Real { below: "fixtures/posture", named: &[".yaml", ".yml"] }];

/// Places of a document that are edited, spread over all of it.
const PLACES: usize = 3;

/// Larger ones are read too often for this.
const LARGEST: usize = 8 << 10;

/// Edits places of the first document, each in every way; succeeds where any edit could be written.
fn run(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    // What stands behind the first document is no matter of a patch.
    let text = text.trim_start_matches("---\n").split("\n---").next().unwrap_or_default();
    let Some(root) = read_tree(text).ok().filter(|_| text.len() <= LARGEST) else { return false };
    let mut places = Vec::new();
    collect(&root, &FieldPath::ROOT, &mut places);
    let stride = places.len().div_ceil(PLACES).max(1);
    let chosen = places.iter().step_by(stride);
    // Each is tried, whatever the others gave.
    chosen.flat_map(edits).filter(|edit| holds(text, &root, edit)).count() > 0
}

/// Every place of a tree, and whether a map or a list is there.
fn collect(node: &Node<'_>, path: &FieldPath, places: &mut Vec<(FieldPath, char)>) {
    let kind = match &node.value {
        Value::Map(_) => '{',
        Value::List(_) => '[',
        _ => ' ',
    };
    places.push((path.clone(), kind));
    for entry in node.entries() {
        collect(&entry.node, &path.clone().key(&entry.key), places);
    }
    for (index, element) in node.elements().iter().enumerate() {
        collect(element, &path.clone().index(index), places);
    }
}

fn edits((path, kind): &(FieldPath, char)) -> Vec<Edit> {
    let insert =
        || Edit { path: path.clone().index(0), change: Change::Insert("first: of all".into()) };
    let mut edits = match kind {
        '{' => vec![Edit::set(path.clone().key("added").key("by"), true.into())],
        '[' => vec![insert()],
        _ => vec![Edit::set(path.clone(), "new # value".into())],
    };
    edits.push(Edit { path: path.clone(), change: Change::Remove });
    edits
}

/// Whether an edit could be written. What is written says what it should, and keeps what it should.
fn holds(text: &str, root: &Node<'_>, edit: &Edit) -> bool {
    let Ok(after) = patch(text, std::slice::from_ref(edit)) else { return false };
    let tree = read_tree(&after);
    let tree = tree.unwrap_or_else(|cause| panic!("{edit:?}: {cause}\n{text}\n=>\n{after}"));
    let (mut count, mut left) = (0, 0);
    let (mut old, mut new) = (Vec::new(), Vec::new());
    collect(root, &FieldPath::ROOT, &mut old);
    collect(&tree, &FieldPath::ROOT, &mut new);
    // Nothing came or went elsewhere.
    let steps = edit.path.steps();
    for (path, kind) in &old {
        let own = path.steps();
        let apart = own.iter().zip(steps).any(|(one, other)| one != other)
            && !(edit.path.steps().len() <= own.len() + 1
                && matches!(steps.last(), Some(Step::Index(_))));
        if apart {
            count += 1;
            left += usize::from(new.contains(&(path.clone(), *kind)));
        }
    }
    assert_eq!(count, left, "{edit:?}\n{text}\n=>\n{after}");
    if edit.change != Change::Remove {
        // What looks like a comment inside of a replaced text is none.
        let own = node(root, edit).map_or(0..0, |it| it.span.start as usize..it.span.end as usize);
        let outside = text.lines().filter(|line| {
            let at = line.as_ptr() as usize - text.as_ptr() as usize;
            !own.contains(&at) && line.trim_start().starts_with("# ")
        });
        for comment in outside {
            assert!(after.contains(comment), "{edit:?}: {comment}\n{text}\n=>\n{after}");
        }
    }
    true
}

/// What an edit is about, if it is there.
fn node<'n, 'a>(root: &'n Node<'a>, edit: &Edit) -> Option<&'n Node<'a>> {
    edit.path.steps().iter().try_fold(root, |node, step| match step {
        Step::Key(key) => node.get(key),
        Step::Index(index) => node.elements().get(*index),
    })
}

fn seeds() -> Vec<Vec<u8>> {
    [
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: &l {x: \"y\"}, annotations: {<<: *l}}\nspec:\n  # why\n  \
         containers:\n    - name: m # main\n      image: 'i'\n      args: [a, \"b\"]\n    - {name: n}\n  volumes: []\n",
        "{\"kind\": \"Pod\", \"spec\": {\"containers\": [{\"name\": \"m\"}],\n  \"volumes\": [] } }",
        "a: |\n  text\n  # no comment\nb: >-\n\n  folded\n\nc: ~\nd:\n- - 1\n  - 2\n-\n  - 3\n? e\n: f\n",
        "a: \"x\\\n  y\"\n'b': 1\r\nc:\r\n  - d\r\n",
        "a: [",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}
