//! Fields of who started the process, and who started those.

use super::{
    PROCESS, called_as, command_line, environment, name, path, set_arguments, set_called_as,
    set_command_line, set_environment, set_name,
};
use crate::field::Need;
use crate::field::row::{FieldRow, rows};
use crate::field::selector::Selector;
use crate::{Event, Process, Value};

const LINEAGE: &[Need] = &[Need::Process, Need::Lineage];
const LINE: &[Need] = &[Need::Process, Need::Lineage, Need::CommandLine];
const EXECUTABLE: &[Need] = &[Need::Process, Need::Lineage, Need::Executable];
const ENVIRONMENT: &[Need] = &[Need::Process, Need::Lineage, Need::Environment];

/// In brackets stands how many generations back: 0 is the process itself, 1 its parent. Without
/// brackets, any ancestor is meant.
pub(in crate::field) const ROWS: &[FieldRow] = rows! {
    "proc.pname" Text LINEAGE: "The short name of the parent.",
        @Process |process, _| parent(process, name),
        by(|draft, _, setting| set_name(draft.ancestor(1), setting));
    "proc.pexe" Text LINE: "What the parent was called as.",
        @Process |process, _| parent(process, called_as),
        by(|draft, _, setting| set_called_as(draft.ancestor(1), setting));
    "proc.pexepath" Text EXECUTABLE: "The path of what the parent executes.",
        @Process |process, _| parent(process, path),
        by(|draft, _, setting| {
            draft.ancestor(1).executable.path = setting.text();
            Ok(())
        });
    "proc.pargs" Text LINE: "The arguments of the parent without the first.",
        @Process |process, _| parent(process, |process| process.arguments_line().into()),
        by(|draft, _, setting| set_arguments(draft.ancestor(1), setting.words()));
    "proc.pcmdline" Text LINE: "The short name of the parent, then its arguments without the first.",
        @Process |process, _| parent(process, command_line),
        by(|draft, _, setting| set_command_line(draft.ancestor(1), setting));
    "proc.ppid" Number LINEAGE: "The number that the host gives the parent.",
        @Process |process, _| parent(process, pid),
        by(|draft, _, setting| {
            draft.ancestor(1).pid = setting.read()?;
            Ok(())
        });
    "proc.pvpid" Number LINEAGE: "The number that the parent has in its own namespace.",
        @Process |process, _| parent(process, |process| process.vpid.into()),
        by(|draft, _, setting| {
            draft.ancestor(1).vpid = setting.read()?;
            Ok(())
        });
    "proc.ppid.duration" Duration LINEAGE: "For how long the parent has run.",
        |event, _| event.process.parent().map_or(Value::Null, |parent| lifetime(event, parent)),
        by(|draft, _, setting| {
            draft.ancestor(1).started = draft.event().time.saturating_sub(setting.read()?);
            Ok(())
        });
    "proc.ppid.ts" Time LINEAGE: "When the parent was born.",
        @Process |process, _| parent(process, |process| Value::nonzero(process.started)),
        by(|draft, _, setting| {
            draft.ancestor(1).started = setting.read()?;
            Ok(())
        });
    "proc.aname" Text LINEAGE Any of Index: "The short name of an ancestor.",
        @Process |process, selector| ancestors(process, selector, name),
        by(|draft, selector, setting| set_name(draft.ancestor(generation(selector)), setting));
    "proc.aexe" Text LINE Any of Index: "What an ancestor was called as.",
        @Process |process, selector| ancestors(process, selector, called_as),
        by(|draft, selector, setting| set_called_as(draft.ancestor(generation(selector)), setting));
    "proc.aexepath" Text EXECUTABLE Any of Index: "The path of what an ancestor executes.",
        @Process |process, selector| ancestors(process, selector, path),
        by(|draft, selector, setting| {
            draft.ancestor(generation(selector)).executable.path = setting.text();
            Ok(())
        });
    "proc.aargs" Text LINE Any of Index: "The arguments of an ancestor without the first.",
        @Process |process, selector| ancestors(process, selector, |process| process.arguments_line().into()),
        by(|draft, selector, setting| set_arguments(draft.ancestor(generation(selector)), setting.words()));
    "proc.acmdline" Text LINE Any of Index: "The short name of an ancestor, then its arguments without the first.",
        @Process |process, selector| ancestors(process, selector, command_line),
        by(|draft, selector, setting| set_command_line(draft.ancestor(generation(selector)), setting));
    "proc.apid" Number LINEAGE Any of Index: "The number that the host gives an ancestor.",
        @Process |process, selector| ancestors(process, selector, pid),
        by(|draft, selector, setting| {
            draft.ancestor(generation(selector)).pid = setting.read()?;
            Ok(())
        });
    "proc.aenv" Text ENVIRONMENT Any of IndexOrKey: "The environment of an ancestor, or the value of a variable of the nearest that has it.",
        @Process inherited,
        by(|draft, selector, setting| {
            let variable = if let Selector::Key(_) = selector { selector } else { &Selector::Nothing };
            set_environment(draft.ancestor(generation(selector)), variable, setting)
        });
    "proc.loginshellid" Number LINEAGE: "The eldest shell among the process and its ancestors: one whose short name ends in `sh`.",
        @Process |process, _| {
            let line = std::iter::once(process).chain(process.ancestors().map(|ancestor| &**ancestor));
            line.filter(|one| one.name.ends_with(b"sh")).last().map(|shell| shell.pid).into()
        },
        from("proc.name and the ancestors");
    "proc.nancestors" Number PROCESS: "How many ancestors are known.",
        @Process |process, _| Value::unsigned(process.lineage.len() as u64), from("the ancestors");
};

