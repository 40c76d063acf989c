//! A server for tests: it answers what the test says, and fails as the test says.

use std::fmt::Write as _;
use std::io::{self, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A server on this machine, on a port of its own; it ends with the test program.
pub struct Server {
    scheme: &'static str,
    port: u16,
    root: Option<String>,
    seen: Arc<Mutex<Vec<Asked>>>,
    /// Where it hangs up, connections that stall end.
    _stalled: Sender<()>,
}

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// `GET`.
    pub method: String,
    /// With its query.
    pub path: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    /// All of the body.
    pub body: Vec<u8>,
}

/// What to answer.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The status; 200 where it is 0.
    pub status: u16,
    /// Headers beside the length of the body.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What goes wrong.
    pub fault: Fault,
}

/// What goes wrong while an answer is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// The connection ends after so many bytes of the body.
    Cut(usize),
    /// Nothing more comes after so many bytes of the body, and the connection stays.
    Stall(usize),
    /// It says that so many bytes will come.
    Promise(u64),
}

type Answering = dyn Fn(&Asked) -> Answer + Send + Sync;

impl Server {
    /// A server without TLS.
    pub fn plain(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::start(None, Arc::new(answer))
    }

    /// A server with TLS and a certificate authority of its own.
    pub fn tls(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let authority = Authority::new();
        let (certificate, key) = authority.server();
        let chain = rustls_pem(&certificate);
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let configuration = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the protocols are known")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("the certificate was just made");
        let tls = (Arc::new(configuration), authority.certificate().to_owned());
        Self::start(Some(tls), Arc::new(answer))
    }

    fn start(tls: Option<(Arc<ServerConfig>, String)>, answer: Arc<Answering>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (stalled, hung) = channel();
        let (scheme, root, tls) = match tls {
            Some((tls, root)) => ("https", Some(root), Some(tls)),
            None => ("http", None, None),
        };
        let serving =
            Serving { tls, answer, seen: Arc::clone(&seen), hung: Arc::new(Mutex::new(hung)) };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                thread::spawn(move || serving.connection(stream));
            }
        });
        Self { scheme, port, root, seen, _stalled: stalled }
    }

    /// `localhost:PORT`.
    pub fn authority(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.authority())
    }

    /// The certificate of its authority in PEM form; empty without TLS.
    pub fn root(&self) -> &str {
        self.root.as_deref().unwrap_or_default()
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Asked> {
        lock(&self.seen).clone()
    }
}

impl Asked {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Answer {
    /// A body.
    pub fn of(body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..Self::default() }
    }

    /// A status with a word about it.
    pub fn status(status: u16) -> Self {
        Self { status, body: format!("status {status}").into_bytes(), ..Self::default() }
    }

    /// A redirect.
    pub fn to(location: &str) -> Self {
        Self::status(307).with("location", location)
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Lets it go wrong.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.fault = fault;
        self
    }

    /// The part of the body that a request asks for (RFC 9110, 14.2), as a server with parts has it.
    #[must_use]
    pub fn ranged(mut self, asked: &Asked) -> Self {
        let range = asked.header("range").and_then(|range| range.strip_prefix("bytes="));
        let Some((start, end)) = range.and_then(|range| range.split_once('-')) else { return self };
        let size = self.body.len();
        let start: usize = start.parse().unwrap_or(0);
        let end = end.parse().map_or(size, |last: usize| (last + 1).min(size));
        if start >= size {
            return Self::status(416);
        }
        self.body = self.body[start..end].to_vec();
        self.status = 206;
        self.with("content-range", &format!("bytes {start}-{}/{size}", end - 1))
    }
}

/// A certificate authority for one test.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Authority {
    /// A new one.
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key can be made");
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = parameters.self_signed(&key).expect("it can be signed").pem();
        Self { issuer: Issuer::new(parameters, key), certificate }
    }

    /// Its own certificate in PEM form.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The certificate of a server on this machine in PEM form, and its key.
    pub fn server(&self) -> (String, KeyPair) {
        let names = ["localhost", "127.0.0.1"].map(str::to_owned);
        let key = KeyPair::generate().expect("a key can be made");
        let parameters = CertificateParams::new(names).expect("these are names");
        let certificate = parameters.signed_by(&key, &self.issuer).expect("it can be signed");
        (certificate.pem(), key)
    }
}

fn rustls_pem(certificate: &str) -> Vec<rustls::pki_types::CertificateDer<'static>> {
    use rustls::pki_types::pem::PemObject as _;
    let read = rustls::pki_types::CertificateDer::pem_slice_iter(certificate.as_bytes());
    read.collect::<Result<_, _>>().expect("it was just written")
}

#[derive(Clone)]
struct Serving {
    tls: Option<Arc<ServerConfig>>,
    answer: Arc<Answering>,
    seen: Arc<Mutex<Vec<Asked>>>,
    hung: Arc<Mutex<Receiver<()>>>,
}

impl Serving {
    fn connection(&self, stream: TcpStream) {
        // Clients leave whenever they like.
        let _ = match &self.tls {
            None => self.serve(stream),
            Some(tls) => ServerConnection::new(Arc::clone(tls))
                .map_err(io::Error::other)
                .and_then(|connection| self.serve(StreamOwned::new(connection, stream))),
        };
    }

    fn serve<S: Read + Write>(&self, stream: S) -> io::Result<()> {
        let mut reader = BufReader::new(stream);
        while let Some(asked) = read_request(&mut reader)? {
            lock(&self.seen).push(asked.clone());
            let answer = (self.answer)(&asked);
            let stream = reader.get_mut();
            write_head(stream, &answer)?;
            let has_body = asked.method != "HEAD";
            let body = if has_body { answer.body.as_slice() } else { &[] };
            match answer.fault {
                Fault::None => stream.write_all(body)?,
                Fault::Promise(_) => return stream.write_all(body).and_then(|()| stream.flush()),
                Fault::Cut(count) => {
                    stream.write_all(&body[..count.min(body.len())])?;
                    return stream.flush();
                }
                Fault::Stall(count) => {
                    stream.write_all(&body[..count.min(body.len())])?;
                    stream.flush()?;
                    // Until the server is gone.
                    let _ = lock(&self.hung).recv();
                    return Ok(());
                }
            }
            stream.flush()?;
        }
        Ok(())
    }
}

fn read_request(reader: &mut impl io::BufRead) -> io::Result<Option<Asked>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut asked = Asked { method, path, headers, body: Vec::new() };
    let length: u64 = asked.header("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body)?;
    asked.body = body;
    Ok(Some(asked))
}

fn write_head(stream: &mut impl Write, answer: &Answer) -> io::Result<()> {
    let status = if answer.status == 0 { 200 } else { answer.status };
    let length = match answer.fault {
        Fault::Promise(length) => length,
        _ => answer.body.len() as u64,
    };
    let mut head = format!("HTTP/1.1 {status} \r\ncontent-length: {length}\r\n");
    for (name, value) in &answer.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())
}

/// A test that failed elsewhere says so itself.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
