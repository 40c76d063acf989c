//! Connecting and asking.

use std::path::Path;
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde::de::DeserializeOwned;
use tokio::runtime::Runtime;

use crate::error::ClusterError;

/// How long a server may be silent: the client waits for ever of itself, and so would a scan.
pub(crate) const PATIENCE: Duration = Duration::from_secs(100);

/// A connection to an API server.
pub struct Cluster {
    pub(crate) runtime: Runtime,
    pub(crate) client: Client,
    address: String,
}

/// What is done with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates.
    Post,
    /// Replaces.
    Put,
    /// Merges a JSON document into what is there (RFC 7396).
    Merge,
    /// Says which fields are the caller's, and their values (server-side apply).
    Apply,
    /// Removes.
    Delete,
}

impl Cluster {
    /// Connects as a client configuration says: this file, else what `KUBECONFIG` names, else
    /// `~/.kube/config`, else the service account of the pod that this runs in.
    ///
    /// # Errors
    /// Where the configuration cannot be used. Nothing is asked of the server yet.
    pub fn connect(path: Option<&Path>, context: Option<&str>) -> Result<Self, ClusterError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("cluster")
            .enable_all()
            .build()?;
        let (client, address) = runtime.block_on(async {
            let connected = configuration(path, context).await.and_then(|mut it| {
                it.read_timeout = Some(PATIENCE);
                let address = it.cluster_url.to_string();
                Ok((Client::try_from(it)?, address))
            });
            connected.map_err(|source| ClusterError::Configuration {
                path: path.map(Into::into),
                source,
            })
        })?;
        Ok(Self { runtime, client, address })
    }

    /// Where the server is: `https://10.0.0.1:6443/`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The version of the server: `v1.34.4`.
    ///
    /// # Errors
    /// Where it does not answer.
    pub fn version(&self) -> Result<String, ClusterError> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Version {
            git_version: String,
        }
        let version: Version = self.ask(Method::Get, "/version", None)?;
        Ok(version.git_version)
    }

    /// One request, with a JSON document where the method takes one.
    ///
    /// # Errors
    /// Where the server does not answer, refuses, or answers with another document.
    pub fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> Result<T, ClusterError> {
        self.runtime.block_on(ask(&self.client, method, path, body))
    }
}

async fn configuration(
    path: Option<&Path>,
    context: Option<&str>,
) -> Result<Config, Box<dyn std::error::Error + Send + Sync>> {
    let options =
        KubeConfigOptions { context: context.map(str::to_owned), ..KubeConfigOptions::default() };
    match path {
        Some(path) => {
            let kubeconfig = Kubeconfig::read_from(path)?;
            Ok(Config::from_custom_kubeconfig(kubeconfig, &options).await?)
        }
        None if context.is_some() => Ok(Config::from_kubeconfig(&options).await?),
        None => Ok(Config::infer().await?),
    }
}

pub(crate) async fn ask<T: DeserializeOwned>(
    client: &Client,
    method: Method,
    path: &str,
    body: Option<&serde_json::Value>,
) -> Result<T, ClusterError> {
    let text = ask_text(client, method, path, body).await?;
    serde_json::from_str(&text).map_err(|source| ClusterError::Malformed {
        asked: asked(method, path),
        expected: "such document",
        source,
    })
}

pub(crate) async fn ask_text(
    client: &Client,
    method: Method,
    path: &str,
    body: Option<&serde_json::Value>,
) -> Result<String, ClusterError> {
    let (name, content) = match method {
        Method::Get => ("GET", "application/json"),
        Method::Post => ("POST", "application/json"),
        Method::Put => ("PUT", "application/json"),
        Method::Merge => ("PATCH", "application/merge-patch+json"),
        Method::Apply => ("PATCH", "application/apply-patch+yaml"),
        Method::Delete => ("DELETE", "application/json"),
    };
    let request = http::Request::builder()
        .method(name)
        .uri(path)
        .header("accept", "application/json")
        .header("content-type", content)
        .body(body.map(|body| body.to_string().into_bytes()).unwrap_or_default());
    let answer = match request {
        Ok(request) => client.request_text(request).await,
        Err(error) => Err(kube::Error::HttpError(error)),
    };
    answer.map_err(|error| failed(asked(method, path), error))
}

/// What an error of the client means.
pub(crate) fn failed(asked: String, error: kube::Error) -> ClusterError {
    match error {
        kube::Error::Api(status) => ClusterError::Refused {
            asked,
            code: status.code,
            resume: status.metadata.and_then(|metadata| metadata.continue_),
            message: status.message,
        },
        source => ClusterError::Unreachable { asked, source: Box::new(source) },
    }
}

/// A request as errors name it: without what it asks for in particular.
pub(crate) fn asked(method: Method, path: &str) -> String {
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    format!("{method:?} {path}").to_lowercase()
}
