//! Fields of the event itself.

use super::category::category;
use super::row::{FieldRow, rows};
use super::{Need, Selector, arguments};
use crate::kind::words;
use crate::script::Draft;
use crate::{Argument, Event, FileKind, Kind, Origin, Text, Value};

/// In nanoseconds.
const SECOND: u64 = 1_000_000_000;

const NOTHING: &[Need] = &[];
const ARGUMENTS: &[Need] = &[Need::Arguments];
/// Arguments as they are.
pub(super) const BARE_ARGUMENT: &str = "evt.rawarg";

const BUFFER: &[Need] = &[Need::Arguments, Need::Buffer];
const MISMATCH: &[Need] = &[Need::Arguments, Need::EntryArguments];

pub(super) const ROWS: &[FieldRow] = rows! {
    "evt.count" Number NOTHING: "Always 1.",
        |_, _| Value::Number(1), fixed;
    "evt.count.exit" Number NOTHING: "Always 1: events are told once they are over.",
        |_, _| Value::Number(1), fixed;
    "evt.count.procinfo" Number NOTHING: "Always 0: there are no events that only tell of processes.",
        |_, _| Value::Number(0), fixed;
    "evt.count.threadinfo" Number NOTHING: "Always 0: there are no events that only tell of threads.",
        |_, _| Value::Number(0), fixed;
    "evt.count.error" Number NOTHING: "1 where the call returned an error, else 0.",
        |event, _| errors(event), from("evt.res");
    "evt.count.error.file" Number NOTHING: "The same, of calls about files and folders.",
        |event, _| errors_of(event, Area::File), from("evt.res and fd.type");
    "evt.count.error.net" Number NOTHING: "The same, of calls about sockets.",
        |event, _| errors_of(event, Area::Net), from("evt.res and fd.type");
    "evt.count.error.memory" Number NOTHING: "The same, of calls about memory.",
        |event, _| errors_of(event, Area::Memory), from("evt.res");
    "evt.count.error.other" Number NOTHING: "The same, of all other calls.",
        |event, _| errors_of(event, Area::Other), from("evt.res and fd.type");
    "evt.dir" Text NOTHING: "Always `<`: events are told once they are over. Older rules ask for it.",
        |_, _| "<".into(), fixed;
    "evt.num" Number NOTHING: "Its place among all events of the sensor's run, from 1.",
        |event, _| Value::unsigned(event.sequence), put(event.sequence);
    "evt.rawtime" Time NOTHING: "When it was over, in nanoseconds since 1970.",
        |event, _| Value::unsigned(event.time), put(event.time);
    "evt.time" Text NOTHING: "When it was over: the time of day in UTC, to the nanosecond.",
        |event, _| moment(event.time, "%H:%M:%S.%9f"), from("evt.rawtime");
    "evt.time.s" Text NOTHING: "When it was over: the time of day in UTC, to the second.",
        |event, _| moment(event.time, "%H:%M:%S"), from("evt.rawtime");
    "evt.rawtime.s" Number NOTHING: "When it was over, in seconds since 1970.",
        |event, _| Value::unsigned(event.time / SECOND), from("evt.rawtime");
    "evt.rawtime.ns" Number NOTHING: "When it was over: the nanoseconds of the second.",
        |event, _| Value::unsigned(event.time % SECOND), from("evt.rawtime");
    "evt.datetime.s" Text NOTHING: "When it was over: the day and time in UTC, to the second.",
        |event, _| moment(event.time, "%Y-%m-%d %H:%M:%S"), from("evt.rawtime");
    "evt.datetime" Text NOTHING: "When it was over: the day and time in UTC, to the nanosecond.",
        |event, _| moment(event.time, "%Y-%m-%d %H:%M:%S.%9f"), from("evt.rawtime");
    "evt.time.iso8601" Text NOTHING: "When it was over, by ISO 8601.",
        |event, _| moment(event.time, "%Y-%m-%dT%H:%M:%S.%9fZ"), from("evt.rawtime");
    "evt.source" Text NOTHING: "Always `syscall`.",
        |_, _| "syscall".into(), fixed;
    "evt.is_async" Boolean NOTHING: "Whether it is no event of the kernel: `container`.",
        |event, _| (event.kind == Kind::CONTAINER).into(), from("evt.type");
    "evt.asynctype" Text NOTHING: "The type of what is no event of the kernel: `container`.",
        |event, _| (event.kind == Kind::CONTAINER).then(|| event.kind.name()).into(), from("evt.type");
    "evt.type" Text NOTHING: "What happened: the name of a system call, `procexit`, and others.",
        |event, _| event.kind.name().into(), from("the kind of event, which is set before all others");
    "evt.type.is" Number NOTHING One of Key: "1 for events of the kind that is named, 0 for all others.",
        |event, selector| match selector {
            Selector::Key(kind) => i64::from(event.kind.name() == &**kind).into(),
            _ => Value::Null,
        },
        from("evt.type");
    "syscall.type" Text NOTHING: "The name of the system call, where it is one.",
        |event, _| event.kind.is_system_call().then(|| event.kind.name()).into(), from("evt.type");
    "evt.origin" Text NOTHING: "By which way it came: `native`, `ia32` or `io_uring`.",
        |event, _| event.origin.name().into(),
        by(|draft, _, setting| {
            draft.event().origin = setting.word("native, ia32 or io_uring", |word| {
                Origin::ALL.into_iter().find(|origin| origin.name() == word)
            })?;
            Ok(())
        });
    "evt.hostname" Text NOTHING: "The name of the node that it happened on.",
        |event, _| event.node.as_ref().into(), put(event.node);
    "evt.cpu" Number NOTHING: "The processor that it happened on.",
        |event, _| event.processor.into(), put(event.processor);
    "evt.res" Text NOTHING: "What the call returned: `SUCCESS`, or the name of an error such as `ENOENT`.",
        |event, _| event.result.map(arguments::outcome).into(),
        by(|draft, _, setting| {
            draft.event().result = Some(crate::script::result(setting)?);
            Ok(())
        });
    "evt.rawres" Number NOTHING: "What the call returned: a number, or a negative error.",
        |event, _| event.result.into(), put(event.result);
    "evt.failed" Boolean NOTHING: "Whether the call returned an error.",
        |event, _| event.result.map(|result| result < 0).into(), from("evt.res");

    "evt.arg" Text ARGUMENTS One of Argument: "An argument, by its name or its number from 0: names of flags, the resolved path.",
        |event, selector| selector.place(event.kind).map_or(Value::Null, |place| arguments::shown(event, place)),
        by(Draft::argument);
    "evt.rawarg" Text ARGUMENTS One of Argument: "An argument as it is: the number of flags, the path as the program gave it.",
        |event, selector| {
            let number = selector.is_number();
            selector.place(event.kind).map_or(Value::Null, |place| arguments::raw(event, place, number))
        },
        from("evt.arg");
    "evt.args" Text ARGUMENTS: "All arguments with their names.",
        |event, _| arguments::all(event).into(), from("evt.arg");
    "evt.info" Text ARGUMENTS: "All arguments with their names.",
        |event, _| arguments::all(event).into(), from("evt.arg");
    "evt.buffer" Bytes BUFFER: "The first bytes that were read, written, sent or received.",
        |event, _| match event.argument("data") {
            Some((_, Argument::Text(data))) => data.into(),
            _ => Value::Null,
        },
        from("evt.arg.data");
    "evt.buflen" Number BUFFER: "How many bytes were read, written, sent or received.",
        |event, _| event.argument("data").and(event.result).filter(|count| *count >= 0).into(),
        from("evt.rawres");

    "evt.is_io" Boolean NOTHING: "Whether bytes are read or written.",
        |event, _| direction(event).is_some().into(), from("evt.type");
    "evt.is_io_read" Boolean NOTHING: "Whether bytes are read or received.",
        |event, _| (direction(event) == Some(READ)).into(), from("evt.type");
    "evt.is_io_write" Boolean NOTHING: "Whether bytes are written or sent.",
        |event, _| (direction(event) == Some(WRITE)).into(), from("evt.type");
    "evt.io_dir" Text NOTHING: "`read` where bytes are read or received, `write` where they are written or sent.",
        |event, _| direction(event).into(), from("evt.type");
    "evt.is_wait" Boolean NOTHING: "Whether it waits for something: `poll`, `select`, `epoll_wait`, `nanosleep` and their like.",
        |event, _| waits(event.kind).into(), from("evt.type");
    "evt.abspath" Text ARGUMENTS: "The resolved path that the call was given, the first where there are two.",
        |event, _| path(event, 0), from("the paths among evt.arg");
    "evt.abspath.src" Text ARGUMENTS: "The resolved path that the call was given, the first where there are two.",
        |event, _| path(event, 0), from("the paths among evt.arg");
    "evt.abspath.dst" Text ARGUMENTS: "The last resolved path that the call was given: where something is made, moved or linked to.",
        |event, _| paths(event).last().and_then(|(_, resolved)| resolved).into(), from("the paths among evt.arg");

    "fs.path.name" Text ARGUMENTS: "The resolved path of a call that takes one.",
        |event, _| whole(event, 1, 0), from("the paths among evt.arg");
    "fs.path.nameraw" Text ARGUMENTS: "The path of a call that takes one, as the program gave it.",
        |event, _| given(event, 1, 0), from("the paths among evt.arg");
    "fs.path.source" Text ARGUMENTS: "The resolved path that is moved, copied or linked.",
        |event, _| whole(event, 2, 0), from("the paths among evt.arg");
    "fs.path.sourceraw" Text ARGUMENTS: "The path that is moved, copied or linked, as the program gave it.",
        |event, _| given(event, 2, 0), from("the paths among evt.arg");
    "fs.path.target" Text ARGUMENTS: "The resolved path that something is moved, copied or linked to.",
        |event, _| whole(event, 2, 1), from("the paths among evt.arg");
    "fs.path.targetraw" Text ARGUMENTS: "The path that something is moved, copied or linked to, as the program gave it.",
        |event, _| given(event, 2, 1), from("the paths among evt.arg");

    "evt.is_open_read" Boolean ARGUMENTS: "Whether a file was opened so that it can be read.",
        |event, _| opened(event, |flags| matches!(flags & 0o3, 0 | 0o2)), from("evt.arg.flags");
    "evt.is_open_write" Boolean ARGUMENTS: "Whether a file was opened so that it can be written to.",
        |event, _| opened(event, |flags| matches!(flags & 0o3, 0o1 | 0o2)), from("evt.arg.flags");
    "evt.is_open_create" Boolean ARGUMENTS: "Whether the file that was opened was not there before.",
        |event, _| {
            let is_done = event.result.is_some_and(|result| result >= 0);
            opened(event, |flags| creates(flags) && (is_done || flags & words::FILE_CREATED != 0))
        },
        from("evt.arg.flags, evt.arg.creat_flags and evt.res");
    "evt.is_open_exec" Boolean ARGUMENTS: "Whether a file was made that may be executed.",
        |event, _| {
            let mode = event.argument("mode").map(|(_, mode)| mode);
            let executable = matches!(mode, Some(Argument::Number(mode)) if mode & 0o111 != 0);
            opened(event, |flags| executable && makes(flags))
        },
        from("evt.arg.flags and evt.arg.mode");

    "evt.is_swapped" Boolean MISMATCH: "Whether an argument was another one when the call began.",
        |event, _| event.mismatch.is_some().into(), from("evt.swapped.seen");
    "evt.swapped.name" Text MISMATCH: "The argument that was changed while the call went on.",
        |event, _| event.mismatch.as_ref().map(|mismatch| &mismatch.argument).into(), put(mismatch.argument);
    "evt.swapped.seen" Text MISMATCH: "The argument as it was when the call began.",
        |event, _| event.mismatch.as_ref().map(|mismatch| &mismatch.seen).into(), put(mismatch.seen);
    "evt.swapped.used" Text MISMATCH: "The argument that the kernel used.",
        |event, _| event.mismatch.as_ref().map(|mismatch| &mismatch.used).into(), put(mismatch.used);
};

