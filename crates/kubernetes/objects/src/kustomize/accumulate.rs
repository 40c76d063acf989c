//! The order of a build: resources, generators, components, transformers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bulkhead_limits::Budget;

use super::file::{Kustomization, Patch, Selector};
use super::resource::{Identity, Resource};
use super::select::Selection;
use super::{Failed, Files, KUSTOMIZATION_FILES};
use super::{generate, hash, json_patch, merge, references, replace, transform, vars};
use crate::extract::{Mistakes, extract};
use crate::node::{Node, Value};
use crate::object::Origin;
use crate::objects::{FileId, Objects, Problem, ProblemKind};
use crate::read;
use crate::yaml;

/// How many folders may refer to one another in a row.
const NESTING: usize = 50;

/// How many folders one build may go through: twice the same base on each of fifty levels would be
/// more than anybody can wait for.
const FOLDERS: usize = 5_000;

/// One build.
pub(super) struct Build<'b> {
    objects: &'b mut Objects,
    pub(super) files: &'b dyn Files,
    budget: &'b Budget,
    known: HashMap<String, FileId>,
    vars: Vec<super::file::Var>,
    folders: usize,
}

impl<'b> Build<'b> {
    pub(super) fn new(objects: &'b mut Objects, files: &'b dyn Files, budget: &'b Budget) -> Self {
        Self { objects, files, budget, known: HashMap::new(), vars: Vec::new(), folders: 0 }
    }

    /// The resources of a folder, in the form in which they would be applied.
    pub(super) fn run(&mut self, folder: &str) -> Result<Vec<Resource>, Failed> {
        let mut resources = Vec::new();
        self.folder(folder, &mut resources, &mut Vec::new())?;
        hash::add(&mut resources);
        references::follow(&mut resources)?;
        vars::resolve(&mut resources, &self.vars)?;
        resources.iter_mut().for_each(Resource::settle_annotations);
        resources.retain(|resource| {
            let annotations = resource.node.get("metadata").and_then(|it| it.get("annotations"));
            annotations.is_none_or(|it| it.text("config.kubernetes.io/local-config") != "true")
        });
        Ok(resources)
    }

    /// Adds what the kustomization of a folder gives to `resources`.
    fn folder(
        &mut self,
        folder: &str,
        resources: &mut Vec<Resource>,
        above: &mut Vec<String>,
    ) -> Result<(), Failed> {
        let (path, file, number) = self.kustomization(folder)?;
        // kustomize itself builds a component that nobody takes in.
        if file.is_component() && !above.is_empty() {
            return Err(format!("{folder} is a component, and stands among resources"));
        }
        let mut own = Vec::new();
        self.gather(folder, (&path, &file, number), &mut own, above)?;
        append(resources, own)
    }

    /// Changes `resources` as the component in a folder says.
    fn component(
        &mut self,
        folder: &str,
        resources: &mut Vec<Resource>,
        above: &mut Vec<String>,
    ) -> Result<(), Failed> {
        let (path, file, number) = self.kustomization(folder)?;
        if !file.is_component() {
            return Err(format!("{folder} is no component"));
        }
        self.gather(folder, (&path, &file, number), resources, above)
    }

    /// Adds to `target` what a file gives, and changes all of it as the file says.
    fn gather(
        &mut self,
        folder: &str,
        (path, file, number): (&str, &Kustomization, FileId),
        target: &mut Vec<Resource>,
        above: &mut Vec<String>,
    ) -> Result<(), Failed> {
        if above.iter().any(|folder_above| folder_above == folder) || above.len() >= NESTING {
            return Err(format!("{folder} is among its own bases"));
        }
        self.folders = self.folders.saturating_add(1);
        if self.folders > FOLDERS {
            return Err(format!("it goes through more than {FOLDERS} folders"));
        }
        for field in &file.beyond {
            let message = format!("{field} is not built in: what it would give is not assessed");
            self.out_of_reach(path, message);
        }
        above.push(folder.to_owned());
        let mut added = Vec::new();
        for entry in file.resources.iter().chain(&file.bases) {
            self.resource(folder, path, entry, &mut added, above)?;
        }
        append(target, added)?;
        generate::run(self, folder, file, number, target)?;
        for component in &file.components {
            if is_remote(component) {
                self.out_of_reach(path, format!("the component {component} is remote"));
                continue;
            }
            self.component(&join(folder, component), target, above)?;
        }
        self.transform(folder, file, target)?;
        vars::attach(target, &file.vars)?;
        self.vars.extend(file.vars.iter().cloned());
        above.pop();
        Ok(())
    }

