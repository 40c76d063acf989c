//! The databases that a command asks.

use std::path::{Path, PathBuf};

use bulkhead_advisories::{Database, custom, starter};
use bulkhead_model::Problem;
use jiff::Timestamp;

use super::folders;
use crate::arguments::Databases;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Opened databases, and what was wrong with the user's own advisories.
pub(super) struct Opened {
    pub(super) databases: Vec<Database>,
    pub(super) problems: Vec<Problem>,
    /// Whether it is the starter set, for the lack of another.
    pub(super) is_starter: bool,
}

impl Opened {
    /// Says what the user should know of the databases. Apart from opening them, because it only
    /// matters once there is a result.
    pub(super) fn warn(&self, terminal: Terminal, now: Timestamp) {
        let expired = self.databases.iter().filter_map(|database| {
            let at = database.expires_at().filter(|at| *at <= now)?;
            Some(format!("the database {} expired at {at}", database.name()))
        });
        for message in expired {
            let hint = "bring a newer one with `bulkhead db pull`, or build one: what became \
                        known since is missing";
            terminal.warning(&message, Some(hint));
        }
        if self.is_starter {
            terminal.warning(
                "no advisory database: the embedded starter set knows a few hundred famous \
                 vulnerabilities of language packages and nothing of distributions",
                Some(
                    "make a full one with `bulkhead db update`, or of a folder of feeds with \
                     `bulkhead db build --feeds DIR`, or name one with --db FILE",
                ),
            );
        }
        for problem in &self.problems {
            terminal.warning(&bulkhead_report::printable(&problem.message), None);
        }
    }
}

/// The database that is named, else the one in the user's data folder, else the starter set; and
/// the user's own advisories.
pub(super) fn open(wanted: &Databases) -> Result<Opened, Failure> {
    let file = wanted.db.clone().or_else(|| default_file().filter(|file| file.is_file()));
    let main = match &file {
        Some(file) => Database::open(file)?,
        None => starter()?,
    };
    let is_starter = file.is_none();
    let mut opened = Opened { databases: vec![main], problems: Vec::new(), is_starter };
    let mut texts = Vec::new();
    for path in &wanted.advisories {
        texts.extend(custom::files(path)?);
    }
    if !texts.is_empty() {
        let (database, problems) = custom::compile(&texts)?;
        opened.databases.push(database);
        opened.problems = problems;
    }
    Ok(opened)
}

/// `advisories.db` in the user's data folder.
pub(super) fn default_file() -> Option<PathBuf> {
    Some(data_folder()?.join("advisories.db"))
}

/// `mirror` in the user's data folder.
pub(super) fn default_mirror() -> Option<PathBuf> {
    Some(data_folder()?.join("mirror"))
}

fn data_folder() -> Option<PathBuf> {
    folders::of_user("XDG_DATA_HOME", ".local/share")
}

/// The file that is named, else the one in the user's data folder.
pub(super) fn file_or_default(named: Option<&Path>) -> Result<PathBuf, Failure> {
    named.map(Path::to_owned).or_else(default_file).ok_or_else(|| {
        Failure::new("there is no data folder with a database", "name the database: --db FILE")
    })
}
