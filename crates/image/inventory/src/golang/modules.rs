//! The text form of build information, as `go version -m` prints it (`runtime/debug`, `BuildInfo`).

use serde::{Deserialize, Serialize};

use super::blob::Blob;

/// What the linker says of a binary.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct BuildInfo {
    /// `go1.21.5`, with what was switched on behind it.
    pub(super) tool_chain: String,
    /// The import path of the main package.
    pub(super) path: String,
    main: Option<Module>,
    modules: Vec<Module>,
    pub(super) settings: Vec<(String, String)>,
}

/// A module in a binary.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Module {
    pub(super) path: String,
    pub(super) version: String,
    sum: String,
    /// What stands in its place: another module, or a folder.
    pub(super) replacement: Option<Box<Module>>,
}

/// The version of a module that was built from a work tree.
pub(super) const DEVELOPMENT: &str = "(devel)";

impl Module {
    /// The path of the module whose code is in the binary. Code from a folder keeps the name of what
    /// it replaces.
    pub(super) fn name(&self) -> &str {
        match &self.replacement {
            Some(other) if !other.path.starts_with(['.', '/']) => &other.path,
            _ => &self.path,
        }
    }

    pub(super) fn sum(&self) -> &str {
        self.replacement.as_ref().map_or(&self.sum, |other| &other.sum)
    }
}

impl BuildInfo {
    /// The main module. Where none is named, it is the one dependency that was built from a work
    /// tree, or else stands for the main package.
    pub(super) fn main_module(&self) -> Option<Module> {
        match &self.main {
            Some(main) if main.path != LOOSE_FILES => Some(main.clone()),
            _ => self.development().cloned().or_else(|| self.of_main_package()),
        }
    }

    /// The other modules.
    pub(super) fn dependencies(&self) -> impl Iterator<Item = &Module> {
        let main = self.main_module();
        let same = move |module: &Module| {
            main.as_ref().is_some_and(|main| {
                (main.name(), &main.version) == (module.name(), &module.version)
            })
        };
        self.modules.iter().filter(move |module| !same(module))
    }

    fn development(&self) -> Option<&Module> {
        let mut candidates = self.modules.iter().filter(|module| module.version == DEVELOPMENT);
        candidates.next().filter(|_| candidates.next().is_none())
    }

    /// Programs of Go's own tree belong to no module: their advisories call them the tool chain.
    fn of_main_package(&self) -> Option<Module> {
        if self.path.is_empty() {
            return None;
        }
        let (path, version) = match self.path.strip_prefix("cmd/") {
            Some(_) => ("toolchain", self.tool_chain.as_str()),
            None => (self.path.as_str(), DEVELOPMENT),
        };
        Some(Module { path: path.to_owned(), version: version.to_owned(), ..Module::default() })
    }
}

/// What `go build file.go` calls its main package and module.
const LOOSE_FILES: &str = "command-line-arguments";

/// Reads the lines of build information; unknown ones are passed over.
pub(super) fn parse(blob: Blob) -> BuildInfo {
    let mut build = BuildInfo { tool_chain: blob.version, ..BuildInfo::default() };
    for line in blob.modules.lines() {
        let mut columns = line.split('\t');
        let kind = columns.next().unwrap_or_default();
        let first = columns.next().unwrap_or_default();
        let mut module = || Module {
            path: first.to_owned(),
            version: columns.next().unwrap_or_default().to_owned(),
            sum: columns.next().unwrap_or_default().to_owned(),
            replacement: None,
        };
        match kind {
            "path" => first.clone_into(&mut build.path),
            "mod" => build.main = Some(module()),
            "dep" => build.modules.push(module()),
            "=>" => {
                let replacement = Some(Box::new(module()));
                if let Some(last) = build.modules.last_mut().or(build.main.as_mut()) {
                    last.replacement = replacement;
                }
            }
            "build" => build.settings.extend(setting(first)),
            _ => {}
        }
    }
    build
}

/// `key=value`, either in Go's quotes where it needs them.
fn setting(text: &str) -> Option<(String, String)> {
    let (key, rest) = quoted(text).or_else(|| {
        let (key, _) = text.split_once('=')?;
        Some((key.to_owned(), text.get(key.len()..)?))
    })?;
    let value = rest.strip_prefix('=')?;
    let value = quoted(value).map_or_else(|| value.to_owned(), |(value, _)| value);
    Some((key, value))
}

/// A quoted text at the start, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    if let Some(raw) = text.strip_prefix('`') {
        return raw.split_once('`').map(|(value, rest)| (value.to_owned(), rest));
    }
    let mut value = String::new();
    let inner = text.strip_prefix('"')?;
    let mut characters = inner.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, inner.get(at.saturating_add(1)..)?)),
            '\\' => value.push(match characters.next()?.1 {
                'n' => '\n',
                't' => '\t',
                other => other,
            }),
            other => value.push(other),
        }
    }
    None
}
