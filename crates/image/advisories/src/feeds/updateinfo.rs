//! Update notices of package repositories: `updateinfo.xml`, as createrepo and Amazon's and Fedora's
//! generators write it.
//!
//! A notice is about several vulnerabilities and names the packages that it brings: older ones are
//! affected. The mirror of one architecture lists its own packages only, so that architectures are not
//! taken: the fix is the same on the others.

use std::collections::BTreeSet;
use std::io::BufRead;

use bulkhead_model::{PackageKey, Scope};
use bulkhead_versions::{Bound, Interval, RangeSet, Scheme};
use quick_xml::events::BytesStart;

use super::markup::{self, Elements, attribute};
use super::reading::Reading;
use super::{names, texts};
use crate::scope::NameRule;
use crate::{Affected, FeedError, Format, Record};

/// Names of distributions as collections and releases begin, with the `ID` of their os-release.
const NAMES: [(&str, &str); 2] = [("Amazon Linux ", "amzn"), ("Fedora ", "fedora")];

/// Distribution tags of releases of packages.
const TAGS: [(&str, &str); 2] = [(".amzn", "amzn"), (".fc", "fedora")];

pub(super) fn read(input: impl BufRead, reading: &mut Reading<'_>) -> Result<(), FeedError> {
    let budget = reading.budget;
    let mut notices = Notices { reading, notice: None };
    markup::read(input, Format::Updateinfo, "updates", budget, &mut notices)
}

/// The document, with the notice that is open.
struct Notices<'a, 'r> {
    reading: &'a mut Reading<'r>,
    notice: Option<Notice>,
}

#[derive(Default)]
struct Notice {
    id: String,
    kind: String,
    title: String,
    description: String,
    release: String,
    severity: String,
    issued: String,
    updated: String,
    references: Vec<Reference>,
    collections: Vec<Collection>,
}

struct Reference {
    id: String,
    kind: String,
    title: String,
    address: String,
}

#[derive(Default)]
struct Collection {
    name: String,
    /// Module and stream.
    module: Option<String>,
    packages: BTreeSet<Package>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
    epoch: String,
    version: String,
    release: String,
    is_source: bool,
}

