//! What was made and lost, by the kernel's own counters.

use std::collections::BTreeMap;

use bulkhead_probes::{Lane, processor_of};

use super::super::protocol::{Answer, Question};
use super::Engine;
use crate::SensorError;

/// What was made and lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Losses {
    /// By processor and lane, as the kernel counts them: made, and lost of these. What is neither read nor
    /// lost is on its way.
    pub by_kernel: Vec<(u32, Lane, u64, u64)>,
    /// Lost records by container and lane.
    pub by_container: BTreeMap<(String, Lane), u64>,
    /// Runs of the probes' programs that the kernel passed over, by program. How many records that are is not known.
    pub passed_over: BTreeMap<String, u64>,
}

impl Losses {
    /// What was lost since an earlier look: by the container's id, empty for the host, and lane. The kernel remembers the
    /// containers that lost something last; what it counted of others is told as the host's.
    pub(super) fn since(&self, earlier: &Self) -> Vec<(String, Lane, u64)> {
        let mut lost: BTreeMap<(String, Lane), u64> = BTreeMap::new();
        for lane in Lane::ALL {
            let more = self.of_lane(*lane).saturating_sub(earlier.of_lane(*lane));
            let mut rest = more;
            for ((id, of), count) in self.by_container.iter().filter(|((_, of), _)| of == lane) {
                let before = earlier.by_container.get(&(id.clone(), *of)).copied();
                let more = count.saturating_sub(before.unwrap_or_default()).min(rest);
                rest = rest.saturating_sub(more);
                lost.insert((id.clone(), *of), more);
            }
            let host = lost.entry((String::new(), *lane)).or_default();
            *host = host.saturating_add(rest);
        }
        let lost = lost.into_iter().filter(|(_, count)| *count > 0);
        lost.map(|((id, lane), count)| (id, lane, count)).collect()
    }

    /// Runs that were passed over since an earlier look.
    pub(super) fn passed_over_since(&self, earlier: &Self) -> BTreeMap<String, u64> {
        let more = self.passed_over.iter().map(|(program, runs)| {
            let before = earlier.passed_over.get(program).copied().unwrap_or_default();
            // A program that hangs anew counts anew.
            (program.clone(), runs.checked_sub(before).unwrap_or(*runs))
        });
        more.filter(|(_, runs)| *runs > 0).collect()
    }

    fn of_lane(&self, lane: Lane) -> u64 {
        let counts = self.by_kernel.iter().filter(|(_, of, ..)| *of == lane);
        counts.fold(0, |sum, (.., lost)| sum.saturating_add(*lost))
    }
}

impl Engine {
    /// What was made and lost of each processor and lane, by the kernel's own counters, and of each
    /// container by its id. Empty stands for the host.
    pub fn losses(&mut self) -> Result<Losses, SensorError> {
        let passed_over = self.passed_over()?;
        Ok(Losses { passed_over, ..self.lost_records()? })
    }

    /// Runs of the probes' programs that the kernel passed over. For these it is asked about each of its programs.
    pub(super) fn passed_over(&mut self) -> Result<BTreeMap<String, u64>, SensorError> {
        let (answer, _) = self.assembler.surroundings().ask(&Question::PassedOver)?;
        let Answer::PassedOver(runs) = answer else { return Ok(BTreeMap::new()) };
        Ok(runs)
    }

    /// The rest of the losses.
    pub(super) fn lost_records(&mut self) -> Result<Losses, SensorError> {
        let (answer, _) = self.assembler.surroundings().ask(&Question::Losses)?;
        let Answer::Losses(figures) = answer else { return Ok(Losses::default()) };
        let mut losses = Losses::default();
        let mut by_kernel: BTreeMap<(u32, Lane), (u64, u64)> = BTreeMap::new();
        for (cpu, lane, produced, lost) in figures.produced {
            let Some(lane) = Lane::of(lane) else { continue };
            self.stream.ledger().produced(cpu, lane, produced);
            // Whichever programs made them there.
            let sums = by_kernel.entry((processor_of(cpu), lane)).or_default();
            *sums = (sums.0.saturating_add(produced), sums.1.saturating_add(lost));
        }
        let by_kernel = by_kernel.into_iter();
        losses.by_kernel =
            by_kernel.map(|((cpu, lane), (produced, lost))| (cpu, lane, produced, lost)).collect();
        for (hierarchy, group, lane, lost) in figures.lost {
            let container = self.assembler.container_of(hierarchy, group);
            let id =
                container.map(|container| container.id.lossy().into_owned()).unwrap_or_default();
            let Some(lane) = Lane::of(lane) else { continue };
            let sum = losses.by_container.entry((id, lane)).or_default();
            *sum = sum.saturating_add(lost);
        }
        Ok(losses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn losses(files: u64, of: &[(&str, u64)]) -> Losses {
        let by_container =
            of.iter().map(|(id, count)| (((*id).to_owned(), Lane::File), *count)).collect();
        let by_kernel =
            vec![(0, Lane::File, 2 * files, files / 2), (1, Lane::File, files, files.div_ceil(2))];
        Losses { by_kernel, by_container, ..Losses::default() }
    }

    #[test]
    fn runs_that_were_passed_over_since_are_told_by_program() {
        let of = |runs: &[(&str, u64)]| {
            let passed_over = runs.iter().map(|(name, runs)| ((*name).to_owned(), *runs)).collect();
            Losses { passed_over, ..Losses::default() }
        };
        let earlier = of(&[("exit_call", 5), ("__x64_sys_openat", 7), ("process_forks", 1)]);
        let later = of(&[("exit_call", 9), ("__x64_sys_openat", 2), ("process_forks", 1)]);
        let expected = [("__x64_sys_openat", 2), ("exit_call", 4)];
        assert_eq!(later.passed_over_since(&earlier), of(&expected).passed_over);
        assert_eq!(earlier.passed_over_since(&earlier), BTreeMap::new());
    }

    #[test]
    fn what_was_lost_since_is_told_of_whose_it_was() {
        let check = |earlier: &Losses, later: &Losses, expected: &[(&str, u64)]| {
            let found = later.since(earlier);
            let found: Vec<_> = found.iter().map(|(id, _, count)| (id.as_str(), *count)).collect();
            assert_eq!(found, expected);
        };
        let none = Losses::default();
        let first = losses(7, &[("", 2), ("web", 5)]);
        check(&none, &none, &[]);
        check(&none, &first, &[("", 2), ("web", 5)]);
        check(&first, &first, &[]);
        check(&first, &losses(10, &[("", 2), ("web", 8)]), &[("web", 3)]);
        // The kernel forgot one of them, and began anew with another.
        check(&first, &losses(12, &[("web", 1)]), &[("", 5)]);
        check(&first, &losses(12, &[("web", 1), ("db", 4)]), &[("", 1), ("db", 4)]);
    }
}
