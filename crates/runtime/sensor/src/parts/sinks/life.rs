//! The sign of life, as the sinks give and await it.

use std::os::fd::{AsFd as _, OwnedFd};
use std::time::Duration;

use bulkhead_probes::CANARY_BIT;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, getpgid};

use super::{Shared, locked};

/// How long is waited for the engine's first word, before which nobody reads what the probes report.
const START: Duration = Duration::from_millis(100);

/// Does the harmless act whenever it is time, and tells when it does not come back, until the other end of the
/// pipe is closed.
pub(super) fn watch(shared: &Shared<'_>, over: &OwnedFd) {
    let Some(canary) = &shared.canary else { return };
    loop {
        let has_begun = locked(&shared.status).is_some();
        let now = (shared.program.elapsed)();
        let mut left = START;
        if has_begun {
            let (sign, round) = {
                let mut canary = locked(canary);
                (canary.missed(now), canary.begin(now))
            };
            shared.tell(sign);
            if let Some(round) = round {
                act(round);
            }
            left = locked(canary).left(now);
        }
        if is_over(over, left) {
            return;
        }
    }
}

/// Asks for the group of a process that cannot be. The kernel looks a number up and finds nothing; the probes
/// report the call with the number (`CANARY_CALL`).
fn act(round: u32) {
    let number = i32::try_from(round | CANARY_BIT).unwrap_or(i32::MAX);
    let _ = getpgid(Pid::from_raw(number));
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
