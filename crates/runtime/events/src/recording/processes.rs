//! Processes in recordings.

use super::files::{bits, truths};
use super::input::{Fault, Input};
use super::output::Output;
use super::reader::Known;
use super::writer::Definitions;
use crate::{Account, Capabilities, Composed, Executable, Lineage, Process, Text};

/// The parent of a process is defined before it.
pub(super) fn put(process: &Process, known: &mut Definitions, out: &mut Output) {
    let Process { pid, vpid, lineage, name, arguments, environment, executable, .. } = process;
    let Process { directory, terminal, user, group, login, session, process_group, .. } = process;
    let Process { virtual_process_group, started, namespace_started, capabilities, .. } = process;
    let Process { standard, container, .. } = process;
    out.number(*pid);
    out.number(*vpid);
    out.number(lineage.parent().map_or(0, |parent| known.process(parent)));
    out.number(known.text(name));
    put_texts(arguments, known, out);
    put_texts(environment, known, out);
    let Executable { path, inode, changed, modified, writable, .. } = executable;
    let Executable { upper_layer, lower_layer, from_memory, deleted, .. } = executable;
    out.number(known.text(path));
    for number in [*inode, *changed, *modified] {
        out.number(number);
    }
    out.byte(bits([*writable, *upper_layer, *lower_layer, *from_memory]));
    out.number(known.text(directory));
    out.number(*terminal);
    put_account(user, known, out);
    put_account(group, known, out);
    out.byte(bits([login.is_some(), *deleted, false, false]));
    if let Some(login) = login {
        put_account(login, known, out);
    }
    for number in [session, process_group, virtual_process_group] {
        out.number(*number);
    }
    let Capabilities { effective, permitted, inheritable } = capabilities;
    for number in [started, namespace_started, effective, permitted, inheritable] {
        out.number(*number);
    }
    for file in standard {
        out.number(file.as_ref().map_or(0, |file| known.file(file)));
    }
    out.number(container.as_ref().map_or(0, |container| known.container(container)));
}

pub(super) fn take(known: &Known, input: &mut Input<'_>) -> Result<Process, Fault> {
    let (pid, vpid) = (input.fitting()?, input.fitting()?);
    let lineage = known.process(input)?.map_or_else(Lineage::default, Lineage::of);
    let name = known.text(input)?;
    let (arguments, environment) = (known.texts(input)?, known.texts(input)?);
    let path = known.text(input)?;
    let (inode, changed, modified) = (input.number()?, input.number()?, input.number()?);
    let [writable, upper_layer, lower_layer, from_memory] = truths(input.byte()?);
    let directory = known.text(input)?;
    let terminal = input.fitting()?;
    let (user, group) = (take_account(known, input)?, take_account(known, input)?);
    let [logged_in, deleted, ..] = truths(input.byte()?);
    let login = logged_in.then(|| take_account(known, input)).transpose()?;
    Ok(Process {
        pid,
        vpid,
        lineage,
        name,
        arguments,
        environment,
        executable: Executable {
            path,
            inode,
            changed,
            modified,
            writable,
            upper_layer,
            lower_layer,
            from_memory,
            deleted,
        },
        directory,
        terminal,
        user,
        group,
        login,
        session: input.fitting()?,
        process_group: input.fitting()?,
        virtual_process_group: input.fitting()?,
        started: input.number()?,
        namespace_started: input.number()?,
        capabilities: Capabilities {
            effective: input.number()?,
            permitted: input.number()?,
            inheritable: input.number()?,
        },
        standard: [known.file(input)?, known.file(input)?, known.file(input)?],
        container: known.container(input)?,
        composed: Composed::default(),
    })
}

fn put_texts(texts: &[Text], known: &mut Definitions, out: &mut Output) {
    out.count(texts.len());
    for text in texts {
        out.number(known.text(text));
    }
}

fn put_account(account: &Account, known: &mut Definitions, out: &mut Output) {
    let Account { id, name, home, shell } = account;
    out.number(*id);
    for text in [name, home, shell] {
        out.number(known.optional(text.as_ref()));
    }
}

fn take_account(known: &Known, input: &mut Input<'_>) -> Result<Account, Fault> {
    let id = input.fitting()?;
    let mut next = || known.optional(input);
    Ok(Account { id, name: next()?, home: next()?, shell: next()? })
}
