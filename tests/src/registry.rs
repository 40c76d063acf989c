//! Debian's registry on this machine, filled by `skopeo`.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tempfile::TempDir;

use crate::{path_with_system_folders, run};

/// The one account of a registry that asks for one.
pub const ACCOUNT: (&str, &str) = ("me", "word");

/// [`ACCOUNT`] as `htpasswd -B` writes it.
const HTPASSWD: &str = "me:$2b$04$60uuTEYl/6ev2T0m5AwfKOrQbXV1ZMj7KIv36VK0dEC/ALBsznHpm\n";

/// A registry that runs as long as this value lives.
pub struct Registry {
    process: Child,
    port: u16,
    folder: TempDir,
    has_tls: bool,
    has_account: bool,
}

/// How a registry is to be.
#[derive(Debug, Clone, Default)]
pub struct RegistryOptions {
    /// Certificates of its authority and of itself, and its key, in PEM form; plain where there are
    /// none.
    pub tls: Option<(String, String, String)>,
    /// Who is let in.
    pub access: Access,
}

/// Who is let in.
#[derive(Debug, Clone, Default)]
pub enum Access {
    /// Everybody.
    #[default]
    Free,
    /// [`ACCOUNT`].
    Basic,
    /// Whoever has a token of the server at this address, signed by this certificate.
    Token {
        /// The address.
        realm: String,
        /// The certificate in PEM form.
        certificate: String,
    },
}

impl Registry {
    /// Starts a registry.
    ///
    /// # Errors
    /// Where it cannot be started or does not answer within some seconds.
    pub fn start(options: &RegistryOptions) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let configuration = configuration(options, folder.path(), port)?;
        let file = folder.path().join("config.json");
        fs_err::write(&file, configuration.to_string())?;
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(&file)
            .env("PATH", path_with_system_folders())
            .stdout(Stdio::null())
            .stderr(fs_err::File::create(folder.path().join("log"))?.into_file())
            .spawn()
            .context("cannot start docker-registry")?;
        let (has_tls, has_account) =
            (options.tls.is_some(), !matches!(options.access, Access::Free));
        let registry = Self { process, port, folder, has_tls, has_account };
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(registry);
            }
            sleep(Duration::from_millis(50));
        }
        let log = fs_err::read_to_string(registry.folder.path().join("log"))?;
        bail!("docker-registry does not answer: {log}")
    }

    /// `localhost:PORT`.
    pub fn authority(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// Copies the image tagged `latest` in an OCI layout, every platform of it, and gives the
    /// reference of the copy.
    ///
    /// # Errors
    /// Those of skopeo.
    pub fn fill(&self, layout: &Path, name: &str) -> anyhow::Result<String> {
        let reference = format!("{}/{name}", self.authority());
        let mut skopeo = Command::new("skopeo");
        skopeo.args(["--insecure-policy", "copy", "--quiet", "--all"]);
        if self.has_tls {
            skopeo.arg("--dest-cert-dir").arg(self.folder.path().join("trusted"));
        } else {
            skopeo.arg("--dest-tls-verify=false");
        }
        if self.has_account {
            skopeo.arg(format!("--dest-creds={}:{}", ACCOUNT.0, ACCOUNT.1));
        }
        skopeo.arg(format!("oci:{}:latest", layout.display()));
        skopeo.arg(format!("docker://{reference}"));
        run(&mut skopeo)?;
        Ok(reference)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The registry's own configuration; it reads YAML, of which JSON is a part.
fn configuration(
    options: &RegistryOptions,
    folder: &Path,
    port: u16,
) -> anyhow::Result<serde_json::Value> {
    let file = |name: &str, content: &str| -> anyhow::Result<String> {
        let path = folder.join(name);
        fs_err::write(&path, content)?;
        Ok(path.display().to_string())
    };
    let mut configuration = serde_json::json!({
        "version": 0.1,
        "log": { "level": "warn" },
        "storage": { "filesystem": { "rootdirectory": folder.join("store") } },
        "http": { "addr": format!("127.0.0.1:{port}") },
    });
    if let Some((authority, certificate, key)) = &options.tls {
        fs_err::create_dir_all(folder.join("trusted"))?;
        file("trusted/ca.crt", authority)?;
        let certificate = file("certificate.pem", certificate)?;
        let key = file("key.pem", key)?;
        configuration["http"]["tls"] =
            serde_json::json!({ "certificate": certificate, "key": key });
    }
    match &options.access {
        Access::Free => {}
        Access::Basic => {
            let path = file("htpasswd", HTPASSWD)?;
            configuration["auth"] =
                serde_json::json!({ "htpasswd": { "realm": "tests", "path": path } });
        }
        Access::Token { realm, certificate } => {
            let bundle = file("tokens.pem", certificate)?;
            configuration["auth"] = serde_json::json!({ "token": {
                "realm": realm, "service": "tests", "issuer": "tests", "rootcertbundle": bundle,
            } });
        }
    }
    Ok(configuration)
}
