//! The sign of life, as the sinks give and await it.

use std::collections::BTreeSet;
use std::os::fd::{AsFd as _, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, getpgid};
use rustix::thread::set_name;

use super::{Shared, locked};
use crate::canary::{Way, thread_name};

/// How long is waited for the engine's first word, before which nobody reads what the probes report.
const START: Duration = Duration::from_millis(100);

/// Bytes of the stack of a thread that does nothing.
const STACK: usize = 64 << 10;

/// Does the harmless act whenever it is time, and tells when it does not come back, until the other end of the
/// pipe is closed.
pub(super) fn watch(shared: &Shared<'_>, over: &OwnedFd) {
    let Some(canary) = &shared.canary else { return };
    loop {
        let has_begun = locked(&shared.status).is_some();
        let now = (shared.program.elapsed)();
        let mut left = START;
        if has_begun {
            let (sign, round, ways) = {
                let mut canary = locked(canary);
                (canary.missed(now), canary.begin(now), canary.ways().clone())
            };
            shared.tell(sign);
            if let Some(round) = round {
                act(round, &ways);
            }
            left = locked(canary).left(now);
        }
        if is_over(over, left) {
            return;
        }
    }
}

/// Asks for the group of processes that cannot be. The kernel looks a number up and finds nothing; the probes report
/// the call with the number (`CANARY_CALL`). Then a thread is made that ends at once: the probes that see processes begin
/// and end see threads, too.
fn act(round: u32, ways: &BTreeSet<Way>) {
    for number in ways.iter().filter_map(|way| way.number(round)) {
        let _ = getpgid(Pid::from_raw(number));
    }
    if ways.contains(&Way::Births) || ways.contains(&Way::Ends) {
        // It inherits the name, by which its records are known.
        let named = set_name(&thread_name(round));
        let thread = std::thread::Builder::new().stack_size(STACK).spawn(|| {});
        // One that cannot be made is a sign that does not come.
        if let (Ok(()), Ok(thread)) = (named, thread) {
            let _ = thread.join();
        }
    }
}

/// Waits, but no longer than until the other end is closed.
fn is_over(over: &OwnedFd, left: Duration) -> bool {
    let mut descriptors = [PollFd::from_borrowed_fd(over.as_fd(), PollFlags::IN)];
    let left = Timespec {
        tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: left.subsec_nanos().into(),
    };
    matches!(poll(&mut descriptors, Some(&left)), Ok(count) if count > 0)
}
