//! Volumes of Pods.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::container::SourceReference;
use crate::name::Name;
use crate::values::Quantity;

/// A volume of a Pod.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Volume {
    /// Its name within the Pod.
    pub name: Name,
    /// What it is: one, or the API server refuses it.
    pub sources: Box<[VolumeSource]>,
}

/// What a volume is.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum VolumeSource {
    /// A path of the node.
    HostPath(HostPath),
    /// A Secret.
    Secret(NamedSource),
    /// A ConfigMap.
    ConfigMap(NamedSource),
    /// Several objects in one folder.
    Projected(Projected),
    /// An empty folder.
    EmptyDir(EmptyDir),
    /// A claim.
    PersistentVolumeClaim(Claim),
    /// A driver's volume.
    Csi(Driver),
    /// Another kind: `nfs`, `downwardAPI`, `image`.
    Other(Name),
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    )*};
}

fields! {
    /// A path of the node.
    HostPath {
        /// The path.
        path: Box<str>,
        /// What must be there: `Directory`, `Socket`.
        #[serde(rename = "type")]
        type_: Option<Name>,
    }
    /// An object whose keys are files.
    NamedSource {
        /// The name of a ConfigMap.
        name: Name,
        /// The name of a Secret.
        secret_name: Name,
        /// The mode of the files.
        default_mode: Option<i32>,
        /// Whether it may be missing.
        optional: bool,
    }
    /// Several objects in one folder.
    Projected {
        /// The objects.
        sources: Box<[ProjectedSource]>,
        /// The mode of the files.
        default_mode: Option<i32>,
    }
    /// An object of a projected volume.
    ProjectedSource {
        /// A Secret.
        secret: Option<SourceReference>,
        /// A ConfigMap.
        config_map: Option<SourceReference>,
        /// A token of the service account.
        service_account_token: Option<ProjectedToken>,
    }
    /// A token of the service account in a projected volume.
    ProjectedToken {
        /// Whom it is for; the API server where it is absent.
        audience: Option<Box<str>>,
        /// How long it is good for; an hour where it is absent.
        expiration_seconds: Option<i64>,
        /// The file.
        path: Box<str>,
    }
    /// An empty folder.
    EmptyDir {
        /// `Memory`, or the node's disk.
        medium: Option<Name>,
        /// How large it may grow.
        size_limit: Option<Quantity>,
    }
    /// A claim.
    Claim {
        /// Its name.
        claim_name: Name,
        /// Whether it may only be read.
        read_only: bool,
    }
    /// A driver's volume.
    Driver {
        /// The driver.
        driver: Name,
    }
}

impl VolumeSource {
    /// The field of the API that says it: `hostPath`.
    pub fn field(&self) -> &str {
        match self {
            Self::HostPath(_) => "hostPath",
            Self::Secret(_) => "secret",
            Self::ConfigMap(_) => "configMap",
            Self::Projected(_) => "projected",
            Self::EmptyDir(_) => "emptyDir",
            Self::PersistentVolumeClaim(_) => "persistentVolumeClaim",
            Self::Csi(_) => "csi",
            Self::Other(name) => name,
        }
    }
}

impl<'de> Deserialize<'de> for Volume {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(VolumeVisitor)
    }
}

struct VolumeVisitor;

impl<'de> Visitor<'de> for VolumeVisitor {
    type Value = Volume;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a volume")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Volume, A::Error> {
        let mut name = Name::default();
        let mut sources = Vec::new();
        while let Some(key) = map.next_key::<Name>()? {
            // `null` is a source that is not there.
            let source = match key.as_str() {
                "name" => {
                    name = map.next_value()?;
                    None
                }
                "hostPath" => map.next_value::<Option<_>>()?.map(VolumeSource::HostPath),
                "secret" => map.next_value::<Option<_>>()?.map(VolumeSource::Secret),
                "configMap" => map.next_value::<Option<_>>()?.map(VolumeSource::ConfigMap),
                "projected" => map.next_value::<Option<_>>()?.map(VolumeSource::Projected),
                "emptyDir" => map.next_value::<Option<_>>()?.map(VolumeSource::EmptyDir),
                "persistentVolumeClaim" => {
                    map.next_value::<Option<_>>()?.map(VolumeSource::PersistentVolumeClaim)
                }
                "csi" => map.next_value::<Option<_>>()?.map(VolumeSource::Csi),
                _ => {
                    let given = map.next_value::<Option<serde::de::IgnoredAny>>()?;
                    given.map(|_| VolumeSource::Other(key))
                }
            };
            sources.extend(source);
        }
        Ok(Volume { name, sources: sources.into() })
    }
}
