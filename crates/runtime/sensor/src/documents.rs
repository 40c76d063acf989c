//! Where runtimes leave what they know of their containers.
//!
//! [`Places::open`] opens by a fixed list of places and the name of a container, and reads nothing: it
//! runs with the rights of root. [`read`] makes of the open files what they tell, without any rights.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use bulkhead_image::Containerd;
use bulkhead_limits::{Budget, Limits};
use rustix::fs::{CWD, Mode, OFlags, openat};
use serde::{Deserialize, Serialize};

use crate::metadata::{
    ImageName, Metadata, annotations, cri_sandbox, crun_status, docker_container, docker_host,
    runc_state, spec, storage_containers,
};
use crate::{Runtime, SensorError};

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Document {
    /// The specification of a container.
    Spec,
    /// runc's state.
    RuncState,
    /// crun's state.
    CrunStatus,
    /// docker's record.
    DockerContainer,
    /// docker's record of what concerns the host.
    DockerHost,
    /// The list of containers of containers/storage.
    Storage,
    /// containerd's database.
    Containerd,
}

/// Places below the root of the host, and who writes there. `*` is any folder, `{id}` the name.
///
/// The first that tells something counts, so what a runtime has of its own comes before what the
/// low-level runtime below it was told.
const PLACES: &[(&str, Document, Runtime)] = &[
    (
        "run/containerd/io.containerd.runtime.v2.task/*/{id}/config.json",
        Document::Spec,
        Runtime::Containerd,
    ),
    (
        "run/docker/containerd/daemon/io.containerd.runtime.v2.task/*/{id}/config.json",
        Document::Spec,
        Runtime::Docker,
    ),
    (
        "run/containers/storage/overlay-containers/{id}/userdata/config.json",
        Document::Spec,
        Runtime::Crio,
    ),
    (
        "var/lib/containers/storage/overlay-containers/{id}/userdata/config.json",
        Document::Spec,
        Runtime::Podman,
    ),
    (
        "run/user/*/containers/overlay-containers/{id}/userdata/config.json",
        Document::Spec,
        Runtime::Podman,
    ),
    ("var/lib/docker/containers/{id}/config.v2.json", Document::DockerContainer, Runtime::Docker),
    ("var/lib/docker/containers/{id}/hostconfig.json", Document::DockerHost, Runtime::Docker),
    (
        "var/lib/containers/storage/overlay-containers/containers.json",
        Document::Storage,
        Runtime::Podman,
    ),
    (
        "var/lib/containers/storage/overlay-containers/volatile-containers.json",
        Document::Storage,
        Runtime::Podman,
    ),
    ("run/runc/{id}/state.json", Document::RuncState, Runtime::Oci),
    ("run/containerd/runc/*/{id}/state.json", Document::RuncState, Runtime::Containerd),
    ("run/docker/runtime-runc/*/{id}/state.json", Document::RuncState, Runtime::Docker),
    ("run/user/*/runc/{id}/state.json", Document::RuncState, Runtime::Oci),
    ("run/crun/{id}/config.json", Document::Spec, Runtime::Oci),
    ("run/crun/{id}/status", Document::CrunStatus, Runtime::Oci),
    ("run/user/*/crun/{id}/status", Document::CrunStatus, Runtime::Oci),
    (
        "var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db",
        Document::Containerd,
        Runtime::Containerd,
    ),
];

/// Bytes of the name of a container at most.
const NAME: usize = 255;

/// Folders that stand for one `*` at most: namespaces of containerd, users of the host.
const FOLDERS: usize = 256;

/// Bytes of a document at most; containerd's database is the largest.
const BYTES: u64 = 256 << 20;

/// The file system in which the runtimes write.
#[derive(Debug, Clone)]
pub struct Places {
    root: PathBuf,
}

/// A document of a container, opened.
#[derive(Debug)]
pub struct Opened {
    /// What it is.
    pub document: Document,
    /// Who wrote it.
    pub runtime: Runtime,
    /// The file.
    pub file: File,
}

