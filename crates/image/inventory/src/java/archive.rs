//! One archive and those inside it, by their central directories.

use bulkhead_archive::{Error, ReadAt, zip};
use bulkhead_limits::Budget;
use bulkhead_model::{EntryPath, ProblemKind};

use super::identity::{Clues, identify};
use super::{Archive, ZIP, is_always_zip, is_evidence, manifest, properties};
use crate::reading::{Fault, Parsed};

/// A manifest or pom.properties is never larger; signed archives list every class in the former.
const LARGEST_TEXT: u64 = 8 << 20;
/// Artifacts that were merged into one archive; the largest known have a few hundred.
const MOST_ARTIFACTS: usize = 10_000;

/// Every archive in a file, the file itself first.
pub(super) fn read(
    content: &dyn ReadAt,
    path: &EntryPath,
    budget: &Budget,
) -> Parsed<Option<Vec<Archive>>> {
    let mut walk = Walk { archives: Vec::new(), faults: Vec::new() };
    let room = budget.limits().file_bytes;
    walk.archive(content, &Place { inside: Vec::new(), parent: None, name: path, room }, budget);
    let said = walk.archives.iter().any(|a| a.main.is_some() || !a.merged.is_empty());
    Parsed { value: said.then_some(walk.archives), faults: walk.faults }
}

struct Walk {
    archives: Vec<Archive>,
    faults: Vec<Fault>,
}

/// Where an archive lies.
struct Place<'a> {
    inside: Vec<EntryPath>,
    parent: Option<u32>,
    /// Its own path, in the layer or in the archive around it.
    name: &'a EntryPath,
    /// Bytes that archives inside it may take in memory, all levels together.
    room: u64,
}

impl Walk {
    fn archive(&mut self, content: &dyn ReadAt, place: &Place<'_>, budget: &Budget) {
        let archive = match zip::Archive::open(content, budget) {
            Ok(archive) => archive,
            Err(error) => return self.fault(place, &error),
        };
        let mut clues = Clues::default();
        let mut nested = Vec::new();
        for entry in archive.entries() {
            match entry {
                Ok(entry) if entry.is_directory => {}
                Ok(entry) => match Role::of(&entry.name) {
                    Role::Manifest => {
                        let text = self.text(&archive, &entry, place);
                        clues.manifest = text.map(|text| manifest::parse(&text)).or(clues.manifest);
                    }
                    Role::Properties if clues.artifacts.len() < MOST_ARTIFACTS => {
                        let text = self.text(&archive, &entry, place);
                        clues.artifacts.extend(text.and_then(|text| properties::parse(&text)));
                    }
                    Role::Archive => nested.push(entry),
                    Role::Properties | Role::Other => {}
                },
                Err(error) => self.fault(place, &error),
            }
        }
        let (main, merged) = identify(clues, place.name.file_name());
        let own = u32::try_from(self.archives.len()).unwrap_or(u32::MAX);
        let (inside, parent) = (place.inside.clone(), place.parent);
        self.archives.push(Archive { inside, parent, main, merged });
        for entry in nested {
            self.nested(&archive, &entry, place, own, budget);
        }
    }

    /// The content of a text. One whose checksum is wrong counts all the same: whoever packed the
    /// archive may have wanted it to be passed over.
    fn text(
        &mut self,
        archive: &zip::Archive<'_>,
        entry: &zip::Entry,
        place: &Place<'_>,
    ) -> Option<Vec<u8>> {
        match archive.read_anyway(entry, LARGEST_TEXT) {
            Ok((text, odd)) => {
                if let Some(odd) = odd {
                    self.remark(place, odd.kind, &odd.message);
                }
                Some(text)
            }
            Err(error) => {
                self.fault(place, &error);
                None
            }
        }
    }

    fn nested(
        &mut self,
        archive: &zip::Archive<'_>,
        entry: &zip::Entry,
        around: &Place<'_>,
        parent: u32,
        budget: &Budget,
    ) {
        let name = EntryPath::new(&entry.name);
        let mut inside = around.inside.clone();
        inside.push(name.clone());
        let mut place = Place { inside, parent: Some(parent), name: &name, room: around.room };
        let deeper = match budget.descend() {
            Ok(deeper) => deeper,
            Err(exceeded) => return self.fault(&place, &exceeded.into()),
        };
        // Stored archives, as Spring Boot nests them, need no copy.
        if let Some(content) = archive.contiguous(entry) {
            if may_be_zip(&name, content) {
                self.archive(&content, &place, &deeper);
            }
            return;
        }
        match archive.read_anyway(entry, around.room) {
            Ok((content, odd)) => {
                if let Some(odd) = odd {
                    self.remark(&place, odd.kind, &odd.message);
                }
                if !may_be_zip(&name, &content) {
                    return;
                }
                let size = u64::try_from(content.len()).unwrap_or(u64::MAX);
                place.room = around.room.saturating_sub(size);
                self.archive(&content.as_slice(), &place, &deeper);
            }
            Err(error) => self.fault(&place, &error),
        }
    }

    fn fault(&mut self, place: &Place<'_>, error: &Error) {
        let kind = match error {
            Error::Limit(_) => ProblemKind::LimitReached,
            Error::Truncated { .. } => ProblemKind::Truncated,
            Error::Mismatch { .. } => ProblemKind::Mismatch,
            Error::Io(_) | Error::Unsupported { .. } => ProblemKind::Unreadable,
            _ => ProblemKind::Malformed,
        };
        self.remark(place, kind, &error.to_string());
    }

    fn remark(&mut self, place: &Place<'_>, kind: ProblemKind, message: &str) {
        let mut message = message.to_owned();
        if !place.inside.is_empty() {
            let path: Vec<String> = place.inside.iter().map(ToString::to_string).collect();
            message = format!("{}: {message}", path.join("!"));
        }
        self.faults.push(Fault { kind, message });
    }
}

/// Whether content under this name is a zip, or should be one.
fn may_be_zip(name: &EntryPath, content: &[u8]) -> bool {
    is_always_zip(name.file_name()) || ZIP.iter().any(|magic| content.starts_with(magic))
}

/// What an entry is read for.
enum Role {
    Manifest,
    Properties,
    Archive,
    Other,
}

impl Role {
    fn of(name: &[u8]) -> Self {
        let file_name = name.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        if name.eq_ignore_ascii_case(b"META-INF/MANIFEST.MF") {
            Self::Manifest
        } else if file_name == b"pom.properties" {
            Self::Properties
        } else if is_evidence(file_name) {
            Self::Archive
        } else {
            Self::Other
        }
    }
}
