//! Fedora's updates as Bodhi tells them (<https://bodhi.fedoraproject.org/docs/server_api>): a page with
//! a list of updates, a list, or one update.
//!
//! An update brings builds of source packages. Vulnerabilities are named in the titles of the bugs
//! that it closes, and in its texts.

use std::borrow::Cow;
use std::io::Read;

use bulkhead_model::{PackageKey, Scope};
use bulkhead_versions::Scheme;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::reading::Reading;
use super::{elements, names, texts};
use crate::{Affected, FeedError, Format, Record};

#[derive(Deserialize)]
struct Update<'a> {
    #[serde(borrow, default)]
    alias: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    updateid: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    title: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    display_name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    notes: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    url: Option<Cow<'a, str>>,
    #[serde(rename = "type", borrow, default)]
    kind: Cow<'a, str>,
    /// `pending`, `testing`, `stable`, `unpushed`, `obsolete`.
    #[serde(borrow, default)]
    status: Cow<'a, str>,
    #[serde(borrow, default)]
    severity: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    date_submitted: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    date_modified: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    date_stable: Option<Cow<'a, str>>,
    #[serde(borrow)]
    release: Release<'a>,
    #[serde(borrow, default)]
    bugs: Vec<Bug<'a>>,
    #[serde(borrow, default)]
    builds: Vec<Build<'a>>,
}

#[derive(Deserialize)]
struct Release<'a> {
    /// `FEDORA`, `FEDORA-EPEL`, `FEDORA-FLATPAK`, `FEDORA-CONTAINER`, `FEDORA-MODULAR`.
    #[serde(borrow, default)]
    id_prefix: Cow<'a, str>,
    #[serde(borrow)]
    version: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Bug<'a> {
    #[serde(borrow, default)]
    title: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Build<'a> {
    #[serde(borrow)]
    nvr: Cow<'a, str>,
    #[serde(default)]
    epoch: Option<u64>,
    /// `rpm`, `module`, `container`, `flatpak`.
    #[serde(rename = "type", borrow, default)]
    kind: Cow<'a, str>,
}

pub(super) fn read(input: impl Read, reading: &mut Reading<'_>) -> Result<(), FeedError> {
    let mut document = Vec::new();
    let limit = reading.budget.limits().file_bytes;
    input.take(limit.saturating_add(1)).read_to_end(&mut document)?;
    reading.budget.check_file(document.len() as u64)?;
    let refused = |error| elements::refused(error, Format::Bodhi);
    // One update is an object as a page is, but has no list of updates.
    let one: Option<&RawValue> = serde_json::from_slice(&document).map_err(refused)?;
    if let Some(update) = one.filter(|one| !one.get().starts_with('[') && !is_page(one)) {
        reading.budget.charge_entry()?;
        deliver("the update", update, reading);
        return Ok(());
    }
    elements::read(&*document, Format::Bodhi, &["updates"], &mut |element| {
        if matches!(element.member, "" | "updates") {
            reading.budget.charge_entry()?;
            deliver(&format!("update {}", element.position), element.value, reading);
        }
        Ok(())
    })
}

fn is_page(document: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Page<'a> {
        #[serde(borrow)]
        updates: Option<&'a RawValue>,
    }
    serde_json::from_str::<Page<'_>>(document.get()).is_ok_and(|page| page.updates.is_some())
}

fn deliver(name: &str, update: &RawValue, reading: &mut Reading<'_>) {
    let update: Update<'_> = match serde_json::from_str(update.get()) {
        Ok(update) => update,
        Err(error) => return reading.problem(name, error),
    };
    let id = update.alias.as_deref().or(update.updateid.as_deref()).and_then(names::canonical);
    let Some(id) = id else { return reading.problem(name, "without the name of an update") };
    let covers = update.vulnerabilities();
    let scope = update.scope().filter(|scope| reading.source.speaks_about(scope));
    let is_withdrawn = matches!(&*update.status, "unpushed" | "obsolete");
    let Some(scope) = scope.filter(|_| !is_withdrawn) else { return reading.dropped() };
    if update.kind != "security" && covers.is_empty() {
        return reading.dropped();
    }
    let mut affected = Vec::new();
    for build in update.builds.iter().filter(|build| matches!(&*build.kind, "rpm" | "")) {
        match build.row(&scope) {
            Some(row) => affected.push(row),
            None => reading.problem(&id, format_args!("{} is no build", texts::quote(&build.nvr))),
        }
    }
    let day = |text: &Option<Cow<'_, str>>| text.as_deref().and_then(texts::day);
    reading.record(Record {
        covers,
        published: day(&update.date_submitted),
        modified: day(&update.date_modified).max(day(&update.date_stable)),
        title: update.title.as_deref().and_then(texts::title),
        description: update.notes.as_deref().and_then(texts::description),
        severity: update.severity.as_deref().and_then(texts::severity),
        references: texts::references(update.url.as_deref()),
        affected,
        id,
        ..Record::default()
    });
}

impl Update<'_> {
    fn vulnerabilities(&self) -> Vec<String> {
        let mut texts: Vec<&str> =
            self.bugs.iter().filter_map(|bug| bug.title.as_deref()).collect();
        let own = [&self.display_name, &self.title, &self.notes];
        texts.extend(own.into_iter().filter_map(|text| text.as_deref()));
        names::cves_in(&texts.join(" "))
    }

    /// Of the distribution itself: what is built for others (EPEL) or packed into images is theirs.
    fn scope(&self) -> Option<Scope> {
        let version = self.release.version.trim();
        let plain = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
        (plain && self.release.id_prefix == "FEDORA")
            .then(|| Scope::distribution("fedora", version))
    }
}

impl Build<'_> {
    /// `expat-2.7.0-1.fc40`: source package, version, release.
    fn row(&self, scope: &Scope) -> Option<Affected> {
        let (rest, release) = self.nvr.trim().rsplit_once('-')?;
        let (name, version) = rest.rsplit_once('-')?;
        let fix = match self.epoch {
            None | Some(0) => format!("{version}-{release}"),
            Some(epoch) => format!("{epoch}:{version}-{release}"),
        };
        let key = PackageKey::new(scope.clone(), name);
        (!name.is_empty()).then(|| Affected::below(key, Scheme::Rpm, &fix))
    }
}
