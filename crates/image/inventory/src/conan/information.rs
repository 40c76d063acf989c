//! `conaninfo.txt`, which lies in the folder of each built package. It says what the package
//! requires; which package it is, its path alone says.

use bulkhead_model::EntryPath;

use super::reference::Reference;
use crate::reading::text;

/// The package of a file: in the cache of Conan 1,
/// `name/version/user/channel/package/id/conaninfo.txt`, or in what the deployers of Conan 2 copied,
/// `full_deploy/host/name/version/…/conaninfo.txt`. The folders of Conan 2's cache do not tell.
pub(super) fn package(path: &EntryPath) -> Option<Reference> {
    let path = path.as_str()?;
    let folders: Vec<&str> = path.split('/').collect();
    if let [.., name, version, user, channel, "package", id, _] = folders.as_slice() {
        let is_id = id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        return Reference::new([name, version, user, channel, ""]).filter(|_| is_id);
    }
    let at = folders.iter().position(|folder| *folder == "full_deploy")?;
    match folders.get(at..)? {
        [_, "host", name, version, _, ..] => Reference::new([name, version, "", "", ""]),
        _ => None,
    }
}

/// The recipes that a package was built with: `full_requires` of Conan 1, `requires` of Conan 2.
pub(super) fn requires(bytes: &[u8]) -> Vec<Reference> {
    let mut section = "";
    let text = text(bytes);
    let mut requires = Vec::new();
    for line in text.lines().map(str::trim) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(name) => section = name,
            None if matches!(section, "full_requires" | "requires") => {
                requires.extend(Reference::parse(line));
            }
            None => {}
        }
    }
    requires
}
