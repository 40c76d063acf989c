//! What was not said of an event, filled in as a kernel would tell it.

use std::net::IpAddr;

use crate::kind::words;
use crate::{
    Account, Argument, Connection, Container, Event, FileDescriptor, FileKind, Form, Kind, Process,
    Protocol, Role,
};

/// The number of the first file that a program opens.
const FIRST_FREE: i64 = 3;

/// The number of the process of an event; ancestors have one less for each generation.
const FIRST_PID: u32 = 4000;

/// What a call returned that went well: zero, or the number of the file that it opened.
pub(super) fn result(event: &mut Event, file: &mut Option<FileDescriptor>) {
    let opens = opens(event.kind);
    let number =
        file.as_ref().map(|file| file.number).filter(|number| *number != FileDescriptor::UNSET);
    if event.result.is_none() && event.kind.is_system_call() {
        event.result = Some(match number {
            Some(number) if opens && number < 0 => no_such_file(),
            Some(number) if opens => number,
            None if opens => FIRST_FREE,
            _ => 0,
        });
    }
    if let (Some(file), None) = (file, number) {
        let result = event.result.unwrap_or_default();
        file.number = if opens { result.max(-1) } else { FIRST_FREE };
    }
}

/// Whether a call returns the number of a file.
fn opens(kind: Kind) -> bool {
    kind.parameters().first().is_some_and(|first| matches!(first.form, Form::ResultFile))
}

fn no_such_file() -> i64 {
    words::ERROR.number("ENOENT").map_or(-1, |error| error.cast_signed().saturating_neg())
}

/// The file of a call that opens a path is the one that the path leads to, and the other way round.
pub(super) fn path(event: &mut Event, file: &mut Option<FileDescriptor>) {
    let Some(place) = event.kind.opens_path() else { return };
    let count = event.kind.parameters().len();
    event.arguments.resize(count, Argument::Absent);
    let Some(argument) = event.arguments.get_mut(place) else { return };
    match (file, argument) {
        (file @ None, Argument::Path { given, resolved }) => {
            *file = Some(FileDescriptor {
                number: event.result.unwrap_or_default().max(-1),
                kind: FileKind::File,
                name: resolved.clone().unwrap_or_else(|| given.clone()),
                name_raw: Some(given.clone()),
                ..FileDescriptor::default()
            });
        }
        (Some(file), Argument::Path { given, resolved }) => {
            if file.name.is_empty() {
                file.name.clone_from(resolved.as_ref().unwrap_or(given));
            }
            file.name_raw.get_or_insert_with(|| given.clone());
        }
        (Some(file), argument) => {
            let given = file.name_raw.get_or_insert_with(|| file.name.clone()).clone();
            *argument = Argument::Path { given, resolved: Some(file.name.clone()) };
        }
        (None, _) => {}
    }
}

/// Who asks for a connection in a kind of event.
pub(super) fn role(kind: Kind) -> Role {
    match kind.name() {
        "accept" | "accept4" | "listen" | "bind" => Role::Server,
        _ => Role::Client,
    }
}

/// A socket is called after its ends, and is of the family of their addresses.
pub(super) fn connection(event: &Event, file: &mut FileDescriptor) {
    let Some(connection) = &mut file.connection else { return };
    if connection.protocol == Protocol::Unknown {
        connection.protocol = Protocol::Tcp;
    }
    if matches!(event.kind.name(), "connect" | "accept" | "accept4") {
        connection.connected |= event.result.is_some_and(|result| result >= 0);
    }
    if file.kind == FileKind::Unknown {
        file.kind = match address(connection) {
            Some(IpAddr::V6(_)) => FileKind::Ipv6,
            _ => FileKind::Ipv4,
        };
    }
    if file.name.is_empty() {
        file.name = connection.name();
    }
}

fn address(connection: &Connection) -> Option<IpAddr> {
    connection.remote.as_ref().or(connection.local.as_ref()).map(|end| end.address)
}

/// A process has a number, a name, and was called as something.
pub(super) fn process(process: &mut Process, generation: usize) {
    if process.pid == 0 {
        process.pid = FIRST_PID.saturating_sub(u32::try_from(generation).unwrap_or_default());
    }
    if process.vpid == 0 {
        process.vpid = process.pid;
    }
    if process.name.is_empty() {
        process.name = "unnamed".into();
    }
    if process.called_as().is_none_or(|word| word.is_empty()) {
        let rest = process.arguments.iter().skip(1).cloned();
        process.arguments = std::iter::once(process.name.clone()).chain(rest).collect();
    }
    if process.executable.path.is_empty() {
        let called = process.called_as().filter(|word| word.starts_with(b"/")).cloned();
        let usual = || [b"/usr/bin/", process.name.as_bytes()].concat().into();
        process.executable.path = called.unwrap_or_else(usual);
    }
    if process.directory.is_empty() {
        process.directory = "/".into();
    }
    let accounts = [&mut process.user, &mut process.group].into_iter();
    accounts.chain(&mut process.login).for_each(account);
}

/// Number 0 is root.
fn account(account: &mut Account) {
    if account.id == 0 && account.name.is_none() {
        account.name = Some("root".into());
    }
}

/// A container has an identifier.
pub(super) fn container(container: &mut Container) {
    if container.id.is_empty() {
        container.id = "c0ffee".repeat(11).get(..64).unwrap_or_default().into();
    }
}
