//! The state that runc and crun keep of their containers.

use bulkhead_limits::Budget;
use serde::Deserialize;
use std::collections::BTreeMap;

use super::{Metadata, MetadataError, document};

/// What a runtime remembers of a container that it started.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// The container's id.
    pub id: String,
    /// Its first process, by the host's number.
    pub process: u32,
    /// The bundle, in which its specification lies as `config.json`.
    pub bundle: Option<String>,
    /// What else it tells.
    pub metadata: Metadata,
}

#[derive(Deserialize)]
struct RuncState {
    id: String,
    #[serde(default)]
    init_process_pid: u32,
    #[serde(default)]
    created: Option<String>,
    #[serde(default)]
    config: Configuration,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Configuration {
    rootfs: Option<String>,
    /// Annotations as `key=value`, and the bundle among them.
    labels: Option<Vec<String>>,
}

/// Reads runc's `state.json` (`libcontainer.State`).
pub fn runc_state(bytes: &[u8], budget: &Budget) -> Result<State, MetadataError> {
    let state: RuncState = document(bytes, "state of a container", budget)?;
    let labels = state.config.labels.unwrap_or_default();
    let pairs = labels.iter().filter_map(|label| label.split_once('='));
    let mut pairs: BTreeMap<String, String> =
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let bundle = pairs.remove("bundle");
    let mut metadata = super::annotations(&pairs);
    metadata.created = metadata.created.take().or(state.created);
    metadata.root = state.config.rootfs;
    Ok(State { id: state.id, process: state.init_process_pid, bundle, metadata })
}

#[derive(Deserialize)]
struct CrunState {
    pid: u32,
    #[serde(default)]
    bundle: Option<String>,
    #[serde(default)]
    rootfs: Option<String>,
    #[serde(default)]
    created: Option<String>,
}

/// Reads crun's `status`, which does not say whose it is: its folder does.
pub fn crun_state(id: &str, bytes: &[u8], budget: &Budget) -> Result<State, MetadataError> {
    let state: CrunState = document(bytes, "state of a container", budget)?;
    let metadata = Metadata { created: state.created, root: state.rootfs, ..Metadata::default() };
    Ok(State { id: id.to_owned(), process: state.pid, bundle: state.bundle, metadata })
}
