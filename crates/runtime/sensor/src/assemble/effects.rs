//! The files that calls are about, and what calls change.

use std::sync::Arc;

use bulkhead_events::{
    Connection, Endpoint, FileDescriptor, FileKind, Kind, Process, Role as Side, SocketAddress,
    Text,
};
use bulkhead_probes::{Record, Role, Value, part_flags};

use super::Assembler;
use crate::Surroundings;
use crate::arguments::{absolute, given, normal, role_of};
use crate::files::{address, complete, of_file, of_socket, unix_name};
use crate::processes::ProcessKey;

/// `CLONE_FILES`, of `clone(2)` and `unshare(2)`.
pub(super) const CLONE_FILES: u64 = 0x400;

/// `CLOSE_RANGE_CLOEXEC`, of `close_range(2)`.
const CLOSE_RANGE_ON_EXEC: u64 = 4;

/// `O_CLOEXEC`, of `open(2)` and whatever else opens something.
const CLOSE_ON_EXEC: u64 = 0o2_000_000;

/// Commands of `fcntl(2)`.
const DUPLICATE: u64 = 0;
const SET_FLAGS: u64 = 2;
const DUPLICATE_CLOSING: u64 = 1030;

/// `EINPROGRESS`: a connection is on its way.
const IN_PROGRESS: i64 = -115;

impl<S: Surroundings> Assembler<S> {
    /// The file that a call is about: what it opened, or the descriptor that it was given.
    pub(super) fn file_of(
        &mut self,
        record: &Record<'_>,
        kind: Kind,
        key: ProcessKey,
    ) -> Option<Arc<FileDescriptor>> {
        let entry = self.processes.get(key)?;
        let (table, process) = (entry.files, Arc::clone(&entry.process));
        let result = record.header.result.get();
        let opens = kind.opens_file();
        let (role, number) = if opens {
            if result < 0 {
                return failed(record, kind, &process);
            }
            (Role::Result, result)
        } else {
            let (role, index) = role_of(kind, kind.descriptor()?)?;
            let number = record.arguments()?.get(index).copied()?;
            (role, descriptor(number))
        };
        let known = self.tables.get(table, number).cloned();
        let Some(mut file) = object(record, role, number) else {
            return if opens { self.duplicate(record, kind, table, number) } else { known };
        };
        // What a duplicate stood for before is nothing to it; what its origin stands for is.
        let origin = if opens { self.origin(record, kind, table) } else { None };
        if let Some(known) = origin.as_ref().or(known.as_ref()) {
            complete(&mut file, known);
        }
        call_by_peer(record, role, &mut file);
        if opens {
            file.name_raw = given_path(record, kind).or(file.name_raw);
        }
        speak(record, kind, &mut file);
        self.names.call(&mut file);
        // Most calls are about what is remembered just so.
        if let Some(known) = known.filter(|known| **known == file) {
            return Some(known);
        }
        let changed = std::mem::take(&mut file.name_changed);
        let file = Arc::new(file);
        self.tables.set(table, &file, closes(record, kind));
        if changed {
            return Some(Arc::new(FileDescriptor { name_changed: true, ..(*file).clone() }));
        }
        Some(file)
    }

    /// What another descriptor stands for that a call was given, as far as the record has it.
    pub(super) fn beside(
        &self,
        record: &Record<'_>,
        role: Role,
        table: u64,
        number: i64,
    ) -> Option<FileDescriptor> {
        let mut file = object(record, role, number)?;
        if let Some(known) = self.tables.get(table, number) {
            complete(&mut file, known);
        }
        call_by_peer(record, role, &mut file);
        Some(file)
    }

    /// What a duplicate stands for, where the record does not say: what its origin does.
    fn duplicate(
        &mut self,
        record: &Record<'_>,
        kind: Kind,
        table: u64,
        number: i64,
    ) -> Option<Arc<FileDescriptor>> {
        let origin = self.origin(record, kind, table)?;
        let file = Arc::new(FileDescriptor { number, ..(*origin).clone() });
        self.tables.set(table, &file, closes(record, kind));
        Some(file)
    }

    /// What is known of the descriptor that a call duplicates.
    fn origin(&self, record: &Record<'_>, kind: Kind, table: u64) -> Option<Arc<FileDescriptor>> {
        let (role, index) = role_of(kind, "oldfd")?;
        let number = descriptor(record.arguments()?.get(index).copied()?);
        let told = || object(record, role, number).map(Arc::new);
        self.tables.get(table, number).cloned().or_else(told)
    }

