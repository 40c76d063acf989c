//! What goes wrong with a cluster.

use std::path::PathBuf;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// The client configuration cannot be read, or names what is not there.
    #[error("cannot use {}", match .path { Some(path) => path.display().to_string(), None => "the kubeconfig".to_owned() })]
    Configuration {
        /// The file that was asked for.
        path: Option<PathBuf>,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No answer came.
    #[error("the API server gives no answer to {asked}")]
    Unreachable {
        /// Method and path.
        asked: String,
        /// Why.
        source: Box<kube::Error>,
    },
    /// The server answers that it will not.
    #[error("the API server refuses {asked}: {code} {message}")]
    Refused {
        /// Method and path.
        asked: String,
        /// The status.
        code: u16,
        /// The server's reason.
        message: String,
        /// Where an expired list may be continued.
        resume: Option<String>,
    },
    /// The answer is not what the API promises.
    #[error("the API server answers {asked} with what is no {expected}")]
    Malformed {
        /// Method and path.
        asked: String,
        /// What it should be.
        expected: &'static str,
        /// Why it is not.
        source: serde_json::Error,
    },
    /// No thread or timer for the connection.
    #[error("cannot start a client")]
    Runtime(#[from] std::io::Error),
}

impl ClusterError {
    /// The status with which the server refused; none where it did not answer.
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// What the reader can do.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Configuration { .. } => Some("--kubeconfig names a client configuration"),
            Self::Unreachable { .. } => {
                Some("see that the address in the kubeconfig answers: kubectl version")
            }
            Self::Refused { code: 401, .. } => {
                Some("the credentials in the kubeconfig are not accepted, or have expired")
            }
            Self::Refused { code: 403, .. } => {
                Some("deploy/kubernetes/scan-role.yaml holds the rights that a scan needs")
            }
            _ => None,
        }
    }
}
