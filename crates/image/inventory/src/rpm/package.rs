//! What is kept of a package's header.

use bulkhead_model::{EntryPath, SourcePackage};
use serde::{Deserialize, Serialize};

use super::header::{Header, tag};
use super::requirement;
use crate::owners::may_be_evidence;
use crate::reading::Fault;

/// `RPMFILE_GHOST` of rpmfiles.h: the package names the file but does not bring its content.
const GHOST: u32 = 1 << 6;
/// `RPMFILE_STATE_NORMAL` of rpmfiles.h: neither replaced by another package's file nor left out.
const AS_PACKAGED: u32 = 0;

/// An installed package. Texts are empty where none is given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Installed {
    pub(super) name: String,
    pub(super) epoch: Option<u32>,
    pub(super) version: String,
    pub(super) release: String,
    pub(super) architecture: String,
    /// The file name of the source package: `bash-5.1.8-6.el9.src.rpm`.
    pub(super) source: String,
    pub(super) licence: String,
    pub(super) vendor: String,
    /// `name:stream:version:context` of the module that it was built in.
    pub(super) module: String,
    /// Names that it needs: packages, libraries, files.
    pub(super) requires: Vec<String>,
    /// Names that it stands for, its own among them.
    pub(super) provides: Vec<String>,
    /// Those of its files that can be evidence of something; programs are.
    pub(super) files: Vec<EntryPath>,
}

impl Installed {
    pub(super) fn of_header(blob: &[u8]) -> Result<Self, Fault> {
        let header = Header::parse(blob)?;
        let text = |tag| known(&header.text(tag)).to_owned();
        let package = Self {
            name: text(tag::NAME),
            epoch: header.numbers(tag::EPOCH).next(),
            version: text(tag::VERSION),
            release: text(tag::RELEASE),
            architecture: text(tag::ARCHITECTURE),
            source: text(tag::SOURCE_RPM),
            licence: text(tag::LICENCE),
            vendor: text(tag::VENDOR),
            module: text(tag::MODULARITY_LABEL),
            requires: sorted(
                header
                    .texts(tag::REQUIRE_NAME)
                    .flat_map(|text| requirement::names(&String::from_utf8_lossy(text))),
            ),
            provides: sorted(
                header.texts(tag::PROVIDE_NAME).map(|name| String::from_utf8_lossy(name).into()),
            ),
            files: files(&header, blob.len()),
        };
        if package.name.is_empty() || package.version.is_empty() {
            return Err(Fault::malformed("a package without a name or version"));
        }
        Ok(package)
    }

    /// Version and release: `5.1.8-6.el9`.
    pub(super) fn version_and_release(&self) -> String {
        match self.release.as_str() {
            "" => self.version.clone(),
            release => format!("{}-{release}", self.version),
        }
    }

    /// The whole version as rpm shows and compares it: `1:5.1.8-6.el9`, no epoch where none is given.
    pub(super) fn full_version(&self) -> String {
        self.with_epoch(self.version_and_release())
    }

    /// The source package. Its file name has no epoch; packages inherit theirs from it, unless their
    /// part of the specification sets another.
    pub(super) fn source_package(&self) -> Option<SourcePackage> {
        let stem = self.source.strip_suffix(".rpm")?;
        let (stem, _) = stem.rsplit_once('.')?;
        let (rest, release) = stem.rsplit_once('-')?;
        let (name, version) = rest.rsplit_once('-')?;
        let version = self.with_epoch(format!("{version}-{release}"));
        Some(SourcePackage { name: name.to_owned(), version })
    }

    fn with_epoch(&self, version: String) -> String {
        match self.epoch {
            Some(epoch) => format!("{epoch}:{version}"),
            None => version,
        }
    }
}

/// Some builders write what rpm shows for nothing.
pub(super) fn known(text: &str) -> &str {
    if text == "(none)" { "" } else { text }
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The paths are put together from folders and names, so that a short header could make endless ones.
/// Those of real packages are shorter than the rest of what is told about each file.
fn files(header: &Header<'_>, mut left: usize) -> Vec<EntryPath> {
    let mut flags = header.numbers(tag::FILE_FLAGS);
    let mut states = header.numbers(tag::FILE_STATES);
    let mut kept = Vec::new();
    let mut keep = |path: &[u8]| {
        let flags = flags.next().unwrap_or_default();
        let state = states.next().unwrap_or(AS_PACKAGED);
        if flags & GHOST == 0 && state == AS_PACKAGED && may_be_evidence(path) {
            let after = left.checked_sub(path.len());
            kept.extend(after.map(|_| EntryPath::new(path)));
            left = after.unwrap_or_default();
        }
    };
    let folders: Vec<&[u8]> = header.texts(tag::DIRECTORY_NAMES).collect();
    let indexes = header.numbers(tag::DIRECTORY_INDEXES);
    let mut path = Vec::new();
    for (name, index) in header.texts(tag::BASE_NAMES).zip(indexes) {
        path.clear();
        path.extend_from_slice(folders.get(index as usize).copied().unwrap_or_default());
        path.extend_from_slice(name);
        keep(&path);
    }
    header.texts(tag::OLD_FILE_NAMES).for_each(&mut keep);
    kept
}
