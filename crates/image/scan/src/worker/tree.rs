//! Reading a directory tree: an unpacked root file system, or a project.

use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt as _;

use bulkhead_archive::ReadAt;
use bulkhead_layers::{Detector, Entry, EntryKind, Metadata};
use bulkhead_limits::Budget;
use bulkhead_model::{EntryPath, Location, Problem, ProblemKind};
use rustix::fs::{Dir, FileType, Mode, OFlags, ResolveFlags, Stat, openat2};

use crate::broken::{Broken, BrokenKind};
use crate::protocol::{Reading, Selection};
use crate::worker::offer::{Body, FileContent, Offer};

/// File systems of the running kernel, in which nothing is installed (statfs(2)): proc, sysfs,
/// cgroup and cgroup2, debugfs, tracefs, securityfs, devpts, bpf.
const KERNEL_FILE_SYSTEMS: [i64; 9] = [
    0x9fa0,
    0x6265_6572,
    0x0027_e0eb,
    0x6367_7270,
    0x6462_6720,
    0x7472_6163,
    0x7363_6673,
    0x1cd1,
    0xcafe_4a11,
];

/// Reads everything below `root`, names in order, links not followed.
pub(super) fn read(
    root: &File,
    detectors: &[Box<dyn Detector>],
    selection: &Selection,
    budget: &Budget,
) -> Reading {
    let mut reading = Reading::default();
    let mut offer = Offer::new(detectors, selection, budget);
    if let Selection::Only(list) = selection {
        let mut entries: Vec<_> = list.iter().map(|one| (one.entry, &one.own)).collect();
        entries.dedup();
        for (entry, path) in entries {
            match open(root, path, OFlags::NONBLOCK) {
                Ok(file) => offer_file(&mut offer, entry, path, file),
                Err(error) => offer.problem(unreadable(path, &error)),
            }
        }
    } else if let Err(error) = walk(root, &mut offer, &mut reading, budget) {
        reading.broken = Some(Broken::new(BrokenKind::Excessive, error.to_string()));
    }
    (reading.layer.facts, reading.selected, reading.problems) = offer.finish();
    reading
}

fn walk(
    root: &File,
    offer: &mut Offer<'_>,
    reading: &mut Reading,
    budget: &Budget,
) -> Result<(), bulkhead_limits::Exceeded> {
    let mut folders = vec![EntryPath::default()];
    while let Some(folder) = folders.pop() {
        let names = match list(root, &folder) {
            Ok(names) => names,
            Err(error) => {
                offer.problem(unreadable(&folder, &error));
                continue;
            }
        };
        let mut below = Vec::new();
        for name in names {
            budget.charge_entry()?;
            let path = folder.join(&name);
            match entry(root, &path) {
                Ok((entry, file)) => {
                    let number = u32::try_from(reading.layer.entries.len()).unwrap_or(u32::MAX);
                    if entry.kind == EntryKind::Directory {
                        below.push(path.clone());
                    }
                    reading.layer.entries.push(entry);
                    if let Some(file) = file {
                        offer_file(offer, number, &path, file);
                    }
                }
                Err(error) => offer.problem(unreadable(&path, &error)),
            }
        }
        folders.extend(below.into_iter().rev());
    }
    Ok(())
}

/// The names in a folder, sorted; none in file systems of the kernel.
fn list(root: &File, folder: &EntryPath) -> io::Result<Vec<Vec<u8>>> {
    let descriptor = open(root, folder, OFlags::DIRECTORY)?;
    let file_system = rustix::fs::fstatfs(&descriptor)?.f_type;
    if KERNEL_FILE_SYSTEMS.contains(&file_system) {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in Dir::read_from(&descriptor)? {
        let name = entry?.file_name().to_bytes().to_vec();
        if name != b"." && name != b".." {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// What a name is, and the open file where it is a regular one.
fn entry(root: &File, path: &EntryPath) -> io::Result<(Entry, Option<File>)> {
    let handle = open(root, path, OFlags::PATH)?;
    let stat = rustix::fs::fstat(&handle)?;
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => EntryKind::File,
        FileType::Directory => EntryKind::Directory,
        FileType::Symlink => {
            let target = rustix::fs::readlinkat(&handle, "", Vec::new())?;
            EntryKind::Symlink(target.into_bytes().into())
        }
        _ => EntryKind::Special,
    };
    let file = (kind == EntryKind::File).then(|| open(root, path, OFlags::NONBLOCK)).transpose()?;
    let Metadata { mode, size } = metadata(&stat);
    Ok((Entry { path: path.clone(), kind, mode, size }, file))
}

/// Opens a name below the root; no link is followed, whoever changes the tree meanwhile.
fn open(root: &File, path: &EntryPath, flags: OFlags) -> io::Result<File> {
    let name = match path.as_bytes() {
        b"" => std::ffi::OsStr::new("."),
        bytes => std::ffi::OsStr::from_bytes(bytes),
    };
    let flags = flags | OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_SYMLINKS;
    let resolve = if flags.contains(OFlags::PATH) {
        // The handle of a link itself is wanted; NOFOLLOW keeps it from being followed.
        ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS
    } else {
        resolve
    };
    Ok(openat2(root, name, flags, Mode::empty(), resolve)?.into())
}

fn offer_file(offer: &mut Offer<'_>, entry: u32, path: &EntryPath, file: File) {
    let stat = match rustix::fs::fstat(&file) {
        Ok(stat) => stat,
        Err(error) => return offer.problem(unreadable(path, &error.into())),
    };
    match FileContent::new(file) {
        Ok(content) => {
            let mut body = FileBody { content, position: 0 };
            offer.file(entry, path, &metadata(&stat), &mut body);
        }
        Err(error) => offer.problem(unreadable(path, &error)),
    }
}

fn metadata(stat: &Stat) -> Metadata {
    let size = u64::try_from(stat.st_size).unwrap_or(0);
    Metadata { mode: stat.st_mode & 0o7777, size }
}

fn unreadable(path: &EntryPath, error: &io::Error) -> Problem {
    let message = format!("it cannot be read: {error}");
    Problem::new(ProblemKind::Unreadable, Location::of(path.clone()), message)
}

/// The content of an open file.
struct FileBody {
    content: FileContent,
    position: u64,
}

impl Body for FileBody {
    fn slice(&mut self) -> Option<&[u8]> {
        None
    }

    fn random(&mut self) -> Option<&dyn ReadAt> {
        Some(&self.content)
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.content.read_at(self.position, buffer)?;
        self.position = self.position.saturating_add(count as u64);
        Ok(count)
    }
}
