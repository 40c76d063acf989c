//! What goes wrong with repairs.

use std::path::PathBuf;

use bulkhead_cluster::ClusterError;

/// Why a repair cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemediationError {
    /// A file cannot be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The API server does not answer, or refuses.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// Another program holds the records.
    #[error("another repair is under way with the records in {}", .folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// There is no such record.
    #[error("there is no record {id}")]
    NoRecord {
        /// Its name.
        id: String,
    },
    /// A record cannot be read.
    #[error("the record {} cannot be read: {cause}", .path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// A file is not as it was planned for, or as it was left.
    #[error("{} was changed by somebody else", .path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A file that is reached through a link.
    #[error("{} is a link", .path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// A repair of a cluster without a cluster.
    #[error("{id} is a repair of an object in a cluster")]
    NeedsCluster {
        /// Its name.
        id: String,
    },
    /// An object is not as the repair left it, so that it cannot be given back.
    #[error("{object} cannot be given back: {cause}")]
    NotGivenBack {
        /// The object.
        object: String,
        /// Why.
        cause: String,
    },
}

impl RemediationError {
    /// What the reader can do.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Cluster(error) => error.hint(),
            Self::Busy { .. } => Some("wait until it ends, or name another folder by --state"),
            Self::NoRecord { .. } => Some("bulkhead k8s fix --list shows the records"),
            Self::Record { .. } => Some("nothing is lost with it but the way back"),
            Self::Changed { .. } => Some("plan again, or take the change back by hand"),
            Self::Link { .. } => Some("name the file itself"),
            Self::NeedsCluster { .. } => Some("add --cluster"),
            _ => None,
        }
    }
}
