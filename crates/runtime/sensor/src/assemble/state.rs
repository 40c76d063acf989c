//! What a record tells of its own process.

use std::sync::Arc;

use bulkhead_events::{Account, Capabilities, Composed, Executable, Lineage, Process, Text};
use bulkhead_probes::{
    Credentials, FileObject, Kind, Part, Record, Role, Value, file_attributes, part_flags,
};

use super::Assembler;
use crate::groups::{GroupKey, Occasion};
use crate::processes::{Entry, ProcessKey};
use crate::{Surroundings, View};

/// Words of a command line or an environment that are kept.
const WORDS: usize = 4096;

/// Words further on among which one is looked for that was there before.
const MOVED: usize = 4;

/// Who did not log in.
const NOBODY: u32 = u32::MAX;

impl<S: Surroundings> Assembler<S> {
    /// Brings the state up to what a record says of its process, and enters a process that was not known.
    pub(super) fn learn(&mut self, record: &Record<'_>, occasion: Occasion) -> ProcessKey {
        let header = record.header;
        let key = key(record);
        let group = self.group_of(record, key);
        if self.processes.get(key).is_none() {
            self.born(record, false);
        }
        let now = header.time.get();
        let starts = record.kind == Kind::Execute;
        let namespace = header.mount_namespace.get();
        let mut occasion = occasion;
        if starts && header.inner_process.get() == 1 && header.process.get() != 1 {
            // The first program of a container: until now the root may have been the host's.
            self.accounts.forget(namespace);
            occasion = Occasion::First;
        }
        let dweller = self.groups.container(group, occasion, now, &mut self.surroundings);
        let container = dweller.container;
        let groups = &self.groups;
        let view = || View {
            process: header.process.get(),
            mount_namespace: namespace,
            root: groups.root(group),
            has_own_numbers: container.is_some(),
        };
        self.accounts.refresh(&view, namespace, now, starts, &mut self.surroundings);
        let is_forgotten = self.groups.wants_paths(group);
        let Some(entry) = self.processes.get(key) else { return key };
        // Of a group that had to be forgotten its processes still know what it was.
        let container = if is_forgotten { entry.process.container.clone() } else { container };
        entry.group = group;
        entry.mount_namespace = namespace;
        let user = header.effective_user.get();
        let is_leader = header.thread.get() == header.process.get() || starts;
        let old = &entry.process;
        let same = match (&old.container, &container) {
            (Some(old), Some(new)) => Arc::ptr_eq(old, new),
            (None, None) => true,
            _ => false,
        };
        let stands = same
            && old.user.id == user
            && (old.user.name.is_some() || self.accounts.user(namespace, user).name.is_none())
            && (!is_leader || *old.name == *record.name())
            && !record.parts().any(|part| tells(&part));
        if !stands {
            let mut process = Process::clone(old);
            process.composed = Composed::default();
            process.container = container;
            if is_leader {
                process.name = record.name().into();
            }
            process.user = self.accounts.user(namespace, user);
            for part in record.parts() {
                take(&mut process, &part);
            }
            process.group = self.accounts.group(namespace, process.group.id);
            if let Some(login) = &mut process.login {
                *login = self.accounts.user(namespace, login.id);
            }
            entry.process = Arc::new(process);
        }
        if dweller.is_news {
            self.tell_container(group, now);
        }
        key
    }

    /// Enters the process of a record: as its parent is, but for what the record says.
    pub(super) fn born(&mut self, record: &Record<'_>, shares_files: bool) {
        let header = record.header;
        let key = key(record);
        let parent = self.parent_of(record);
        let files = match &parent {
            Some(parent) if shares_files => self.tables.share(parent.files),
            Some(parent) if record.kind == Kind::Fork => self.tables.copy(Some(parent.files)),
            _ => self.tables.copy(None),
        };
        let started = self.boot.saturating_add(header.started.get());
        let mut process = match &parent {
            // Only of a child that was just born all is known by its parent.
            Some(parent) if record.kind == Kind::Fork => Process::clone(&parent.process),
            _ => Process::default(),
        };
        let in_namespace = parent.as_ref().map_or(0, |parent| parent.process.namespace_started);
        process.pid = header.process.get();
        process.vpid = header.inner_process.get();
        process.started = started;
        process.namespace_started = if process.vpid == 1 { started } else { in_namespace };
        process.name = record.name().into();
        process.group.id = header.group.get();
        process.lineage =
            parent.map_or_else(Lineage::default, |parent| Lineage::of(parent.process));
        let group = GroupKey { hierarchy: header.hierarchy.get(), number: header.cgroup.get() };
        let namespace = header.mount_namespace.get();
        let mut entry = Entry::new(key, Arc::new(process), group, namespace, files);
        entry.parent = parent_key(record);
        entry.inside = numbers(record).collect();
        for gone in self.processes.insert(entry) {
            self.tables.release(gone.files);
        }
    }

    fn parent_of(&mut self, record: &Record<'_>) -> Option<Entry> {
        let parent = parent_key(record);
        if parent.number == 0 || parent.number == record.header.process.get() {
            return None;
        }
        self.processes.parent(parent).cloned()
    }

