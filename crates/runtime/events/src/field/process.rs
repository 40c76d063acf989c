//! Fields of processes and their ancestors.

mod ancestors;

use super::Need;
use super::row::{FieldRow, rows};
use super::selector::Selector;
use crate::kind::words;
use crate::script::{Setting, SettingError};
use crate::{FileDescriptor, FileKind, Process, Text, Value};

use ancestors::{group_leader, lifetime, session_leader};

pub(super) use ancestors::ROWS as ANCESTORS;

const PROCESS: &[Need] = &[Need::Process];
const LINE: &[Need] = &[Need::Process, Need::CommandLine];
const ENVIRONMENT: &[Need] = &[Need::Process, Need::Environment];
const EXECUTABLE: &[Need] = &[Need::Process, Need::Executable];
const ADDED: &[Need] = &[Need::Process, Need::Executable, Need::ContainerMetadata];
const LAYER: &[Need] = &[Need::Process, Need::Executable, Need::OverlayLayer];
const MEMORY: &[Need] = &[Need::Process, Need::Executable, Need::MemoryFile];
const SESSION: &[Need] = &[Need::Process, Need::Session];
const CAPABILITIES: &[Need] = &[Need::Process, Need::Capabilities];
const STANDARD: &[Need] = &[Need::Process, Need::Descriptors];

