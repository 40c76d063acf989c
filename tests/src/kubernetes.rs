//! A real Kubernetes API server on this machine, with its etcd and, on request, its controllers.
//!
//! There is no kubelet: nothing runs. `cargo xtask kube` builds the programs.

mod certificates;
mod process;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use tempfile::TempDir;

use crate::target_folder;
use certificates::Certificates;
use process::Daemon;

/// What must be there to start one.
pub const KUBERNETES_PROGRAMS: [&str; 3] = ["etcd", "kube-apiserver", "kube-controller-manager"];

/// A cluster without nodes, which lives as long as this value.
pub struct Kubernetes {
    controllers: Option<Daemon>,
    server: Option<Daemon>,
    _etcd: Daemon,
    etcd_port: u16,
    port: u16,
    certificates: Certificates,
    folder: TempDir,
}

/// Every request with its answer's status and why it was allowed, without bodies
/// (`audit.k8s.io/v1`).
const AUDIT_POLICY: &str =
    r#"{"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":[{"level":"Metadata"}]}"#;

/// The policy file of ABAC, where there is one.
const POLICIES: &str = "policies.jsonl";

impl Kubernetes {
    /// Whether the programs are there: on the search path, or below the target folder.
    pub fn is_built() -> bool {
        KUBERNETES_PROGRAMS.iter().all(|name| program(name).is_some())
    }

    /// Starts etcd and the API server, and waits until it is ready.
    ///
    /// # Errors
    /// Where a program is absent, ends early or is not ready within a minute.
    pub fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let certificates = Certificates::write(folder.path())?;
        let (etcd_port, peer_port, port) = (free_port()?, free_port()?, free_port()?);
        let etcd = start_etcd(folder.path(), etcd_port, peer_port)?;
        let mut kubernetes = Self {
            controllers: None,
            server: None,
            _etcd: etcd,
            etcd_port,
            port,
            certificates,
            folder,
        };
        kubernetes.start_server()?;
        Ok(kubernetes)
    }

    /// Starts the API server again after [`Kubernetes::kill_server`]: same address, same objects.
    ///
    /// # Errors
    /// As [`Kubernetes::start`].
    pub fn start_server(&mut self) -> anyhow::Result<()> {
        let at = |name: &str| self.folder.path().join(name).display().to_string();
        fs_err::write(at("audit-policy.json"), AUDIT_POLICY)?;
        let mut command = Command::new(program("kube-apiserver").context("no kube-apiserver")?);
        command.args([
            format!("--etcd-servers=http://127.0.0.1:{}", self.etcd_port),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--secure-port={}", self.port),
            format!("--cert-dir={}", at("server")),
            format!("--tls-cert-file={}", at("server.pem")),
            format!("--tls-private-key-file={}", at("server.key")),
            format!("--client-ca-file={}", at("authority.pem")),
            // What is scanned includes what should not be there.
            "--allow-privileged=true".to_owned(),
            "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
            format!("--service-account-key-file={}", at("accounts.pem")),
            format!("--service-account-signing-key-file={}", at("accounts.key")),
            "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
            // Tests ask as fast as they can.
            "--enable-priority-and-fairness=false".to_owned(),
            "--max-requests-inflight=0".to_owned(),
            "--max-mutating-requests-inflight=0".to_owned(),
            format!("--audit-policy-file={}", at("audit-policy.json")),
            format!("--audit-log-path={}", at("audit.log")),
        ]);
        let policies = self.folder.path().join(POLICIES);
        if policies.is_file() {
            command.arg("--authorization-mode=Node,RBAC,ABAC");
            command.arg(format!("--authorization-policy-file={}", policies.display()));
        } else {
            command.arg("--authorization-mode=Node,RBAC");
        }
        self.server = Some(Daemon::start(&mut command, &self.folder.path().join("server.log"))?);
        self.wait_for_server()
    }

    /// Starts the controllers: aggregation of roles, tokens, workloads and all others.
    ///
    /// # Errors
    /// Where they cannot be started.
    pub fn start_controllers(&mut self) -> anyhow::Result<()> {
        let kubeconfig = self.kubeconfig("system:kube-controller-manager", &[])?;
        let name = "kube-controller-manager";
        let mut command = Command::new(program(name).context("no kube-controller-manager")?);
        let at = |name: &str| self.folder.path().join(name).display().to_string();
        command.args([
            format!("--kubeconfig={}", kubeconfig.display()),
            format!("--secure-port={}", free_port()?),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--cert-dir={}", at("controllers")),
            format!("--service-account-private-key-file={}", at("accounts.key")),
            format!("--root-ca-file={}", at("authority.pem")),
            // Each controller has the rights of its own role only.
            "--use-service-account-credentials=true".to_owned(),
            "--leader-elect=false".to_owned(),
        ]);
        let log = self.folder.path().join("controllers.log");
        self.controllers = Some(Daemon::start(&mut command, &log)?);
        Ok(())
    }

    /// Has the API server ask a policy file of ABAC, too, from its next start on.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn authorize_by(&self, policies: &str) -> anyhow::Result<()> {
        Ok(fs_err::write(self.folder.path().join(POLICIES), policies)?)
    }

    /// Kills the API server on the spot (SIGKILL). Its objects stay in etcd.
    pub fn kill_server(&mut self) {
        self.server = None;
    }

    /// Lets etcd forget what was before now: who watches from an earlier version is told that it is gone.
    ///
    /// # Errors
    /// Where etcd does not answer as it should.
    pub fn forget_history(&self) -> anyhow::Result<()> {
        let status = self.ask_etcd("/v3/maintenance/status", "{}")?;
        let status: serde_json::Value = serde_json::from_str(&status)?;
        let revision = &status["header"]["revision"];
        let body = serde_json::json!({ "revision": revision, "physical": true }).to_string();
        self.ask_etcd("/v3/kv/compaction", &body).map(drop)
    }

    /// The body of an answer. (etcd, gRPC gateway)
    fn ask_etcd(&self, path: &str, body: &str) -> anyhow::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.etcd_port))?;
        let length = body.len();
        let head = "Host: etcd\r\nConnection: close\r\nContent-Type: application/json";
        write!(stream, "POST {path} HTTP/1.0\r\n{head}\r\nContent-Length: {length}\r\n\r\n{body}")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        match answer.split_once("\r\n\r\n") {
            Some((head, body)) if head.contains(" 200 ") => Ok(body.to_owned()),
            _ => bail!("etcd answers {path} with {answer}"),
        }
    }

    /// A client configuration of a member of `system:masters`.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn admin(&self) -> anyhow::Result<PathBuf> {
        self.kubeconfig("admin", &["system:masters"])
    }

    /// A client configuration of a user with these groups, written anew.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn kubeconfig(&self, user: &str, groups: &[&str]) -> anyhow::Result<PathBuf> {
        let (certificate, key) = self.certificates.client(user, groups)?;
        let path = self.folder.path().join(format!("{}.kubeconfig", user.replace(':', "-")));
        let configuration = serde_json::json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "contexts": [{ "name": "test", "context": { "cluster": "test", "user": "test" } }],
            "clusters": [{ "name": "test", "cluster": {
                "server": format!("https://127.0.0.1:{}", self.port),
                "certificate-authority": self.folder.path().join("authority.pem"),
            } }],
            "users": [{ "name": "test", "user": {
                "client-certificate-data": base64(&certificate),
                "client-key-data": base64(&key),
            } }],
        });
        fs_err::write(&path, configuration.to_string())?;
        Ok(path)
    }

    /// The authority of the cluster, and the certificate and the key of its server on this machine.
    pub fn certificate_files(&self) -> (PathBuf, PathBuf, PathBuf) {
        let at = |name: &str| self.folder.path().join(name);
        (at("authority.pem"), at("server.pem"), at("server.key"))
    }

    /// Where the server writes down every request.
    pub fn audit_log(&self) -> PathBuf {
        self.folder.path().join("audit.log")
    }

    fn wait_for_server(&mut self) -> anyhow::Result<()> {
        let client = self.certificates.https(self.port)?;
        let server = self.server.as_mut().context("no server runs")?;
        server.wait_until("the API server", || client.is_ready())
    }
}

