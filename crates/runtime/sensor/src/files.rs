//! What the descriptors of processes stand for.
//!
//! The kernel's records bring the object with its number, so these tables only remember what the object
//! does not tell: by which path it was opened, who asked for a connection, what is closed by `execve`. What
//! was forgotten, or came over a socket from another process, is learnt again from the next record.

mod object;

use std::sync::Arc;

use bulkhead_events::{Connection, FileDescriptor, Role};
use rustc_hash::FxHashMap;

pub(crate) use object::{address, of_file, of_socket, unix_name};

/// Descriptors of one table that are kept. More are looked up when they are used.
const PER_TABLE: usize = 1024;

#[derive(Debug, Clone)]
struct Open {
    file: Arc<FileDescriptor>,
    /// Closed when a program is executed (`FD_CLOEXEC`), or that is not known: what stays open is
    /// learnt again.
    is_closed_by_exec: bool,
}

type Descriptors = FxHashMap<i64, Open>;

#[derive(Debug, Default)]
struct Table {
    /// Processes that share it (`CLONE_FILES`).
    users: usize,
    /// Shared with the tables that were copied from it, until either changes.
    descriptors: Arc<Descriptors>,
}

/// The tables of all processes, by number.
#[derive(Debug)]
pub(crate) struct Tables {
    by_number: FxHashMap<u64, Table>,
    next: u64,
    /// Descriptors of all tables together.
    count: usize,
    limit: usize,
}

