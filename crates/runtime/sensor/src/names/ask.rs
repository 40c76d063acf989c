//! Asking name servers: RFC 1035, over UDP.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use bulkhead_frames::{receive, send};
use hickory_proto::op::{Message, MessageType, Query};
use hickory_proto::rr::{Name, RData, RecordType};

use super::{NameServers, Resolved};

/// Names that are asked for at most.
const NAMES: usize = 64;

/// How long a server has for an answer, and how often it is asked.
const PATIENCE: Duration = Duration::from_secs(1);
const ATTEMPTS: usize = 2;

/// After this time names are asked for again: what they lead to may change.
const AGAIN: Duration = Duration::from_secs(30);

/// Bytes of an answer: more does not come without being asked for (RFC 1035, 2.3.4).
const ANSWER_BYTES: usize = 512;

/// Asks for the names that come over the socket, and tells what they lead to: once for each frame of names,
/// then whenever that changes. Ends with the other side.
pub(crate) fn serve(socket: &UnixStream, servers: &NameServers) -> io::Result<()> {
    let mut names = Vec::new();
    let mut known = Resolved::new();
    loop {
        let is_new = match receive::<Vec<String>>(socket) {
            Ok(Some((asked, _))) => {
                names = asked;
                names.truncate(NAMES);
                known.clear();
                true
            }
            Ok(None) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => false,
            Err(error) => return Err(error),
        };
        let before = |name: &String| {
            let before = known.iter().find(|(known, _)| known == name);
            before.map(|(_, addresses)| addresses.clone()).unwrap_or_default()
        };
        // Who does not answer now did not say that a name leads elsewhere.
        let resolve = |name: &String| servers.resolve(name).unwrap_or_else(|| before(name));
        let resolved: Resolved = names.iter().map(|name| (name.clone(), resolve(name))).collect();
        if is_new || resolved != known {
            send(socket, &resolved, &[])?;
            known = resolved;
        }
        socket.set_read_timeout(Some(AGAIN))?;
    }
}

impl NameServers {
    /// The addresses of a name, sorted; none where nobody answers.
    pub(crate) fn resolve(&self, name: &str) -> Option<Vec<IpAddr>> {
        let is_it = |other: &str| other.eq_ignore_ascii_case(name.trim_end_matches('.'));
        let own = self.hosts.iter().filter(|(other, _)| is_it(other));
        let mut addresses: Vec<IpAddr> = own.flat_map(|(_, own)| own.iter().copied()).collect();
        let mut answered = !addresses.is_empty();
        if !answered {
            let name = Name::from_ascii(format!("{}.", name.trim_end_matches('.'))).ok()?;
            for kind in [RecordType::A, RecordType::AAAA] {
                let mut attempts = (0..ATTEMPTS).flat_map(|_| &self.addresses);
                let found = attempts.find_map(|server| ask(*server, &name, kind).ok());
                answered |= found.is_some();
                addresses.extend(found.unwrap_or_default());
            }
        }
        addresses.sort_unstable();
        addresses.dedup();
        answered.then_some(addresses)
    }
}

/// Asks one server one question.
fn ask(server: SocketAddr, name: &Name, kind: RecordType) -> io::Result<Vec<IpAddr>> {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0))?;
    // Datagrams of others do not reach a socket that is connected.
    socket.connect(server)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let query = Query::query(name.clone(), kind);
    let mut question = Message::query();
    question.metadata.recursion_desired = true;
    question.add_query(query.clone());
    socket.send(&question.to_vec().map_err(io::Error::other)?)?;
    let mut buffer = [0; ANSWER_BYTES];
    let length = socket.recv(&mut buffer)?;
    let answer = Message::from_vec(buffer.get(..length).unwrap_or_default());
    let answer = answer.map_err(io::Error::other)?;
    let metadata = &answer.metadata;
    let is_ours = metadata.id == question.metadata.id
        && metadata.message_type == MessageType::Response
        && answer.queries == [query];
    if !is_ours {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let addresses = answer.answers.iter().filter_map(|record| match record.data {
        RData::A(address) => Some(IpAddr::V4(address.0)),
        RData::AAAA(address) => Some(IpAddr::V6(address.0)),
        _ => None,
    });
    Ok(addresses.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that answers with one address, and first of all with something else.
    fn server() -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        std::thread::spawn(move || {
            let mut buffer = [0; ANSWER_BYTES];
            let mut is_first = true;
            while let Ok((length, peer)) = socket.recv_from(&mut buffer) {
                if std::mem::take(&mut is_first) {
                    socket.send_to(b"\xff\xff nonsense", peer).unwrap();
                    continue;
                }
                let mut answer = Message::from_vec(&buffer[..length]).unwrap();
                answer.metadata.message_type = MessageType::Response;
                let query = answer.queries[0].clone();
                if query.query_type() == RecordType::A {
                    let data = RData::A(Ipv4Addr::new(10, 96, 0, 1).into());
                    let record =
                        hickory_proto::rr::Record::from_rdata(query.name().clone(), 5, data);
                    answer.add_answer(record);
                }
                socket.send_to(&answer.to_vec().unwrap(), peer).unwrap();
            }
        });
        address
    }

    #[test]
    fn names_lead_to_addresses() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let hosts = vec![("own.example".to_owned(), vec![IpAddr::V6(Ipv6Addr::LOCALHOST)])];
        let servers = NameServers { addresses: vec![server()], hosts };
        let thread = std::thread::spawn(move || serve(&theirs, &servers));
        let names = ["kubernetes.default.svc.cluster.local".to_owned(), "Own.example".to_owned()];
        send(&ours, &names.to_vec(), &[]).unwrap();
        let (resolved, _) = receive::<Resolved>(&ours).unwrap().unwrap();
        let expected = [Ipv4Addr::new(10, 96, 0, 1).into(), Ipv6Addr::LOCALHOST.into()];
        let expected: Resolved =
            names.into_iter().zip(expected.map(|address: IpAddr| vec![address])).collect();
        assert_eq!(resolved, expected);
        drop(ours);
        thread.join().unwrap().unwrap();
    }

    #[test]
    fn who_does_not_answer_is_no_answer() {
        let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let servers =
            NameServers { addresses: vec![silent.local_addr().unwrap()], hosts: Vec::new() };
        assert_eq!(servers.resolve("a.example"), None);
        assert_eq!(NameServers::default().resolve("a.example"), None);
    }
}