/// Fields of the process that did it.
pub(super) const ROWS: &[FieldRow] = rows! {
    "proc.name" Text PROCESS: "The kernel's short name of the process, at most 15 bytes.",
        @Process |process, _| name(process),
        by(|draft, _, setting| set_name(draft.process(), setting));
    "proc.exe" Text LINE: "What the process was called as: its first argument.",
        @Process |process, _| called_as(process),
        by(|draft, _, setting| set_called_as(draft.process(), setting));
    "proc.exepath" Text EXECUTABLE: "The path of what is executed, with links followed.",
        @Process |process, _| path(process), put(process.executable.path);
    "proc.args" Text LINE: "The arguments without the first.",
        @Process |process, _| process.arguments_line().into(),
        by(|draft, _, setting| set_arguments(draft.process(), setting.words()));
    "proc.cmdline" Text LINE: "The short name, then the arguments without the first.",
        @Process |process, _| command_line(process),
        by(|draft, _, setting| set_command_line(draft.process(), setting));
    "proc.exeline" Text LINE: "All arguments, the first of which is what the process was called as.",
        @Process |process, _| process.called_line().into(), from("proc.exe and proc.args");
    "proc.cmdnargs" Number LINE: "How many arguments there are without the first.",
        @Process |process, _| Value::unsigned(process.arguments.iter().skip(1).count() as u64), from("proc.args");
    "proc.cmdlenargs" Number LINE: "How many bytes the arguments have without the first.",
        @Process |process, _| Value::unsigned(process.arguments.iter().skip(1).map(|word| word.len() as u64).sum()),
        from("proc.args");
    "proc.env" Text ENVIRONMENT One of OptionalKey: "The environment, or the value of one variable of it.",
        @Process environment,
        by(|draft, selector, setting| set_environment(draft.process(), selector, setting));
    "proc.cwd" Text PROCESS: "The working directory.",
        @Process |process, _| Value::known(&process.directory), put(process.directory);

    "proc.pid" Number PROCESS: "The number that the host gives the process.",
        @Process |process, _| process.pid.into(), put(process.pid);
    "proc.vpid" Number PROCESS: "The number that the process has in its own namespace.",
        @Process |process, _| process.vpid.into(), put(process.vpid);
    "thread.tid" Number PROCESS: "The number that the host gives the thread.",
        |event, _| event.thread.into(), put(event.thread);
    "thread.vtid" Number PROCESS: "The number that the thread has in its own namespace.",
        |event, _| event.virtual_thread.into(), put(event.virtual_thread);
    "thread.nametid" Text PROCESS: "The short name of the process, and right behind it the number of the thread.",
        |event, _| [&*event.process.name, event.thread.to_string().as_bytes()].concat().into(),
        from("proc.name and thread.tid");
    "thread.ismain" Boolean PROCESS: "Whether the thread is the first of its process.",
        |event, _| (event.thread == event.process.pid).into(), from("thread.tid and proc.pid");
    "proc.duration" Duration PROCESS: "For how long the process has run.",
        |event, _| lifetime(event, &event.process),
        by(|draft, _, setting| {
            draft.process().started = draft.event().time.saturating_sub(setting.read()?);
            Ok(())
        });
    "proc.pid.ts" Time PROCESS: "When the process was born.",
        @Process |process, _| Value::nonzero(process.started), put(process.started);
    "proc.pidns_init_start_ts" Time PROCESS: "When the first process of the namespace was born.",
        @Process |process, _| Value::nonzero(process.namespace_started), put(process.namespace_started);

    "proc.tty" Number SESSION: "The terminal of the process; 0 where it has none.",
        @Process |process, _| process.terminal.into(), put(process.terminal);
    "proc.sid" Number SESSION: "The session of the process.",
        @Process |process, _| process.session.into(), put(process.session);
    "proc.sname" Text SESSION: "The short name of who leads the session.",
        @Process |process, _| name(session_leader(process)), from("proc.sid and the ancestors");
    "proc.sid.exe" Text SESSION: "What the leader of the session was called as.",
        @Process |process, _| called_as(session_leader(process)), from("proc.sid and the ancestors");
    "proc.sid.exepath" Text SESSION: "What the leader of the session executes.",
        @Process |process, _| path(session_leader(process)), from("proc.sid and the ancestors");
    "proc.is_sid_leader" Boolean SESSION: "Whether the process leads its session.",
        @Process |process, _| (process.session == process.vpid).into(), from("proc.sid and proc.vpid");
    "proc.pgid" Number SESSION: "The group of processes, by the number that the host gives it.",
        @Process |process, _| process.process_group.into(), put(process.process_group);
    "proc.pgid.name" Text SESSION: "The short name of who leads the group of processes.",
        @Process |process, _| name(group_leader(process)), from("proc.vpgid and the ancestors");
    "proc.pgid.exe" Text SESSION: "What the leader of the group of processes was called as.",
        @Process |process, _| called_as(group_leader(process)), from("proc.vpgid and the ancestors");
    "proc.pgid.exepath" Text SESSION: "What the leader of the group of processes executes.",
        @Process |process, _| path(group_leader(process)), from("proc.vpgid and the ancestors");
    "proc.is_pgid_leader" Boolean SESSION: "Whether the process leads its group of processes.",
        @Process |process, _| (process.process_group == process.pid).into(), from("proc.pgid and proc.pid");
    "proc.vpgid" Number SESSION: "The group of processes, by its number in their own namespace.",
        @Process |process, _| process.virtual_process_group.into(), put(process.virtual_process_group);
    "proc.vpgid.name" Text SESSION: "The short name of who leads the group of processes.",
        @Process |process, _| name(group_leader(process)), from("proc.vpgid and the ancestors");
    "proc.vpgid.exe" Text SESSION: "What the leader of the group of processes was called as.",
        @Process |process, _| called_as(group_leader(process)), from("proc.vpgid and the ancestors");
    "proc.vpgid.exepath" Text SESSION: "What the leader of the group of processes executes.",
        @Process |process, _| path(group_leader(process)), from("proc.vpgid and the ancestors");
    "proc.is_vpgid_leader" Boolean SESSION: "Whether the process leads its group of processes.",
        @Process |process, _| (process.virtual_process_group == process.vpid).into(), from("proc.vpgid and proc.vpid");

    "proc.is_exe_writable" Boolean EXECUTABLE: "Whether the user could write to what is executed.",
        @Process |process, _| process.executable.writable.into(), put(process.executable.writable);
    "proc.is_exe_upper_layer" Boolean LAYER: "Whether what is executed is not part of the image, or was changed.",
        @Process |process, _| process.executable.upper_layer.into(), put(process.executable.upper_layer);
    "proc.is_exe_lower_layer" Boolean LAYER: "Whether what is executed is as the image has it.",
        @Process |process, _| process.executable.lower_layer.into(), put(process.executable.lower_layer);
    "proc.is_exe_from_memfd" Boolean MEMORY: "Whether what is executed lies in memory only.",
        @Process |process, _| process.executable.from_memory.into(), put(process.executable.from_memory);
    "proc.is_exe_deleted" Boolean EXECUTABLE: "Whether no name leads to what is executed any more.",
        @Process |process, _| process.executable.deleted.into(), put(process.executable.deleted);
    "proc.exe_flags" Text LAYER: "What is known of what is executed: `EXE_WRITABLE|EXE_UPPER_LAYER`.",
        @Process |process, _| executable_flags(process),
        from("proc.is_exe_writable, proc.is_exe_upper_layer, proc.is_exe_lower_layer, proc.is_exe_from_memfd");
    "proc.exe_ino" Number EXECUTABLE: "The number of the file that is executed.",
        @Process |process, _| Value::nonzero(process.executable.inode), put(process.executable.inode);
    "proc.exe_ino.ctime" Time EXECUTABLE: "When attributes of the executed file changed last.",
        @Process |process, _| Value::nonzero(process.executable.changed), put(process.executable.changed);
    "proc.exe_ino.mtime" Time EXECUTABLE: "When the content of the executed file changed last.",
        @Process |process, _| Value::nonzero(process.executable.modified), put(process.executable.modified);
    "proc.exe_ino.ctime_duration_proc_start" Duration EXECUTABLE: "How long before the process was born its file changed.",
        @Process |process, _| between(process.executable.changed, process.started), from("proc.pid.ts and proc.exe_ino.ctime");
    "proc.exe_ino.ctime_duration_pidns_start" Duration EXECUTABLE: "How long after the namespace's first process the file changed.",
        @Process |process, _| between(process.namespace_started, process.executable.changed),
        from("proc.pidns_init_start_ts and proc.exe_ino.ctime");
    "proc.exe_ino.ctime_duration_container_start" Duration ADDED: "How long after the container started the file changed.",
        @Process |process, _| between(container_start(process), process.executable.changed),
        from("container.start_ts and proc.exe_ino.ctime");

    "thread.cap_effective" Text CAPABILITIES: "What the thread may do now: names with spaces between.",
        @Process |process, _| capabilities(process.capabilities.effective),
        by(|draft, _, setting| set_capabilities(&mut draft.process().capabilities.effective, setting));
    "thread.cap_permitted" Text CAPABILITIES: "What the thread may give itself: names with spaces between.",
        @Process |process, _| capabilities(process.capabilities.permitted),
        by(|draft, _, setting| set_capabilities(&mut draft.process().capabilities.permitted, setting));
    "thread.cap_inheritable" Text CAPABILITIES: "What the thread may keep when it executes: names with spaces between.",
        @Process |process, _| capabilities(process.capabilities.inheritable),
        by(|draft, _, setting| set_capabilities(&mut draft.process().capabilities.inheritable, setting));

    "proc.stdin.type" Text STANDARD: "What the standard input is.",
        @Process |process, _| standard(process, 0).map(|file| file.kind.name()).into(),
        by(|draft, _, setting| set_kind(draft.standard(0), setting));
    "proc.stdin.name" Text STANDARD: "The name of the standard input.",
        @Process |process, _| standard(process, 0).map(|file| &file.name).into(),
        by(|draft, _, setting| set_file_name(draft.standard(0), setting));
    "proc.stdout.type" Text STANDARD: "What the standard output is.",
        @Process |process, _| standard(process, 1).map(|file| file.kind.name()).into(),
        by(|draft, _, setting| set_kind(draft.standard(1), setting));
    "proc.stdout.name" Text STANDARD: "The name of the standard output.",
        @Process |process, _| standard(process, 1).map(|file| &file.name).into(),
        by(|draft, _, setting| set_file_name(draft.standard(1), setting));
    "proc.stderr.type" Text STANDARD: "What the standard error output is.",
        @Process |process, _| standard(process, 2).map(|file| file.kind.name()).into(),
        by(|draft, _, setting| set_kind(draft.standard(2), setting));
    "proc.stderr.name" Text STANDARD: "The name of the standard error output.",
        @Process |process, _| standard(process, 2).map(|file| &file.name).into(),
        by(|draft, _, setting| set_file_name(draft.standard(2), setting));
};

