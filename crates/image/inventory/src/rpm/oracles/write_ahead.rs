//! Databases that `SQLite` itself left with a write-ahead log.

use std::path::Path;
use std::process::Command;

use super::{databases, lines, read, rpm};

/// Python whose standard library has `SQLite`. Each story ends without closing the database, which
/// would empty the log; what stands after `--` is not to be seen.
const STORIES: [(&str, &str); 7] = [
    ("rows are removed", "do('DELETE FROM Packages WHERE hnum % 3 = 0')"),
    ("rows move to new numbers", "do('UPDATE Packages SET hnum = hnum + 1000 WHERE hnum % 2 = 0')"),
    (
        "rows come again, on pages that were given free",
        "for row in do('SELECT hnum, blob FROM Packages WHERE hnum % 5 < 3').fetchall():\n    \
             do('DELETE FROM Packages WHERE hnum = ?', row[:1])\n    \
             do('INSERT INTO Packages (blob) VALUES (?)', row[1:])",
    ),
    (
        "the log is begun anew and is older behind its end",
        "do('UPDATE Packages SET hnum = hnum + 1000')\n\
         do('PRAGMA wal_checkpoint(RESTART)')\n\
         do('DELETE FROM Packages WHERE hnum = (SELECT max(hnum) FROM Packages)')",
    ),
    (
        "a transaction never ended",
        "do('DELETE FROM Packages WHERE hnum % 2 = 0')\n\
         do('PRAGMA cache_size = 1')\n\
         do('BEGIN')\n\
         do('UPDATE Packages SET hnum = hnum + 1000')",
    ),
    ("everything is removed", "do('DELETE FROM Packages')"),
    (
        "the table itself is in the log alone",
        "rows = do('SELECT hnum, blob FROM Packages').fetchall()\n\
         do('DROP TABLE Packages')\n\
         do('CREATE TABLE Other (a, b)')\n\
         do('CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)')\n\
         for row in rows:\n    do('INSERT INTO Packages VALUES (?, ?)', row)",
    ),
];

const PAGE_SIZES: [u32; 3] = [512, 4096, 65536];

#[test]
fn the_log_counts() {
    for path in databases(&["rpmdb.sqlite"]) {
        for (name, story) in STORIES {
            for page_size in PAGE_SIZES {
                let folder = tempfile::tempdir().unwrap();
                let what = format!("{}, pages of {page_size}: {name}", path.display());
                if !write(&path, folder.path(), story, page_size) {
                    return;
                }
                let file = |name| fs_err::read(folder.path().join(name)).unwrap();
                let (database, log) = (file("rpmdb.sqlite"), file("rpmdb.sqlite-wal"));
                let Some(expected) = rpm::list(folder.path()) else { return };
                let files: [(&str, &[u8]); 2] =
                    [("rpmdb.sqlite", &database), ("rpmdb.sqlite-wal", &log)];
                let (inventory, problems) = read(&files);
                assert_eq!(problems, [], "{what}");
                assert_eq!(lines(&inventory), expected, "{what}");
            }
        }
    }
}

/// Copies a database, with pages of another size, and has a story happen to it; false where there is
/// no Python.
fn write(database: &Path, folder: &Path, story: &str, page_size: u32) -> bool {
    let Some(python) = bulkhead_testing::tool("python3") else { return false };
    let file = folder.join("rpmdb.sqlite");
    fs_err::write(&file, fs_err::read(database).unwrap()).unwrap();
    let program = format!(
        "import os, sqlite3, sys\n\
         database = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
         do = database.execute\n\
         do('PRAGMA journal_mode = DELETE')\n\
         do('PRAGMA page_size = {page_size}')\n\
         do('VACUUM')\n\
         do('PRAGMA journal_mode = WAL').fetchall()\n\
         do('PRAGMA wal_autocheckpoint = 0').fetchall()\n\
         {story}\n\
         os._exit(0)\n"
    );
    let output = Command::new(python).args(["-c", &program]).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    true
}
