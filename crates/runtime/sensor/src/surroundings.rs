//! What events need that the kernel's records do not have.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use rustix::fs::{CWD, Mode, OFlags, openat};

use crate::accounts::{AccountFiles, Accounts};
use crate::documents::{Found, Places, read};
use crate::usage::Meters;

/// Answers what records leave open. Asked seldom: answers are kept.
pub trait Surroundings {
    /// What runtimes know of a container of that name.
    fn container(&mut self, name: &str) -> Option<Found>;

    /// The users and groups that a process sees.
    fn accounts(&mut self, of: &View) -> Option<Accounts>;
}

/// Whose files are to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// A process, by the host's number.
    pub process: u32,
    /// Its mount namespace: had the number been given again, this would tell.
    pub mount_namespace: u32,
    /// Where the root of its container lies on the host, should the process have ended meanwhile.
    pub root: Option<String>,
    /// Whether numbers of users may be others in its files than to the kernel, as in containers with a user namespace.
    pub has_own_numbers: bool,
}

/// Nothing is known beyond the records.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Surroundings for Nothing {
    fn container(&mut self, _: &str) -> Option<Found> {
        None
    }

    fn accounts(&mut self, _: &View) -> Option<Accounts> {
        None
    }
}

/// The machine that this process runs on, read with its own rights.
#[derive(Debug, Clone)]
pub struct Machine {
    places: Places,
    meters: Meters,
    processes: PathBuf,
}

impl Machine {
    /// The machine whose file system has this root: `/`.
    pub fn at(root: &Path) -> Self {
        Self {
            places: Places::below(root),
            meters: Meters::below(root),
            processes: root.join("proc"),
        }
    }

    /// The places of its runtimes.
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// The accounts of its control groups.
    pub fn meters(&self) -> &Meters {
        &self.meters
    }

    /// Opens what tells the control groups of a process.
    pub fn membership(&self, process: u32) -> Option<File> {
        open(&self.processes.join(process.to_string()).join("cgroup"), OFlags::RDONLY)
    }

    /// Opens the files of accounts that a process sees, and no others of its root.
    pub fn account_files(&self, of: &View) -> Option<AccountFiles> {
        let folder = self.processes.join(of.process.to_string());
        let root = open_folder(&folder.join("root")).filter(|_| {
            // Asked after the root was opened.
            let namespace = rustix::fs::stat(folder.join("ns/mnt"));
            namespace.is_ok_and(|found| found.st_ino == u64::from(of.mount_namespace))
        });
        let left =
            || open_folder(Path::new(of.root.as_deref().filter(|root| root.starts_with('/'))?));
        let mut files = AccountFiles::open(&root.or_else(left)?);
        if of.has_own_numbers {
            files.user_map = open(&folder.join("uid_map"), OFlags::RDONLY);
            files.group_map = open(&folder.join("gid_map"), OFlags::RDONLY);
        }
        Some(files)
    }
}

impl Surroundings for Machine {
    fn container(&mut self, name: &str) -> Option<Found> {
        read(name, self.places.open(name))
    }

    fn accounts(&mut self, of: &View) -> Option<Accounts> {
        self.account_files(of).map(AccountFiles::read)
    }
}

fn open_folder(path: &Path) -> Option<File> {
    open(path, OFlags::PATH | OFlags::DIRECTORY)
}

fn open(path: &Path, flags: OFlags) -> Option<File> {
    Some(File::from(openat(CWD, path, flags | OFlags::CLOEXEC, Mode::empty()).ok()?))
}
