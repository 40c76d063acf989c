//! Fields of open files and connections.

use std::borrow::Cow;

use super::process::set_kind;
use super::row::{FieldRow, rows};
use super::{Need, Selector};
use crate::script::{Draft, Setting, SettingError};
use crate::{
    Called, Connection, Endpoint, Event, FileDescriptor, FileKind, Process, Protocol, Role, Value,
};

const FILE: &[Need] = &[Need::Descriptors];
const SOCKET: &[Need] = &[Need::Descriptors, Need::Connections];
const DOMAIN: &[Need] = &[Need::Descriptors, Need::Connections, Need::DomainNames];
const NAMED: &[Need] = &[Need::Descriptors, Need::Container];
const STANDARD: &[Need] = &[Need::Process, Need::Descriptors];
const LAYER: &[Need] = &[Need::Descriptors, Need::OverlayLayer];

pub(super) const ROWS: &[FieldRow] = rows! {
    "fd.num" Number FILE: "The number of the file; -1 where it could not be opened.",
        |event, _| file(event).map(|file| file.number).into(), put(file.number);
    "fd.uid" Text STANDARD: "The number of the thread, and right behind it that of the file.",
        |event, _| file(event).map(|file| format!("{}{}", event.thread, file.number)).into(),
        from("thread.tid and fd.num");
    "fd.type" Text FILE: "What the file is: `file`, `directory`, `ipv4`, `unix`, `pipe` and others.",
        |event, _| open(event).map(|file| file.kind.name()).into(),
        by(|draft, _, setting| set_kind(draft.file(), setting));
    "fd.typechar" Text FILE: "What the file is, as one character: `f`, `d`, `4`, `6`, `u`, `p` and others.",
        |event, _| file(event).map(|file| file.kind.character()).into(),
        by(|draft, _, setting| set_kind(draft.file(), setting));
    "fd.types" Text STANDARD List of Index: "What the standard files are, by their numbers from 0 to 2.",
        @Process types,
        by(|draft, selector, setting| match selector {
            Selector::Index(number @ 0..=2) => set_kind(draft.standard(*number), setting),
            _ => Err(SettingError::Follows { others: "fd.types[0], fd.types[1], fd.types[2]" }),
        });
    "fd.name" Text FILE: "The resolved path; for a connection `client:port->server:port`.",
        @Called |called, _| called.name.into(),
        by(|draft, _, setting| set_name(draft, setting));
    "fd.nameraw" Text FILE: "The path as the program gave it, without doubled slashes.",
        @Called |called, _| called.name_raw.map_or(Value::Null, |name| Value::Text(single_slashes(name))),
        put(file.name_raw);
    "fd.directory" Text FILE: "The folder that the file lies in; of a folder, itself.",
        @Called |called, _| directory(called), from("fd.name");
    "fd.filename" Text FILE: "The name of the file without its folder.",
        @Called |called, _| file_name(called), from("fd.name");
    "fd.containername" Text NAMED: "The identifier of the container, a colon, and the name of the file.",
        |event, _| in_container(event, |called| called.name.into()), from("container.id and fd.name");
    "fd.containerdirectory" Text NAMED: "The identifier of the container, a colon, and the folder of the file.",
        |event, _| in_container(event, directory), from("container.id and fd.name");
    "fd.ino" Number FILE: "The number by which the file system knows the file.",
        |event, _| open(event).map(|file| Value::unsigned(file.inode)).into(), put(file.inode);
    "fd.dev" Number FILE: "The device that the file lies on.",
        |event, _| open(event).map(|file| file.device).into(), put(file.device);
    "fd.dev.major" Number FILE: "The driver of the device that the file lies on.",
        |event, _| open(event).map(|file| file.device >> 20).into(), from("fd.dev");
    "fd.dev.minor" Number FILE: "The number of the device among those of its driver.",
        |event, _| open(event).map(|file| file.device & 0xf_ffff).into(), from("fd.dev");
    "fd.is_upper_layer" Boolean LAYER: "Whether the file is not part of the image, or was changed.",
        |event, _| open(event).map(|file| file.upper_layer).into(), put(file.upper_layer);
    "fd.is_lower_layer" Boolean LAYER: "Whether the file is as the image has it.",
        |event, _| open(event).map(|file| file.lower_layer).into(), put(file.lower_layer);

    "fd.sockfamily" Text SOCKET: "The family of a socket: `ip` or `unix`.",
        |event, _| match open(event).map(|file| file.kind) {
            Some(FileKind::Ipv4 | FileKind::Ipv6) => "ip".into(),
            Some(FileKind::Unix) => "unix".into(),
            _ => Value::Null,
        },
        from("fd.type");
    "fd.l4proto" Text SOCKET: "What is spoken on top of IP: `tcp`, `udp`, `icmp`, `raw`; `<NA>` for what is no such socket.",
        |event, _| open(event).map(protocol).into(),
        by(|draft, _, setting| {
            draft.connection().protocol = setting.word("tcp, udp, icmp or raw", |word| {
                Protocol::ALL.into_iter().find(|protocol| protocol.name() == word)
            })?;
            Ok(())
        });
    "fd.is_server" Boolean SOCKET: "Whether this process was asked for the connection.",
        |event, _| connection(event).map(|connection| connection.role == Role::Server).into(),
        by(|draft, _, setting| {
            let server = setting.read()?;
            draft.connection().role = if server { Role::Server } else { Role::Client };
            Ok(())
        });
    "fd.connected" Boolean SOCKET: "Whether the socket is connected.",
        |event, _| open(event).map(|file| {
            file.connection.as_ref().is_some_and(|connection| connection.connected)
        }).into(),
        put(connection.connected);
    "fd.name_changed" Boolean SOCKET: "Whether this event gave the file another name, as a datagram to another peer does.",
        |event, _| open(event).map(|file| file.name_changed).into(), put(file.name_changed);

    "fd.ip" Address SOCKET Either of Nothing: "The address of either end.",
        |event, _| either(event, |end| end.address.into()), from("fd.cip and fd.sip");
    "fd.net" Network SOCKET Either of Nothing: "The address of either end, for comparing with networks.",
        |event, _| either(event, |end| end.address.into()), from("fd.cip and fd.sip");
    "fd.port" Port SOCKET Either of Nothing: "The port of either end.",
        |event, _| either(event, |end| end.port.into()), from("fd.cport and fd.sport");
    "fd.cip" Address SOCKET: "The address of who asked for the connection.",
        |event, _| end(event, Connection::client, address), by(|draft, _, setting| set_address(client(draft), setting));
    "fd.cnet" Network SOCKET: "The address of who asked, for comparing with networks.",
        |event, _| end(event, Connection::client, address), from("fd.cip");
    "fd.cport" Port SOCKET: "The port of who asked for the connection.",
        |event, _| end(event, Connection::client, port), by(|draft, _, setting| set_port(client(draft), setting));
    "fd.cip.name" Domain DOMAIN Either of Nothing: "The names of who asked for the connection.",
        |event, _| end(event, Connection::client, names), by(|draft, _, setting| set_names(client(draft), setting));
    "fd.sip" Address SOCKET: "The address of who was asked for the connection.",
        |event, _| end(event, Connection::server, address), by(|draft, _, setting| set_address(server(draft), setting));
    "fd.snet" Network SOCKET: "The address of who was asked, for comparing with networks.",
        |event, _| end(event, Connection::server, address), from("fd.sip");
    "fd.sport" Port SOCKET: "The port of who was asked for the connection.",
        |event, _| end(event, Connection::server, port), by(|draft, _, setting| set_port(server(draft), setting));
    "fd.sip.name" Domain DOMAIN Either of Nothing: "The names of who was asked for the connection.",
        |event, _| end(event, Connection::server, names), by(|draft, _, setting| set_names(server(draft), setting));
    "fd.proto" Text SOCKET Either of Nothing: "The port of either end, as a text.",
        |event, _| either(event, port_text), from("fd.cport and fd.sport");
    "fd.cproto" Text SOCKET: "The port of who asked for the connection, as a text.",
        |event, _| end(event, Connection::client, port_text), from("fd.cport");
    "fd.sproto" Text SOCKET: "The port of who was asked for the connection, as a text.",
        |event, _| end(event, Connection::server, port_text), from("fd.sport");
    "fd.lproto" Text SOCKET: "The port of this end, as a text.",
        |event, _| end(event, local, port_text), from("fd.lport");
    "fd.rproto" Text SOCKET: "The port of the other end, as a text.",
        |event, _| end(event, remote, port_text), from("fd.rport");
    "fd.lip" Address SOCKET: "The address of this end.",
        |event, _| end(event, local, address), by(|draft, _, setting| set_address(&mut draft.connection().local, setting));
    "fd.lnet" Network SOCKET: "The address of this end, for comparing with networks.",
        |event, _| end(event, local, address), from("fd.lip");
    "fd.lport" Port SOCKET: "The port of this end.",
        |event, _| end(event, local, port), by(|draft, _, setting| set_port(&mut draft.connection().local, setting));
    "fd.lip.name" Domain DOMAIN Either of Nothing: "The names of this end.",
        |event, _| end(event, local, names), by(|draft, _, setting| set_names(&mut draft.connection().local, setting));
    "fd.rip" Address SOCKET: "The address of the other end.",
        |event, _| end(event, remote, address), by(|draft, _, setting| set_address(&mut draft.connection().remote, setting));
    "fd.rnet" Network SOCKET: "The address of the other end, for comparing with networks.",
        |event, _| end(event, remote, address), from("fd.rip");
    "fd.rport" Port SOCKET: "The port of the other end.",
        |event, _| end(event, remote, port), by(|draft, _, setting| set_port(&mut draft.connection().remote, setting));
    "fd.rip.name" Domain DOMAIN Either of Nothing: "The names of the other end.",
        |event, _| end(event, remote, names), by(|draft, _, setting| set_names(&mut draft.connection().remote, setting));
};

