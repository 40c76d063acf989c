//! A cluster in a file, to be looked at again without it.
//!
//! Lines of JSON in zstd. The first says what the file is and what the cluster did not show; each
//! further one is an object as the API server gave it, without what no check may or need see: values
//! of Secrets (their length stays), `managedFields`, what kubectl keeps of former versions, long
//! parts of `status`. Because lines are objects and not our own types, a newer Bulkhead reads more of
//! an old snapshot than the one that took it.

use std::io::Read as _;

use bulkhead_archive::decode;
use bulkhead_limits::{Budget, Exceeded};
use serde::Deserialize;

use crate::extract::{Mistakes, extract};
use crate::json;
use crate::node::{Node, Value};
use crate::objects::{Objects, ProblemKind};
use crate::yaml;

/// What the first line calls the file.
const FORMAT: &str = "bulkhead-cluster-snapshot";

/// The version that is written, and the newest that is read.
const VERSION: u32 = 1;

/// What a snapshot says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Snapshot {
    /// When it was taken, in RFC 3339.
    pub taken_at: String,
    /// The cluster's name, as the one who took it calls it.
    pub cluster: String,
    /// The API server's version: `v1.34.4`.
    pub server_version: String,
    /// What the cluster did not show.
    pub absent: Vec<Absent>,
}

/// A kind whose objects could not be listed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Absent {
    /// The resource: `secrets`, `networkpolicies.networking.k8s.io`.
    pub resource: String,
    /// Why.
    pub reason: String,
}

/// A snapshot that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It is something else.
    #[error("{file} is no snapshot of a cluster: {cause}")]
    NotOne {
        /// Its name.
        file: String,
        /// What is wrong.
        cause: String,
    },
    /// A newer Bulkhead wrote it.
    #[error(
        "{file} is a snapshot of version {version}; this Bulkhead reads up to {VERSION}: update it"
    )]
    Version {
        /// Its name.
        file: String,
        /// The version.
        version: u32,
    },
    /// A limit was reached.
    #[error("{file} is too large: {source}")]
    Limit {
        /// Its name.
        file: String,
        /// Which.
        source: Exceeded,
    },
}

/// Collects a snapshot, object by object.
#[derive(Debug, Default)]
pub struct SnapshotWriter {
    lines: String,
}

impl SnapshotWriter {
    /// Adds an object. `api_version` and `kind` are for elements of lists, which do not name theirs.
    pub fn add(&mut self, mut object: Node<'_>, api_version: &str, kind: &str) {
        for (key, given) in [("apiVersion", api_version), ("kind", kind)] {
            if object.text(key).is_empty() {
                object.entry(key).value = Value::Text(given.to_owned().into());
            }
        }
        trim(&mut object);
        json::write(&object, &mut self.lines);
        self.lines.push('\n');
    }

    /// Adds the objects of a list as the API server writes it.
    ///
    /// # Errors
    /// What is wrong with the list.
    pub fn add_list(&mut self, text: &str) -> Result<(), String> {
        let mut list = yaml::read_tree(text)?;
        let api_version = list.text("apiVersion").to_owned();
        let kind = list.text("kind").trim_end_matches("List").to_owned();
        if let Some(Value::List(items)) = list.get_mut("items").map(|items| &mut items.value) {
            for item in std::mem::take(items) {
                self.add(item, &api_version, &kind);
            }
        }
        Ok(())
    }

    /// The bytes of the file, which begins with what it says of itself.
    ///
    /// # Errors
    /// Where it cannot be compressed.
    pub fn finish(self, snapshot: &Snapshot) -> std::io::Result<Vec<u8>> {
        let mut text = head(snapshot);
        text.push_str(&self.lines);
        zstd::bulk::compress(text.as_bytes(), zstd::DEFAULT_COMPRESSION_LEVEL)
    }
}

fn head(snapshot: &Snapshot) -> String {
    let text = |value: &str| Value::Text(value.to_owned().into());
    let mut head = Node::unplaced(Value::Map(Vec::new()));
    head.entry("format").value = text(FORMAT);
    head.entry("version").value = Value::Integer(VERSION.into());
    head.entry("takenAt").value = text(&snapshot.taken_at);
    head.entry("cluster").value = text(&snapshot.cluster);
    head.entry("serverVersion").value = text(&snapshot.server_version);
    let absent = snapshot.absent.iter().map(|absent| {
        let mut node = Node::unplaced(Value::Map(Vec::new()));
        node.entry("resource").value = text(&absent.resource);
        node.entry("reason").value = text(&absent.reason);
        node
    });
    head.entry("absent").value = Value::List(absent.collect());
    let mut line = String::new();
    json::write(&head, &mut line);
    line.push('\n');
    line
}

/// Takes out what no check may or need see.
fn trim(object: &mut Node<'_>) {
    if let Some(metadata) = object.get_mut("metadata") {
        metadata.remove("managedFields");
        if let Some(annotations) = metadata.get_mut("annotations") {
            annotations.remove(crate::read::LAST_APPLIED);
        }
    }
    if object.text("kind") == "Secret" {
        for field in ["data", "stringData"] {
            if let Some(Value::Map(entries)) = object.get_mut(field).map(|node| &mut node.value) {
                for entry in entries {
                    let length = entry.node.as_text().map_or(0, str::len);
                    entry.node.value = Value::Text("*".repeat(length).into());
                }
            }
        }
    }
    if let Some(status) = object.get_mut("status") {
        for part in [
            "conditions",
            "images",
            "containerStatuses",
            "initContainerStatuses",
            "volumesAttached",
        ] {
            status.remove(part);
        }
    }
}

impl Objects {
    /// Reads a snapshot: its objects as those of a file, each line a document.
    pub fn add_snapshot(
        &mut self,
        path: &str,
        bytes: &[u8],
        budget: &Budget,
    ) -> Result<Snapshot, SnapshotError> {
        let file = || path.to_owned();
        let not_one = |cause: String| SnapshotError::NotOne { file: file(), cause };
        let limit = budget.limits().file_bytes;
        let mut lines = Vec::new();
        decode(bytes, budget)
            .map_err(|error| not_one(error.to_string()))?
            .take(limit.saturating_add(1))
            .read_to_end(&mut lines)
            .map_err(|error| not_one(error.to_string()))?;
        budget
            .check_file(lines.len() as u64)
            .map_err(|source| SnapshotError::Limit { file: file(), source })?;
        let text = std::str::from_utf8(&lines).map_err(|error| not_one(error.to_string()))?;
        let (head, _) = text.split_once('\n').unwrap_or((text, ""));
        let head = yaml::read_tree(head).map_err(not_one)?;
        if head.text("format") != FORMAT {
            return Err(not_one("its first line does not say so".to_owned()));
        }
        let mistakes = Mistakes::default();
        let Versioned { version } = extract(&head, &mistakes);
        if version > VERSION {
            return Err(SnapshotError::Version { file: file(), version });
        }
        let snapshot = extract(&head, &mistakes);
        self.add_lines(path, text, budget)
            .map_err(|(kind, why)| match kind {
                ProblemKind::Limit => not_one(format!("a limit was reached: {why}")),
                _ => not_one(why),
            })
            .map(|()| snapshot)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Versioned {
    version: u32,
}