/// How something is taken from a process.
type Part = for<'e> fn(&'e Process) -> Value<'e>;

fn parent(process: &Process, part: Part) -> Value<'_> {
    process.parent().map_or(Value::Null, |parent| part(parent))
}

fn ancestors<'e>(process: &'e Process, selector: &Selector, part: Part) -> Value<'e> {
    let Selector::Index(generation) = selector else {
        if process.lineage.is_empty() {
            return Value::Null;
        }
        let values = process.ancestors().map(|ancestor| part(ancestor));
        return Value::List(values.filter(Value::exists).collect());
    };
    match generation.checked_sub(1) {
        None => part(process),
        Some(skipped) => {
            process.ancestors().nth(skipped).map_or(Value::Null, |ancestor| part(ancestor))
        }
    }
}

fn inherited<'e>(process: &'e Process, selector: &Selector) -> Value<'e> {
    let Selector::Key(_) = selector else {
        return ancestors(process, selector, |one| environment(one, &Selector::Nothing));
    };
    let mut values = process.ancestors().map(|ancestor| environment(ancestor, selector));
    values.find(Value::exists).unwrap_or(Value::Null)
}

/// Which process is set. Without brackets it is the parent, which is one of the ancestors.
fn generation(selector: &Selector) -> usize {
    match selector {
        Selector::Index(generation) => *generation,
        _ => 1,
    }
}

fn pid(process: &Process) -> Value<'_> {
    process.pid.into()
}

/// For how long a process has run.
pub(super) fn lifetime(event: &Event, process: &Process) -> Value<'static> {
    super::between(process.started, event.time)
}

/// Who leads the session of a process.
pub(super) fn session_leader(process: &Process) -> &Process {
    leader(process, |process| process.session)
}

/// Who leads the group of processes that a process belongs to.
pub(super) fn group_leader(process: &Process) -> &Process {
    leader(process, |process| process.virtual_process_group)
}

/// Who leads processes that all have the same number: the eldest in an unbroken line of ancestors that have it, or
/// the process itself.
fn leader(process: &Process, number: fn(&Process) -> u32) -> &Process {
    let own = number(process);
    let line = process.ancestors().take_while(|ancestor| number(ancestor) == own);
    line.last().map_or(process, |leader| leader)
}
