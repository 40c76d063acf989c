//! A name server that knows one name, as a cluster's own knows its API server.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::{RData, Record, RecordType};

/// Starts one that ends with this program.
pub(crate) fn start(name: &'static str, address: [u8; 4]) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let own = socket.local_addr().expect("its address");
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((length, peer)) = socket.recv_from(&mut buffer) {
            let Ok(mut answer) = Message::from_vec(&buffer[..length]) else { continue };
            answer.metadata.message_type = MessageType::Response;
            let Some(query) = answer.queries.first().cloned() else { continue };
            if query.name().to_ascii().trim_end_matches('.') != name {
                answer.metadata.response_code = ResponseCode::NXDomain;
            } else if query.query_type() == RecordType::A {
                let data = RData::A(Ipv4Addr::from(address).into());
                answer.add_answer(Record::from_rdata(query.name().clone(), 5, data));
            }
            let _ = socket.send_to(&answer.to_vec().expect("an answer"), peer);
        }
    });
    own
}
