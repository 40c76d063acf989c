//! What was done, written down before it is done.
//!
//! Each repair has one file in a folder. It is replaced by renaming and is on the disk (`fsync`) before
//! the next step begins, so that whatever ends the program, the next run knows how far it came.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::error::RemediationError;
use crate::files::ObjectRepair;
use crate::live::LiveTarget;

/// The version of the records.
pub const RECORD_VERSION: u32 = 1;

/// One repair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The version of this form.
    pub version: u32,
    /// The name, by which it is rolled back.
    pub id: String,
    /// When it was begun, as RFC 3339.
    pub begun: String,
    /// How far it came.
    pub state: State,
    /// What is changed.
    pub target: Target,
    /// The controls and their edits.
    pub objects: Vec<ObjectRepair>,
    /// Why it was rolled back or given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How far a repair came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is being written: it may have been, or not.
    Applying,
    /// It was written, and is being watched.
    Applied,
    /// It was written, and all is well.
    Done,
    /// It is being taken back.
    RollingBack,
    /// It was taken back.
    RolledBack,
    /// Nothing was written.
    Abandoned,
}

/// What a repair changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A file.
    File(FileTarget),
    /// An object of a cluster.
    Object(Box<LiveTarget>),
}

/// A file, and how to undo its repair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileTarget {
    /// The file.
    pub path: PathBuf,
    /// The SHA-256 of its bytes before.
    pub before: String,
    /// The SHA-256 of its bytes behind.
    pub after: String,
    /// What was replaced, in the order of the new bytes.
    pub pieces: Vec<Piece>,
}

/// A replaced part of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Where it begins in the new bytes.
    pub at: usize,
    /// What was there.
    pub old: String,
    /// What is there.
    pub new: String,
}

impl State {
    /// Whether nothing is left to do.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::RolledBack | Self::Abandoned)
    }

    /// The name in records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applying => "applying",
            Self::Applied => "applied",
            Self::Done => "done",
            Self::RollingBack => "rolling_back",
            Self::RolledBack => "rolled_back",
            Self::Abandoned => "abandoned",
        }
    }
}

/// A folder of records, held by one program at a time.
#[derive(Debug)]
pub struct Records {
    folder: PathBuf,
    _lock: fs_err::File,
}

impl Records {
    /// Opens the folder, and makes it if it is not there.
    ///
    /// # Errors
    /// Where it cannot be used, or another program uses it.
    pub fn open(folder: &Path) -> Result<Self, RemediationError> {
        fs_err::create_dir_all(folder)?;
        // Records show what stood in manifests.
        fs_err::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
        let lock = fs_err::File::options().create(true).append(true).open(folder.join("lock"))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| RemediationError::Busy { folder: folder.to_owned() })?;
        Ok(Self { folder: folder.to_owned(), _lock: lock })
    }

    /// Writes a record down, on the disk.
    ///
    /// # Errors
    /// Where that cannot be done: then the step it announces must not be taken.
    pub fn write(&self, record: &Record) -> Result<(), RemediationError> {
        let text = serde_json::to_vec_pretty(record).map_err(std::io::Error::from)?;
        write_atomically(&self.path(&record.id), &text, 0o600)?;
        Ok(())
    }

    /// A record by its name.
    ///
    /// # Errors
    /// Where there is none, or it cannot be read.
    pub fn read(&self, id: &str) -> Result<Record, RemediationError> {
        let known = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let path = self.path(id);
        if !known || !path.is_file() {
            return Err(RemediationError::NoRecord { id: id.to_owned() });
        }
        read(&path)
    }

    /// Every record, the oldest first, and what could not be read.
    ///
    /// # Errors
    /// Where the folder cannot be listed.
    pub fn all(&self) -> Result<(Vec<Record>, Vec<RemediationError>), RemediationError> {
        let (mut records, mut broken) = (Vec::new(), Vec::new());
        for entry in fs_err::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "json") {
                match read(&path) {
                    Ok(record) => records.push(record),
                    Err(error) => broken.push(error),
                }
            }
        }
        records.sort_by(|a, b| (&a.begun, &a.id).cmp(&(&b.begun, &b.id)));
        Ok((records, broken))
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }
}

fn read(path: &Path) -> Result<Record, RemediationError> {
    let broken = |cause: String| RemediationError::Record { path: path.to_owned(), cause };
    let record: Record =
        serde_json::from_slice(&fs_err::read(path)?).map_err(|error| broken(error.to_string()))?;
    if record.version == RECORD_VERSION {
        Ok(record)
    } else {
        Err(broken(format!("version {} is not known", record.version)))
    }
}

/// Replaces a file by another one that is whole and on the disk before it takes the name.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8], mode: u32) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".bulkhead-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    fs_err::File::open(folder)?.sync_all()
}
