//! What events need that the kernel's records do not have.

use std::fs::File;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, openat};

use crate::accounts::{AccountFiles, Accounts};
use crate::documents::{Found, Places, read};

/// Answers what records leave open. Asked seldom: answers are kept.
pub trait Surroundings {
    /// What runtimes know of a container of that name.
    fn container(&mut self, name: &str) -> Option<Found>;

    /// The users and groups that a process would see, if it still runs in that mount namespace.
    fn accounts(&mut self, process: u32, mount_namespace: u32) -> Option<Accounts>;
}

/// Nothing is known beyond the records.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Surroundings for Nothing {
    fn container(&mut self, _: &str) -> Option<Found> {
        None
    }

    fn accounts(&mut self, _: u32, _: u32) -> Option<Accounts> {
        None
    }
}

/// The machine that this process runs on, read with its own rights.
#[derive(Debug, Clone)]
pub struct Machine {
    places: Places,
    processes: PathBuf,
}

impl Machine {
    /// The machine whose file system has this root: `/`.
    pub fn at(root: &Path) -> Self {
        Self { places: Places::below(root), processes: root.join("proc") }
    }

    /// The places of its runtimes.
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// Opens the files of accounts that a process sees.
    pub fn account_files(&self, process: u32, mount_namespace: u32) -> Option<AccountFiles> {
        let folder = self.processes.join(process.to_string());
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = File::from(openat(CWD, folder.join("root"), flags, Mode::empty()).ok()?);
        // Asked after the root was opened: had the number been given again, the namespace would tell.
        let namespace = rustix::fs::stat(folder.join("ns/mnt")).ok()?.st_ino;
        (namespace == u64::from(mount_namespace)).then(|| AccountFiles::open(&root))
    }
}

impl Surroundings for Machine {
    fn container(&mut self, name: &str) -> Option<Found> {
        read(name, self.places.open(name))
    }

    fn accounts(&mut self, process: u32, mount_namespace: u32) -> Option<Accounts> {
        self.account_files(process, mount_namespace).map(AccountFiles::read)
    }
}