    /// Adds what a file or folder among the resources gives.
    fn resource(
        &mut self,
        folder: &str,
        kustomization: &str,
        entry: &str,
        added: &mut Vec<Resource>,
        above: &mut Vec<String>,
    ) -> Result<(), Failed> {
        let path = join(folder, entry);
        if self.files.is_folder(&path) {
            let mut base = Vec::new();
            self.folder(&path, &mut base, above)?;
            added.extend(base);
            return Ok(());
        }
        match self.load(&path)? {
            Some(found) => {
                added.extend(found);
                Ok(())
            }
            None if is_remote(entry) => {
                self.out_of_reach(kustomization, format!("{entry} is remote: it is not assessed"));
                Ok(())
            }
            None => Err(format!("{path} is neither a file nor a folder")),
        }
    }

    /// The resources of a file; none where there is no such file.
    fn load(&mut self, path: &str) -> Result<Option<Vec<Resource>>, Failed> {
        let Some((number, text)) = self.text(path)? else { return Ok(None) };
        let mut found = Vec::new();
        for document in yaml::documents(&text) {
            let tree = yaml::read_for_kustomize(&document).map_err(|broken| {
                let (line, column) = crate::locate::line_and_column(&text, broken.at);
                format!("{path}, line {line}, column {column}: {}", broken.cause)
            })?;
            if let Some(repeated) = tree.repeated.first() {
                let at = repeated.span.start as usize;
                let (line, _) = crate::locate::line_and_column(&text, at);
                return Err(format!(
                    "{path}, line {line}: the key {} is there twice",
                    repeated.key
                ));
            }
            let origin = read::origin(number, &document, None);
            resources_of(tree.root.into_owned(), &origin, &text, &mut found);
        }
        Ok(Some(found))
    }

    /// The text of a file, which becomes one of the objects' files.
    fn text(&mut self, path: &str) -> Result<Option<(FileId, Arc<str>)>, Failed> {
        if let Some(id) = self.known.get(path) {
            let file = self.objects.files.get(id.0 as usize);
            return Ok(file.map(|file| (*id, Arc::clone(&file.text))));
        }
        let Some(bytes) = self.files.read(path) else { return Ok(None) };
        let id = self
            .objects
            .add_file(path, &bytes, self.budget)
            .map_err(|(_, why)| format!("{path}: {why}"))?;
        self.known.insert(path.to_owned(), id);
        self.text(path)
    }

    fn kustomization(&mut self, folder: &str) -> Result<(String, Kustomization, FileId), Failed> {
        let mut found = None;
        for name in KUSTOMIZATION_FILES {
            let path = join(folder, name);
            let Some((number, text)) = self.text(&path)? else { continue };
            if found.replace((path, number, text)).is_some() {
                return Err(format!("{folder} holds more than one kustomization"));
            }
        }
        let (path, number, text) =
            found.ok_or_else(|| format!("{folder} holds no kustomization.yaml"))?;
        let in_file = |cause: String| format!("{path}: {cause}");
        let document =
            yaml::documents(&text).next().ok_or_else(|| in_file("it is empty".to_owned()))?;
        let tree = yaml::read(&document).map_err(|broken| in_file(broken.cause))?;
        let file = Kustomization::read(tree.root).map_err(in_file)?;
        Ok((path, file, number))
    }

