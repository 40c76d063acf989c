//! The kernel's own files and sockets, in the nouns of events.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use bulkhead_events::{
    Connection, Endpoint, FileDescriptor, FileKind, Protocol, Role, SocketAddress, Text,
};
use bulkhead_probes::{FileObject, SocketObject, file_attributes, socket_attributes};

/// Types of files in their mode: inode(7).
const TYPE: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const DIRECTORY: u32 = 0o040_000;
const FIFO: u32 = 0o010_000;
const SOCKET: u32 = 0o140_000;

/// Files without a place, by what the kernel calls them (`anon_inode_getfile` and its callers).
const WITHOUT_PLACE: &[(&str, FileKind)] = &[
    ("[eventfd]", FileKind::EventFd),
    ("[signalfd]", FileKind::SignalFd),
    ("[eventpoll]", FileKind::EventPoll),
    ("inotify", FileKind::Inotify),
    ("bpf", FileKind::Bpf),
    ("[userfaultfd]", FileKind::UserFaultFd),
    ("[io_uring]", FileKind::IoUring),
    ("[pidfd]", FileKind::PidFd),
    ("[timerfd]", FileKind::TimerFd),
];

/// The file systems of pipes and of processes: `include/uapi/linux/magic.h`.
const PIPES: u64 = 0x5049_5045;
const PROCESSES: u64 = 0x5049_4446;

/// Families of sockets: `include/linux/socket.h`.
const UNIX: u16 = 1;
const INTERNET: u16 = 2;
const INTERNET_6: u16 = 10;
const NETLINK: u16 = 16;

/// A file, by the path that the kernel resolved.
pub(crate) fn of_file(object: &FileObject, path: Text) -> FileDescriptor {
    let attributes = object.attributes.get();
    let has = |attribute: u32| attributes & attribute != 0;
    FileDescriptor {
        number: object.descriptor.get().into(),
        kind: kind(object, &path),
        name: path,
        inode: object.inode.get(),
        device: object.device.get(),
        flags: object.open_flags.get(),
        upper_layer: has(file_attributes::UPPER),
        lower_layer: has(file_attributes::OVERLAY) && !has(file_attributes::UPPER),
        ..FileDescriptor::default()
    }
}

fn kind(object: &FileObject, path: &[u8]) -> FileKind {
    let name = path.strip_prefix(b"anon_inode:").unwrap_or(path);
    let without_place = |(text, _): &&(&str, FileKind)| name.starts_with(text.as_bytes());
    match object.mode.get() & TYPE {
        DIRECTORY => FileKind::Directory,
        FIFO => FileKind::Pipe,
        SOCKET => FileKind::Unix,
        _ if object.filesystem.get() == PIPES => FileKind::Pipe,
        _ if object.filesystem.get() == PROCESSES => FileKind::PidFd,
        REGULAR if object.attributes.get() & file_attributes::MEMORY != 0 => FileKind::MemFd,
        // Devices are files to rules, too.
        kind if kind != 0 => FileKind::File,
        _ => WITHOUT_PLACE.iter().find(without_place).map_or(FileKind::Unknown, |(_, kind)| *kind),
    }
}

/// A socket. One of the host itself is called by the path that it is bound to.
pub(crate) fn of_socket(object: &SocketObject, path: &[u8]) -> FileDescriptor {
    let end = |address: &[u8; 16], port: u16| {
        let address = match object.family.get() {
            INTERNET => {
                let [a, b, c, d, ..] = *address;
                IpAddr::V4(Ipv4Addr::new(a, b, c, d))
            }
            INTERNET_6 => IpAddr::V6(Ipv6Addr::from(*address)).to_canonical(),
            _ => return None,
        };
        (port != 0 || !address.is_unspecified()).then_some(Endpoint { address, port, names: None })
    };
    let local = end(&object.local, object.local_port.get());
    let remote = end(&object.remote, object.remote_port.get());
    let is_ipv4 = local.iter().chain(&remote).any(|end| end.address.is_ipv4());
    let kind = match object.family.get() {
        UNIX => FileKind::Unix,
        INTERNET => FileKind::Ipv4,
        // A connection of IPv4 through a socket of IPv6 is one of IPv4.
        INTERNET_6 if is_ipv4 => FileKind::Ipv4,
        INTERNET_6 => FileKind::Ipv6,
        NETLINK => FileKind::Netlink,
        _ => FileKind::Unknown,
    };
    let connection = Connection {
        local,
        remote,
        role: role(object.attributes),
        protocol: protocol(object),
        connected: object.attributes & socket_attributes::CONNECTED != 0,
    };
    let name = connection.name();
    FileDescriptor {
        number: object.descriptor.get().into(),
        kind,
        name: if name.is_empty() { unix_name(path) } else { name },
        connection: Some(connection),
        inode: object.inode.get(),
        ..FileDescriptor::default()
    }
}

