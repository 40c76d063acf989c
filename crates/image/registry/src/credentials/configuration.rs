//! Docker's `config.json`, and `auth.json` of other tools in the same form.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bulkhead_http::Secret;
use serde::Deserialize;

use super::{Credential, server};
use crate::RegistryError;

/// Bytes that such a file may have.
const LIMIT: u64 = 4 << 20;

/// The parts of the file that are about registries.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Configuration {
    auths: BTreeMap<String, Entry>,
    creds_store: Option<String>,
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    /// `user:password` in base64.
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

impl Configuration {
    /// Reads the file; none where there is no such file.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, RegistryError> {
        let wrong = |cause: String| RegistryError::Configuration { path: path.to_owned(), cause };
        match fs_err::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(wrong(error.kind().to_string())),
            Ok(metadata) if metadata.len() > LIMIT => {
                return Err(wrong(format!("it has more than {LIMIT} bytes")));
            }
            Ok(_) => {}
        }
        let bytes = fs_err::read(path).map_err(|error| wrong(error.kind().to_string()))?;
        // The message of serde would quote what it stumbled over.
        serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            wrong(format!("it is not what docker writes, at line {}", error.line()))
        })
    }

    /// The program that keeps the credentials of a registry.
    pub(super) fn helper(&self, registry: &str) -> Option<&str> {
        let server = server(registry);
        let own = self.cred_helpers.iter().find(|(name, _)| {
            plain(name) == registry || **name == server || plain(name) == plain(&server)
        });
        let program = own.map(|(_, program)| program).or(self.creds_store.as_ref());
        program.map(String::as_str).filter(|program| !program.is_empty())
    }

    /// What the file itself has for a repository: the longest name that fits counts.
    pub(super) fn stored(&self, registry: &str, repository: &str) -> Option<Credential> {
        let full = format!("{registry}/{repository}");
        let server = server(registry);
        let fits = |name: &str| {
            let name = plain(name);
            name == registry
                || name == plain(&server)
                || full == name
                || full.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'))
        };
        let mut entries: Vec<(&String, &Entry)> =
            self.auths.iter().filter(|(name, _)| fits(name)).collect();
        entries.sort_by_key(|(name, _)| std::cmp::Reverse(plain(name).len()));
        entries.into_iter().find_map(|(_, entry)| entry.credential())
    }
}

impl Entry {
    fn credential(&self) -> Option<Credential> {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(token) = filled(&self.identitytoken) {
            return Some(Credential::Identity(Secret::new(token)));
        }
        if let Some(token) = filled(&self.registrytoken) {
            return Some(Credential::Registry(Secret::new(token)));
        }
        let pair = filled(&self.auth).and_then(|auth| {
            let decoded = String::from_utf8(BASE64_STANDARD.decode(auth.trim()).ok()?).ok()?;
            let (username, password) = decoded.split_once(':')?;
            // Docker pads with zero bytes.
            Some((username.to_owned(), password.trim_end_matches('\0').to_owned()))
        });
        let pair = pair.or_else(|| Some((filled(&self.username)?, filled(&self.password)?)));
        let (username, password) = pair?;
        Some(Credential::Password { username, password: Secret::new(password) })
    }
}

/// A name of the file without scheme and version: `https://index.docker.io/v1/` and `quay.io/team`
/// stand side by side.
fn plain(name: &str) -> &str {
    let name =
        name.strip_prefix("https://").or_else(|| name.strip_prefix("http://")).unwrap_or(name);
    let name = name.trim_end_matches('/');
    name.strip_suffix("/v1").or_else(|| name.strip_suffix("/v2")).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{
        "auths": {
            "https://index.docker.io/v1/": { "auth": "aHViOnN3b3JkOmZpc2g=" },
            "quay.io": { "username": "q", "password": "all" },
            "quay.io/team": { "auth": "dGVhbTp3b3JkAAA=" },
            "https://old.example/v2/": { "auth": "bm90IGJhc2U2NCE", "identitytoken": "id" },
            "ghcr.io": { "registrytoken": "token" },
            "empty.example": {}
        },
        "credHelpers": { "gcr.io": "gcloud" },
        "HttpHeaders": { "User-Agent": "x" }
    }"#;

    fn password(username: &str, password: &str) -> Credential {
        Credential::Password { username: username.into(), password: Secret::new(password) }
    }

    #[track_caller]
    fn check(registry: &str, repository: &str, expect: Option<&Credential>) {
        let file: Configuration = serde_json::from_str(FILE).unwrap();
        assert_eq!(file.stored(registry, repository).as_ref(), expect, "{registry}/{repository}");
    }

    #[test]
    fn the_longest_name_that_fits_counts() {
        check("docker.io", "library/alpine", Some(&password("hub", "sword:fish")));
        check("quay.io", "team/app", Some(&password("team", "word")));
        check("quay.io", "teammate/app", Some(&password("q", "all")));
        check("old.example", "a", Some(&Credential::Identity(Secret::new("id"))));
        check("ghcr.io", "a", Some(&Credential::Registry(Secret::new("token"))));
        check("empty.example", "a", None);
        check("io", "a", None);
    }

    #[test]
    fn helpers_are_for_one_registry_or_all() {
        let mut file: Configuration = serde_json::from_str(FILE).unwrap();
        assert_eq!((file.helper("gcr.io"), file.helper("quay.io")), (Some("gcloud"), None));
        file.creds_store = Some("pass".to_owned());
        assert_eq!((file.helper("gcr.io"), file.helper("quay.io")), (Some("gcloud"), Some("pass")));
    }

    #[test]
    fn a_broken_file_is_named_and_not_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        assert!(Configuration::read(&path).unwrap().is_none());
        fs_err::write(&path, r#"{"auths": "c3dvcmRmaXNo"}"#).unwrap();
        let error = Configuration::read(&path).err().unwrap().to_string();
        assert!(error.contains("config.json") && !error.contains("c3dvcmRmaXNo"), "{error}");
    }
}