fn name(process: &Process) -> Value<'_> {
    Value::known(&process.name)
}

fn called_as(process: &Process) -> Value<'_> {
    process.called_as().into()
}

fn path(process: &Process) -> Value<'_> {
    Value::known(&process.executable.path)
}

fn command_line(process: &Process) -> Value<'_> {
    Value::known(process.command_line())
}

fn environment<'e>(process: &'e Process, selector: &Selector) -> Value<'e> {
    let Selector::Key(key) = selector else { return process.environment_line().into() };
    let value = |variable: &'e Text| variable.strip_prefix(key.as_bytes())?.strip_prefix(b"=");
    process.environment.iter().find_map(value).into()
}

fn executable_flags(process: &Process) -> Value<'static> {
    let executable = &process.executable;
    let flags = [
        executable.writable,
        executable.upper_layer,
        executable.from_memory,
        executable.lower_layer,
    ];
    let names = words::EXECUTE.all().zip(flags).filter(|(_, holds)| *holds).map(|(name, _)| name);
    names.collect::<Vec<_>>().join("|").into()
}

fn capabilities(bits: u64) -> Value<'static> {
    words::CAPABILITY.joined(bits, " ").into()
}

fn standard(process: &Process, number: usize) -> Option<&FileDescriptor> {
    process.standard.get(number)?.as_deref()
}