fn role(attributes: u8) -> Role {
    let has = |attribute: u8| attributes & attribute != 0;
    match (has(socket_attributes::CALLED), has(socket_attributes::ANSWERED)) {
        (true, _) => Role::Client,
        (false, true) => Role::Server,
        (false, false) => Role::Unknown,
    }
}

/// `SOCK_RAW`, and protocols by their numbers at IANA.
fn protocol(object: &SocketObject) -> Protocol {
    match (object.kind.get(), object.protocol.get()) {
        (_, 1 | 58) => Protocol::Icmp,
        (3, _) => Protocol::Raw,
        (_, 6) => Protocol::Tcp,
        (_, 17) => Protocol::Udp,
        _ => Protocol::Unknown,
    }
}

/// A `sockaddr` as it lies in memory: the family in the machine's order, the port in the network's.
pub(crate) fn address(bytes: &[u8]) -> Option<SocketAddress> {
    let family = u16::from_le_bytes(*bytes.first_chunk()?);
    let port = || Some(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?));
    Some(match family {
        INTERNET => {
            let address: [u8; 4] = *bytes.get(4..)?.first_chunk()?;
            SocketAddress::Internet(SocketAddr::new(IpAddr::from(address), port()?))
        }
        INTERNET_6 => {
            let address: [u8; 16] = *bytes.get(8..)?.first_chunk()?;
            SocketAddress::Internet(SocketAddr::new(IpAddr::from(address).to_canonical(), port()?))
        }
        UNIX => {
            let path = bytes.get(2..)?;
            SocketAddress::Unix(unix_name(path))
        }
        family => SocketAddress::Other(family),
    })
}

/// The name of a Unix socket: a path up to its zero, or a name of the abstract space, which begins with a zero and may
/// hold others. Of that the first is written `@`, as everywhere (`unix(7)`, `/proc/net/unix`).
pub(crate) fn unix_name(name: &[u8]) -> Text {
    match name {
        [0, rest @ ..] => [b"@", rest].concat().into(),
        path => path.split(|byte| *byte == 0).next().unwrap_or_default().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_programs_write_them() {
        let check = |bytes: &[u8], expected: Option<SocketAddress>| {
            assert_eq!(address(bytes), expected, "{bytes:?}");
        };
        let internet = |text: &str| Some(SocketAddress::Internet(text.parse().unwrap()));
        check(&[2, 0, 1, 0xbb, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], internet("10.0.0.1:443"));
        check(&[2, 0, 1, 0xbb, 10, 0], None);
        let mut six = vec![10, 0, 0, 53, 0, 0, 0, 0];
        six.extend(Ipv6Addr::LOCALHOST.octets());
        check(&six, internet("[::1]:53"));
        let mut mapped = vec![10, 0, 0, 53, 0, 0, 0, 0];
        mapped.extend(Ipv4Addr::LOCALHOST.to_ipv6_mapped().octets());
        check(&mapped, internet("127.0.0.1:53"));
        check(b"\x01\0/run/x\0zzz", Some(SocketAddress::Unix("/run/x".into())));
        check(b"\x01\0/run/x", Some(SocketAddress::Unix("/run/x".into())));
        check(b"\x01\0\0a\0b", Some(SocketAddress::Unix(b"@a\0b".as_slice().into())));
        check(b"\x10\0", Some(SocketAddress::Other(16)));
        check(b"\x01", None);
    }
}