    /// The group of a record, entered by its paths where it has them.
    fn group_of(&mut self, record: &Record<'_>, key: ProcessKey) -> GroupKey {
        let header = record.header;
        let group = GroupKey { hierarchy: header.hierarchy.get(), number: header.cgroup.get() };
        if self.groups.wants_paths(group) {
            // Of one that goes deeper than the kernel's programs look, what is outermost is missing, which may be a
            // container's: then it is as it was before.
            let path = |role| record.text(role, 0, part_flags::TRUNCATED);
            let paths = [path(Role::CgroupUnified), path(Role::CgroupLegacy)];
            let paths: Arc<[String]> = paths
                .into_iter()
                .flatten()
                .map(|path| String::from_utf8_lossy(path).into())
                .collect();
            if !paths.is_empty() {
                let is_fresh = record.kind == Kind::Move;
                self.groups.enter(group, paths, is_fresh, header.time.get());
            } else if let Some(entry) = self.processes.get(key) {
                // Nothing tells of the new group yet: better the one before than none.
                return entry.group;
            }
        }
        group
    }
}

pub(super) fn key(record: &Record<'_>) -> ProcessKey {
    ProcessKey { number: record.header.process.get(), started: record.header.started.get() }
}

/// What a process is called in namespaces of numbers, its own first.
fn numbers(record: &Record<'_>) -> impl Iterator<Item = (u32, u32)> {
    let own = (record.header.pid_namespace.get(), record.header.inner_process.get());
    let between = record.parts().find_map(|part| match part.value {
        Value::Numbers(all) => Some(all.namespaces.iter().zip(&all.numbers)),
        _ => None,
    });
    let between = between.into_iter().flatten();
    let between = between.map(|(namespace, number)| (namespace.get(), number.get()));
    std::iter::once(own).chain(between.filter(|(namespace, _)| *namespace != 0))
}

fn parent_key(record: &Record<'_>) -> ProcessKey {
    let header = record.header;
    ProcessKey { number: header.parent.get(), started: header.parent_started.get() }
}

/// Whether a part says something of the process that made the record.
fn tells(part: &Part<'_>) -> bool {
    match part.value {
        Value::Credentials(_) | Value::Process(_) => true,
        _ => matches!(
            part.role,
            Role::Executable | Role::CommandLine | Role::Environment | Role::WorkingDirectory
        ),
    }
}

/// Takes over what a part says.
fn take(process: &mut Process, part: &Part<'_>) {
    match (part.role, part.value) {
        (Role::Executable, Value::Text(path)) => {
            process.executable.path = path.into();
            process.executable.deleted |= part.flags & part_flags::UNLINKED != 0;
        }
        (Role::Executable, Value::File(file)) => {
            let path = std::mem::take(&mut process.executable.path);
            process.executable = executable(file, path, part.flags & part_flags::UNLINKED != 0);
        }
        (Role::CommandLine, Value::Text(text)) => {
            process.arguments = words(text, &process.arguments);
        }
        (Role::Environment, Value::Text(text)) => {
            process.environment = words(text, &process.environment);
        }
        (Role::WorkingDirectory, Value::Text(path)) if *process.directory != *path => {
            process.directory = path.into();
        }
        (_, Value::Credentials(sets)) => take_credentials(process, sets),
        (_, Value::Process(state)) => {
            process.session = state.session.get();
            process.process_group = state.group.get();
            process.virtual_process_group = state.inner_group.get();
            process.terminal = state.terminal.get();
        }
        _ => {}
    }
}

fn take_credentials(process: &mut Process, sets: &Credentials) {
    process.group = Account { id: sets.effective_group.get(), ..Account::default() };
    let login = sets.login_user.get();
    process.login = (login != NOBODY).then(|| Account { id: login, ..Account::default() });
    process.capabilities = Capabilities {
        effective: sets.effective.get(),
        permitted: sets.permitted.get(),
        inheritable: sets.inheritable.get(),
    };
}

fn executable(file: &FileObject, path: Text, unlinked: bool) -> Executable {
    let attributes = file.attributes.get();
    let has = |attribute: u32| attributes & attribute != 0;
    let nanoseconds = |time: i64| u64::try_from(time).unwrap_or(0);
    Executable {
        path,
        inode: file.inode.get(),
        changed: nanoseconds(file.changed.get()),
        modified: nanoseconds(file.modified.get()),
        writable: has(file_attributes::WRITABLE),
        upper_layer: has(file_attributes::UPPER),
        lower_layer: has(file_attributes::OVERLAY) && !has(file_attributes::UPPER),
        from_memory: has(file_attributes::MEMORY),
        deleted: unlinked || file.links.get() == 0,
    }
}

/// Words with a zero behind each. Most are those that a process had before, since it got its environment from its
/// parent: these are kept once.
fn words(text: &[u8], before: &Arc<[Text]>) -> Arc<[Text]> {
    let text = text.strip_suffix(b"\0").unwrap_or(text);
    if text.is_empty() {
        return Arc::default();
    }
    let mut rest = &**before;
    let words = text.split(|byte| *byte == 0).take(WORDS).map(|word| {
        // One or two were taken out or changed in between.
        let place = rest.iter().take(MOVED).position(|old| **old == *word);
        let old = place.and_then(|place| rest.split_at_checked(place));
        let Some((word, after)) = old.and_then(|(_, from)| from.split_first()) else {
            return Text::from(word);
        };
        rest = after;
        word.clone()
    });
    let words: Vec<Text> = words.collect();
    let are_same = words.len() == before.len()
        && words.iter().zip(&**before).all(|(word, old)| word.same(old));
    if are_same { Arc::clone(before) } else { words.into() }
}
