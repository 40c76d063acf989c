//! Lists, in chunks.

use kube::Client;
use serde::Deserialize;

use crate::cluster::{Cluster, Method, ask, ask_text};
use crate::error::ClusterError;

/// How many objects a chunk holds: what `kubectl` asks for.
const CHUNK: u32 = 500;

/// All objects of one kind, in every namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Collection {
    /// Empty for the core group.
    pub group: &'static str,
    /// `v1`.
    pub version: &'static str,
    /// `pods`.
    pub plural: &'static str,
}

/// How far a list came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// To its end.
    Whole {
        /// The version that a watch goes on from; empty where the list spans several.
        resource_version: String,
    },
    /// We may not; the server's reason.
    Forbidden(String),
    /// The server knows no such kind.
    Absent,
}

/// What every list says of itself.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    resource_version: String,
    #[serde(rename = "continue")]
    next: String,
}

/// The kinds of a group and version. (`APIResourceList` of `meta/v1`)
#[derive(Deserialize)]
struct Kinds {
    resources: Vec<Served>,
}

#[derive(Deserialize)]
struct Served {
    name: String,
}

impl Cluster {
    /// Lists a collection and hands over each chunk: the JSON text of a `List` of that kind.
    ///
    /// A list that takes so long that the server forgets its version goes on with the newest: nothing is
    /// handed over twice, and what was made or removed meanwhile may be missed.
    ///
    /// # Errors
    /// Where the server does not answer, or answers with anything but a list, a denial, or that there
    /// is no such kind.
    pub fn list(
        &self,
        collection: Collection,
        mut each: impl FnMut(&str),
    ) -> Result<Listing, ClusterError> {
        let mut pages = Pages::new(collection);
        loop {
            match self.runtime.block_on(pages.turn(&self.client))? {
                Turn::Page(text) => each(&text),
                Turn::End(listing) => return Ok(listing),
            }
        }
    }
}

/// A list on its way.
pub(crate) struct Pages {
    collection: Collection,
    /// How many objects a page may hold; any number where it is 0.
    limit: u32,
    /// Where it goes on; none at its end.
    next: Option<String>,
    resource_version: String,
    spans_versions: bool,
}

/// What comes next of a list.
pub(crate) enum Turn {
    /// The JSON text of a `List`.
    Page(String),
    /// Nothing more.
    End(Listing),
}

impl Pages {
    pub(crate) const fn new(collection: Collection) -> Self {
        Self {
            collection,
            limit: CHUNK,
            next: Some(String::new()),
            resource_version: String::new(),
            spans_versions: false,
        }
    }

    /// In one piece, which has one version however long it takes.
    pub(crate) fn undivided(collection: Collection) -> Self {
        Self { limit: 0, ..Self::new(collection) }
    }

    /// Whether its pages are of several versions, none of which a watch goes on from.
    pub(crate) const fn spans_versions(&self) -> bool {
        self.spans_versions
    }

    pub(crate) async fn turn(&mut self, client: &Client) -> Result<Turn, ClusterError> {
        let collection = self.collection;
        let path = collection.path();
        loop {
            let Some(next) = &self.next else {
                let resource_version = std::mem::take(&mut self.resource_version);
                return Ok(Turn::End(Listing::Whole { resource_version }));
            };
            let page = format!("{path}?limit={}&continue={next}", self.limit);
            let text = match ask_text(client, Method::Get, &page, None).await {
                Ok(text) => text,
                Err(ClusterError::Refused { code: 403, message, .. }) => {
                    // The server denies before it looks whether there is such a kind.
                    let is_there = !collection.is_optional() || serves(client, collection).await;
                    let denied = Listing::Forbidden(message);
                    return Ok(Turn::End(if is_there { denied } else { Listing::Absent }));
                }
                Err(ClusterError::Refused { code: 404, .. }) => {
                    return Ok(Turn::End(Listing::Absent));
                }
                Err(ClusterError::Refused { code: 410, resume: Some(resume), .. })
                    if !resume.is_empty() && resume != *next =>
                {
                    self.spans_versions = true;
                    self.next = Some(resume);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let head: Head = serde_json::from_str(&text).map_err(|source| {
                ClusterError::Malformed { asked: path.clone(), expected: "list", source }
            })?;
            let Metadata { resource_version, next } = head.metadata;
            self.next = Some(next).filter(|next| !next.is_empty());
            self.resource_version =
                if self.spans_versions { String::new() } else { resource_version };
            return Ok(Turn::Page(text));
        }
    }
}

/// Whether the server has the kind, as far as it tells: every user may ask that by default.
/// (Kubernetes, Using RBAC Authorization, API discovery roles)
async fn serves(client: &Client, collection: Collection) -> bool {
    let Collection { group, version, plural } = collection;
    match ask::<Kinds>(client, Method::Get, &format!("/apis/{group}/{version}"), None).await {
        Ok(kinds) => kinds.resources.iter().any(|kind| kind.name == plural),
        Err(error) => error.code() != Some(404),
    }
}

impl Collection {
    /// Where the server keeps it.
    pub fn path(&self) -> String {
        let Self { group, version, plural } = self;
        if group.is_empty() {
            format!("/api/{version}/{plural}")
        } else {
            format!("/apis/{group}/{version}/{plural}")
        }
    }
}
