//! CVE records, version 5 (CVE JSON record format), one file each in a tar.
//!
//! A record has a container of the authority that assigned the number (`cna`) and containers of
//! others who added to it (`adp`). Vectors keep the short name of the organisation that made them.
//! Packages are not read from it: its products are names of vendors, not of packages.

use std::borrow::Cow;

use serde::Deserialize;

use super::entries::{Parsed, Records};
use super::{names, scores, texts};
use crate::{FeedSource, Record};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    #[serde(borrow)]
    cve_metadata: Metadata<'a>,
    #[serde(borrow)]
    containers: Containers<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(borrow)]
    cve_id: Cow<'a, str>,
    #[serde(borrow)]
    state: Cow<'a, str>,
    #[serde(borrow, default)]
    assigner_short_name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    date_published: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    date_updated: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Containers<'a> {
    #[serde(borrow)]
    cna: Container<'a>,
    #[serde(borrow, default)]
    adp: Vec<Container<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container<'a> {
    #[serde(borrow, default)]
    provider_metadata: Provider<'a>,
    #[serde(borrow, default)]
    title: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    descriptions: Vec<Description<'a>>,
    #[serde(borrow, default)]
    problem_types: Vec<ProblemType<'a>>,
    #[serde(borrow, default)]
    metrics: Vec<Metric<'a>>,
    #[serde(borrow, default)]
    references: Vec<Reference<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Provider<'a> {
    #[serde(borrow, default)]
    short_name: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Description<'a> {
    #[serde(borrow, default)]
    lang: Cow<'a, str>,
    #[serde(borrow, default)]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
struct ProblemType<'a> {
    #[serde(borrow, default)]
    descriptions: Vec<Weakness<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Weakness<'a> {
    #[serde(borrow, default)]
    cwe_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    description: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Metric<'a> {
    #[serde(rename = "cvssV4_0", borrow, default)]
    v4_0: Option<Vector<'a>>,
    #[serde(rename = "cvssV3_1", borrow, default)]
    v3_1: Option<Vector<'a>>,
    #[serde(rename = "cvssV3_0", borrow, default)]
    v3_0: Option<Vector<'a>>,
    #[serde(rename = "cvssV2_0", borrow, default)]
    v2_0: Option<Vector<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector<'a> {
    #[serde(borrow)]
    vector_string: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow, default)]
    url: Cow<'a, str>,
}

/// One JSON file each.
pub(super) const RECORDS: Records = Records { is_record, parse };

/// Whether an entry of the tar is a record: the repository has a readme and more beside them.
fn is_record(path: &[u8]) -> bool {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    name.starts_with(b"CVE-") && name.ends_with(b".json")
}

fn parse(source: &FeedSource, _path: &str, content: &[u8]) -> Result<Parsed, String> {
    let document: Document<'_> =
        serde_json::from_slice(content).map_err(|error| error.to_string())?;
    let metadata = &document.cve_metadata;
    if metadata.state == "REJECTED" {
        return Ok(Parsed::Dropped);
    }
    let id = names::canonical(&metadata.cve_id)
        .filter(|id| names::is_cve(id))
        .ok_or_else(|| format!("{} is no number of a CVE", texts::quote(&metadata.cve_id)))?;
    let Containers { cna, adp } = &document.containers;
    let containers = || std::iter::once(cna).chain(adp);
    let mut problems = Vec::new();
    let mut cvss = Vec::new();
    for container in containers() {
        let short = container.provider_metadata.short_name.as_deref();
        let maker = short.or(metadata.assigner_short_name.as_deref()).unwrap_or(&source.id);
        for vector in container.metrics.iter().flat_map(Metric::vectors) {
            match scores::score(maker, &vector.vector_string) {
                Ok(scored) if cvss.contains(&scored) => {}
                Ok(scored) => cvss.push(scored),
                Err(problem) => problems.push(problem),
            }
        }
    }
    let weaknesses = containers().flat_map(|c| &c.problem_types).flat_map(|p| &p.descriptions);
    let english = cna.descriptions.iter().find(|text| text.lang.starts_with("en"));
    let record = Record {
        id,
        published: metadata.date_published.as_deref().and_then(texts::day),
        modified: metadata.date_updated.as_deref().and_then(texts::day),
        title: cna.title.as_deref().and_then(texts::title),
        description: english.and_then(|text| texts::description(&text.value)),
        cvss,
        cwes: names::weaknesses(weaknesses.map(|w| w.cwe_id.as_ref().unwrap_or(&w.description))),
        references: texts::references(cna.references.iter().map(|reference| &reference.url)),
        ..Record::default()
    };
    Ok(Parsed::record(record, problems))
}

impl Metric<'_> {
    fn vectors(&self) -> impl Iterator<Item = &Vector<'_>> {
        [&self.v4_0, &self.v3_1, &self.v3_0, &self.v2_0].into_iter().flatten()
    }
}
