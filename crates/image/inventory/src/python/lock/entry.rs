//! One package of a lock file in TOML.

use serde::de::{IgnoredAny, MapAccess};

use crate::address::without_user;
use crate::json::{Entries, Fields, Listed, Names, Object, Text};
use crate::locked::Locked;
use crate::python::origin::vcs_url;
use crate::python::requirement::Requirement;

/// Groups that PDM's users keep their tools in: its lock file does not tell them from extras.
const DEVELOPMENT: [&str; 8] =
    ["dev", "development", "test", "tests", "lint", "doc", "docs", "typing"];

/// A package as its tool writes it.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) package: Locked,
    pub(super) dependencies: Vec<Need>,
    /// What only the development of a project needs (uv).
    pub(super) development: Vec<Need>,
    /// A project that was locked, not something to install (uv).
    pub(super) is_project: bool,
    groups: Vec<String>,
    source: Source,
}

/// A package that another one needs.
#[derive(Debug, Default)]
pub(super) struct Need {
    pub(super) name: String,
    /// Empty where any version of the lock file will do.
    pub(super) version: String,
}

impl Entry {
    /// The package with what its other fields say about it.
    pub(super) fn locked(&mut self) -> Locked {
        let mut package = std::mem::take(&mut self.package);
        package.development |= self.is_development();
        package.property("python:groups", self.groups.join(" "));
        self.is_project = self.source.is_project;
        self.source.describe(&mut package);
        package
    }

    fn is_development(&self) -> bool {
        let production = |group: &String| matches!(group.as_str(), "main" | "default");
        let development = |group: &String| DEVELOPMENT.contains(&group.as_str());
        self.groups.iter().any(development) && !self.groups.iter().any(production)
    }
}

impl<'de> Fields<'de> for Entry {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        let text = |values: &mut A| values.next_value::<Text<'de>>().map(Text::into_string);
        match key {
            "name" => self.package.name = text(values)?,
            "version" => self.package.version = text(values)?,
            // Poetry up to 1.4.
            "category" => self.package.development |= text(values)? == "dev",
            "groups" => self.groups = values.next_value::<Names>()?.0,
            "marker" => {
                let marker = text(values)?;
                self.package.property("python:marker", marker);
            }
            "dependencies" => self.dependencies.extend(needs(values.next_value()?)),
            "optional-dependencies" => {
                let Entries(extras) = values.next_value::<Entries<Listed<Need>>>()?;
                self.dependencies.extend(extras.into_iter().flat_map(|(_, list)| needs(list)));
            }
            "dev-dependencies" => {
                let Entries(groups) = values.next_value::<Entries<Listed<Need>>>()?;
                self.development.extend(groups.into_iter().flat_map(|(_, list)| needs(list)));
            }
            "source" | "vcs" | "archive" | "directory" => {
                self.source = values.next_value::<Object<Source>>()?.0;
            }
            // PDM writes the source into the package itself.
            "git" | "hg" | "revision" | "url" => self.source.field(key, values)?,
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// A table by name (Poetry), a list of tables (uv, pylock.toml) or of requirements (PDM).
fn needs(Listed(list): Listed<Need>) -> impl Iterator<Item = Need> {
    list.into_iter().map(|(key, need)| match key {
        Some(name) => Need { name, version: String::new() },
        None => need,
    })
}

impl<'de> Fields<'de> for Need {
    fn text(text: &str) -> Self {
        let Some(requirement) = Requirement::parse(text) else { return Self::default() };
        let version = requirement.pinned().unwrap_or_default().to_owned();
        Self { name: requirement.name.to_owned(), version }
    }

    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "name" => self.name = values.next_value::<Text<'de>>()?.into_string(),
            "version" => self.version = values.next_value::<Text<'de>>()?.into_string(),
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// Where a package comes from that is of no index.
#[derive(Debug, Default)]
struct Source {
    /// `git`, `hg`; empty for an archive. Poetry also has `url`, `directory`, and `legacy` for an index.
    kind: String,
    address: String,
    commit: String,
    is_project: bool,
}

impl Source {
    fn describe(&self, package: &mut Locked) {
        let Self { kind, address, commit, .. } = self;
        if address.is_empty() || kind == "legacy" {
            return;
        }
        // uv writes `address?rev=branch#commit`.
        let (location, fragment) = address.split_once('#').unwrap_or((address, ""));
        if matches!(kind.as_str(), "git" | "hg") {
            let location = location.split('?').next().unwrap_or(location);
            let commit = if commit.is_empty() { fragment } else { commit };
            let at = if commit.is_empty() { "" } else { "@" };
            package.repository = vcs_url(&format!("{kind}+{location}{at}{commit}"));
            package.property("python:direct_url", package.repository.clone());
        } else {
            package.property("python:direct_url", without_user(location));
        }
    }
}

impl<'de> Fields<'de> for Source {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "git" | "hg" => {
                key.clone_into(&mut self.kind);
                self.address = values.next_value::<Text<'de>>()?.into_string();
            }
            "type" => self.kind = values.next_value::<Text<'de>>()?.into_string(),
            "url" => self.address = values.next_value::<Text<'de>>()?.into_string(),
            "resolved_reference" | "revision" | "commit-id" => {
                self.commit = values.next_value::<Text<'de>>()?.into_string();
            }
            // A folder in uv.lock; a flag in the others, which reads as no text.
            "editable" | "virtual" => {
                self.is_project = values.next_value::<Text<'de>>()?.0.is_some();
            }
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
