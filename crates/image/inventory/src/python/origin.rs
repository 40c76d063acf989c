//! `direct_url.json` (PEP 610): where a distribution came from that was not taken from an index.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess};
use serde::{Deserialize, Serialize};

use crate::address::without_user;
use crate::json::{self, Fields, Flag, Object, Text};
use crate::reading::{Fault, Parsed};

/// A source of its own. The text form is that of the purl qualifier `vcs_url`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Origin {
    /// Without user name and password.
    pub(super) url: String,
    /// `git`, `hg`…; empty for an archive or a folder.
    pub(super) system: String,
    /// Empty where there is no version control.
    pub(super) commit: String,
    pub(super) editable: bool,
}

pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Origin>> {
    match json::read::<Origin>(bytes) {
        Ok(origin) => Some(origin).filter(|origin| !origin.url.is_empty()).into(),
        Err(error) => Fault::malformed(error.to_string()).into(),
    }
}

impl<'de> Fields<'de> for Origin {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "url" => {
                let url = values.next_value::<Text<'de>>()?.into_string();
                // Installers should leave credentials out; not all do.
                self.url = without_user(&url);
            }
            "dir_info" => self.editable = values.next_value::<Object<Folder>>()?.0.editable,
            "vcs_info" => {
                let Object(repository) = values.next_value::<Object<Repository>>()?;
                (self.system, self.commit) = (repository.system, repository.commit);
            }
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// The address of pip's own notation in the form of the purl qualifier `vcs_url`; empty where it is
/// none of version control.
pub(super) fn vcs_url(address: &str) -> String {
    let systems = ["git+", "hg+", "svn+", "bzr+"];
    let is_repository = systems.iter().any(|system| address.starts_with(system));
    if is_repository { without_user(address) } else { String::new() }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.system.is_empty() {
            return formatter.write_str(&self.url);
        }
        write!(formatter, "{}+{}", self.system, self.url)?;
        if self.commit.is_empty() { Ok(()) } else { write!(formatter, "@{}", self.commit) }
    }
}

#[derive(Debug, Default)]
struct Folder {
    editable: bool,
}

impl<'de> Fields<'de> for Folder {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "editable" => self.editable = values.next_value::<Flag>()?.0,
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Repository {
    system: String,
    commit: String,
}

impl<'de> Fields<'de> for Repository {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "vcs" => self.system = values.next_value::<Text<'de>>()?.into_string(),
            "commit_id" => self.commit = values.next_value::<Text<'de>>()?.into_string(),
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
