//! An event that is being written down, field by field.

use std::sync::Arc;

use crate::field::Selector;
use crate::{
    Account, Argument, Connection, Container, Event, FileDescriptor, FileKind, Form, Kind, Lineage,
    Mismatch, Pod, Process, Text,
};

use super::{Setting, SettingError, argument};

/// An event whose fields are set one after the other, in the order of the table of fields.
///
/// [`Draft::finish`] fills in what was not said, so that the event is one that a kernel could tell.
#[derive(Debug)]
pub(crate) struct Draft {
    event: Event,
    /// The process itself, its parent, and so on.
    processes: Vec<Process>,
    container: Option<Container>,
    file: Option<FileDescriptor>,
    arguments: Vec<(usize, Setting)>,
}

impl Draft {
    pub(crate) fn new(kind: Kind) -> Self {
        let mut draft = Self {
            event: Event::new(kind),
            processes: Vec::new(),
            container: None,
            file: None,
            arguments: Vec::new(),
        };
        draft.grow(0);
        draft
    }

    /// What happened, without what it is about.
    pub(crate) fn event(&mut self) -> &mut Event {
        &mut self.event
    }

    /// The process itself.
    pub(crate) fn process(&mut self) -> &mut Process {
        self.ancestor(0)
    }

    /// The process itself for 0, its parent for 1, and so on. Those too far away are the farthest.
    pub(crate) fn ancestor(&mut self, level: usize) -> &mut Process {
        let level = level.min(usize::from(Lineage::LONGEST).saturating_sub(1));
        self.grow(level);
        let farthest = self.processes.len().saturating_sub(1);
        // `grow` has made it.
        #[expect(
            clippy::indexing_slicing,
            reason = "there is at least one, and the index is below their number"
        )]
        &mut self.processes[level.min(farthest)]
    }

    fn grow(&mut self, level: usize) {
        while self.processes.len() <= level {
            let user = Account::default();
            self.processes.push(Process {
                arguments: Arc::from([Text::default()]),
                user,
                ..Process::default()
            });
        }
    }

    /// The container that it happens in.
    pub(crate) fn container(&mut self) -> &mut Container {
        self.container.get_or_insert_default()
    }

    /// The pod of the container that it happens in.
    pub(crate) fn pod(&mut self) -> &mut Pod {
        self.container().pod.get_or_insert_default()
    }

    /// One of the standard files of the process, by its number from 0 to 2.
    pub(crate) fn standard(&mut self, number: usize) -> &mut FileDescriptor {
        let [input, output, error] = &mut self.process().standard;
        let file = match number {
            0 => input,
            1 => output,
            _ => error,
        };
        Arc::make_mut(file.get_or_insert_default())
    }

    /// It happens in no container.
    pub(crate) fn on_host(&mut self) {
        self.container = None;
    }

    /// The file that it is about.
    pub(crate) fn file(&mut self) -> &mut FileDescriptor {
        let kind = self.event.kind;
        self.file.get_or_insert_with(|| FileDescriptor {
            number: FileDescriptor::UNSET,
            kind: if kind.opens_path().is_some() { FileKind::File } else { FileKind::Unknown },
            ..FileDescriptor::default()
        })
    }

    /// The connection that it is about.
    pub(crate) fn connection(&mut self) -> &mut Connection {
        self.file().connection.get_or_insert_default()
    }

    /// An argument that was changed while the call went on.
    pub(crate) fn mismatch(&mut self) -> &mut Mismatch {
        self.event.mismatch.get_or_insert_with(|| {
            let [seen, used] = <[Text; 2]>::default();
            Box::new(Mismatch { argument: "name".into(), seen, used })
        })
    }

    /// An argument of the call.
    pub(crate) fn argument(
        &mut self,
        selector: &Selector,
        setting: &Setting,
    ) -> Result<(), SettingError> {
        let kind = self.event.kind;
        let place = selector.place(kind).filter(|place| *place < kind.parameters().len());
        let place = place.ok_or_else(|| SettingError::NoArgument {
            name: selector.to_string(),
            kind: kind.name(),
        })?;
        self.arguments.push((place, setting.clone()));
        Ok(())
    }

    /// The event, with what was not said filled in.
    pub(crate) fn finish(mut self) -> Result<Event, SettingError> {
        self.set_arguments()?;
        self.complete_result();
        self.complete_file();
        let mut lineage = Lineage::default();
        let container = self.container.take().map(Arc::new);
        for (level, mut process) in self.processes.into_iter().enumerate().rev() {
            complete(&mut process, level);
            // Whoever started the first process of a container is outside of it, but nobody writes that down.
            process.container = container.clone();
            process.lineage = lineage;
            let process = Arc::new(process);
            lineage = Lineage::of(Arc::clone(&process));
            self.event.process = process;
        }
        if self.event.thread == 0 {
            self.event.thread = self.event.process.pid;
        }
        if self.event.virtual_thread == 0 {
            self.event.virtual_thread = self.event.process.vpid;
        }
        self.event.file = self.file.map(Arc::new);
        Ok(self.event)
    }

    fn set_arguments(&mut self) -> Result<(), SettingError> {
        let parameters = self.event.kind.parameters();
        for (place, setting) in std::mem::take(&mut self.arguments) {
            let Some(parameter) = parameters.get(place) else { continue };
            match parameter.form {
                Form::Result | Form::ResultFile => {
                    self.event.result = Some(argument::result(&setting)?);
                }
                Form::Field(field) => return Err(SettingError::Follows { others: field }),
                form => {
                    let value = argument::read(form, &setting)?;
                    self.event.arguments.resize(parameters.len(), Argument::Absent);
                    if let Some(cell) = self.event.arguments.get_mut(place) {
                        *cell = value;
                    }
                }
            }
        }
        Ok(())
    }

    /// What a call returned that went well: zero, or the number of the file that it opened.
    fn complete_result(&mut self) {
        let first = self.event.kind.parameters().first();
        let opens = first.is_some_and(|first| matches!(first.form, Form::ResultFile));
        let number = self.file.as_ref().map(|file| file.number);
        let number = number.filter(|number| *number != FileDescriptor::UNSET);
        if self.event.result.is_none() && self.event.kind.is_system_call() {
            self.event.result = Some(match number {
                Some(number) if opens && number < 0 => -2,
                Some(number) if opens => number,
                None if opens => FIRST_FREE,
                _ => 0,
            });
        }
        if let (Some(file), None) = (&mut self.file, number) {
            let result = self.event.result.unwrap_or_default();
            file.number = if !opens { FIRST_FREE } else { result.max(-1) };
        }
    }

    /// The file of a call that opens a path is the one that the path leads to.
    fn complete_file(&mut self) {
        let Some(place) = self.event.kind.opens_path() else { return };
        let number = self.event.result.unwrap_or_default().max(-1);
        let path = self.event.arguments.get(place).unwrap_or(&Argument::Absent);
        match (&mut self.file, path) {
            (None, Argument::Path { given, resolved }) => {
                self.file = Some(FileDescriptor {
                    number,
                    kind: FileKind::File,
                    name: resolved.clone().unwrap_or_else(|| given.clone()),
                    name_raw: Some(given.clone()),
                    ..FileDescriptor::default()
                });
            }
            (Some(file), path) => {
                if file.name_raw.is_none() {
                    let given = match path {
                        Argument::Path { given, .. } => given,
                        _ => &file.name,
                    };
                    file.name_raw = Some(given.clone());
                }
                if matches!(path, Argument::Absent) {
                    let path = Argument::Path {
                        given: file.name_raw.clone().unwrap_or_default(),
                        resolved: Some(file.name.clone()),
                    };
                    let count = self.event.kind.parameters().len();
                    self.event.arguments.resize(count, Argument::Absent);
                    if let Some(cell) = self.event.arguments.get_mut(place) {
                        *cell = path;
                    }
                }
            }
            _ => {}
        }
    }
}

/// The number of the first file that a program opens.
const FIRST_FREE: i64 = 3;

/// Numbers of the processes of an event: its own, and one less for each generation before.
const FIRST_PID: u32 = 4000;

/// Fills in what was not said of a process.
fn complete(process: &mut Process, level: usize) {
    if process.pid == 0 {
        process.pid = FIRST_PID.saturating_sub(u32::try_from(level).unwrap_or_default());
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
        process.executable.path =
            called.unwrap_or_else(|| [b"/usr/bin/", process.name.as_bytes()].concat().into());
    }
    if process.directory.is_empty() {
        process.directory = "/".into();
    }
    complete_account(&mut process.user);
    complete_account(&mut process.group);
    if let Some(login) = &mut process.login {
        complete_account(login);
    }
}

/// Number 0 is root.
fn complete_account(account: &mut Account) {
    if account.id == 0 && account.name.is_none() {
        account.name = Some("root".into());
    }
}
