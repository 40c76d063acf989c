//! Containers that are known now, told of once each, and what of them was lost.

use std::sync::Arc;

use bulkhead_events::{Argument, Container, Event, Kind, Process};
use bulkhead_probes::{Lane, Record};

use super::Assembler;
use crate::Surroundings;
use crate::groups::GroupKey;
use crate::processes::ProcessKey;

impl<S: Surroundings> Assembler<S> {
    /// Looks again for what is not known of containers yet, and tells of those that nothing more was found out of in
    /// time. To be called now and then; `now` in nanoseconds since the machine started.
    pub fn look_again(&mut self, now: u64) {
        for (group, container) in self.groups.look_again(now, &mut self.surroundings) {
            self.tell_of(group, &container, now);
        }
    }

    /// Records of a container were lost, by its id; of the host where that is empty.
    pub fn lose(&mut self, container: &str, lane: Lane, count: u64, now: u64) {
        let mut event = Event::new(Kind::LOSS);
        event.time = self.boot.saturating_add(now);
        let container = self.groups.named(container);
        event.process = Arc::new(Process { container, ..Process::default() });
        let lane = format!("{lane:?}").to_ascii_lowercase();
        event.arguments = vec![Argument::Text(lane.into()), Argument::Number(count.cast_signed())];
        self.tell_besides(event);
    }

    /// The container of a group is known well enough.
    pub(super) fn tell_container(&mut self, group: GroupKey, now: u64) {
        if let Some(container) = self.groups.untold(group) {
            self.tell_of(group, &container, now);
        }
    }

    /// A process ends: was it the last of a container that was not told of yet, nothing more is found out of that.
    pub(super) fn tell_last(&mut self, record: &Record<'_>, key: ProcessKey) {
        let Some(group) = self.processes.get(key).map(|entry| entry.group) else { return };
        let Some(container) = self.groups.untold(group) else { return };
        if self.processes.dwellers(&container).all(|entry| entry.key == key) {
            self.tell_of(group, &container, record.header.time.get());
        }
    }

    /// Tells of a container, unless that was done by another of its groups which it still has.
    fn tell_of(&mut self, group: GroupKey, container: &Arc<Container>, now: u64) {
        self.groups.tell(group);
        let told_by = self.groups.told_by(container, group);
        let has_processes = |in_it: bool| {
            let mut dwellers = self.processes.dwellers(container);
            dwellers.any(
                |entry| if in_it { entry.group == group } else { told_by.contains(&entry.group) },
            )
        };
        // A group that nobody is in is one of several of processes that are told by another; but for those that ended.
        if !told_by.is_empty() && (has_processes(false) || !has_processes(true)) {
            return;
        }
        self.processes.know(container);
        let mut event = Event::new(Kind::CONTAINER);
        event.time = self.boot.saturating_add(now);
        let first = self.first_of(container);
        (event.thread, event.virtual_thread) = (first.pid, first.vpid);
        event.process = first;
        self.tell_besides(event);
    }

    /// The process of a container that is there for longest; of one that has none any more nothing but the container.
    fn first_of(&self, container: &Arc<Container>) -> Arc<Process> {
        let first = self
            .processes
            .dwellers(container)
            .min_by_key(|entry| (entry.key.started, entry.key.number));
        first.map_or_else(
            || Arc::new(Process { container: Some(Arc::clone(container)), ..Process::default() }),
            |entry| Arc::clone(&entry.process),
        )
    }

    /// Gives containers that were told of at the start the first of their processes, whose ancestors are known by now.
    pub(super) fn know_dwellers(&mut self) {
        let mut told = std::mem::take(&mut self.besides);
        for event in &mut told {
            if let (Kind::CONTAINER, Some(container)) =
                (event.kind, event.process.container.clone())
            {
                event.process = self.first_of(&container);
                (event.thread, event.virtual_thread) = (event.process.pid, event.process.vpid);
            }
        }
        self.besides = told;
    }
}