/// A point in time. All of those that fit into the number exist.
fn moment(nanoseconds: u64, format: &str) -> Value<'static> {
    let moment = jiff::Timestamp::from_nanosecond(i128::from(nanoseconds)).unwrap_or_default();
    moment.strftime(format).to_string().into()
}

/// Which way bytes go. Falco's documentation says `r` and `w`, its code this.
/// (libs, `sinsp_filtercheck_event.cpp`, `TYPE_IODIR`)
pub(super) const READ: &str = "read";
pub(super) const WRITE: &str = "write";

/// Which way bytes go in calls that move them.
pub(super) fn direction(event: &Event) -> Option<&'static str> {
    match event.kind.name() {
        "read" | "readv" | "pread" | "preadv" | "preadv2" | "recvfrom" | "recvmsg" | "recvmmsg" => {
            Some(READ)
        }
        "write" | "writev" | "pwrite" | "pwritev" | "pwritev2" | "sendto" | "sendmsg"
        | "sendmmsg" => Some(WRITE),
        _ => None,
    }
}

/// Calls that do nothing but wait. (libs, `driver/event_table.c`, `EF_WAITS`)
fn waits(kind: Kind) -> bool {
    matches!(
        kind.name(),
        "poll"
            | "ppoll"
            | "select"
            | "pselect6"
            | "epoll_wait"
            | "epoll_pwait"
            | "epoll_pwait2"
            | "nanosleep"
            | "clock_nanosleep"
    )
}