/// Ports as texts: Falco can be told to name them, and does not by itself.
fn port_text(end: &Endpoint) -> Value<'_> {
    end.port.to_string().into()
}

/// The file that an event is about, or would be about had it been opened.
fn file(event: &Event) -> Option<&FileDescriptor> {
    event.file.as_deref()
}

/// The file that an event is about. Of one that was not opened, only names and numbers are told.
fn open(event: &Event) -> Option<&FileDescriptor> {
    file(event).filter(|file| file.is_open())
}

fn connection(event: &Event) -> Option<&Connection> {
    open(event)?.connection.as_ref()
}

fn types<'e>(process: &'e Process, selector: &Selector) -> Value<'e> {
    let standard = process.standard.iter();
    let mut kinds = standard.map(|file| file.as_ref().map(|file| file.kind.name()));
    if let Selector::Index(number) = selector {
        return kinds.nth(*number).flatten().into();
    }
    let mut names: Vec<&str> = kinds.flatten().collect();
    names.sort_unstable();
    names.dedup();
    Value::List(names.into_iter().map(Value::from).collect())
}

fn in_container(event: &Event, name: fn(Called<'_>) -> Value<'_>) -> Value<'static> {
    let Some(Value::Text(name)) = file(event).map(|file| name(file.called())) else {
        return Value::Null;
    };
    let container = event.process.container.as_deref();
    let id = container.map_or(&b""[..], |container| container.short_id());
    [id, &name].join(&b':').into()
}

