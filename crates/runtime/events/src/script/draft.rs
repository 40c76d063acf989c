//! An event that is being written down, field by field.

use std::sync::Arc;

use crate::field::Selector;
use crate::{
    Argument, Connection, Container, Event, FileDescriptor, FileKind, Form, Kind, Lineage,
    Mismatch, Pod, Process, Text,
};

use super::{Setting, SettingError, argument, complete};

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
        #[expect(
            clippy::indexing_slicing,
            reason = "there are more than `level` of them since it grew"
        )]
        &mut self.processes[level]
    }

    fn grow(&mut self, level: usize) {
        while self.processes.len() <= level {
            // The first argument, what it was called as, is always there.
            let arguments = Arc::from([Text::default()]);
            self.processes.push(Process { arguments, ..Process::default() });
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
        let role = complete::role(self.event.kind);
        let connection = || Connection { role, ..Connection::default() };
        self.file().connection.get_or_insert_with(connection)
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
            name: selector.to_string().trim_start_matches('.').to_owned(),
            kind: kind.name(),
        })?;
        self.arguments.push((place, setting.clone()));
        Ok(())
    }

    /// The event, with what was not said filled in. An error is about an argument, by its name.
    pub(crate) fn finish(mut self) -> Result<Event, (&'static str, SettingError)> {
        self.set_arguments()?;
        complete::result(&mut self.event, &mut self.file);
        complete::path(&mut self.event, &mut self.file);
        if let Some(file) = &mut self.file {
            complete::connection(&self.event, file);
        }
        let container = self.container.map(|mut container| {
            complete::container(&mut container);
            Arc::new(container)
        });
        let mut lineage = Lineage::default();
        for (generation, mut process) in self.processes.into_iter().enumerate().rev() {
            complete::process(&mut process, generation);
            process.container.clone_from(&container);
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

    fn set_arguments(&mut self) -> Result<(), (&'static str, SettingError)> {
        let parameters = self.event.kind.parameters();
        for (place, setting) in &self.arguments {
            let Some(parameter) = parameters.get(*place) else { continue };
            let named = |cause| (parameter.name, cause);
            match parameter.form {
                Form::Result | Form::ResultFile => {
                    self.event.result = Some(argument::result(setting).map_err(named)?);
                }
                Form::Field(others) => return Err(named(SettingError::Follows { others })),
                form => {
                    let value = argument::read(form, setting).map_err(named)?;
                    self.event.arguments.resize(parameters.len(), Argument::Absent);
                    if let Some(cell) = self.event.arguments.get_mut(*place) {
                        *cell = value;
                    }
                }
            }
        }
        Ok(())
    }
}
