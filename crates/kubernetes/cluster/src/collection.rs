//! Lists, in chunks.

use serde::Deserialize;

use crate::cluster::{Cluster, Method, ask_text};
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
        let path = collection.path();
        let mut next = String::new();
        let mut spans_versions = false;
        loop {
            let page = format!("{path}?limit={CHUNK}&continue={next}");
            let answer = self.runtime.block_on(ask_text(&self.client, Method::Get, &page, None));
            let text = match answer {
                Ok(text) => text,
                Err(ClusterError::Refused { code: 403, message, .. }) => {
                    // The server denies before it looks whether there is such a kind.
                    let is_there = !collection.is_optional() || self.serves(collection);
                    let denied = Listing::Forbidden(message);
                    return Ok(if is_there { denied } else { Listing::Absent });
                }
                Err(ClusterError::Refused { code: 404, .. }) => return Ok(Listing::Absent),
                Err(ClusterError::Refused { code: 410, resume: Some(resume), .. })
                    if !resume.is_empty() && resume != next =>
                {
                    spans_versions = true;
                    next = resume;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let head: Head = serde_json::from_str(&text).map_err(|source| {
                ClusterError::Malformed { asked: path.clone(), expected: "list", source }
            })?;
            each(&text);
            next = head.metadata.next;
            if next.is_empty() {
                let version = head.metadata.resource_version;
                let resource_version = if spans_versions { String::new() } else { version };
                return Ok(Listing::Whole { resource_version });
            }
        }
    }

    /// Whether the server has the kind, as far as it tells: every user may ask that by default.
    /// (Kubernetes, Using RBAC Authorization, API discovery roles)
    fn serves(&self, collection: Collection) -> bool {
        let Collection { group, version, plural } = collection;
        match self.ask::<Kinds>(Method::Get, &format!("/apis/{group}/{version}"), None) {
            Ok(kinds) => kinds.resources.iter().any(|kind| kind.name == plural),
            Err(error) => error.code() != Some(404),
        }
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
