//! `ConfigMap`s and `Secret`s from files, texts and lists of variables.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Failed;
use super::accumulate::{Build, join};
use super::file::{Generator, GeneratorOptions, Kustomization};
use super::resource::{Resource, text};
use crate::node::{Node, Value};
use crate::object::Origin;
use crate::objects::FileId;
use crate::path::FieldPath;
use crate::values::Labels;

/// Adds what the generators of a kustomization make, or merges it into what is there.
pub(super) fn run(
    build: &Build<'_>,
    folder: &str,
    file: &Kustomization,
    number: FileId,
    resources: &mut Vec<Resource>,
) -> Result<(), Failed> {
    let maps = file.config_map_generator.iter().map(|generator| (generator, false));
    let secrets = file.secret_generator.iter().map(|generator| (generator, true));
    for (generator, is_secret) in maps.chain(secrets) {
        let pairs = pairs(build, folder, generator)?;
        let resource = generated(generator, &file.generator_options, is_secret, &pairs, number);
        place(resource, &generator.behavior, resources)?;
    }
    Ok(())
}

type Pair = (String, Vec<u8>);

/// Keys and values in the order in which kustomize reads their sources.
fn pairs(build: &Build<'_>, folder: &str, generator: &Generator) -> Result<Vec<Pair>, Failed> {
    let load = |path: &str| {
        let path = join(folder, path);
        build.files.read(&path).ok_or_else(|| format!("there is no file {path}"))
    };
    let mut pairs = Vec::new();
    let old = Some(&generator.env).filter(|path| !path.is_empty());
    for path in generator.envs.iter().chain(old) {
        let bytes = load(path)?;
        let text = String::from_utf8(bytes).map_err(|_| format!("{path} is not text in UTF-8"))?;
        for line in text.trim_start_matches('\u{feff}').lines() {
            let line = line.trim_start();
            if !line.is_empty() && !line.starts_with('#') {
                let (key, value) = line.split_once('=').unwrap_or((line, ""));
                pairs.push((key.to_owned(), value.as_bytes().to_owned()));
            }
        }
    }
    for literal in &generator.literals {
        let (key, value) =
            literal.split_once('=').ok_or_else(|| format!("the literal {literal:?} has no ="))?;
        pairs.push((key.to_owned(), unquoted(value).as_bytes().to_owned()));
    }
    for source in &generator.files {
        let (key, path) = match source.split_once('=') {
            Some((key, path)) => (key, path),
            None => (source.rsplit('/').next().unwrap_or(source), source.as_str()),
        };
        pairs.push((key.to_owned(), load(path)?));
    }
    Ok(pairs)
}

/// Quotes around a whole literal are not part of it.
fn unquoted(value: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value)
}

fn generated(
    generator: &Generator,
    common: &GeneratorOptions,
    is_secret: bool,
    pairs: &[Pair],
    file: FileId,
) -> Resource {
    let mut node = Node::unplaced(Value::Map(Vec::new()));
    node.entry("apiVersion").value = text("v1");
    node.entry("kind").value = text(if is_secret { "Secret" } else { "ConfigMap" });
    node.entry("metadata").entry("name").value = text(&generator.name);
    if !generator.namespace.is_empty() {
        node.entry("metadata").entry("namespace").value = text(&generator.namespace);
    }
    if is_secret {
        let type_ = if generator.type_.is_empty() { "Opaque" } else { &generator.type_ };
        node.entry("type").value = text(type_);
    }
    for (key, value) in pairs {
        let plain = std::str::from_utf8(value).ok().filter(|_| !is_secret);
        if let Some(plain) = plain {
            node.entry("data").entry(key).value = text(plain);
        } else {
            let field = if is_secret { "data" } else { "binaryData" };
            node.entry(field).entry(key).value = text(&in_lines(&STANDARD.encode(value)));
        }
    }
    let own = &generator.options;
    set(&mut node, "labels", [&common.labels, &own.labels]);
    set(&mut node, "annotations", [&common.annotations, &own.annotations]);
    if common.immutable || own.immutable {
        node.entry("immutable").value = Value::Bool(true);
    }
    let origin = Origin {
        file,
        bytes: 0..0,
        within: FieldPath::ROOT,
        line: 1,
        template: None,
        kustomization: None,
    };
    let hashed = !(common.disable_name_suffix_hash || own.disable_name_suffix_hash);
    Resource { hashed, ..Resource::new(node, origin) }
}

/// Lines of 70 letters, as kustomize writes base64; a text that is shorter has no end of line. The hash
/// of the name depends on it.
fn in_lines(text: &str) -> String {
    const LENGTH: usize = 70;
    if text.len() < LENGTH {
        return text.to_owned();
    }
    let mut lines = String::new();
    for (index, letter) in text.chars().enumerate() {
        if index > 0 && index % LENGTH == 0 {
            lines.push('\n');
        }
        lines.push(letter);
    }
    lines.push('\n');
    lines
}

fn set(node: &mut Node<'static>, field: &str, sources: [&Labels; 2]) {
    for (key, value) in sources.into_iter().flat_map(Labels::iter) {
        node.entry("metadata").entry(field).entry(key).value = text(value);
    }
}

/// Adds a generated resource, or puts it in the place of the one that it merges with.
fn place(mut made: Resource, behavior: &str, resources: &mut Vec<Resource>) -> Result<(), Failed> {
    let identity = made.current();
    let present = resources.iter_mut().find(|resource| resource.is_or_was(&identity));
    let merges = match behavior {
        "merge" => true,
        "replace" => false,
        "" | "create" | "unspecified" if present.is_none() => {
            resources.push(made);
            return Ok(());
        }
        "" | "create" | "unspecified" => {
            return Err(format!("{} {} is there twice", identity.kind, identity.name));
        }
        other => return Err(format!("{other:?} is no behavior of a generator")),
    };
    let Some(present) = present else {
        return Err(format!("there is no {} {} to {behavior}", identity.kind, identity.name));
    };
    let metadata = ["labels", "annotations"];
    for field in metadata {
        let old = present.node.get("metadata").and_then(|metadata| metadata.get(field));
        if let Some(old) = old.filter(|old| !old.entries().is_empty()) {
            underlay(made.node.entry("metadata").entry(field), old);
        }
    }
    if merges {
        for field in ["data", "binaryData"] {
            if let Some(old) = present.node.get(field).filter(|old| !old.entries().is_empty()) {
                underlay(made.node.entry(field), old);
            }
        }
    }
    made.set_name(present.name());
    let namespace = present.namespace().to_owned();
    if !namespace.is_empty() {
        made.node.entry("metadata").entry("namespace").value = text(&namespace);
    }
    present.hashed &= made.hashed;
    present.node = made.node;
    Ok(())
}

/// Adds the entries of an older map that the newer one lacks.
fn underlay(newer: &mut Node<'static>, older: &Node<'static>) {
    for entry in older.entries() {
        if newer.get(&entry.key).is_none() {
            *newer.entry(&entry.key) = entry.node.clone();
        }
    }
}