    /// Descriptors that a record tells of beside its arguments.
    pub(super) fn learn_descriptors(&mut self, record: &Record<'_>, key: ProcessKey) {
        let Some(table) = self.processes.get(key).map(|entry| entry.files) else { return };
        for part in record.parts() {
            let number = match part.value {
                Value::File(file) => file.descriptor.get(),
                Value::Socket(socket) => socket.descriptor.get(),
                _ => continue,
            };
            let named = matches!(
                part.role,
                Role::None
                    | Role::Result
                    | Role::StandardInput
                    | Role::StandardOutput
                    | Role::StandardError
            );
            if number < 0 || !named || part.flags & part_flags::PEER != 0 {
                continue;
            }
            let Some(mut file) = object(record, part.role, number.into()) else { continue };
            if let Some(known) = self.tables.get(table, number.into()) {
                complete(&mut file, known);
            }
            call_by_peer(record, part.role, &mut file);
            // What an execution tells of is what it left open.
            let may_close = record.kind != bulkhead_probes::Kind::Execute;
            self.tables.set(table, &Arc::new(file), may_close);
        }
    }

    /// Brings the standard files of a process up to what is known of its descriptors.
    pub(super) fn know_standard_files(&mut self, key: ProcessKey) {
        let Some(entry) = self.processes.get(key) else { return };
        let standard = [0, 1, 2].map(|number| self.tables.get(entry.files, number).cloned());
        if standard != entry.process.standard {
            entry.process = Arc::new(Process { standard, ..Process::clone(&entry.process) });
        }
    }

    /// What a call changed of the state that no record has.
    pub(super) fn take_effect(&mut self, record: &Record<'_>, kind: Kind, key: ProcessKey) {
        let result = record.header.result.get();
        let (Some(numbers), true) = (record.arguments(), result >= 0) else { return };
        let Some(entry) = self.processes.get(key) else { return };
        let (table, namespace) = (entry.files, entry.mount_namespace);
        let [first, second, third, ..] = numbers;
        match kind.name() {
            "close" => self.tables.close(table, descriptor(first), descriptor(first)),
            "close_range" => {
                let (first, last) = (range_end(first), range_end(second));
                if third & CLOSE_RANGE_ON_EXEC == 0 {
                    self.tables.close(table, first, last);
                } else {
                    self.tables.close_on_exec(table, first, last, true);
                }
            }
            "fcntl" => match second {
                SET_FLAGS => {
                    let number = descriptor(first);
                    self.tables.close_on_exec(table, number, number, third & 1 != 0);
                }
                DUPLICATE | DUPLICATE_CLOSING => {
                    let Some(origin) = self.tables.get(table, descriptor(first)) else { return };
                    let file = FileDescriptor { number: result, ..(**origin).clone() };
                    self.tables.set(table, &Arc::new(file), second == DUPLICATE_CLOSING);
                }
                _ => {}
            },
            "unshare" if first & CLONE_FILES != 0 => {
                let own = self.tables.copy(Some(table));
                self.tables.release(table);
                if let Some(entry) = self.processes.get(key) {
                    entry.files = own;
                }
            }
            "chdir" => {
                // A relative path leads to the folder that the record has; an absolute one is the folder.
                let path = given(record, Role::First).filter(|path| path.starts_with(b"/"));
                if let (Some(path), Some(entry)) = (path, self.processes.get(key)) {
                    let directory = normal(path);
                    entry.process = Arc::new(Process { directory, ..(*entry.process).clone() });
                }
            }
            "fchdir" => {
                let folder =
                    self.tables.get(table, descriptor(first)).map(|file| file.name.clone());
                if let (Some(directory), Some(entry)) = (folder, self.processes.get(key)) {
                    entry.process = Arc::new(Process { directory, ..(*entry.process).clone() });
                }
            }
            "chroot" | "pivot_root" => self.accounts.doubt(namespace),
            _ => {}
        }
    }
}

/// Whether what a call opened is closed by `execve`, or may be.
fn closes(record: &Record<'_>, kind: Kind) -> bool {
    let argument = |index: usize| record.arguments()?.get(index).copied();
    match kind.name() {
        "dup" | "dup2" | "creat" | "accept" => false,
        // `SOCK_CLOEXEC` is the same bit.
        "socket" => argument(1).is_none_or(|kind| kind & CLOSE_ON_EXEC != 0),
        "open" | "openat" | "dup3" | "accept4" => {
            let index = role_of(kind, "flags").map(|(_, index)| index);
            index.and_then(argument).is_none_or(|flags| flags & CLOSE_ON_EXEC != 0)
        }
        _ => true,
    }
}

