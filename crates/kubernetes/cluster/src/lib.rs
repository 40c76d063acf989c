//! A live Kubernetes API server: the one crate with `kube`.
//!
//! A [`Cluster`] connects as a kubeconfig says. Its methods wait for their answers: the runtime is its
//! own. Lists come in chunks, as the JSON text of the server, and whoever asks parses it; what may not
//! be listed is an answer, not an error. A [`Watch`] goes on by itself, and hands over its news.

mod cluster;
mod collection;
mod error;
mod review;
mod scanned;
mod watch;

pub use cluster::{Cluster, Method};
pub use collection::{Collection, Listing};
pub use error::ClusterError;
pub use watch::{Heard, News, Stopper, Watch};
