//! Projects of Maven: their own coordinates and what they ask for, as far as the files of the target
//! say it. What only a repository knows is named and left open.

mod reactor;

use std::collections::BTreeSet;

use bulkhead_model::{Location, Problem, ProblemKind, RelationKind};
use rustc_hash::FxHashMap;

use super::pom::Pom;
use crate::Mode;
use crate::draft::{Draft, Position};
use crate::locked::{Installed, Lock, Locked};

use reactor::{Asked, Reactor};

/// Dependencies of all projects together.
const MOST_ASKED: usize = 1_000_000;
/// How many names a problem quotes.
const MOST_QUOTED: usize = 5;

/// Adds projects and what they ask for; in an image, only what is installed is described.
pub(super) fn add(
    draft: &mut Draft<'_>,
    mode: Mode,
    installed: &Installed,
    poms: &[(Location, Pom)],
) {
    let reactor = Reactor::new(poms);
    let projects: Vec<Locked> = (0..poms.len()).map(|number| reactor.project(number)).collect();
    let mut by_name: FxHashMap<(&str, &str), Vec<Position>> = FxHashMap::default();
    let mut standing = Vec::with_capacity(poms.len());
    for (project, (location, pom)) in projects.iter().zip(poms) {
        let lock = Lock { packages: vec![project.clone()], ..Lock::default() };
        let positions = installed.add(draft, mode, location, &lock).into_iter().flatten();
        let positions: Vec<Position> = positions.collect();
        for position in &positions {
            if let Some(package) = draft.package_mut(*position)
                && package.licences.is_empty()
            {
                package.licences.clone_from(&pom.licences);
            }
        }
        by_name.insert((&project.name, &project.version), positions.clone());
        standing.push(positions);
    }
    let mut room = MOST_ASKED;
    for (number, (location, _)) in poms.iter().enumerate() {
        let asked = reactor.asked(number);
        let Some(left) = room.checked_sub(asked.packages.len()) else {
            let message = format!("projects ask for more than {MOST_ASKED} packages");
            draft.problem(Problem::new(ProblemKind::LimitReached, location.clone(), message));
            break;
        };
        room = left;
        let own = standing.get(number).map(Vec::as_slice).unwrap_or_default();
        if mode == Mode::Project {
            report(draft, location, projects.get(number), &asked);
        }
        let (siblings, packages): (Vec<Locked>, Vec<Locked>) =
            asked.packages.into_iter().partition(|package| {
                by_name.contains_key(&(package.name.as_str(), package.version.as_str()))
            });
        let siblings = siblings
            .iter()
            .map(|package| by_name.get(&(package.name.as_str(), package.version.as_str())));
        let siblings = siblings.map(|positions| positions.cloned().unwrap_or_default());
        let lock = Lock { packages, ..Lock::default() };
        let needed = installed.add(draft, mode, location, &lock);
        for needed in
            needed.into_iter().chain(siblings).filter_map(|places| places.first().copied())
        {
            for project in own {
                draft.relate(*project, RelationKind::DependsOn, needed);
            }
        }
    }
    if mode == Mode::Project {
        direct_only(draft, poms);
    }
}

/// Names the versions that no file of the target gives.
fn report(draft: &mut Draft<'_>, location: &Location, project: Option<&Locked>, asked: &Asked) {
    let own = project.filter(|project| project.version.is_empty());
    let open = asked.packages.iter().filter(|package| package.version.is_empty());
    let open: BTreeSet<&str> = own.into_iter().chain(open).map(|p| p.name.as_str()).collect();
    if open.is_empty() {
        return;
    }
    let quoted: Vec<&str> = open.iter().take(MOST_QUOTED).copied().collect();
    let more = match open.len().saturating_sub(MOST_QUOTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let missing = match asked.missing.first() {
        Some(missing) => format!(" ({missing} is not in the target)"),
        None => String::new(),
    };
    draft.problem(Problem::new(
        ProblemKind::Unresolved,
        location.clone(),
        format!(
            "no single version is given for {}{more}{missing}: which will be used cannot be told \
             without the network; an archive that was built, or its SBOM, says it",
            quoted.join(", ")
        ),
    ));
}

/// Says once that a project's file names its direct dependencies alone.
fn direct_only(draft: &mut Draft<'_>, poms: &[(Location, Pom)]) {
    if let Some((location, _)) = poms.iter().find(|(_, pom)| !pom.dependencies.is_empty()) {
        draft.problem(Problem::new(
            ProblemKind::Unresolved,
            location.clone(),
            "what dependencies themselves need is not written in pom.xml and was not assessed: it \
             cannot be told without the network; an archive that was built, or its SBOM, says it",
        ));
    }
}
