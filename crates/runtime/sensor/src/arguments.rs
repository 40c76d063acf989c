//! The arguments of events, from the parts of records.

use std::sync::LazyLock;

use bulkhead_events::{Argument, FileDescriptor, Form, Kind, Mismatch, Parameter, Text};
use bulkhead_probes::{
    Origin, Part, Record, Role, Value, file_attributes, part_flags, record_flags,
};
use rustc_hash::FxHashMap;

use crate::accounts::Accounts;
use crate::files::address;

/// Where the stored parameters of a kind are found, where they are not the call's arguments in order: a digit
/// is the number of an argument, `r` the result, `g` the name that `execve` was given, a capital letter the number at
/// that place of the structure that the call was given, `-` something else, which [`special`] finds by its name.
const SOURCES: &[(&str, &[u8])] = &[
    ("openat2", b"12ABC"),
    ("open_by_handle_at", b"13r"),
    ("read write", b"-13"),
    ("readv writev", b"-1-"),
    ("pread64 pwrite64", b"-134"),
    ("preadv pwritev preadv2 pwritev2", b"-1-4"),
    ("execve execveat", b"g-"),
    ("clone3", b"A"),
    ("process_vm_readv process_vm_writev", b"1-"),
    ("prctl", b"122"),
    ("capset", b"---"),
    ("move_mount", b"24"),
    ("bind", b"21"),
    ("accept4", b"4"),
    ("sendto", b"-135"),
    ("sendmsg", b"-1-2"),
    ("recvfrom", b"-13"),
    ("recvmsg", b"-1-"),
    ("sendmmsg recvmmsg", b"-1"),
    ("init_module", b"23"),
    ("utimensat newfstatat", b"124"),
    ("name_to_handle_at", b"125"),
    ("sendfile", b"124"),
    ("splice", b"1356"),
    ("eventfd2", b"21"),
    ("signalfd4", b"4"),
    ("copy_file_range", b"135"),
    ("perf_event_open", b"2345"),
    ("mmap", b"-123456"),
    ("add_key", b"1245"),
    ("request_key", b"124"),
    ("kexec_load", b"14"),
    ("kexec_file_load", b"125"),
    ("reboot", b"3"),
    ("rt_sigqueueinfo", b"12"),
    ("procexit", b"-----"),
    ("signaldeliver", b"1-3"),
];

static SOURCES_BY_KIND: LazyLock<FxHashMap<Kind, &[u8]>> = LazyLock::new(|| {
    let names = SOURCES.iter().flat_map(|(names, sources)| {
        names.split(' ').filter_map(|name| Some((Kind::by_name(name)?, *sources)))
    });
    names.collect()
});

/// The call's arguments in order.
const IN_ORDER: &[u8] = b"123456";

/// The argument of a call that a parameter is read from, and its place among the six numbers.
pub(crate) fn role_of(kind: Kind, name: &str) -> Option<(Role, usize)> {
    let order = SOURCES_BY_KIND.get(&kind).copied().unwrap_or(IN_ORDER);
    let stored = kind.parameters().iter().filter(|parameter| is_stored(parameter.form));
    let (_, digit) = stored.zip(order).find(|(parameter, _)| parameter.name == name)?;
    let number = digit.checked_sub(b'0').filter(|number| (1..=6).contains(number))?;
    Some((Role::of(number)?, usize::from(number.checked_sub(1)?)))
}

/// Whether events hold a value for such a parameter; else another of their fields says the same.
fn is_stored(form: Form) -> bool {
    !matches!(form, Form::Result | Form::ResultFile | Form::Field(_))
}

/// What arguments are read from.
pub(crate) struct Source<'a> {
    pub(crate) record: &'a Record<'a>,
    pub(crate) kind: Kind,
    pub(crate) accounts: &'a Accounts,
    /// What a descriptor of the process stands for, as it is shown: what an argument leads to, or what is remembered.
    pub(crate) file: &'a dyn Fn(Role, i64) -> Option<Text>,
    /// The short name of a process, by its number in the namespace of the one that named it.
    pub(crate) process: &'a dyn Fn(i64) -> Option<Text>,
    /// The file that the event is about.
    pub(crate) about: Option<&'a FileDescriptor>,
}

