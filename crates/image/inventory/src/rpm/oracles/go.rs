//! go-rpmdb, which shares no code with rpm either.

use std::path::{Path, PathBuf};
use std::process::Command;

use bulkhead_archive::ReadAt;
use bulkhead_limits::{Budget, Limits};
use serde::Deserialize;

use super::super::package::Installed;
use super::super::{berkeley, ndb, requirement};
use super::databases;
use crate::owners::may_be_evidence;

#[derive(Deserialize)]
struct Database {
    packages: Vec<Description>,
    error: String,
}

#[derive(Deserialize)]
struct Description {
    name: String,
    epoch: Option<u32>,
    version: String,
    release: String,
    arch: String,
    source: String,
    licence: String,
    vendor: String,
    module: String,
    provides: Option<Vec<String>>,
    requires: Option<Vec<String>>,
    files: Option<Vec<String>>,
}

#[test]
fn lists_are_those_of_go() {
    let paths = databases(&["Packages.db", "Packages"]);
    let Some(expected) = list(&paths) else { return };
    for (path, expected) in paths.iter().zip(expected) {
        assert_eq!(expected.error, "", "{}", path.display());
        let content = fs_err::read(path).unwrap();
        let content: &dyn ReadAt = &content;
        let budget = Budget::new(Limits::DEFAULT);
        let parsed = match path.extension() {
            Some(_) => ndb::read(content, &budget),
            None => berkeley::read(content, &budget),
        };
        assert_eq!(parsed.faults, [], "{}", path.display());
        let mut expected: Vec<Installed> =
            expected.packages.into_iter().map(Description::installed).collect();
        let mut found = parsed.value;
        assert!(!found.is_empty(), "{}", path.display());
        for package in &mut found {
            package.files.sort();
        }
        for list in [&mut expected, &mut found] {
            list.sort_by(|left, right| left.name.cmp(&right.name));
        }
        assert_eq!(found, expected, "{}", path.display());
    }
}

/// What the program makes of each file.
fn list(paths: &[PathBuf]) -> Option<Vec<Database>> {
    let go = bulkhead_testing::tool("go")?;
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/go-rpmdb");
    let output =
        Command::new(go).args(["run", "."]).args(paths).current_dir(program).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

impl Description {
    fn installed(self) -> Installed {
        let sorted = |names: Vec<String>| {
            let mut names = names;
            names.sort();
            names.dedup();
            names
        };
        let requires = self.requires.unwrap_or_default();
        let files = self.files.unwrap_or_default();
        let mut files: Vec<_> = files
            .iter()
            .filter(|path| may_be_evidence(path.as_bytes()))
            .map(|path| path.as_str().into())
            .collect();
        files.sort();
        Installed {
            name: self.name,
            epoch: self.epoch,
            version: self.version,
            release: self.release,
            architecture: self.arch,
            source: self.source,
            licence: self.licence,
            vendor: self.vendor,
            module: self.module,
            requires: sorted(requires.iter().flat_map(|name| requirement::names(name)).collect()),
            provides: sorted(self.provides.unwrap_or_default()),
            files,
        }
    }
}
