//! Gemfile.lock and gems.locked (`Bundler::LockfileParser`): sections of indented lines. Gems are
//! locked once for each platform; which of these is installed is decided there.

use rustc_hash::FxHashMap;

use crate::address::{vcs_url, without_user};
use crate::locked::{Lock, Locked, Root, place};
use crate::reading::{Fault, Parsed, text};

/// How many versions of one name a gem is related to.
const MOST_VERSIONS: usize = 16;

pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Lock>> {
    let mut reader = Reader::default();
    for (number, line) in (1_usize..).zip(text(bytes).lines()) {
        if reader.line(line.trim_end()).is_none() {
            reader.odd.get_or_insert(number);
        }
    }
    let odd = reader.odd;
    let sections = reader.sections;
    let lock = reader.lock();
    if sections == 0 {
        return Fault::malformed("no section of a Bundler lock file in it").into();
    }
    let fault = odd.map(|line| Fault::malformed(format!("line {line} is none of a lock file")));
    Parsed { value: Some(lock), faults: fault.into_iter().collect() }
}

#[derive(Default)]
struct Reader {
    section: Section,
    sections: usize,
    /// Where the gems of the current section come from.
    remote: String,
    revision: String,
    gems: Vec<Gem>,
    /// Names of what the Gemfile asks for.
    wanted: Vec<String>,
    odd: Option<usize>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Section {
    /// `GEM`, `PLUGIN SOURCE`: out of a registry.
    Registry,
    /// `GIT`: out of a repository.
    Repository,
    /// `PATH`: a folder of the project.
    Project,
    Dependencies,
    #[default]
    Other,
}

struct Gem {
    package: Locked,
    platform: String,
    is_project: bool,
    needs: Vec<String>,
}

impl Reader {
    /// None where the line makes no sense in its section.
    fn line(&mut self, line: &str) -> Option<()> {
        let words = line.trim_start_matches(' ');
        let depth = line.len().saturating_sub(words.len());
        if words.is_empty() {
            return Some(());
        }
        if depth == 0 {
            self.section = match words {
                "GEM" | "PLUGIN SOURCE" => Section::Registry,
                "GIT" => Section::Repository,
                "PATH" => Section::Project,
                "DEPENDENCIES" => Section::Dependencies,
                _ if words.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b' ') => {
                    Section::Other
                }
                _ => return None,
            };
            self.sections = self.sections.saturating_add(1);
            (self.remote, self.revision) = Default::default();
            return Some(());
        }
        match (self.section, depth) {
            (Section::Other, _) => Some(()),
            (Section::Dependencies, _) => {
                let (name, _) = name_and_rest(words);
                self.wanted.push(name.trim_end_matches('!').to_owned());
                Some(())
            }
            (_, 2) => {
                let (key, value) = words.split_once(':')?;
                match key {
                    "remote" if self.remote.is_empty() => value.trim().clone_into(&mut self.remote),
                    "revision" => value.trim().clone_into(&mut self.revision),
                    _ => {}
                }
                Some(())
            }
            (_, 4) => self.gem(words),
            _ => {
                let (name, _) = name_and_rest(words);
                self.gems.last_mut()?.needs.push(name.trim_end_matches('!').to_owned());
                Some(())
            }
        }
    }

    /// `name (1.0-java)`: versions have no hyphen, so that what follows one is the platform.
    fn gem(&mut self, words: &str) -> Option<()> {
        let (name, rest) = name_and_rest(words);
        let version = rest.strip_prefix('(')?.strip_suffix(')')?;
        let (version, platform) = version.split_once('-').unwrap_or((version, ""));
        let mut package =
            Locked { name: name.to_owned(), version: version.to_owned(), ..Locked::default() };
        match self.section {
            Section::Repository => {
                package.repository = vcs_url("git", &self.remote, &self.revision);
            }
            _ => package.property("gem:remote", without_user(&self.remote)),
        }
        self.gems.push(Gem {
            package,
            platform: platform.to_owned(),
            is_project: self.section == Section::Project,
            needs: Vec::new(),
        });
        Some(())
    }

    fn lock(self) -> Lock {
        let mut lock = Lock::default();
        // The places of a name: one, unless platforms have different versions. None for a project.
        let mut places: FxHashMap<String, Vec<u32>> = FxHashMap::default();
        let mut identities: FxHashMap<(String, String), usize> = FxHashMap::default();
        let mut needs: Vec<Vec<String>> = Vec::new();
        let mut projects: Vec<Vec<String>> = Vec::new();
        for gem in self.gems {
            let Gem { package, platform, is_project, needs: mut own } = gem;
            if is_project {
                projects.push(own);
                continue;
            }
            let identity = (package.name.clone(), package.version.clone());
            let at = *identities.entry(identity).or_insert_with(|| {
                let at = lock.packages.len();
                places.entry(package.name.clone()).or_default().push(place(&lock.packages));
                lock.packages.push(package);
                needs.push(Vec::new());
                at
            });
            if let (Some(package), Some(needs)) = (lock.packages.get_mut(at), needs.get_mut(at)) {
                needs.append(&mut own);
                add_platform(package, &platform);
            }
        }
        let find = |names: &[String]| -> Vec<u32> {
            let known = names.iter().filter_map(|name| places.get(name));
            known.flat_map(|places| places.iter().take(MOST_VERSIONS)).copied().collect()
        };
        for (package, needs) in lock.packages.iter_mut().zip(&needs) {
            package.dependencies = find(needs);
            package.dependencies.sort_unstable();
            package.dependencies.dedup();
        }
        let mut dependencies = find(&self.wanted);
        dependencies.extend(projects.iter().flat_map(|needs| find(needs)));
        lock.roots.push(Root { folder: String::new(), dependencies, development: Vec::new() });
        lock
    }
}

/// Notes for which platforms a gem was built; those for all have none.
fn add_platform(package: &mut Locked, platform: &str) {
    if !platform.is_empty() {
        let platforms = package.properties.entry("gem:platforms".to_owned()).or_default();
        if !platforms.is_empty() {
            platforms.push(' ');
        }
        platforms.push_str(platform);
    }
}

/// `name (~> 1.0)`.
fn name_and_rest(words: &str) -> (&str, &str) {
    let (name, rest) = words.split_once(' ').unwrap_or((words, ""));
    (name, rest.trim())
}