/// What errors are counted by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Area {
    File,
    Net,
    Memory,
    Other,
}

/// What a call is about. (libs, `sinsp_filtercheck_event.cpp`, `TYPE_COUNT_ERROR_FILE` and those behind it)
fn area(event: &Event) -> Area {
    match event.file.as_deref().map(|file| file.kind) {
        Some(FileKind::File | FileKind::Directory) => Area::File,
        Some(FileKind::Ipv4 | FileKind::Ipv6 | FileKind::Unix) => Area::Net,
        Some(_) => Area::Other,
        None => match event.kind.name() {
            "accept" | "accept4" | "connect" => Area::Net,
            _ if category(event) == "memory" => Area::Memory,
            _ if event.kind.opens_path().is_some() => Area::File,
            _ => Area::Other,
        },
    }
}

fn errors(event: &Event) -> Value<'static> {
    event.result.map(|result| i64::from(result < 0)).into()
}

fn errors_of(event: &Event, counted: Area) -> Value<'static> {
    if area(event) == counted { errors(event) } else { Value::Null }
}

/// The paths among the arguments, each as the program gave it and resolved.
fn paths(event: &Event) -> impl Iterator<Item = (&Text, Option<&Text>)> {
    event.arguments.iter().filter_map(|argument| match argument {
        Argument::Path { given, resolved } => Some((given, resolved.as_ref())),
        _ => None,
    })
}