/// What the documents of a container told.
#[derive(Debug)]
pub struct Found {
    /// Who made it.
    pub runtime: Runtime,
    /// What is known.
    pub metadata: Metadata,
    /// Documents that told nothing, each with the reason.
    pub problems: Vec<(Document, SensorError)>,
}

impl Places {
    /// The places below that folder; `/` but in tests.
    pub fn below(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Opens whatever is there for a container of that name. Nothing but regular files is opened, and
    /// no name leads out of its folder.
    pub fn open(&self, name: &str) -> Vec<Opened> {
        let plain = !name.is_empty() && name.len() <= NAME && !name.starts_with('.');
        if !plain || name.contains(['/', '\0']) {
            return Vec::new();
        }
        let mut opened = Vec::new();
        for (place, document, runtime) in PLACES {
            for path in self.paths(&place.replace("{id}", name)) {
                if let Some(file) = regular(&path) {
                    opened.push(Opened { document: *document, runtime: *runtime, file });
                }
            }
        }
        opened
    }

    /// The paths that a place stands for: itself, or one per folder at its `*`.
    fn paths(&self, place: &str) -> Vec<PathBuf> {
        let Some((before, after)) = place.split_once("*/") else {
            return vec![self.root.join(place)];
        };
        let Ok(folders) = fs_err::read_dir(self.root.join(before)) else { return Vec::new() };
        folders.flatten().take(FOLDERS).map(|folder| folder.path().join(after)).collect()
    }
}

/// Opens a file without waiting for anything, should it be a pipe or a device.
fn regular(path: &Path) -> Option<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = File::from(openat(CWD, path, flags, Mode::empty()).ok()?);
    file.metadata().ok()?.is_file().then_some(file)
}

/// Reads the documents of one container. None where none of them knows it.
pub fn read(name: &str, opened: Vec<Opened>) -> Option<Found> {
    let mut found: Option<Found> = None;
    let mut problems = Vec::new();
    for Opened { document, runtime, file } in opened {
        match one(name, document, &file) {
            Ok(None) => {}
            Ok(Some(metadata)) => match &mut found {
                Some(found) => found.metadata.complete(metadata),
                None => found = Some(Found { runtime, metadata, problems: Vec::new() }),
            },
            Err(error) => problems.push((document, error)),
        }
    }
    if let Some(found) = &mut found {
        found.problems = problems;
    }
    found
}

fn one(name: &str, document: Document, file: &File) -> Result<Option<Metadata>, SensorError> {
    let budget = Budget::new(Limits { bytes: BYTES, file_bytes: BYTES, ..Limits::DEFAULT });
    if document == Document::Containerd {
        return containerd(name, file, &budget);
    }
    let mut bytes = Vec::new();
    file.take(BYTES).read_to_end(&mut bytes)?;
    Ok(match document {
        Document::Spec => Some(spec(&bytes, &budget)?),
        Document::RuncState => Some(runc_state(&bytes, &budget)?),
        Document::CrunStatus => Some(crun_status(&bytes, &budget)?),
        Document::DockerContainer => Some(docker_container(&bytes, &budget)?),
        Document::DockerHost => Some(docker_host(&bytes, &budget)?),
        Document::Storage => storage_containers(&bytes, name, &budget)?,
        Document::Containerd => None,
    })
}

/// What containerd's database says of a container: its image, by name and digest, and its labels; of
/// its sandbox, the labels of the pod, its address and how its containers are asked.
fn containerd(name: &str, file: &File, budget: &Budget) -> Result<Option<Metadata>, SensorError> {
    let store = Containerd::new(PathBuf::from("/var/lib/containerd"));
    let mut found = store.containers(file, &[name], budget).map_err(Box::new)?;
    let Some(container) = found.pop() else { return Ok(None) };
    let mut metadata = annotations(&container.labels);
    metadata.labels.extend(container.labels);
    metadata.image = ImageName::read(&container.image).or(metadata.image);
    metadata.image_digest = container.target.map(|digest| digest.to_string());
    if !container.sandbox.is_empty() {
        metadata.complete(cri_sandbox(&container.sandbox, budget)?);
    }
    Ok(Some(metadata))
}
