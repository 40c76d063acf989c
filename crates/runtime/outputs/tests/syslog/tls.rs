//! TLS: the right server hears everything, any other one nothing.

use std::io::{BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use bulkhead_outputs::{Address, OutputError, Target, TlsFiles};
use bulkhead_testing::Authority;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::sender::{PATIENCE, Sender, frame};

/// How long a server is tried that will not be right.
const BRIEF: Duration = Duration::from_millis(300);

type Serving = JoinHandle<Result<Vec<Vec<u8>>, std::io::Error>>;

/// Serves one connection with a certificate of an authority. What came, or why nothing did.
fn serve(authority: &Authority, listener: TcpListener) -> Serving {
    serve_known(authority, listener, None)
}

/// The same, for those alone who have a certificate of the other authority.
fn serve_known(authority: &Authority, listener: TcpListener, known: Option<&Authority>) -> Serving {
    let (certificate, key) = authority.server();
    let chain = CertificateDer::pem_slice_iter(certificate.as_bytes());
    let chain: Vec<_> = chain.collect::<Result<_, _>>().unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let configuration = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let configuration = match known {
        None => configuration.with_no_client_auth(),
        Some(known) => {
            let mut roots = RootCertStore::empty();
            let root = CertificateDer::from_pem_slice(known.certificate().as_bytes()).unwrap();
            roots.add(root).unwrap();
            let roots = Arc::new(roots);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
            configuration.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let configuration = configuration
        .with_single_cert(chain, PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    let configuration = Arc::new(configuration);
    std::thread::spawn(move || {
        let (stream, _) = listener.accept()?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let session = ServerConnection::new(configuration).map_err(std::io::Error::other)?;
        let mut stream = StreamOwned::new(session, stream);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        stream.flush()?;
        let mut reader = BufReader::new(stream);
        Ok(std::iter::from_fn(|| frame(&mut reader)).collect())
    })
}

/// The certificate of an authority in a file, which goes with the folder.
fn file(authority: &Authority) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("authority.pem");
    fs_err::write(&path, authority.certificate()).unwrap();
    (folder, path)
}

#[test]
fn the_right_server_hears_everything() {
    let authority = Authority::new();
    let (_folder, roots) = file(&authority);
    for host in ["localhost", "127.0.0.1"] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = serve(&authority, listener);
        let sender = Sender::to(&format!("tls://{host}:{port}"), Some(&roots));
        let messages: Vec<Vec<u8>> =
            (0..500).map(|number| format!("{number} \n\u{fc}").into_bytes()).collect();
        for message in &messages {
            sender.send(message.clone());
        }
        assert_eq!(sender.end(PATIENCE), (0, Vec::new()), "{host}");
        // The connection ends with TLS' own word for it, else reading would have failed.
        assert_eq!(server.join().unwrap().unwrap(), messages, "{host}");
    }
}

#[test]
fn a_server_with_a_wrong_certificate_hears_nothing() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (_folder, roots) = file(&authority);
    // Of another authority; and of the right one, but for another address.
    for (server, address) in [(&other, "127.0.0.1"), (&authority, "127.0.0.2")] {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = serve(server, listener);
        let sender = Sender::to(&format!("tls://{address}:{port}"), Some(&roots));
        sender.send("secret");
        let warning = sender.warning();
        assert!(warning.contains(address) && warning.contains("certificate"), "{warning}");
        let refused = server.join().unwrap();
        assert!(refused.is_err(), "{refused:?}");
        assert_eq!(sender.end(BRIEF).0, 1);
    }
}

#[test]
fn a_server_without_tls_hears_nothing_and_keeps_nobody_waiting() {
    let authority = Authority::new();
    let (_folder, roots) = file(&authority);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let sender = Sender::to(&format!("tls://127.0.0.1:{port}"), Some(&roots));
    sender.send("secret");
    // It takes the connection and says nothing.
    let (mut stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut bytes = [0; 4096];
    let count = std::io::Read::read(&mut stream, &mut bytes).unwrap();
    assert!(!bytes[..count].windows(6).any(|window| window == b"secret"));
    assert_eq!(sender.end(BRIEF).0, 1);
}

#[test]
fn certificates_that_are_none_are_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roots.pem");
    let address: Address = "tls://127.0.0.1".parse().unwrap();
    for (content, part) in [("", "no certificate"), ("-----BEGIN CERTIFICATE-----\nx", "roots.pem")]
    {
        fs_err::write(&path, content).unwrap();
        let error = address.resolve(trusting(&path)).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert!(error.hint().is_some());
    }
    fs_err::remove_file(&path).unwrap();
    assert!(address.resolve(trusting(&path)).unwrap_err().to_string().contains("roots.pem"));
}

fn trusting(roots: &Path) -> TlsFiles<'_> {
    TlsFiles { roots: Some(roots), identity: None }
}

/// A target with a certificate of our own by an authority, whose files lie in the folder.
fn known_to(
    folder: &Path,
    authority: &Authority,
    key_of: Option<&str>,
    address: &str,
) -> Result<Target, OutputError> {
    let (certificate, key) = authority.server();
    let [roots, chain, private] =
        ["authority.pem", "own.pem", "own.key"].map(|name| folder.join(name));
    fs_err::write(&chain, certificate).unwrap();
    fs_err::write(&private, key_of.map_or_else(|| key.serialize_pem(), str::to_owned)).unwrap();
    let files = TlsFiles { roots: Some(&roots), identity: Some((&chain, &private)) };
    address.parse::<Address>().unwrap().resolve(files)
}

#[test]
fn a_server_that_asks_who_we_are_hears_who_it_knows() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let (folder, _) = file(&authority);
    for (own, is_known) in [(&authority, true), (&stranger, false)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("tls://{}", listener.local_addr().unwrap());
        let server = serve_known(&authority, listener, Some(&authority));
        let target = known_to(folder.path(), own, None, &address).unwrap();
        let shown = format!("{target:?}");
        assert!(shown.contains("Identity(1 certificates)"), "{shown}");
        let sender = Sender::start(target, &[]);
        sender.send("secret");
        if is_known {
            assert_eq!(sender.end(PATIENCE), (0, Vec::new()));
            assert_eq!(server.join().unwrap().unwrap(), [b"secret"]);
        } else {
            // What it does not take is not taken for sent, though our side of the handshake was done.
            let warning = sender.warning();
            assert!(warning.contains("takes no messages"), "{warning}");
            assert_eq!(sender.end(BRIEF).0, 1);
            assert!(server.join().unwrap().is_err());
        }
    }
}

#[test]
fn a_key_that_is_none_or_of_another_certificate_is_refused_at_the_start() {
    let authority = Authority::new();
    let (folder, _) = file(&authority);
    let other = authority.server().1.serialize_pem();
    for (key, part) in [("", "own.key"), (other.as_str(), "own.pem")] {
        let error = known_to(folder.path(), &authority, Some(key), "tls://127.0.0.1").unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert!(error.hint().is_some());
    }
}