impl Tables {
    pub(crate) fn new(limit: usize) -> Self {
        Self { by_number: FxHashMap::default(), next: 1, count: 0, limit }
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// A new table with one user: a copy of another, or empty.
    pub(crate) fn copy(&mut self, from: Option<u64>) -> u64 {
        let from = from.and_then(|number| self.by_number.get(&number));
        let mut descriptors = from.map(|table| Arc::clone(&table.descriptors)).unwrap_or_default();
        if self.count.saturating_add(descriptors.len()) > self.limit {
            descriptors = Arc::default();
        }
        self.count = self.count.saturating_add(descriptors.len());
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.by_number.insert(number, Table { users: 1, descriptors });
        number
    }

    /// One more user of a table.
    pub(crate) fn share(&mut self, number: u64) -> u64 {
        match self.by_number.get_mut(&number) {
            Some(table) => {
                table.users = table.users.saturating_add(1);
                number
            }
            None => self.copy(None),
        }
    }

    /// One user less; without any the table goes.
    pub(crate) fn release(&mut self, number: u64) {
        let Some(table) = self.by_number.get_mut(&number) else { return };
        table.users = table.users.saturating_sub(1);
        if table.users == 0 {
            self.count = self.count.saturating_sub(table.descriptors.len());
            self.by_number.remove(&number);
        }
    }

    /// A program was executed: the process has its own table from now on, without what `execve` closes.
    pub(crate) fn execute(&mut self, number: u64) -> u64 {
        let own = self.copy(Some(number));
        self.release(number);
        self.change(own, |descriptors| descriptors.retain(|_, open| !open.is_closed_by_exec));
        own
    }

    pub(crate) fn get(&self, number: u64, descriptor: i64) -> Option<&Arc<FileDescriptor>> {
        self.by_number.get(&number)?.descriptors.get(&descriptor).map(|open| &open.file)
    }

    /// A descriptor stands for a file from now on. `closes`: `execve` closes it, or may.
    pub(crate) fn set(&mut self, number: u64, file: &Arc<FileDescriptor>, closes: bool) {
        let limit = self.limit;
        let full = self.count >= limit;
        let open = Open { file: Arc::clone(file), is_closed_by_exec: closes };
        self.change(number, |descriptors| {
            let known = descriptors.contains_key(&file.number);
            if known || (descriptors.len() < PER_TABLE && !full) {
                descriptors.insert(file.number, open);
            }
        });
    }

    pub(crate) fn close(&mut self, number: u64, first: i64, last: i64) {
        let Some(table) = self.by_number.get(&number) else { return };
        // Most closes are of what was never seen opened: those need no copy of the table.
        if first != last || table.descriptors.contains_key(&first) {
            self.change(number, |descriptors| {
                descriptors.retain(|descriptor, _| !(first..=last).contains(descriptor));
            });
        }
    }

    /// `FD_CLOEXEC` was set or taken away.
    pub(crate) fn close_on_exec(&mut self, number: u64, first: i64, last: i64, closes: bool) {
        self.change(number, |descriptors| {
            for (descriptor, open) in descriptors {
                if (first..=last).contains(descriptor) {
                    open.is_closed_by_exec = closes;
                }
            }
        });
    }

    fn change(&mut self, number: u64, change: impl FnOnce(&mut Descriptors)) {
        let Some(table) = self.by_number.get_mut(&number) else { return };
        let before = table.descriptors.len();
        change(Arc::make_mut(&mut table.descriptors));
        self.count = self.count.saturating_sub(before).saturating_add(table.descriptors.len());
    }
}

/// Completes what a record has of a descriptor by what is remembered of the same object.
pub(crate) fn complete(fresh: &mut FileDescriptor, known: &FileDescriptor) {
    if fresh.inode != known.inode || fresh.device != known.device {
        return;
    }
    if fresh.name_raw.is_none() {
        fresh.name_raw.clone_from(&known.name_raw);
    }
    if fresh.name.is_empty() {
        fresh.name.clone_from(&known.name);
    }
    if let (Some(fresh), Some(known)) = (&mut fresh.connection, &known.connection) {
        complete_connection(fresh, known);
    }
    if let Some(connection) = &fresh.connection {
        let name = connection.name();
        if !name.is_empty() {
            fresh.name = name;
        }
    }
}

fn complete_connection(fresh: &mut Connection, known: &Connection) {
    if fresh.role == Role::Unknown {
        fresh.role = known.role;
    }
    if fresh.remote.is_none() {
        fresh.remote.clone_from(&known.remote);
    }
    if fresh.local.is_none() {
        fresh.local.clone_from(&known.local);
    }
    fresh.connected |= known.connected;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(number: i64, inode: u64) -> Arc<FileDescriptor> {
        Arc::new(FileDescriptor { number, inode, ..FileDescriptor::default() })
    }

    #[test]
    fn a_copy_is_apart_and_a_shared_table_is_not() {
        let mut tables = Tables::new(100);
        let parent = tables.copy(None);
        tables.set(parent, &file(3, 30), false);
        let child = tables.copy(Some(parent));
        let twin = tables.share(parent);
        tables.set(twin, &file(4, 40), false);
        tables.close(child, 3, 3);
        assert!(tables.get(parent, 3).is_some() && tables.get(parent, 4).is_some());
        assert!(tables.get(child, 3).is_none() && tables.get(child, 4).is_none());
        tables.release(parent);
        assert!(tables.get(twin, 4).is_some());
        tables.release(twin);
        tables.release(child);
        assert_eq!((tables.count(), tables.by_number.len()), (0, 0));
    }

    #[test]
    fn execution_closes_what_was_to_be_closed_and_unshares() {
        let mut tables = Tables::new(100);
        let parent = tables.copy(None);
        tables.set(parent, &file(3, 30), true);
        tables.set(parent, &file(4, 40), false);
        tables.set(parent, &file(5, 50), true);
        tables.close_on_exec(parent, 5, 5, false);
        let twin = tables.share(parent);
        let own = tables.execute(twin);
        assert!(tables.get(own, 3).is_none());
        assert!(tables.get(own, 4).is_some() && tables.get(own, 5).is_some());
        assert!(tables.get(parent, 3).is_some());
    }

    #[test]
    fn memory_is_bounded_whatever_is_opened() {
        let mut tables = Tables::new(5000);
        let mut numbers = vec![tables.copy(None)];
        for step in 0..50_000 {
            let number = numbers[usize::try_from(step % 7).unwrap() % numbers.len()];
            tables.set(number, &file(step % 3000, 1), false);
            if step % 100 == 0 {
                let copy = tables.copy(Some(number));
                numbers.push(copy);
            }
            assert!(tables.count() <= 5000);
        }
        let sum: usize = tables.by_number.values().map(|table| table.descriptors.len()).sum();
        assert_eq!(sum, tables.count());
        tables.close(numbers[0], 0, i64::MAX);
        assert!(tables.get(numbers[0], 1).is_none());
    }

    #[test]
    fn what_is_remembered_of_another_object_is_not_taken() {
        let known = FileDescriptor { inode: 1, name_raw: Some("a".into()), ..Default::default() };
        let mut same = FileDescriptor { inode: 1, ..Default::default() };
        complete(&mut same, &known);
        assert_eq!(same.name_raw, Some("a".into()));
        let mut other = FileDescriptor { inode: 2, ..Default::default() };
        complete(&mut other, &known);
        assert_eq!(other.name_raw, None);
    }
}
