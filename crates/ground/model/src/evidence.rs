//! Why something is said: the steps of the reasoning behind a finding, and what an alert was seen in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AdvisoryMatch, Digest};

/// One piece of what a finding or an alert rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Evidence {
    /// A row of an advisory feed was compared with the package.
    Advisory(AdvisoryMatch),
    /// A distribution's verdict overrode, or could not override, the upstream one.
    Vendor {
        /// The package URL of the system package that owns the files.
        owner: String,
        /// The row that decided; none where the vendor is silent.
        verdict: Option<AdvisoryMatch>,
    },
    /// A process did it.
    Process(ProcessEvidence),
    /// Who started that process, and who started those, the nearest first.
    Lineage {
        /// The ancestors, as far as they are known.
        ancestors: Vec<Ancestor>,
    },
    /// It happened in a container.
    Container(ContainerEvidence),
    /// It was about a file.
    File {
        /// The path as the kernel resolved it.
        path: String,
        /// The path as the program gave it, where that is another one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        given: Option<String>,
    },
    /// It was about a connection.
    Connection {
        /// Who asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<String>,
        /// Who was asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        server: Option<String>,
        /// `tcp`, `udp` and others; empty where it is not known.
        protocol: String,
    },
    /// An argument was another one when the system call began.
    Swapped {
        /// The name of the argument.
        argument: String,
        /// What stood in the program's memory when the call began.
        seen: String,
        /// What the kernel used.
        used: String,
    },
}

/// A process, as it was when something happened. Names and words are any bytes: U+FFFD stands for what
/// is not UTF-8, and long ones are cut, which is said at their end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProcessEvidence {
    /// The number that the host gives it.
    pub pid: u32,
    /// The kernel's short name.
    pub name: String,
    /// The file that it executes, as the kernel resolved it.
    pub executable: String,
    /// What it was called with, the name first.
    pub arguments: Vec<String>,
    /// Its working directory.
    pub directory: String,
    /// The number of the user whose rights it uses.
    pub user_id: u32,
    /// The name of that user by the files of its own container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The name, or the number, of the user who logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// The file is not as the image has it: it was made or changed in the container.
    pub changed_since_image: bool,
    /// The file has no name any more, or never had one.
    pub without_name: bool,
}

/// A process that started others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ancestor {
    /// The number that the host gives it.
    pub pid: u32,
    /// The kernel's short name.
    pub name: String,
    /// The file that it executes.
    pub executable: String,
    /// What it was called with, the name first.
    pub arguments: Vec<String>,
}

/// A container. What the node could not find out is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContainerEvidence {
    /// The whole identifier.
    pub id: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The runtime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// The name of its image, without tag and digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The tag of its image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The digest of its image's manifest: what joins an alert with a scan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Whether it may do what the host's root may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privileged: Option<bool>,
    /// The pod that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<PodEvidence>,
}

/// A pod of Kubernetes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PodEvidence {
    /// The name.
    pub name: String,
    /// The namespace.
    pub namespace: String,
    /// The identifier in the cluster.
    pub uid: String,
}
