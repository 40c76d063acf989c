//! What a report says nothing about.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Digest, Ecosystem};

/// A part of the target that was not assessed: absence of findings there means nothing. Any of
/// these makes the exit code 3.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct NotAssessed {
    /// What, and why.
    #[serde(flatten)]
    pub reason: NotAssessedReason,
    /// How many packages, files or entries are concerned; 0 where nobody can know.
    pub count: u64,
    /// What the reader can do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Why a part was not assessed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum NotAssessedReason {
    /// The database has no statements about this release of this distribution.
    Distribution {
        /// `ID` of os-release, or empty where the target has system packages and no os-release.
        id: String,
        /// `VERSION_ID` of os-release.
        version: String,
    },
    /// The target is a system of this distribution, and no list of its packages was found in it.
    Packages {
        /// `ID` of os-release.
        id: String,
        /// `VERSION_ID` of os-release.
        version: String,
    },
    /// The database has no statements about this ecosystem.
    Ecosystem {
        /// The ecosystem.
        ecosystem: Ecosystem,
    },
    /// A layer could not be read, or not to its end.
    Layer {
        /// The position from the bottom.
        index: u32,
        /// The digest by which the manifest names it.
        digest: Option<Digest>,
        /// What happened.
        cause: String,
    },
    /// A folder could not be read, or not to its end.
    Folder {
        /// What happened.
        cause: String,
    },
    /// A part of the database is damaged.
    Database {
        /// What happened.
        cause: String,
    },
    /// A document given as the target cannot say this.
    Document {
        /// What it cannot say.
        cause: String,
    },
    /// A manifest, chart or kustomization, or a part of it, gives no objects.
    Manifest {
        /// The file or folder.
        file: String,
        /// The line, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<u32>,
        /// What is wrong with it.
        cause: String,
    },
    /// A cluster did not show the objects of a kind.
    Collection {
        /// The resource: `secrets`, `networkpolicies.networking.k8s.io`.
        resource: String,
        /// Why.
        cause: String,
    },
    /// Objects of this kind were not judged.
    Kind {
        /// Version and kind: `cert-manager.io/v1 Certificate`.
        kind: String,
        /// Why.
        cause: String,
    },
    /// Controls could not judge objects. Each is listed with what it says of them.
    Control {
        /// What they lacked.
        cause: String,
        /// Their ids.
        controls: Vec<String>,
    },
}
