//! Rule files as they are named: files, folders of them, and the rules that come with the program.

use std::path::{Path, PathBuf};

use super::SHIPPED;
use crate::failure::Failure;

/// The files that are meant, in their order: of a folder those that end in `.yaml` or `.yml`, by their names, as
/// Falco takes them. Folders in it are left out, and so are names that begin with a dot, by which a ConfigMap
/// keeps its older versions.
pub(crate) fn rule_paths(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = Vec::new();
    for path in named {
        if path.as_os_str() == SHIPPED {
            paths.push(path.clone());
            continue;
        }
        let unreadable = |error: std::io::Error| {
            let message = format!("cannot read rules from {}: {error}", path.display());
            Failure::new(message, "name a file, a folder of files, or `shipped`")
        };
        if std::fs::metadata(path).map_err(unreadable)?.is_dir() {
            let found = files_of(path).map_err(unreadable)?;
            if found.is_empty() {
                let message = format!("there is no rule file in {}", path.display());
                return Err(Failure::new(message, "rule files end in .yaml or .yml"));
            }
            paths.extend(found);
        } else {
            paths.push(path.clone());
        }
    }
    Ok(paths)
}

fn files_of(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        let is_rules = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        if is_rules && !is_hidden && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_folder_stands_for_the_rule_files_in_it() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let inside = |name: &str| folder.path().join(name);
        fs_err::create_dir_all(inside("..2026/a.yaml"))?;
        fs_err::write(inside("..2026/b.yaml"), "")?;
        symlink("..2026", inside("..data"))?;
        symlink("..data/b.yaml", inside("b.yaml"))?;
        for name in ["c.yml", "a.yaml", ".hidden.yaml", "d.yaml.bak"] {
            fs_err::write(inside(name), "")?;
        }
        fs_err::create_dir(inside("e.yaml"))?;
        let named = [PathBuf::from(SHIPPED), folder.path().to_owned(), inside("c.yml")];
        let found = rule_paths(&named).ok();
        let expected = ["a.yaml", "b.yaml", "c.yml", "c.yml"].map(inside);
        let expected = [PathBuf::from(SHIPPED)].into_iter().chain(expected).collect::<Vec<_>>();
        assert_eq!(found, Some(expected));
        // Nothing in it, and nothing there.
        for name in ["e.yaml", "none"] {
            assert!(rule_paths(&[inside(name)]).is_err_and(|it| it.message().contains(name)));
        }
        Ok(())
    }
}
