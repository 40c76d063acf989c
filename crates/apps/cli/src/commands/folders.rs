//! The user's folders (XDG Base Directory Specification).

use std::path::PathBuf;

/// `bulkhead` in the folder that a variable names, else in this one below the home folder.
pub(super) fn of_user(variable: &str, below_home: &str) -> Option<PathBuf> {
    let folder =
        |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = folder(variable).or_else(|| folder("HOME").map(|home| home.join(below_home)))?;
    Some(folder.join("bulkhead"))
}