/// A program on the search path, or where `cargo xtask kube` puts it.
fn program(name: &str) -> Option<PathBuf> {
    let path = crate::path_with_system_folders();
    let own = target_folder().ok()?.join("tools/bin");
    std::env::split_paths(&path)
        .chain([own])
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

fn start_etcd(folder: &Path, port: u16, peer_port: u16) -> anyhow::Result<Daemon> {
    let (client, peer) =
        (format!("http://127.0.0.1:{port}"), format!("http://127.0.0.1:{peer_port}"));
    let mut command = Command::new(program("etcd").context("no etcd")?);
    command.arg("--data-dir").arg(folder.join("etcd"));
    command.args(["--listen-client-urls", &client, "--advertise-client-urls", &client]);
    command.args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer]);
    command.args(["--initial-cluster", &format!("default={peer}"), "--logger=zap"]);
    command.args(["--log-outputs=stderr", "--log-level=warn"]);
    let mut etcd = Daemon::start(&mut command, &folder.join("etcd.log"))?;
    etcd.wait_until("etcd", || TcpStream::connect(("127.0.0.1", port)).is_ok())?;
    Ok(etcd)
}

fn free_port() -> anyhow::Result<u16> {
    match TcpListener::bind("127.0.0.1:0")?.local_addr()?.port() {
        0 => bail!("no free port"),
        port => Ok(port),
    }
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
