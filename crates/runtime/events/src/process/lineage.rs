//! Who started a process, and who started those.

use std::sync::Arc;

use crate::Process;

/// The line of parents of a process, which lasts beyond the parents themselves.
///
/// It is bounded: where programs start each other for ever, the line is cut at [`Lineage::LONGEST`]
/// and starts anew from the nearest [`Lineage::KEPT`]. So neither memory nor a walk grows without end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lineage {
    parent: Option<Arc<Process>>,
    length: u16,
}

impl Lineage {
    /// No line is longer.
    pub const LONGEST: u16 = 64;

    /// How many ancestors are kept when a line is cut. More than any rule of today asks for.
    pub const KEPT: u16 = 16;

    /// The line of a process that this one started.
    pub fn of(parent: Arc<Process>) -> Self {
        if parent.lineage.length < Self::LONGEST.saturating_sub(1) {
            return Self { length: parent.lineage.length.saturating_add(1), parent: Some(parent) };
        }
        let near: Vec<Arc<Process>> = Self { parent: Some(parent), length: Self::LONGEST }
            .ancestors()
            .take(usize::from(Self::KEPT))
            .cloned()
            .collect();
        near.iter().rev().fold(Self::default(), |lineage, process| {
            Self::of(Arc::new(Process { lineage, ..Process::clone(process) }))
        })
    }

    /// The nearest of them.
    pub fn parent(&self) -> Option<&Arc<Process>> {
        self.parent.as_ref()
    }

    /// All of them, the nearest first.
    pub fn ancestors(&self) -> Ancestors<'_> {
        Ancestors { next: self.parent.as_ref() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        usize::from(self.length)
    }

    /// Whether nobody is known to have started the process.
    pub fn is_empty(&self) -> bool {
        self.parent.is_none()
    }
}

/// The ancestors of a process, the nearest first.
#[derive(Debug, Clone)]
pub struct Ancestors<'a> {
    next: Option<&'a Arc<Process>>,
}

impl<'a> Iterator for Ancestors<'a> {
    type Item = &'a Arc<Process>;

    fn next(&mut self) -> Option<Self::Item> {
        let process = self.next?;
        self.next = process.lineage.parent();
        Some(process)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_is_cut_and_keeps_the_nearest() {
        let mut process = Arc::new(Process { pid: 1, ..Process::default() });
        for pid in 2..10_000 {
            let lineage = Lineage::of(process);
            process = Arc::new(Process { pid, lineage, ..Process::default() });
            assert!(process.lineage.len() <= usize::from(Lineage::LONGEST));
            assert_eq!(process.ancestors().count(), process.lineage.len());
            let near: Vec<u32> = process.ancestors().take(15).map(|other| other.pid).collect();
            let expected: Vec<u32> = (1..pid).rev().take(15).collect();
            assert_eq!(near, expected);
        }
    }
}
