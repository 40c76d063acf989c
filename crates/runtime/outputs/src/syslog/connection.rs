//! The way to a syslog server.

use std::fmt;
use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::certificates::configuration;
use crate::{Address, OutputError, Target, Transport};

/// How long a server may take to answer, and to take what is sent.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a server of TLS has to say that it does not know us: with TLS 1.3 it does so only after our side of the
/// handshake is done (RFC 8446, section 4.4.2.4), and what was sent before would be lost.
const VERDICT: Duration = Duration::from_millis(250);

/// The socket at a path is of another type.
const WRONG_TYPE: i32 = rustix::io::Errno::PROTOTYPE.raw_os_error();

/// Connects to one server.
pub(super) struct Connector {
    target: Target,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

/// A connection to it.
pub(super) enum Connection {
    Unix(UnixDatagram),
    UnixStream(UnixStream),
    Udp(UdpSocket),
    Tcp(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Connector {
    pub(super) fn new(target: Target) -> Result<Self, OutputError> {
        let tls = match &target {
            Target::Tls { server, roots, identity } => {
                let name = ServerName::try_from(server.host.clone())
                    .map_err(|_| OutputError::Address { text: format!("tls://{}", server.host) })?;
                Some((Arc::new(configuration(roots, identity.as_ref())?), name))
            }
            _ => None,
        };
        Ok(Self { target, tls })
    }

    /// Asks anew where the server is.
    pub(super) fn find(&mut self, look_up: impl Fn(&str) -> Vec<IpAddr>) {
        match &mut self.target {
            Target::Unix(_) => {}
            Target::Udp(server) | Target::Tcp(server) | Target::Tls { server, .. } => {
                server.find(look_up);
            }
        }
    }

    pub(super) fn connect(&self) -> io::Result<Connection> {
        match &self.target {
            Target::Unix(path) => {
                let socket = UnixDatagram::unbound()?;
                match socket.connect(path) {
                    // Some daemons listen for streams: unix(7), EPROTOTYPE.
                    Err(error) if error.raw_os_error() == Some(WRONG_TYPE) => {
                        let stream = UnixStream::connect(path)?;
                        stream.set_write_timeout(Some(PATIENCE))?;
                        return Ok(Connection::UnixStream(stream));
                    }
                    connected => connected?,
                }
                socket.set_write_timeout(Some(PATIENCE))?;
                Ok(Connection::Unix(socket))
            }
            Target::Udp(server) => first(&server.addresses, |address| {
                let any: SocketAddr =
                    if address.is_ipv6() { ([0_u16; 8], 0).into() } else { ([0_u8; 4], 0).into() };
                let socket = UdpSocket::bind(any)?;
                socket.connect(address)?;
                Ok(Connection::Udp(socket))
            }),
            Target::Tcp(server) => Ok(Connection::Tcp(first(&server.addresses, stream)?)),
            Target::Tls { server, identity, .. } => {
                let stream = first(&server.addresses, stream)?;
                let (configuration, name) = self.tls.clone().ok_or(io::ErrorKind::Unsupported)?;
                let session =
                    ClientConnection::new(configuration, name).map_err(io::Error::other)?;
                let mut stream = StreamOwned::new(session, stream);
                // Whose certificate is not right hears nothing.
                while stream.conn.is_handshaking() {
                    stream.conn.complete_io(&mut stream.sock)?;
                }
                if identity.is_some() {
                    wait_for_verdict(&mut stream)?;
                }
                Ok(Connection::Tls(Box::new(stream)))
            }
        }
    }
}

impl Connection {
    /// Sends one message, in the frame of the transport.
    pub(super) fn send(&mut self, message: &[u8]) -> io::Result<()> {
        match self {
            Self::Unix(socket) => socket.send(message).map(drop),
            Self::UnixStream(stream) => stream.write_all(&ended(message)),
            Self::Udp(socket) => socket.send(message).map(drop),
            Self::Tcp(stream) => {
                is_open(stream)?;
                stream.write_all(&counted(message))
            }
            Self::Tls(stream) => {
                take_unasked(stream)?;
                stream.write_all(&counted(message))?;
                stream.flush()
            }
        }
    }

    /// Says that nothing more comes, where the transport has a word for it (RFC 5425, section 4.4).
    pub(super) fn close(self) {
        if let Self::Tls(mut stream) = self {
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    }
}

impl fmt::Display for Connector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (transport, server) = match &self.target {
            Target::Unix(path) => return write!(formatter, "unix:{}", path.display()),
            Target::Udp(server) => (Transport::Udp, server),
            Target::Tcp(server) => (Transport::Tcp, server),
            Target::Tls { server, .. } => (Transport::Tls, server),
        };
        let (host, port) = (server.host.clone(), server.port);
        Address::Host { transport, host, port }.fmt(formatter)
    }
}

/// The length in decimal, a blank, the message (RFC 6587, section 3.4.1; RFC 5425, section 4.3).
fn counted(message: &[u8]) -> Vec<u8> {
    let mut frame = format!("{} ", message.len()).into_bytes();
    frame.extend_from_slice(message);
    frame
}

/// A line (RFC 6587, section 3.4.2), which is what daemons read from a stream of the machine. A message that is more
/// than one line stays one message.
fn ended(message: &[u8]) -> Vec<u8> {
    let in_line = |byte: &u8| if *byte == b'\n' { b' ' } else { *byte };
    message.iter().map(in_line).chain([b'\n']).collect()
}

/// What the first address gives that gives something; else why the last does not.
fn first<T>(
    addresses: &[SocketAddr],
    open: impl Fn(&SocketAddr) -> io::Result<T>,
) -> io::Result<T> {
    let mut failed = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match open(address) {
            Ok(opened) => return Ok(opened),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

fn stream(address: &SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(address, PATIENCE)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// A server that has closed its end takes nothing more, though the first write to it goes well.
fn is_open(stream: &TcpStream) -> io::Result<()> {
    stream.set_nonblocking(true)?;
    let came = stream.peek(&mut [0]);
    stream.set_nonblocking(false)?;
    match came {
        Ok(0) => Err(io::ErrorKind::ConnectionReset.into()),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        Err(error) => Err(error),
    }
}

/// Waits for what a server says of our certificate, if it says anything.
fn wait_for_verdict(stream: &mut StreamOwned<ClientConnection, TcpStream>) -> io::Result<()> {
    stream.sock.set_read_timeout(Some(VERDICT))?;
    let came = stream.sock.peek(&mut [0]);
    stream.sock.set_read_timeout(Some(PATIENCE))?;
    match came {
        Ok(_) => take_unasked(stream),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        Err(error) => Err(error),
    }
}

/// Takes what the server said unasked: tickets for later sessions, or that it ends.
fn take_unasked(stream: &mut StreamOwned<ClientConnection, TcpStream>) -> io::Result<()> {
    stream.sock.set_nonblocking(true)?;
    let came = loop {
        match stream.conn.read_tls(&mut stream.sock) {
            Ok(0) => break Err(io::ErrorKind::ConnectionReset.into()),
            Ok(_) => match stream.conn.process_new_packets() {
                Ok(state) if state.peer_has_closed() => {
                    break Err(io::ErrorKind::ConnectionReset.into());
                }
                Ok(_) => {}
                Err(error) => break Err(io::Error::other(error)),
            },
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    stream.sock.set_nonblocking(false)?;
    came
}
