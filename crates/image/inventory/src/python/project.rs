//! What projects lock, and what they leave open.

use bulkhead_model::{Ecosystem, EntryPath, Location, Problem, ProblemKind};
use rustc_hash::FxHashSet;

use super::kind::Kind;
use super::requirements::Requirements;
use crate::Mode;
use crate::draft::Draft;
use crate::locked::{Installed, Lock};

/// How many names a problem quotes.
const MOST_QUOTED: usize = 5;

/// How much of a name a problem quotes, in characters.
const LONGEST_QUOTED: usize = 200;

/// Adds what lock files and requirements say, after everything that is installed.
pub(super) fn add(
    draft: &mut Draft<'_>,
    mode: Mode,
    locks: &[(Location, Lock)],
    requirements: &[(Location, Requirements)],
) {
    let installed = Installed::of(draft, Ecosystem::PyPi);
    let named = requirements.iter().map(|(location, asked)| (location, &asked.lock));
    let all = locks.iter().map(|(location, lock)| (location, lock)).chain(named);
    let mut settled: FxHashSet<(EntryPath, String)> = FxHashSet::default();
    for (location, lock) in all {
        let folder = location.path.parent().unwrap_or_default();
        for package in &lock.packages {
            settled.insert((folder.clone(), Ecosystem::PyPi.normalise(&package.name)));
        }
        installed.add(draft, mode, location, lock);
    }
    if mode == Mode::Installed {
        return;
    }
    for (location, asked) in requirements {
        let folder = location.path.parent().unwrap_or_default();
        let open = asked.open.iter().filter(|name| {
            let name = Ecosystem::PyPi.normalise(name);
            !installed.has(&name, &folder) && !settled.contains(&(folder.clone(), name))
        });
        let open: Vec<&str> = open.map(String::as_str).collect();
        if !open.is_empty() {
            draft.problem(left_open(location.clone(), &open));
        }
        let passed_over = |included: &&String| {
            included.contains("://") || Kind::of(&folder.join(included)).is_none()
        };
        for included in asked.included.iter().filter(passed_over).take(MOST_QUOTED) {
            draft.problem(not_followed(location.clone(), included));
        }
    }
}

/// A file that another one includes is read where its own name tells what it is, and not otherwise.
fn not_followed(location: Location, included: &str) -> Problem {
    let included: String = included.chars().take(LONGEST_QUOTED).collect();
    Problem::new(
        ProblemKind::Unresolved,
        location,
        format!(
            "the requirements of {included} are not read: name the file requirements….txt, or put it \
             into a folder of that name"
        ),
    )
}

fn left_open(location: Location, names: &[&str]) -> Problem {
    let quoted = names.get(..MOST_QUOTED).unwrap_or(names).join(", ");
    let more = match names.len().saturating_sub(MOST_QUOTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Problem::new(
        ProblemKind::Unresolved,
        location,
        format!(
            "no version is given for {quoted}{more}: which will be installed cannot be told without \
             the network; `pip freeze` or a lock file beside it says it"
        ),
    )
}