/// A path among the arguments of a call that takes so many of them, counted from 0.
fn path_of(event: &Event, count: usize, number: usize) -> Option<(&Text, Option<&Text>)> {
    paths(event).nth(number).filter(|_| paths(event).count() == count)
}

fn whole(event: &Event, count: usize, number: usize) -> Value<'_> {
    path_of(event, count, number).and_then(|(_, resolved)| resolved).into()
}

fn given(event: &Event, count: usize, number: usize) -> Value<'_> {
    path_of(event, count, number).map(|(given, _)| given).into()
}

/// A resolved path among the arguments, counted from 0.
fn path(event: &Event, number: usize) -> Value<'_> {
    paths(event).nth(number).and_then(|(_, resolved)| resolved).into()
}

/// Something of the flags of a call that opens a path; false for all others. `creat(2)` has none but what the kernel
/// found out: it makes a file and opens it for writing.
fn opened(event: &Event, holds: impl FnOnce(u64) -> bool) -> Value<'static> {
    if event.kind.opens_path().is_none() {
        return false.into();
    }
    let Some(place) = event.kind.flags() else {
        let found_out = match event.argument("creat_flags") {
            Some((_, Argument::Number(flags))) => flags.cast_unsigned(),
            _ => 0,
        };
        return holds(0o1101 | found_out).into();
    };
    match event.arguments.get(place) {
        Some(Argument::Number(flags)) => holds(flags.cast_unsigned()).into(),
        _ => Value::Null,
    }
}

/// Whether a call with these flags opens nothing but what it made itself.
fn creates(flags: u64) -> bool {
    let (temporary, alone) = (words::FILE_TEMPORARY, words::FILE_ALONE);
    flags & words::FILE_CREATED != 0 || flags & temporary == temporary || flags & alone == alone
}

/// Whether the flags of an opened file say that it is made where it is not there.
fn makes(flags: u64) -> bool {
    let temporary = words::FILE_TEMPORARY;
    flags & (words::FILE_CREATED | 0o100) != 0 || flags & temporary == temporary
}
