//! What the sensor's own processes use up, by their accounts in `/proc`.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt as _;
use std::time::Duration;

/// Bytes of an account at most: one line.
const BYTES: usize = 1024;

/// What one process used up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Spent {
    /// Time of processors since its start.
    pub(crate) processor: Duration,
    /// Bytes that are in memory.
    pub(crate) resident: u64,
    /// Of these, bytes that no other process has as well.
    pub(crate) own: u64,
}

/// The accounts of a process: `stat` and `statm`, proc(5). They are opened by whoever may, and read by whoever
/// has them.
#[derive(Debug)]
pub(crate) struct Accounts {
    pub(crate) stat: File,
    pub(crate) statm: File,
}

impl Accounts {
    pub(crate) fn of(process: u32) -> io::Result<Self> {
        let open = |name| {
            let path = format!("/proc/{process}/{name}");
            fs_err::File::open(path).map(fs_err::File::into_file)
        };
        Ok(Self { stat: open("stat")?, statm: open("statm")? })
    }

    /// Those of several processes, of descriptors two by two.
    pub(crate) fn take(descriptors: &mut impl Iterator<Item = OwnedFd>, count: usize) -> Vec<Self> {
        let mut accounts = Vec::new();
        while accounts.len() < count {
            let (Some(stat), Some(statm)) = (descriptors.next(), descriptors.next()) else { break };
            accounts.push(Self { stat: stat.into(), statm: statm.into() });
        }
        accounts
    }

    /// What it says now; none for a process that is gone.
    pub(crate) fn read(&self) -> Option<Spent> {
        let text = |file: &File| {
            let mut bytes = [0; BYTES];
            let length = file.read_at(&mut bytes, 0).ok()?;
            Some(String::from_utf8_lossy(bytes.get(..length)?).into_owned())
        };
        spent(&text(&self.stat)?, &text(&self.statm)?)
    }
}

/// Reads fields 14 and 15 of `stat`, in hundredths of a second (`USER_HZ`), and the second and third of
/// `statm`, in pages.
fn spent(stat: &str, statm: &str) -> Option<Spent> {
    // The second field is a name in parentheses, in which anything may be.
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    let processor = ticks(11)?.saturating_add(ticks(12)?);
    let mut pages = statm.split_ascii_whitespace().skip(1).map(str::parse::<u64>);
    let (resident, shared) = (pages.next()?.ok()?, pages.next()?.ok()?);
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
    Some(Spent {
        processor: Duration::from_millis(processor.saturating_mul(10)),
        resident: resident.saturating_mul(page),
        own: resident.saturating_sub(shared).saturating_mul(page),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_read_whatever_the_name() {
        let page = rustix::param::page_size() as u64;
        let stat = "7 (a) b (c)) S 1 7 7 0 -1 4194560 1 0 0 0 150 25 0 0 20 0 1 0 9 1 2 3";
        let expected =
            Spent { processor: Duration::from_millis(1750), resident: 5 * page, own: 3 * page };
        assert_eq!(spent(stat, "9 5 2 1 0 3 0"), Some(expected));
        for broken in ["", "7 (a", "7 (a) S 1 2", "7 (a) S 1 7 7 0 -1 4 1 0 0 0 x 25"] {
            assert_eq!(spent(broken, "9 5 2"), None, "{broken}");
        }
        assert_eq!(spent(stat, "9"), None);
    }

    #[test]
    fn a_process_that_works_shows_it() {
        let accounts = Accounts::of(std::process::id()).unwrap();
        let before = accounts.read().unwrap();
        assert!(before.own > 0 && before.resident >= before.own);
        let mut sum = 0_u64;
        while accounts.read().unwrap().processor < before.processor + Duration::from_millis(20) {
            sum = (0..100_000_u64).fold(sum, u64::wrapping_add);
        }
        assert!(std::hint::black_box(sum) > 0);
    }
}