/// The folder of a path. Files that are neither regular nor folders lie in none.
fn directory(Called { name, kind, .. }: Called<'_>) -> Value<'_> {
    match kind {
        FileKind::Directory => name.into(),
        FileKind::File => match name.iter().rposition(|byte| *byte == b'/') {
            None | Some(0) => "/".into(),
            // A path that ends with a slash is left as it is.
            Some(place) if place.saturating_add(1) == name.len() => name.into(),
            Some(place) => name.get(..place).into(),
        },
        _ => Value::Null,
    }
}

fn file_name(Called { name, kind, is_open, .. }: Called<'_>) -> Value<'_> {
    if kind != FileKind::File || !is_open {
        return Value::Null;
    }
    match name.iter().rposition(|byte| *byte == b'/') {
        None => "/".into(),
        Some(place) => match name.get(place.saturating_add(1)..) {
            Some([]) | None => name.into(),
            Some(part) => part.into(),
        },
    }
}

fn single_slashes(path: &[u8]) -> Cow<'_, [u8]> {
    if !path.windows(2).any(|pair| pair == b"//") {
        return Cow::Borrowed(path);
    }
    let mut bytes = path.to_vec();
    bytes.dedup_by(|one, other| *one == b'/' && *other == b'/');
    Cow::Owned(bytes)
}

fn protocol(file: &FileDescriptor) -> &'static str {
    file.connection.as_ref().map_or(Protocol::Unknown, |connection| connection.protocol).name()
}

