//! An admission webhook that rejects everything but dry runs.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use bulkhead_cluster::{Cluster, Method};
use bulkhead_end_to_end::Kubernetes;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

const PATH: &str = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";

/// A webhook on this machine; it answers until the test ends.
pub(crate) struct Webhook {
    port: u16,
    authority: String,
}

impl Webhook {
    /// Starts it with the certificate of the API server.
    pub(crate) fn start(kubernetes: &Kubernetes) -> anyhow::Result<Self> {
        let (authority, certificate, key) = kubernetes.certificate_files();
        let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificate)?.collect();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let configuration = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain?, PrivateKeyDer::from_pem_file(key)?)?;
        let configuration = Arc::new(configuration);
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let configuration = Arc::clone(&configuration);
                // A connection that breaks is one that the API server opens again.
                std::thread::spawn(move || answer(stream, configuration));
            }
        });
        Ok(Self { port, authority: fs_err::read_to_string(authority)? })
    }

    /// Has the API server ask it about changes of one Deployment.
    pub(crate) fn install(&self, cluster: &Cluster, name: &str) {
        use base64::Engine as _;
        let authority = base64::engine::general_purpose::STANDARD.encode(&self.authority);
        let configuration = json!({
            "metadata": { "name": "rejects" },
            "webhooks": [{
                "name": "rejects.example.com",
                "clientConfig": {
                    "url": format!("https://127.0.0.1:{}/", self.port), "caBundle": authority,
                },
                "rules": [{
                    "apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["UPDATE"],
                    "resources": ["deployments"],
                }],
                "objectSelector": { "matchLabels": { "app": name } },
                "sideEffects": "None", "admissionReviewVersions": ["v1"], "timeoutSeconds": 5,
            }],
        });
        cluster.ask::<Value>(Method::Post, PATH, Some(&configuration)).unwrap();
        // The API server reads configurations through a watch of its own.
        let deployment = format!("/apis/apps/v1/namespaces/shop/deployments/{name}");
        let touch = json!({ "metadata": { "annotations": { "touched": "yes" } } });
        for _ in 0..100 {
            let live: Value = cluster.ask(Method::Get, &deployment, None).unwrap();
            if cluster.ask::<Value>(Method::Merge, &deployment, Some(&touch)).is_err() {
                return;
            }
            // It went through: as it was before.
            let annotations = live["metadata"].get("annotations").cloned().unwrap_or_default();
            assert!(annotations.is_null() || annotations.get("touched").is_some());
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("the API server does not ask the webhook");
    }

    /// Has the API server ask it no more.
    pub(crate) fn remove(&self, cluster: &Cluster) {
        let _: Value = cluster.ask(Method::Delete, &format!("{PATH}/rejects"), None).unwrap();
        assert!(self.port > 0);
    }
}

/// Answers requests of one connection. (HTTP/1.1; `admission.k8s.io/v1`, `AdmissionReview`)
fn answer(stream: TcpStream, configuration: Arc<ServerConfig>) -> anyhow::Result<()> {
    let mut stream = StreamOwned::new(ServerConnection::new(configuration)?, stream);
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 8192];
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            match stream.read(&mut part)? {
                0 => return Ok(()),
                read => bytes.extend_from_slice(&part[..read]),
            }
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.unwrap_or("0").trim().parse()?;
        let whole = end + 4 + length;
        while bytes.len() < whole {
            match stream.read(&mut part)? {
                0 => return Ok(()),
                read => bytes.extend_from_slice(&part[..read]),
            }
        }
        let review: Value = serde_json::from_slice(&bytes[end + 4..whole])?;
        bytes.drain(..whole);
        let answer = json!({
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "response": {
                "uid": review["request"]["uid"],
                "allowed": review["request"]["dryRun"] == true,
                "status": { "message": "not today" },
            },
        })
        .to_string();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{answer}",
            answer.len()
        )?;
        stream.flush()?;
    }
}