/// The arguments of an event, in the order of [`Kind::parameters`].
pub(crate) fn arguments(source: &Source<'_>) -> Vec<Argument> {
    let numbers = source.record.arguments();
    let order = SOURCES_BY_KIND.get(&source.kind).copied().unwrap_or(IN_ORDER);
    let mut order = order.iter().copied();
    let parameters = source.kind.parameters().iter();
    let arguments = parameters.map(|parameter| {
        if !is_stored(parameter.form) {
            return Argument::Absent;
        }
        if let Some(argument) = special(source, parameter) {
            order.next();
            return argument;
        }
        match order.next() {
            Some(b'g') => match text(source, Role::Given, parameter) {
                // A call that failed has its arguments where it was given them.
                Argument::Absent if source.kind.name() == "execveat" => {
                    text(source, Role::Second, parameter)
                }
                Argument::Absent => text(source, Role::First, parameter),
                given => given,
            },
            Some(b'r') => text(source, Role::Result, parameter),
            Some(digit @ b'1'..=b'6') => {
                let role = Role::of(digit.wrapping_sub(b'0')).unwrap_or(Role::None);
                let index = usize::from(digit.wrapping_sub(b'1'));
                value(source, parameter, role, numbers.and_then(|all| all.get(index).copied()))
            }
            Some(letter @ b'A'..=b'Z') => {
                let place = usize::from(letter.wrapping_sub(b'A'));
                value(source, parameter, Role::None, in_structure(source, place))
            }
            _ => Argument::Absent,
        }
    });
    arguments.collect()
}

/// What stands in no argument of the call.
fn special(source: &Source<'_>, parameter: &Parameter) -> Option<Argument> {
    if let Some(argument) = of_32_bits(source, parameter.name) {
        return Some(argument);
    }
    let result = source.record.header.result.get();
    let part = |find: fn(&Part<'_>) -> Option<i64>| {
        Some(
            source
                .record
                .parts()
                .find_map(|part| find(&part))
                .map_or(Argument::Absent, Argument::Number),
        )
    };
    let exit = |find: fn(u64) -> i64| {
        let status = source.record.parts().find_map(|part| match part.value {
            Value::Resources(used) => Some(used.status.get()),
            _ => None,
        });
        Some(status.map_or(Argument::Absent, |status| Argument::Number(find(status))))
    };
    match parameter.name {
        "dev" if matches!(parameter.form, Form::Hexadecimal) => {
            Some(source.about.map_or(Argument::Absent, |file| Argument::Number(file.device.into())))
        }
        "res" => Some(Argument::Number(result)),
        "ino" => Some(
            source
                .about
                .map_or(Argument::Absent, |file| Argument::Number(file.inode.cast_signed())),
        ),
        "creat_flags" => Some(Argument::Number(opened(source, 0))),
        "data" if matches!(parameter.form, Form::Bytes) => {
            let payload = source.record.parts().find_map(|part| match part.value {
                Value::Payload(bytes) => Some(bytes),
                _ => None,
            });
            Some(payload.map_or(Argument::Absent, |bytes| Argument::Text(bytes.into())))
        }
        "size" if !has_size(source.kind) => {
            Some(if result < 0 { Argument::Absent } else { Argument::Number(result) })
        }
        // The receiver is who the record is of.
        "dpid" => {
            let header = source.record.header;
            let name = (source.process)(header.inner_process.get().into());
            Some(named(header.process.get().into(), name))
        }
        "cap_inheritable" => part(|part| credentials(part, |sets| sets.inheritable.get())),
        "cap_permitted" => part(|part| credentials(part, |sets| sets.permitted.get())),
        "cap_effective" => part(|part| credentials(part, |sets| sets.effective.get())),
        // wait(2): the low seven bits are the signal, the eighth tells of a core.
        "status" if source.kind == Kind::EXIT => exit(u64::cast_signed),
        "ret" => exit(|status| (status.wrapping_shr(8) & 0xff).cast_signed()),
        "sig" if source.kind == Kind::EXIT => exit(|status| (status & 0x7f).cast_signed()),
        "core" => exit(|status| i64::from(status & 0x80 != 0)),
        _ => None,
    }
}

