//! Where the kernel lists its tracepoints, whose numbers perf asks for.

use std::path::Path;

use rustix::io::Errno;
use rustix::mount::{MountFlags, mount};

/// Where it is looked for: `Documentation/trace/ftrace.rst`.
const PLACES: [&str; 2] = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

/// Mounts it where systemd does, unless it is there. Machines that boot otherwise and containers go without. It stays: whoever finds
/// it may begin to use it.
///
/// # Errors
/// The kernel's: only who holds `CAP_SYS_ADMIN` mounts anything.
pub(super) fn mount_list() -> Result<(), Errno> {
    if PLACES.iter().any(|place| Path::new(place).join("events").is_dir()) {
        return Ok(());
    }
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC | MountFlags::RELATIME;
    mount("tracefs", PLACES[0], "tracefs", flags, None::<&std::ffi::CStr>)
}
