//! Open files in recordings.

use std::net::IpAddr;

use super::input::{Fault, Input};
use super::output::Output;
use super::reader::Known;
use super::writer::Definitions;
use crate::{Connection, Endpoint, FileDescriptor, FileKind, Protocol, Role};

/// In the order of their numbers in recordings, which only grows at its end.
const KINDS: &[FileKind] = &[
    FileKind::Unknown,
    FileKind::File,
    FileKind::Directory,
    FileKind::Ipv4,
    FileKind::Ipv6,
    FileKind::Unix,
    FileKind::Pipe,
    FileKind::EventFd,
    FileKind::SignalFd,
    FileKind::EventPoll,
    FileKind::Inotify,
    FileKind::Bpf,
    FileKind::UserFaultFd,
    FileKind::IoUring,
    FileKind::MemFd,
    FileKind::PidFd,
    FileKind::TimerFd,
    FileKind::Netlink,
];
const PROTOCOLS: &[Protocol] =
    &[Protocol::Unknown, Protocol::Tcp, Protocol::Udp, Protocol::Icmp, Protocol::Raw];
const ROLES: &[Role] = &[Role::Unknown, Role::Client, Role::Server];

pub(super) fn put(file: &FileDescriptor, known: &mut Definitions, out: &mut Output) {
    let FileDescriptor { number, kind, name, name_raw, connection, .. } = file;
    let FileDescriptor { name_changed, inode, device, flags, upper_layer, lower_layer, .. } = file;
    out.signed(*number);
    out.byte(number_of(KINDS, kind));
    out.number(known.text(name));
    out.number(known.optional(name_raw.as_ref()));
    out.byte(bits([*name_changed, *upper_layer, *lower_layer, connection.is_some()]));
    out.number(*inode);
    out.number(*device);
    out.number(*flags);
    let Some(Connection { local, remote, role, protocol, connected }) = connection else { return };
    out.byte(number_of(PROTOCOLS, protocol));
    out.byte(number_of(ROLES, role));
    out.byte(bits([*connected, local.is_some(), remote.is_some(), false]));
    for end in [local, remote].into_iter().flatten() {
        put_end(end, known, out);
    }
}

pub(super) fn take(known: &Known, input: &mut Input<'_>) -> Result<FileDescriptor, Fault> {
    let number = input.signed()?;
    let kind = of_number(KINDS, input.byte()?)?;
    let name = known.text(input)?;
    let name_raw = known.optional(input)?;
    let [name_changed, upper_layer, lower_layer, connected] = truths(input.byte()?);
    let (inode, device, flags) = (input.number()?, input.fitting()?, input.fitting()?);
    let connection = connected.then(|| take_connection(known, input)).transpose()?;
    Ok(FileDescriptor {
        number,
        kind,
        name,
        name_raw,
        connection,
        name_changed,
        inode,
        device,
        flags,
        upper_layer,
        lower_layer,
    })
}

fn take_connection(known: &Known, input: &mut Input<'_>) -> Result<Connection, Fault> {
    let protocol = of_number(PROTOCOLS, input.byte()?)?;
    let role = of_number(ROLES, input.byte()?)?;
    let [connected, local, remote, _] = truths(input.byte()?);
    let local = local.then(|| take_end(known, input)).transpose()?;
    let remote = remote.then(|| take_end(known, input)).transpose()?;
    Ok(Connection { local, remote, role, protocol, connected })
}

fn put_end(end: &Endpoint, known: &mut Definitions, out: &mut Output) {
    put_address(end.address, out);
    out.number(end.port);
    out.count(end.names.as_ref().map_or(0, |names| names.len().saturating_add(1)));
    for name in end.names.iter().flat_map(|names| names.iter()) {
        out.number(known.text(name));
    }
}

fn take_end(known: &Known, input: &mut Input<'_>) -> Result<Endpoint, Fault> {
    let address = take_address(input)?;
    let port = input.fitting()?;
    let names = input.optional_count()?;
    let names = names.map(|count| (0..count).map(|_| known.text(input)).collect());
    Ok(Endpoint { address, port, names: names.transpose()? })
}

pub(super) fn put_address(address: IpAddr, out: &mut Output) {
    match address {
        IpAddr::V4(address) => {
            out.byte(4);
            out.bytes(&address.octets());
        }
        IpAddr::V6(address) => {
            out.byte(6);
            out.bytes(&address.octets());
        }
    }
}

pub(super) fn take_address(input: &mut Input<'_>) -> Result<IpAddr, Fault> {
    match input.byte()? {
        4 => Ok(input.array::<4>()?.into()),
        6 => Ok(input.array::<16>()?.into()),
        _ => Err(Fault::Malformed("an address of no known family")),
    }
}

/// The number of a value in recordings.
pub(super) fn number_of<T: PartialEq>(values: &[T], value: &T) -> u8 {
    let place = values.iter().position(|other| other == value);
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or_default()
}

/// The value of a number in recordings.
pub(super) fn of_number<T: Copy>(values: &[T], number: u8) -> Result<T, Fault> {
    let value = values.get(usize::from(number)).copied();
    value.ok_or(Fault::Malformed("a number that stands for nothing"))
}

/// Four truths in one byte.
pub(super) fn bits(truths: [bool; 4]) -> u8 {
    truths.iter().rev().fold(0, |byte, truth| byte << 1 | u8::from(*truth))
}

pub(super) fn truths(byte: u8) -> [bool; 4] {
    [0, 1, 2, 3].map(|bit| byte >> bit & 1 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_number() {
        assert!(FileKind::ALL.iter().all(|kind| KINDS.contains(kind)));
        assert!(Protocol::ALL.iter().all(|protocol| PROTOCOLS.contains(protocol)));
    }
}
