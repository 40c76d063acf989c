//! Java: what is in a jar, in the jars inside it, and in those that were merged into it; what projects
//! of Maven and Gradle name.

mod archive;
mod exploded;
mod file_name;
mod gradle;
mod groups;
mod identity;
mod manifest;
mod pom;
mod project;
mod properties;

use std::collections::BTreeMap;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{Ecosystem, EntryPath, Location, Package, PackageType, RelationKind};
use serde::{Deserialize, Serialize};

use crate::draft::{Draft, Position};
use crate::locked::{Installed, Lock};
use crate::reading::{Parsed, detect, detected};
use crate::{Mode, purl};

use pom::Pom;

const KEY: DetectorKey = DetectorKey { name: "java", version: 3 };

/// All of them are zips that hold classes, or archives that do.
const EXTENSIONS: [&[u8]; 13] = [
    b"jar", b"war", b"ear", b"par", b"sar", b"nar", b"jpi", b"hpi", b"kar", b"far", b"lpkg",
    b"rar", b"zap",
];

/// Reads Java archives, and archives in archives.
#[derive(Debug, Clone, Copy)]
pub struct JavaDetector;

impl Detector for JavaDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, path: &EntryPath, _metadata: &Metadata) -> Want {
        match Kind::of(path) {
            None => Want::Skip,
            Some(Kind::Archive) => Want::Random,
            Some(_) => Want::Whole,
        }
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        fn as_fact<T>(parsed: Parsed<Option<T>>, fact: fn(T) -> Java) -> Parsed<Option<Java>> {
            Parsed { value: parsed.value.map(fact), faults: parsed.faults }
        }
        match Kind::of(file.path) {
            None => Detected::default(),
            Some(Kind::Archive) => {
                let archives = archive::read(file.content, file.path, budget);
                detected(file.path, as_fact(archives, Java::Archives))
            }
            Some(Kind::Gradle(kind)) => {
                detect(file, budget, |bytes| as_fact(gradle::parse(bytes, kind), Java::Lock))
            }
            Some(Kind::Pom) => detect(file, budget, |bytes| as_fact(pom::parse(bytes), Java::Pom)),
            Some(Kind::Properties) => detect(file, budget, |bytes| {
                as_fact(properties::parse(bytes).into(), Java::Properties)
            }),
        }
    }
}

/// What a file is, by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Archive,
    Gradle(gradle::Kind),
    /// The file of a project.
    Pom,
    /// `pom.properties` of an archive that was unpacked, as servers do with web applications.
    Properties,
}

impl Kind {
    fn of(path: &EntryPath) -> Option<Self> {
        if is_evidence(path.file_name()) {
            return Some(Self::Archive);
        }
        // Copies for the record: they describe what was published, not what is here.
        let published = memchr::memmem::find(path.as_bytes(), b"META-INF/maven/").is_some();
        match path.file_name() {
            b"pom.properties" if published => Some(Self::Properties),
            name if published || name.starts_with(b".") => None,
            name if name == b"pom.xml" || name.ends_with(b".pom.xml") => Some(Self::Pom),
            _ => gradle::Kind::of(path).map(Self::Gradle),
        }
    }
}

/// What one file says.
#[derive(Debug, Serialize, Deserialize)]
enum Java {
    /// Of one file, the outermost first.
    Archives(Vec<Archive>),
    Lock(Lock),
    Pom(Pom),
    Properties(Artifact),
}

/// Whether a file of this name is a Java archive.
pub(crate) fn is_evidence(name: &[u8]) -> bool {
    let Some(dot) = name.iter().rposition(|&byte| byte == b'.') else { return false };
    let extension = name.get(dot..).and_then(|extension| extension.strip_prefix(b"."));
    let extension = extension.unwrap_or_default();
    EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// What one archive is: the file itself, or one inside it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Archive {
    /// From the outermost archive to this one; empty for the file itself.
    inside: Vec<EntryPath>,
    /// The archive around this one, by its place in the list; always an earlier one.
    parent: Option<u32>,
    /// What it calls itself.
    main: Option<Artifact>,
    /// What else was merged into it.
    merged: Vec<Artifact>,
}

/// A Maven artifact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
struct Artifact {
    /// Empty where nothing says it.
    group: String,
    name: String,
    version: String,
    licences: Vec<String>,
    evidence: Evidence,
}

/// What says which artifact an archive is, the best last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
enum Evidence {
    #[default]
    FileName,
    Manifest,
    PomProperties,
}

impl Evidence {
    const fn name(self) -> &'static str {
        match self {
            Self::FileName => "file name",
            Self::Manifest => "manifest",
            Self::PomProperties => "pom.properties",
        }
    }
}

/// The artifacts of every archive, in a project also those that its build files name.
pub(crate) fn assemble(draft: &mut Draft<'_>, mode: Mode) {
    let mut archives: Vec<(Location, Vec<Archive>)> = Vec::new();
    let mut locks: Vec<(Location, Lock)> = Vec::new();
    let mut poms: Vec<(Location, Pom)> = Vec::new();
    let mut unpacked: Vec<(Location, Artifact)> = Vec::new();
    for (location, facts) in draft.facts(KEY) {
        match facts {
            Java::Archives(found) => archives.push((location, found)),
            Java::Lock(lock) => locks.push((location, lock)),
            Java::Pom(pom) => poms.push((location, pom)),
            Java::Properties(artifact) => unpacked.push((location, artifact)),
        }
    }
    add_archives(draft, archives);
    exploded::add(draft, unpacked);
    let installed = Installed::of(draft, Ecosystem::Maven);
    for (location, lock) in &locks {
        installed.add(draft, mode, location, lock);
    }
    project::add(draft, mode, &installed, &poms);
}

/// Adds the artifacts of every archive, each contained in what is around it.
fn add_archives(draft: &mut Draft<'_>, found: Vec<(Location, Vec<Archive>)>) {
    for (location, archives) in found {
        // The package that stands for each archive: its own, else that of the one around it.
        let mut standing: Vec<Option<Position>> = Vec::with_capacity(archives.len());
        for archive in archives {
            let around = archive
                .parent
                .and_then(|parent| standing.get(usize::try_from(parent).ok()?).copied().flatten());
            let place = Location { inside: archive.inside, ..location.clone() };
            let main = archive.main.map(|main| draft.add(package(main, place.clone())));
            if let (Some(main), Some(around)) = (main, around) {
                draft.relate(main, RelationKind::ContainedIn, around);
            }
            let own = main.or(around);
            for artifact in archive.merged {
                let merged = draft.add(package(artifact, place.clone()));
                if let Some(own) = own {
                    draft.relate(merged, RelationKind::ContainedIn, own);
                }
            }
            standing.push(own);
        }
    }
}

fn package(artifact: Artifact, location: Location) -> Package {
    let Artifact { group, name, version, licences, evidence } = artifact;
    let name = if group.is_empty() { name } else { format!("{group}:{name}") };
    Package {
        package_type: PackageType::Language(Ecosystem::Maven),
        purl: purl::language(Ecosystem::Maven, &name, &version, &[]),
        name,
        version,
        architecture: None,
        source: None,
        licences,
        locations: vec![location],
        properties: BTreeMap::from([("java:evidence".to_owned(), evidence.name().to_owned())]),
    }
}

#[cfg(test)]
mod tests;