impl Elements for Notices<'_, '_> {
    fn open(&mut self, name: &str, element: &BytesStart<'_>) -> Result<(), FeedError> {
        let text = |key| attribute(element, key).into_owned();
        if name == "update" {
            self.reading.budget.charge_entry()?;
            self.notice = Some(Notice { kind: text("type"), ..Notice::default() });
        }
        let Some(notice) = &mut self.notice else { return Ok(()) };
        match name {
            "issued" => notice.issued = text("date"),
            "updated" => notice.updated = text("date"),
            "reference" => notice.references.push(Reference {
                id: text("id"),
                kind: text("type"),
                title: text("title"),
                address: text("href"),
            }),
            "collection" => notice.collections.push(Collection::default()),
            "module" => {
                if let Some(collection) = notice.collections.last_mut() {
                    collection.module = Some(format!("{}:{}", text("name"), text("stream")));
                }
            }
            "package" => {
                self.reading.budget.charge_entry()?;
                if let Some(collection) = notice.collections.last_mut() {
                    collection.packages.insert(Package {
                        name: text("name"),
                        epoch: text("epoch"),
                        version: text("version"),
                        release: text("release"),
                        is_source: text("arch") == "src",
                    });
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str, text: &str) {
        let Some(notice) = &mut self.notice else { return };
        match name {
            "id" => text.clone_into(&mut notice.id),
            "title" => text.clone_into(&mut notice.title),
            "release" => text.clone_into(&mut notice.release),
            "severity" => text.clone_into(&mut notice.severity),
            "description" => text.clone_into(&mut notice.description),
            "name" => {
                if let Some(collection) = notice.collections.last_mut() {
                    text.clone_into(&mut collection.name);
                }
            }
            "update" => {
                if let Some(notice) = self.notice.take() {
                    notice.deliver(self.reading);
                }
            }
            _ => {}
        }
    }
}

impl Notice {
    fn deliver(&self, reading: &mut Reading<'_>) {
        let covers = self.vulnerabilities();
        if self.kind != "security" && covers.is_empty() {
            return reading.dropped();
        }
        let Some(id) = names::canonical(&self.id) else {
            return reading.problem(&self.id, "the name of no notice");
        };
        let mut affected = Vec::new();
        for collection in &self.collections {
            let Some(scope) = self.scope(collection) else {
                reading.problem(
                    &id,
                    format_args!("{} is no known release", texts::quote(&collection.name)),
                );
                continue;
            };
            if reading.source.speaks_about(&scope) {
                affected.extend(collection.rows(&scope));
            }
        }
        reading.record(Record {
            covers: covers.into_iter().filter(|name| *name != id).collect(),
            published: texts::day(&self.issued),
            modified: texts::day(&self.updated).or_else(|| texts::day(&self.issued)),
            title: texts::title(&self.title),
            description: texts::description(&self.description),
            severity: texts::severity(&self.severity),
            references: texts::references(self.references.iter().map(|one| &one.address)),
            affected,
            id,
            ..Record::default()
        });
    }

    /// The vulnerabilities that it refers to; where it refers to none, those that its texts name.
    fn vulnerabilities(&self) -> Vec<String> {
        let of = |texts: Vec<&str>| names::cves_in(&texts.join(" "));
        let references = || self.references.iter();
        let named = of(references().filter(|one| one.kind == "cve").map(|one| &*one.id).collect());
        if !named.is_empty() {
            return named;
        }
        let mut texts: Vec<&str> = references().map(|one| one.title.as_str()).collect();
        texts.extend([self.title.as_str(), self.description.as_str()]);
        of(texts)
    }

    fn scope(&self, collection: &Collection) -> Option<Scope> {
        let named = [&collection.name, &self.release, &self.title];
        named
            .into_iter()
            .find_map(|name| of_name(name))
            .or_else(|| collection.packages.iter().find_map(|package| of_tag(&package.release)))
    }
}

impl Collection {
    fn rows(&self, scope: &Scope) -> Vec<Affected> {
        let rows = |packages: &mut dyn Iterator<Item = &Package>| -> Vec<Affected> {
            packages.filter_map(|package| self.row(scope, package)).collect()
        };
        // Where the sources of packages are asked for, only these count, if they are listed.
        let by_source = NameRule::of(scope) == NameRule::Source;
        let asked = rows(&mut self.packages.iter().filter(|one| one.is_source == by_source));
        if asked.is_empty() { rows(&mut self.packages.iter()) } else { asked }
    }

    fn row(&self, scope: &Scope, package: &Package) -> Option<Affected> {
        if package.name.trim().is_empty() || package.version.is_empty() {
            return None;
        }
        let key = PackageKey::new(scope.clone(), &package.name);
        let fix = package.with_epoch(&format!("{}-{}", package.version, package.release));
        let below = Affected::below(key, Scheme::Rpm, &fix);
        let versions = match self.topic().filter(|topic| package.is_of(topic)) {
            None => below.versions,
            Some(topic) => {
                let low = Bound::Inclusive(package.with_epoch(topic));
                RangeSet::new(vec![Interval { low, high: Bound::Exclusive(fix) }], Vec::new())
            }
        };
        Some(Affected { versions, module: self.module.clone(), ..below })
    }

    /// Collections of their own (`Amazon Linux 2 - Kernel-5.15`) hold other lines of packages that the
    /// release has, too: a line that names its version says nothing of older ones.
    fn topic(&self) -> Option<&str> {
        let (_, topic) = self.name.split_once(" - ")?;
        let start = topic.find(|character: char| character.is_ascii_digit())?;
        topic.get(start..).map(str::trim)
    }
}

impl Package {
    fn with_epoch(&self, version: &str) -> String {
        match self.epoch.trim() {
            "" | "0" => version.to_owned(),
            epoch => format!("{epoch}:{version}"),
        }
    }

    fn is_of(&self, line: &str) -> bool {
        self.version.strip_prefix(line).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// `Amazon Linux 2023`, `Fedora 38 Modular`. The first generation of Amazon's was the AMI.
fn of_name(name: &str) -> Option<Scope> {
    let (rest, id) = NAMES.iter().find_map(|(start, id)| Some((name.strip_prefix(start)?, *id)))?;
    let release = match rest.split_whitespace().next()? {
        "AMI" => "1",
        release => release,
    };
    let plain = release.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| Scope::distribution(id, release))
}

/// `1.amzn2023`, `3.fc40`.
fn of_tag(release: &str) -> Option<Scope> {
    let (rest, id) = TAGS.iter().find_map(|(tag, id)| Some((release.rsplit_once(tag)?.1, *id)))?;
    let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end)
        .filter(|digits| !digits.is_empty())
        .map(|digits| Scope::distribution(id, digits))
}
