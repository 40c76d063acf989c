//! The certificates of a cluster: one authority for its server and its clients.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// An authority whose files lie in the folder of the cluster.
pub(super) struct Certificates {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl Certificates {
    /// Makes `authority.pem`, `server.pem` and `.key`, and the key of service account tokens,
    /// `accounts.pem` and `.key`.
    pub(super) fn write(folder: &Path) -> anyhow::Result<Self> {
        let key = KeyPair::generate()?;
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = parameters.self_signed(&key)?.pem();
        fs_err::write(folder.join("authority.pem"), &certificate)?;
        let certificates = Self { issuer: Issuer::new(parameters, key), certificate };

        let names = ["localhost", "127.0.0.1", "kubernetes.default.svc"].map(str::to_owned);
        let (server, key) = certificates.sign(&CertificateParams::new(names)?)?;
        fs_err::write(folder.join("server.pem"), server)?;
        fs_err::write(folder.join("server.key"), key)?;

        let accounts = KeyPair::generate()?;
        fs_err::write(folder.join("accounts.pem"), accounts.public_key_pem())?;
        fs_err::write(folder.join("accounts.key"), accounts.serialize_pem())?;
        Ok(certificates)
    }

    /// The certificate of a user with these groups and its key, in PEM form.
    pub(super) fn client(&self, user: &str, groups: &[&str]) -> anyhow::Result<(String, String)> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, user);
        for group in groups {
            parameters.distinguished_name.push(DnType::OrganizationName, *group);
        }
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(&parameters)
    }

    /// What asks a server of this authority whether it is ready.
    pub(super) fn https(&self, port: u16) -> anyhow::Result<Readiness> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.certificate.as_bytes())?)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let configuration = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Readiness { port, configuration: Arc::new(configuration) })
    }

    fn sign(&self, parameters: &CertificateParams) -> anyhow::Result<(String, String)> {
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &self.issuer).context("cannot sign")?;
        Ok((certificate.pem(), key.serialize_pem()))
    }
}

/// Asks a server whether it is ready, as anybody may.
pub(super) struct Readiness {
    port: u16,
    configuration: Arc<ClientConfig>,
}

impl Readiness {
    /// Whether it answers `ok`.
    pub(super) fn is_ready(&self) -> bool {
        self.ask().is_ok_and(|answer| {
            answer.starts_with("HTTP/1.0 200") || answer.starts_with("HTTP/1.1 200")
        })
    }

    fn ask(&self) -> anyhow::Result<String> {
        let stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let connection =
            ClientConnection::new(Arc::clone(&self.configuration), "localhost".try_into()?)?;
        let mut stream = StreamOwned::new(connection, stream);
        stream
            .write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = [0; 16];
        stream.read_exact(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}