/// What calls that 32-bit programs have beside others are given otherwise: sizes in two halves, offsets in pages, no flags.
fn of_32_bits(source: &Source<'_>, name: &str) -> Option<Argument> {
    let numbers = source.record.arguments().filter(|_| source.record.has(record_flags::COMPAT))?;
    let number = |place: usize| numbers.get(place).map_or(0, |number| number & 0xffff_ffff);
    let value = match (source.record.header.call.get(), name) {
        (TRUNCATE64 | FTRUNCATE64, "size") => number(1) | number(2).wrapping_shl(32),
        (MMAP2, "pgoffset") => number(5).wrapping_mul(4096),
        (UMOUNT, "flags") => 0,
        _ => return None,
    };
    Some(Argument::Number(value.cast_signed()))
}

/// Numbers of 32-bit calls: `arch/x86/entry/syscalls/syscall_32.tbl`.
const UMOUNT: i32 = 22;
const MMAP2: i32 = 192;
const TRUNCATE64: i32 = 193;
const FTRUNCATE64: i32 = 194;

/// Whether an argument of the call is its size; else it is a list of buffers.
fn has_size(kind: Kind) -> bool {
    !matches!(SOURCES_BY_KIND.get(&kind), Some([b'-', b'1', b'-', ..] | [b'1', b'-', ..]))
}

fn credentials(part: &Part<'_>, set: fn(&bulkhead_probes::Credentials) -> u64) -> Option<i64> {
    match part.value {
        Value::Credentials(sets) => Some(set(sets).cast_signed()),
        _ => None,
    }
}

fn value(source: &Source<'_>, parameter: &Parameter, role: Role, number: Option<u64>) -> Argument {
    // To the kernel most numbers are `int`, and rights 16 bits wide, whatever else the caller left in the register.
    let unsigned = number.and_then(|number| u32::try_from(number & 0xffff_ffff).ok());
    let short = unsigned.map(|number| i64::from(number.cast_signed()));
    match parameter.form {
        Form::Path | Form::Text => text(source, role, parameter),
        Form::Bytes => Argument::Absent,
        Form::Address => {
            let read = source.record.parts().find_map(|part| match part.value {
                Value::Address(bytes) if part.role == role => address(bytes),
                _ => None,
            });
            read.map_or(Argument::Absent, Argument::Address)
        }
        Form::File => match short {
            // It stands beside the arguments.
            Some(number) if source.about.is_some_and(|file| file.number == number) => {
                Argument::Number(number)
            }
            Some(number) => named(number, (source.file)(role, number)),
            None => Argument::Absent,
        },
        Form::Process => match short {
            Some(number) => named(number, (source.process)(number)),
            None => Argument::Absent,
        },
        Form::User => {
            unsigned.map_or(Argument::Absent, |id| named(id.into(), source.accounts.user(id).name))
        }
        Form::Group => {
            unsigned.map_or(Argument::Absent, |id| named(id.into(), source.accounts.group(id).name))
        }
        Form::Number | Form::Choice(_) => short.map_or(Argument::Absent, Argument::Number),
        Form::Mode | Form::Octal => {
            unsigned.map_or(Argument::Absent, |mode| Argument::Number((mode & 0xffff).into()))
        }
        Form::ShortHexadecimal => {
            unsigned.map_or(Argument::Absent, |number| Argument::Number(number.into()))
        }
        Form::OpenFlags(_) => unsigned
            .map_or(Argument::Absent, |flags| Argument::Number(opened(source, flags.into()))),
        _ => number.map_or(Argument::Absent, |number| Argument::Number(number.cast_signed())),
    }
}