/// A descriptor as the kernel takes it: an `int`, whatever the upper half of the register holds.
fn descriptor(number: u64) -> i64 {
    let [a, b, c, d, ..] = number.to_le_bytes();
    i64::from(i32::from_le_bytes([a, b, c, d]))
}

/// An end of `close_range(2)`, which is unsigned: `!0` is all.
fn range_end(number: u64) -> i64 {
    i64::try_from(number & 0xffff_ffff).unwrap_or(i64::MAX)
}

/// The kernel's object of a role.
fn object(record: &Record<'_>, role: Role, number: i64) -> Option<FileDescriptor> {
    let path = || {
        let resolved = record.text(role, part_flags::RESOLVED, part_flags::PEER);
        resolved.map(Text::from).unwrap_or_default()
    };
    record.parts().find_map(|part| {
        if part.role != role || part.flags & part_flags::PEER != 0 {
            return None;
        }
        let mut file = match part.value {
            Value::File(object) => of_file(object, path()),
            Value::Socket(object) => of_socket(object, &path()),
            _ => return None,
        };
        file.number = number;
        Some(file)
    })
}

/// A Unix socket that has no name goes by that of the one it is connected to.
fn call_by_peer(record: &Record<'_>, role: Role, file: &mut FileDescriptor) {
    let of_peer = || record.text(role, part_flags::RESOLVED | part_flags::PEER, 0);
    if let (true, Some(name)) = (file.name.is_empty(), of_peer()) {
        file.name = unix_name(name);
    }
}

/// What would have been opened.
fn failed(record: &Record<'_>, kind: Kind, process: &Process) -> Option<Arc<FileDescriptor>> {
    let (role, _) = role_of(kind, "name")?;
    let raw: Text = given(record, role)?.into();
    let name = absolute(record, kind, role, &raw)
        .unwrap_or_else(|| normal(&[&process.directory, b"/".as_slice(), &raw].concat()));
    Some(Arc::new(FileDescriptor {
        number: -1,
        kind: FileKind::File,
        name,
        name_raw: Some(raw),
        ..FileDescriptor::default()
    }))
}

/// The path that a call was given to open.
fn given_path(record: &Record<'_>, kind: Kind) -> Option<Text> {
    let (role, _) = role_of(kind, "name")?;
    given(record, role).map(Text::from)
}

/// Who speaks to whom, by a call on a socket.
fn speak(record: &Record<'_>, kind: Kind, file: &mut FileDescriptor) {
    let Some(connection) = &mut file.connection else { return };
    let result = record.header.result.get();
    let told = record.parts().find_map(|part| match part.value {
        Value::Address(bytes) => address(bytes),
        _ => None,
    });
    if let ("connect" | "bind", Some(SocketAddress::Unix(path))) = (kind.name(), &told) {
        file.name.clone_from(path);
    }
    let told = match told {
        Some(SocketAddress::Internet(address)) => Some(Endpoint::from(address)),
        _ => None,
    };
    let before = connection.remote.clone();
    match kind.name() {
        "accept" | "accept4" => {
            connection.role = Side::Server;
            connection.connected = true;
        }
        "connect" => {
            connection.role = Side::Client;
            connection.connected |= result == 0 || result == IN_PROGRESS;
            // A refused connection has no other end any more, or none with a port: what was asked for tells it.
            connection.remote = connection.remote.take().filter(|end| end.port != 0).or(told);
        }
        "sendto" | "sendmsg" | "sendmmsg" => datagram(connection, told, Side::Client),
        "recvfrom" | "recvmsg" | "recvmmsg" if result >= 0 => {
            datagram(connection, told, Side::Server);
        }
        "bind" if connection.local.is_none() => connection.local = told,
        _ => {}
    }
    let name = connection.name();
    if !name.is_empty() {
        file.name_changed = before.is_some() && before != connection.remote;
        file.name = name;
    }
}

/// A datagram names its peer itself; who sent the first one asked.
fn datagram(connection: &mut Connection, told: Option<Endpoint>, side: Side) {
    if let (Some(peer), false) = (told, connection.connected) {
        connection.remote = Some(peer);
    }
    // Who is sent something first was asked, even where the record does not tell by whom.
    if connection.role == Side::Unknown && (connection.remote.is_some() || side == Side::Server) {
        connection.role = side;
    }
}
