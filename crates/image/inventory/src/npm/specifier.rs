//! Words that all lock files of the npm registry share: `name@range`, aliases, repositories.

use crate::address::without_user;

/// Takes `name@rest` apart; a scope's own `@` does not separate.
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    let at = text.get(1..)?.find('@')?.saturating_add(1);
    Some((text.get(..at)?, text.get(at.saturating_add(1)..)?))
}

/// The package that is meant: `alias@npm:real@range` is `real`.
pub(super) fn real_name<'a>(name: &'a str, range: &'a str) -> &'a str {
    match range.strip_prefix("npm:").and_then(split) {
        Some((real, _)) => real,
        None => name,
    }
}

/// The repository behind an address in the form of the purl qualifier `vcs_url`: `git+` before the
/// address, `@` before the commit. Empty for everything else.
pub(super) fn repository(address: &str) -> String {
    let (location, fragment) = address.split_once('#').unwrap_or((address, ""));
    let commit = fragment.strip_prefix("commit=").unwrap_or(fragment);
    let commit = commit.split('&').next().unwrap_or_default();
    let hosted =
        [("github:", "github.com"), ("gitlab:", "gitlab.com"), ("bitbucket:", "bitbucket.org")];
    let hosted =
        hosted.iter().find_map(|(prefix, host)| Some((location.strip_prefix(prefix)?, host)));
    let location = match hosted {
        Some((path, host)) => format!("https://{host}/{path}.git"),
        None => location.to_owned(),
    };
    let is_git = hosted.is_some()
        || ["git+", "git:", "git@", "ssh:"].iter().any(|scheme| location.starts_with(scheme))
        || location.strip_suffix(".git").is_some();
    if !is_git {
        return String::new();
    }
    let prefix =
        if location.starts_with("git") && !location.starts_with("git@") { "" } else { "git+" };
    let location = without_user(&location);
    if commit.is_empty() {
        format!("{prefix}{location}")
    } else {
        format!("{prefix}{location}@{commit}")
    }
}

/// The package that a registry's address of an archive names: `https://host/@scope/name/-/file.tgz`.
pub(super) fn named_by(address: &str) -> Option<String> {
    let (_, path) = address.split_once("://")?;
    let (path, _) = path.split_once("/-/")?;
    let (before, name) = path.rsplit_once('/')?;
    let decoded = name.replace("%2f", "/").replace("%2F", "/").replace("%40", "@");
    let scope = before.rsplit('/').next().filter(|scope| scope.starts_with('@'));
    Some(scope.map_or(decoded, |scope| format!("{scope}/{name}")))
}

/// The version in the file name of a registry's archive: `…/name/-/name-1.0.0.tgz`.
pub(super) fn version_by<'a>(address: &'a str, name: &str) -> Option<&'a str> {
    let (_, file) = address.split_once("/-/")?;
    let name = name.rsplit('/').next().unwrap_or(name);
    file.strip_prefix(name)?.strip_prefix('-')?.strip_suffix(".tgz")
}
