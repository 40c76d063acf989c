//! Lock files that nothing here reads. What a project is going to have by them is said not to be known,
//! instead of passed over.

use std::collections::BTreeMap;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{EntryPath, Location, Problem, ProblemKind};

use crate::Mode;
use crate::draft::Draft;
use crate::locked::came_along;
use crate::reading::detected;

const KEY: DetectorKey = DetectorKey { name: "unread", version: 1 };

/// The names of files, and whose packages they list.
const NAMES: [(&[u8], &str); 14] = [
    (b"Cartfile.resolved", "Carthage"),
    (b"Package.resolved", "Swift"),
    (b"Podfile.lock", "CocoaPods"),
    (b"cabal.project.freeze", "Haskell"),
    (b"conda-lock.yml", "conda"),
    (b"deno.lock", "Deno"),
    (b"go.mod", "Go"),
    (b"mix.lock", "Elixir"),
    (b"pixi.lock", "conda"),
    (b"pubspec.lock", "Dart"),
    (b"rebar.lock", "Erlang"),
    (b"renv.lock", "R"),
    (b"stack.yaml.lock", "Haskell"),
    (b"vcpkg.json", "C++"),
];

/// Notes lock files by their names.
#[derive(Debug, Clone, Copy)]
pub struct UnreadDetector;

impl Detector for UnreadDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, path: &EntryPath, _metadata: &Metadata) -> Want {
        // Its name says all that is told of it.
        if whose(path).is_some() { Want::Head(0) } else { Want::Skip }
    }

    fn facts(&self, file: &File<'_>, _budget: &Budget) -> Detected {
        detected(file.path, whose(file.path).map(str::to_owned).into())
    }
}

/// The ecosystem of a lock file, unless the file came with an installed package.
fn whose(path: &EntryPath) -> Option<&'static str> {
    let name = path.file_name();
    let (_, whose) = NAMES.iter().find(|(known, _)| *known == name)?;
    (!came_along(path)).then_some(whose)
}

/// Tells of each ecosystem once. In an installed system what a lock file alone names is not there.
pub(crate) fn assemble(draft: &mut Draft<'_>, mode: Mode) {
    let mut found: BTreeMap<String, Vec<Location>> = BTreeMap::new();
    for (location, whose) in draft.facts::<String>(KEY) {
        found.entry(whose).or_default().push(location);
    }
    if mode == Mode::Installed {
        return;
    }
    for (whose, places) in found {
        let others = match places.len().saturating_sub(1) {
            0 => String::new(),
            others => format!(" (and in {others} other files)"),
        };
        let Some(first) = places.into_iter().next() else { continue };
        draft.problem(Problem::new(
            ProblemKind::Unreadable,
            first,
            format!(
                "packages of {whose} are listed here{others}, in a form that is not read: they are not \
                 assessed; scan what is built or installed of them, or a bill of materials"
            ),
        ));
    }
}

#[cfg(test)]
mod tests {
    use crate::Mode;
    use crate::fixture::Tree;

    #[test]
    fn lock_files_that_nothing_reads_are_told_once_for_each_ecosystem() {
        let tree = Tree::default()
            .file("a/go.mod", "module a\n")
            .file("b/go.mod", "module b\n")
            .file("node_modules/x/pubspec.lock", "packages: {}\n")
            .file("c/mix.lock", "%{}\n");
        let (inventory, problems) = tree.assemble(Mode::Project);
        assert_eq!(inventory.packages, []);
        let told: Vec<(String, &str)> = problems
            .iter()
            .map(|problem| {
                let place = problem.location.as_ref().map(ToString::to_string).unwrap_or_default();
                (place, problem.message.split(" are listed").next().unwrap_or_default())
            })
            .collect();
        let expected = [("a/go.mod", "packages of Go"), ("c/mix.lock", "packages of Elixir")];
        let mut told: Vec<(&str, &str)> =
            told.iter().map(|(place, message)| (place.as_str(), *message)).collect();
        told.sort_unstable();
        assert_eq!(told, expected);
        assert_eq!(tree.assemble(Mode::Installed).1, []);
    }
}