    fn transform(
        &mut self,
        folder: &str,
        file: &Kustomization,
        resources: &mut Vec<Resource>,
    ) -> Result<(), Failed> {
        let mut any = file.patches_strategic_merge.is_empty();
        for patch in &file.patches_strategic_merge {
            let path = join(folder, patch);
            let text = self.files.read(&path).map_or_else(
                || patch.clone(),
                |bytes| String::from_utf8_lossy(&bytes).into_owned(),
            );
            let whole = Patch { patch: text, ..Patch::default() };
            any |= self.patch(folder, &whole, resources)? > 0;
        }
        if !any {
            return Err("its patches (patchesStrategicMerge) are empty".into());
        }
        for patch in &file.patches {
            self.patch(folder, patch, resources)?;
        }
        transform::namespace(resources, &file.namespace);
        transform::prefix(resources, &file.name_prefix);
        transform::suffix(resources, &file.name_suffix);
        transform::labels(resources, file);
        transform::annotations(resources, &file.common_annotations);
        for patch in &file.patches_json6902 {
            self.patch(folder, patch, resources)?;
        }
        transform::replicas(resources, &file.replicas)?;
        transform::images(resources, &file.images);
        transform::images(resources, &file.image_tags);
        for replacement in &file.replacements {
            if replacement.path.is_empty() {
                replace::apply(resources, replacement)?;
                continue;
            }
            for node in self.nodes(&join(folder, &replacement.path))? {
                let listed = match node.value {
                    Value::List(list) => list,
                    _ => vec![node],
                };
                for node in &listed {
                    replace::apply(resources, &extract(node, &Mistakes::default()))?;
                }
            }
        }
        Ok(())
    }

    /// The documents of a file that holds no resources.
    fn nodes(&mut self, path: &str) -> Result<Vec<Node<'static>>, Failed> {
        let bytes = self.files.read(path).ok_or_else(|| format!("there is no file {path}"))?;
        nodes(&String::from_utf8_lossy(&bytes)).map_err(|cause| format!("{path}: {cause}"))
    }

    /// Applies each document of a patch, and says how many there are.
    fn patch(
        &mut self,
        folder: &str,
        patch: &Patch,
        resources: &mut Vec<Resource>,
    ) -> Result<usize, Failed> {
        let documents = if patch.path.is_empty() {
            nodes(&patch.patch)?
        } else {
            self.nodes(&join(folder, &patch.path))?
        };
        let count = documents.len();
        for document in documents {
            match (&document.value, &patch.target) {
                (Value::List(operations), Some(target)) => {
                    let selection = Selection::new(target)?;
                    for resource in resources.iter_mut() {
                        if selection.fits(resource)? {
                            resource.remember();
                            json_patch::apply(&mut resource.node, operations)?;
                        }
                    }
                }
                (Value::List(_), None) => return Err("a JSON patch without a target".into()),
                (Value::Map(_), target) => {
                    let chosen = chosen(resources, &document, target.as_ref())?;
                    for index in chosen.into_iter().rev() {
                        apply_merge(resources, index, &document, patch);
                    }
                }
                _ => {}
            }
        }
        Ok(count)
    }

    fn out_of_reach(&mut self, file: &str, message: String) {
        let kind = ProblemKind::OutOfReach;
        self.objects.problems.push(Problem { file: file.into(), position: None, kind, message });
    }
}

/// The resources that a strategic merge patch is about.
fn chosen(
    resources: &[Resource],
    patch: &Node<'static>,
    target: Option<&Selector>,
) -> Result<Vec<usize>, Failed> {
    let mut chosen = Vec::new();
    if let Some(target) = target {
        let selection = Selection::new(target)?;
        for (index, resource) in resources.iter().enumerate() {
            if selection.fits(resource)? {
                chosen.push(index);
            }
        }
        return Ok(chosen);
    }
    let wanted = Identity::of(patch);
    for (index, resource) in resources.iter().enumerate() {
        if resource.is_or_was(&wanted) {
            chosen.push(index);
        }
    }
    match chosen.len() {
        1 => Ok(chosen),
        count => Err(format!(
            "a patch is about {} {}, of which there are {count}",
            wanted.kind, wanted.name
        )),
    }
}

