//! Whom TLS trusts, and who we are to a server that asks.

use std::fmt;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use serde::{Deserialize, Serialize};

use crate::OutputError;

/// Files of PEM that TLS goes by.
#[derive(Debug, Clone, Copy, Default)]
pub struct TlsFiles<'a> {
    /// Certificates that a server's has to be signed by; none for those of the system.
    pub roots: Option<&'a Path>,
    /// Our own certificate, with those between it and its authority, and its key. None where no server asks.
    pub identity: Option<(&'a Path, &'a Path)>,
}

/// Who we are to a server that asks (mutual TLS; RFC 5425, section 4.2.1).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Certificates in DER, our own first.
    chain: Vec<Vec<u8>>,
    /// Its key in DER.
    key: Vec<u8>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A key is shown nowhere.
        write!(formatter, "Identity({} certificates)", self.chain.len())
    }
}

impl TlsFiles<'_> {
    /// The certificates to trust, and who we are. What no connection could be made with is refused here.
    pub(crate) fn read(self) -> Result<(Vec<Vec<u8>>, Option<Identity>), OutputError> {
        let roots = match self.roots {
            Some(file) => certificates(file)?,
            None => of_system()?,
        };
        let Some((certificate, key)) = self.identity else { return Ok((roots, None)) };
        let identity = Identity { chain: certificates(certificate)?, key: private_key(key)? };
        configuration(&roots, Some(&identity)).map_err(|error| wrong(certificate, &error))?;
        Ok((roots, Some(identity)))
    }
}

/// Trusts these certificates, and no server without one of them (RFC 5425, section 5.1).
pub(crate) fn configuration(
    roots: &[Vec<u8>],
    identity: Option<&Identity>,
) -> Result<ClientConfig, OutputError> {
    let mut store = RootCertStore::empty();
    // One that cannot be read is not trusted; what is left may still do.
    store.add_parsable_certificates(roots.iter().map(|root| CertificateDer::from(root.clone())));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = builder.with_root_certificates(store);
    let Some(Identity { chain, key }) = identity else { return Ok(builder.with_no_client_auth()) };
    let chain = chain.iter().map(|one| CertificateDer::from(one.clone())).collect();
    let key = PrivateKeyDer::try_from(key.clone())
        .map_err(|cause| OutputError::Tls(rustls::Error::General(cause.to_owned())))?;
    Ok(builder.with_client_auth_cert(chain, key)?)
}

fn wrong(file: &Path, cause: &dyn fmt::Display) -> OutputError {
    OutputError::Certificates { file: file.display().to_string(), cause: cause.to_string() }
}

fn open(file: &Path) -> Result<BufReader<fs_err::File>, OutputError> {
    fs_err::File::open(file).map(BufReader::new).map_err(|error| wrong(file, &error))
}

fn certificates(file: &Path) -> Result<Vec<Vec<u8>>, OutputError> {
    let read = CertificateDer::pem_reader_iter(open(file)?);
    let certificates: Vec<Vec<u8>> = read
        .map(|certificate| certificate.map(|certificate| certificate.to_vec()))
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(file, &error))?;
    if certificates.is_empty() {
        return Err(wrong(file, &"there is no certificate in it"));
    }
    Ok(certificates)
}

fn private_key(file: &Path) -> Result<Vec<u8>, OutputError> {
    let key = PrivateKeyDer::from_pem_reader(open(file)?).map_err(|error| OutputError::Key {
        file: file.display().to_string(),
        cause: error.to_string(),
    })?;
    Ok(key.secret_der().to_vec())
}

fn of_system() -> Result<Vec<Vec<u8>>, OutputError> {
    let loaded = rustls_native_certs::load_native_certs();
    if loaded.certs.is_empty() {
        let cause =
            loaded.errors.first().map_or_else(|| "there are none".to_owned(), ToString::to_string);
        return Err(wrong(Path::new("certificates of this system"), &cause));
    }
    Ok(loaded.certs.into_iter().map(|certificate| certificate.to_vec()).collect())
}