fn either<'e>(event: &'e Event, part: fn(&'e Endpoint) -> Value<'e>) -> Value<'e> {
    let Some(connection) = connection(event) else { return Value::Null };
    let ends = [connection.client(), connection.server()];
    let values: Vec<_> = ends.into_iter().flatten().map(part).collect();
    if values.is_empty() { Value::Null } else { Value::List(values) }
}

/// Something of one end. Before anybody asked for a connection there are no ends.
fn end<'e>(
    event: &'e Event,
    end: fn(&'e Connection) -> Option<&'e Endpoint>,
    part: fn(&'e Endpoint) -> Value<'e>,
) -> Value<'e> {
    let asked = connection(event).filter(|connection| connection.role != Role::Unknown);
    asked.and_then(end).map_or(Value::Null, part)
}

fn local(connection: &Connection) -> Option<&Endpoint> {
    connection.local.as_ref()
}

fn remote(connection: &Connection) -> Option<&Endpoint> {
    connection.remote.as_ref()
}

fn address(end: &Endpoint) -> Value<'_> {
    end.address.into()
}

fn port(end: &Endpoint) -> Value<'_> {
    end.port.into()
}

/// An end whose names are not known has none: an empty list, to which no name is equal.
fn names(end: &Endpoint) -> Value<'_> {
    Value::List(end.names.iter().flat_map(|names| names.iter()).map(Value::from).collect())
}

/// The end that asked, of an event that is written down. Who says nothing else asked itself.
fn client(draft: &mut Draft) -> &mut Option<Endpoint> {
    let connection = draft.connection();
    match connection.role {
        Role::Server => &mut connection.remote,
        Role::Client | Role::Unknown => &mut connection.local,
    }
}

fn server(draft: &mut Draft) -> &mut Option<Endpoint> {
    let connection = draft.connection();
    match connection.role {
        Role::Server => &mut connection.local,
        Role::Client | Role::Unknown => &mut connection.remote,
    }
}

fn set_address(end: &mut Option<Endpoint>, setting: &Setting) -> Result<(), SettingError> {
    end.get_or_insert_with(Endpoint::unspecified).address = setting.read()?;
    Ok(())
}

fn set_port(end: &mut Option<Endpoint>, setting: &Setting) -> Result<(), SettingError> {
    end.get_or_insert_with(Endpoint::unspecified).port = setting.read()?;
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "one of several functions by which fields are set")]
fn set_names(end: &mut Option<Endpoint>, setting: &Setting) -> Result<(), SettingError> {
    end.get_or_insert_with(Endpoint::unspecified).names = Some(setting.words().into());
    Ok(())
}

/// Names a file. A path leads to a file where nothing else was said.
#[expect(clippy::unnecessary_wraps, reason = "one of several functions by which fields are set")]
fn set_name(draft: &mut Draft, setting: &Setting) -> Result<(), SettingError> {
    let file = draft.file();
    file.name = setting.text();
    if file.kind == FileKind::Unknown && file.name.starts_with(b"/") {
        file.kind = FileKind::File;
    }
    Ok(())
}