/// When the container started; 0 where that is not known.
fn container_start(process: &Process) -> u64 {
    process.container.as_ref().and_then(|container| container.started).unwrap_or_default()
}

/// The time from one moment to another, where both are known and in this order.
fn between(first: u64, second: u64) -> Value<'static> {
    let passed = second.checked_sub(first).filter(|_| first != 0);
    passed.map_or(Value::Null, Value::unsigned)
}

/// Sets a short name, which is no longer than the kernel's.
fn set_name(process: &mut Process, setting: &Setting) -> Result<(), SettingError> {
    let name = setting.text();
    if name.len() > Process::LONGEST_NAME {
        return Err(setting.wrong("at most 15 bytes long, which is all that the kernel keeps"));
    }
    process.name = name;
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "one of several functions by which fields are set")]
fn set_called_as(process: &mut Process, setting: &Setting) -> Result<(), SettingError> {
    let rest = process.arguments.iter().skip(1).cloned();
    process.arguments = std::iter::once(setting.text()).chain(rest).collect();
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "one of several functions by which fields are set")]
fn set_arguments(process: &mut Process, words: Vec<Text>) -> Result<(), SettingError> {
    let first = process.called_as().cloned().unwrap_or_default();
    process.arguments = std::iter::once(first).chain(words).collect();
    Ok(())
}

/// The first word of a command line is the short name.
fn set_command_line(process: &mut Process, setting: &Setting) -> Result<(), SettingError> {
    let mut words = setting.words();
    if words.is_empty() {
        return Err(setting.wrong("a name and arguments"));
    }
    let name = words.remove(0);
    set_name(process, &Setting::Word(name.lossy().into_owned()))?;
    set_arguments(process, words)
}

#[expect(clippy::unnecessary_wraps, reason = "one of several functions by which fields are set")]
fn set_environment(
    process: &mut Process,
    selector: &Selector,
    setting: &Setting,
) -> Result<(), SettingError> {
    let variables = match selector {
        Selector::Key(key) => {
            let variable = [key.as_bytes(), b"=", &setting.text()].concat().into();
            process.environment.iter().cloned().chain([variable]).collect()
        }
        _ => setting.words().into(),
    };
    process.environment = variables;
    Ok(())
}

fn set_capabilities(bits: &mut u64, setting: &Setting) -> Result<(), SettingError> {
    let names: Vec<String> = setting.words().iter().map(|name| name.lossy().into_owned()).collect();
    *bits = words::CAPABILITY.number(&names.join("|")).map_err(|name| {
        Setting::Word(name.to_owned()).wrong("a capability such as CAP_SYS_ADMIN")
    })?;
    Ok(())
}

/// Sets what an open file is, by its name or its character.
pub(super) fn set_kind(file: &mut FileDescriptor, setting: &Setting) -> Result<(), SettingError> {
    let kinds = FileKind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
    file.kind = setting.word(&format!("one of {kinds}"), |word| {
        FileKind::ALL.iter().find(|kind| kind.name() == word || kind.character() == word).copied()
    })?;
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "one of several functions by which fields are set")]
fn set_file_name(file: &mut FileDescriptor, setting: &Setting) -> Result<(), SettingError> {
    file.name = setting.text();
    Ok(())
}