/// A number of the structure that a call was given, counted from 0: `clone_args` and `open_how` have eight bytes for
/// each. As the kernel read it when the call began.
fn in_structure(source: &Source<'_>, place: usize) -> Option<u64> {
    let record = source.record;
    // A child begins with the end of the call; its parent, whose memory it may share, can have gone on by then.
    if source.kind.name() == "clone3" && record.header.result.get() == 0 {
        return None;
    }
    let in_memory = number(record, place, part_flags::ENTRY).or_else(|| number(record, place, 0));
    // What was read for an operation of a ring are its numbers themselves, where `openat(2)` has them.
    let of_ring = || record.arguments()?.get(place.checked_add(2)?).copied();
    in_memory.or_else(|| if record.origin == Origin::Ring { of_ring() } else { None })
}

/// The same, as it was when the call began (`part_flags::ENTRY`) or when it was over (0).
fn number(record: &Record<'_>, place: usize, when: u8) -> Option<u64> {
    record.parts().find_map(|part| match part.value {
        Value::Address(bytes) if part.flags & part_flags::ENTRY == when => {
            let (words, _) = bytes.as_chunks();
            words.get(place).copied().map(u64::from_le_bytes)
        }
        _ => None,
    })
}

fn named(number: i64, name: Option<Text>) -> Argument {
    match name {
        Some(name) => Argument::Named(number, name),
        None => Argument::Number(number),
    }
}

fn is_opening(kind: Kind) -> bool {
    ["open", "openat", "openat2"].iter().any(|name| Kind::by_name(name) == Some(kind))
}

/// Flags of an opened file, whether it was made for that, and which layer of an overlay it lies in.
fn opened(source: &Source<'_>, flags: u64) -> i64 {
    let made = source.record.parts().any(|part| match part.value {
        Value::File(file) if part.role == Role::Result => {
            file.attributes.get() & file_attributes::CREATED != 0
        }
        _ => false,
    });
    let made = if made { FILE_CREATED } else { 0 };
    let layer = match source.about {
        Some(file) if file.upper_layer => FILE_UPPER_LAYER,
        Some(file) if file.lower_layer => FILE_LOWER_LAYER,
        _ => 0,
    };
    (flags | made | layer).cast_signed()
}

/// Bits above the kernel's own that the words of such flags have (`bulkhead-events`, `words`).
const FILE_CREATED: u64 = 1 << 32;
const FILE_UPPER_LAYER: u64 = 1 << 33;
const FILE_LOWER_LAYER: u64 = 1 << 34;

/// The text of an argument: what the kernel used, or what stood there when the call began.
fn text(source: &Source<'_>, role: Role, parameter: &Parameter) -> Argument {
    let given = given(source.record, role);
    if !matches!(parameter.form, Form::Path) {
        return given.map_or(Argument::Absent, |given| Argument::Text(given.into()));
    }
    let resolved = source.record.text(role, part_flags::RESOLVED, 0);
    // The path of what was opened is the result's.
    let result = || source.record.text(Role::Result, part_flags::RESOLVED, 0);
    let resolved = resolved.or_else(|| if is_opening(source.kind) { result() } else { None });
    match given.or(resolved) {
        Some(given) => {
            let resolved = resolved.map(Text::from);
            let resolved = resolved.or_else(|| absolute(source.record, source.kind, role, given));
            Argument::Path { given: given.into(), resolved }
        }
        None => Argument::Absent,
    }
}

/// A path that no object of the kernel stands for: what was given, from the folder that the kernel had it
/// start from.
pub(crate) fn absolute(record: &Record<'_>, kind: Kind, role: Role, given: &[u8]) -> Option<Text> {
    if given.starts_with(b"/") {
        return Some(normal(given));
    }
    // A descriptor of a folder stands right before the path that starts from it.
    let before = Role::of((role as u8).checked_sub(1)?).filter(|before| {
        let files = kind.parameters().iter().filter(|other| matches!(other.form, Form::File));
        files.filter_map(|other| role_of(kind, other.name)).any(|(other, _)| other == *before)
    });
    let told = |role| record.text(role, part_flags::RESOLVED, 0);
    let folder = before.and_then(told).or_else(|| told(Role::WorkingDirectory))?;
    Some(normal(&[folder, b"/", given].concat()))
}