fn apply_merge(
    resources: &mut Vec<Resource>,
    index: usize,
    patch: &Node<'static>,
    options: &Patch,
) {
    let Some(resource) = resources.get_mut(index) else { return };
    let before = resource.current();
    if options.options.allow_name_change || options.options.allow_kind_change {
        resource.remember();
    }
    let mut patch = patch.clone();
    patch.remove("apiVersion");
    if !merge::merge(&mut resource.node, &patch) {
        resources.remove(index);
        return;
    }
    if !options.options.allow_kind_change {
        resource.node.entry("kind").value = super::resource::text(&before.kind);
    }
    if !options.options.allow_name_change {
        resource.set_name(&before.name);
    }
    let metadata = resource.node.entry("metadata");
    if before.namespace.is_empty() {
        metadata.remove("namespace");
    } else {
        metadata.entry("namespace").value = super::resource::text(&before.namespace);
    }
}

/// The documents of a text.
fn nodes(text: &str) -> Result<Vec<Node<'static>>, Failed> {
    let documents = yaml::documents(text);
    documents
        .map(|document| {
            let tree = yaml::read_for_kustomize(&document).map_err(|broken| broken.cause)?;
            Ok(tree.root.into_owned())
        })
        .collect()
}

/// An object, or each of a list.
fn resources_of(root: Node<'static>, origin: &Origin, text: &str, found: &mut Vec<Resource>) {
    let is_list = root.text("kind").ends_with("List") && root.get("items").is_some();
    if is_list {
        let items = root.get("items").map(Node::elements).unwrap_or_default();
        for (index, item) in items.iter().enumerate() {
            let within = origin.within.clone().key("items").index(index);
            resources_of(item.clone(), &Origin { within, ..origin.clone() }, text, found);
        }
    } else if !root.is_null() {
        let (line, _) = crate::locate::line_and_column(text, root.span.start as usize);
        found.push(Resource::new(root, Origin { line, ..origin.clone() }));
    }
}

/// Adds resources, none of which may be there already.
fn append(present: &mut Vec<Resource>, added: Vec<Resource>) -> Result<(), Failed> {
    if added.is_empty() {
        return Ok(());
    }
    let mut known: HashSet<Identity> = present.iter().map(|it| it.current().placed()).collect();
    for resource in added {
        let Identity { kind, name, .. } = resource.current();
        if !known.insert(resource.current().placed()) {
            return Err(format!("{kind} {name} is there twice"));
        }
        present.push(resource);
    }
    Ok(())
}

/// What a path means as seen from a folder.
pub(super) fn join(folder: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| !matches!(*last, ".." | "." | "")) => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut parts = parts.into_iter().filter(|part| *part != ".");
    let first = parts.next().unwrap_or(".");
    let rest: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    match (first, rest.is_empty()) {
        (first, true) => first.to_owned(),
        (first, false) => format!("{first}/{}", rest.join("/")),
    }
}

/// Whether an entry looks like an address.
fn is_remote(entry: &str) -> bool {
    entry.contains("://")
        || entry.contains("?ref=")
        || entry.starts_with("git@")
        || ["github.com/", "gitlab.com/", "bitbucket.org/"]
            .iter()
            .any(|host| entry.starts_with(host))
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn paths_are_joined() {
        for (folder, path, expected) in [
            ("a/b", "c.yaml", "a/b/c.yaml"),
            ("a/b", "../c", "a/c"),
            ("a/b", "../../c", "c"),
            ("/a/b", "../../c", "/c"),
            (".", "./c", "c"),
            ("a", "..", "."),
            ("a", "/x/y", "/x/y"),
            ("..", "../c", "../../c"),
        ] {
            assert_eq!(join(folder, path), expected, "{folder} {path}");
        }
    }
}
