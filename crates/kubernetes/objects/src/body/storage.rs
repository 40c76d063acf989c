//! Storage.

use serde::Deserialize;

use super::container::{ResourceList, Resources};
use super::volume::HostPath;
use crate::name::Name;

/// `PersistentVolume`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PersistentVolume {
    /// How much it holds.
    pub capacity: ResourceList,
    /// Who may use it at once.
    pub access_modes: Box<[Name]>,
    /// Its class.
    pub storage_class_name: Option<Name>,
    /// What happens to it after its claim.
    pub persistent_volume_reclaim_policy: Option<Name>,
    /// A path of the node.
    pub host_path: Option<HostPath>,
    /// A disk of the node.
    pub local: Option<HostPath>,
    /// A driver's volume.
    pub csi: Option<CsiVolume>,
}

/// A volume of a driver.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CsiVolume {
    /// The driver.
    pub driver: Name,
}

/// `PersistentVolumeClaim`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PersistentVolumeClaim {
    /// Who may use it at once.
    pub access_modes: Box<[Name]>,
    /// The class; the cluster's default where it is absent.
    pub storage_class_name: Option<Name>,
    /// The volume.
    pub volume_name: Option<Name>,
    /// How much.
    pub resources: Resources,
}