/// A path without `.`, `..` and empty components, by its text alone.
pub(crate) fn normal(path: &[u8]) -> Text {
    let mut components: Vec<&[u8]> = Vec::new();
    for component in path.split(|byte| *byte == b'/') {
        match component {
            b"" | b"." => {}
            b".." => drop(components.pop()),
            component => components.push(component),
        }
    }
    let mut normal = Vec::with_capacity(path.len());
    for component in components {
        normal.push(b'/');
        normal.extend_from_slice(component);
    }
    if normal.is_empty() { "/".into() } else { normal.into() }
}

/// A text as the program gave it.
pub(crate) fn given<'a>(record: &Record<'a>, role: Role) -> Option<&'a [u8]> {
    let entry = record.text(role, part_flags::ENTRY, part_flags::RESOLVED);
    entry.or_else(|| record.text(role, 0, part_flags::RESOLVED))
}

/// The first argument that was another one when the call began.
pub(crate) fn mismatch(record: &Record<'_>, kind: Kind) -> Option<Box<Mismatch>> {
    if !record.has(record_flags::MEMORY_CHANGED) {
        return None;
    }
    let order = SOURCES_BY_KIND.get(&kind).copied().unwrap_or(IN_ORDER);
    let stored = kind.parameters().iter().filter(|parameter| is_stored(parameter.form));
    stored.zip(order).find_map(|(parameter, source)| {
        let (seen, used) = match source {
            b'g' => texts(record, Role::Given),
            digit @ b'1'..=b'6' => {
                let role = Role::of(digit.wrapping_sub(b'0'))?;
                texts(record, role).or_else(|| addresses(record, role))
            }
            letter @ b'A'..=b'Z' => {
                let place = usize::from(letter.wrapping_sub(b'A'));
                let [seen, used] = [part_flags::ENTRY, 0].map(|when| number(record, place, when));
                let (seen, used) = seen.zip(used).filter(|(seen, used)| seen != used)?;
                Some((written(parameter, seen), written(parameter, used)))
            }
            _ => None,
        }?;
        Some(Box::new(Mismatch { argument: parameter.name.into(), seen, used }))
    })
}

/// A text when the call began, and the one that was used.
fn texts(record: &Record<'_>, role: Role) -> Option<(Text, Text)> {
    let seen = record.text(role, part_flags::ENTRY, part_flags::RESOLVED)?;
    let later = record.text(role, 0, part_flags::ENTRY | part_flags::RESOLVED);
    let resolved = || record.text(Role::Result, part_flags::RESOLVED, 0);
    let used = later.filter(|later| *later != seen).or_else(resolved)?;
    Some((seen.into(), used.into()))
}

/// An address when the call began, and the one that stood there when it was over.
fn addresses(record: &Record<'_>, role: Role) -> Option<(Text, Text)> {
    let told = |when| {
        record.parts().find_map(|part| match part.value {
            Value::Address(bytes)
                if part.role == role && part.flags & part_flags::ENTRY == when =>
            {
                address(bytes)
            }
            _ => None,
        })
    };
    let (seen, later) =
        told(part_flags::ENTRY).zip(told(0)).filter(|(seen, later)| seen != later)?;
    Some((seen.written().into(), later.written().into()))
}

/// A number as rules write it.
fn written(parameter: &Parameter, number: u64) -> Text {
    match parameter.form {
        Form::Flags(words) | Form::OpenFlags(words) => words.joined(number, "|").as_str().into(),
        _ => format!("{number:#o}").as_str().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_of_a_kind_and_has_a_letter_for_each_stored_parameter() {
        for (names, sources) in SOURCES {
            for name in names.split(' ') {
                let kind = Kind::by_name(name).unwrap_or_else(|| panic!("{name} is no kind"));
                let parameters = kind.parameters().iter();
                let stored = parameters.filter(|parameter| {
                    is_stored(parameter.form) && !["dev", "ino"].contains(&parameter.name)
                });
                let stored = stored.count();
                // Not all that have a row are described: then nothing of them is stored.
                assert!(
                    stored == sources.len() || stored == 0 || names.contains("execve"),
                    "{name}"
                );
            }
        }
    }
}
