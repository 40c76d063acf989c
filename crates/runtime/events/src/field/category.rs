//! What events are about, in a word. (libs, `driver/event_table.c` and `sinsp_evt::get_category`)

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::Need;
use super::row::{FieldRow, rows};
use crate::{Event, FileKind, Kind};

const NEEDS: &[Need] = &[Need::Descriptors];

pub(super) const ROWS: &[FieldRow] = rows! {
    "evt.category" Text NEEDS: "What it is about: `file`, `net`, `IPC`, `memory`, `process`, `signal`, `user`, `wait` and others; of reads and writes, what the file is: `file`, `net`, `ipc` or `unknown`.",
        |event, _| category(event).into(), from("evt.type and fd.type");
};

/// Calls whose category does not depend on what their file is.
const CATEGORIES: &[(&str, &str)] = &[
    (
        "file",
        "open openat openat2 creat open_by_handle_at userfaultfd stat lstat fstat newfstatat access \
         getdents getdents64 lseek flock getcwd chdir fchdir mkdir mkdirat rmdir link linkat unlink \
         unlinkat rename renameat renameat2 symlink symlinkat chmod fchmod fchmodat chown lchown fchown \
         fchownat mount umount2 copy_file_range",
    ),
    (
        "net",
        "socket bind connect listen accept accept4 shutdown getsockname getpeername setsockopt getsockopt",
    ),
    (
        "IPC",
        "socketpair pipe pipe2 eventfd eventfd2 futex inotify_init inotify_init1 semget semop semctl \
         process_vm_readv process_vm_writev",
    ),
    ("memory", "brk mmap munmap mprotect mlock mlock2 munlock mlockall munlockall memfd_create"),
    (
        "process",
        "execve execveat clone clone3 fork vfork procexit container ptrace prctl capset chroot setns \
         unshare setsid setpgid getrlimit setrlimit prlimit64 pidfd_open pidfd_getfd",
    ),
    ("sleep", "nanosleep"),
    ("signal", "kill tkill tgkill signalfd signalfd4 signaldeliver"),
    (
        "user",
        "setuid setgid setresuid setresgid setreuid setregid getuid geteuid getgid getegid getresuid \
         getresgid quotactl",
    ),
    ("time", "timerfd_create"),
    ("wait", "poll ppoll select epoll_wait"),
    ("internal", "drop"),
];

/// Calls whose category is what their file is.
const OF_FILE: &str = "read readv pread preadv write writev pwrite pwritev sendto sendmsg sendmmsg \
                       recvfrom recvmsg recvmmsg sendfile close dup dup2 dup3 ioctl fcntl splice \
                       io_uring_enter";

/// None for calls whose category is what their file is.
static BY_KIND: LazyLock<FxHashMap<Kind, Option<&str>>> = LazyLock::new(|| {
    let named = CATEGORIES.iter().map(|(category, names)| (Some(*category), *names));
    let kinds = named.chain([(None, OF_FILE)]).flat_map(|(category, names)| {
        let kinds = names.split_ascii_whitespace().filter_map(Kind::by_name);
        kinds.map(move |kind| (kind, category))
    });
    kinds.collect()
});

pub(super) fn category(event: &Event) -> &'static str {
    match BY_KIND.get(&event.kind) {
        Some(Some(category)) => category,
        Some(None) => of_file(event),
        None => "other",
    }
}

fn of_file(event: &Event) -> &'static str {
    match event.file.as_deref().map(|file| file.kind) {
        Some(FileKind::File | FileKind::Directory) => "file",
        Some(FileKind::Ipv4 | FileKind::Ipv6) => "net",
        Some(
            FileKind::Pipe
            | FileKind::Unix
            | FileKind::EventFd
            | FileKind::SignalFd
            | FileKind::Inotify
            | FileKind::UserFaultFd,
        ) => "ipc",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_has_one_category() {
        let mut seen = std::collections::BTreeSet::new();
        for names in CATEGORIES.iter().map(|(_, names)| *names).chain([OF_FILE]) {
            for name in names.split_ascii_whitespace() {
                assert_eq!(Kind::by_name(name).map(Kind::name), Some(name));
                assert!(seen.insert(name), "{name} stands twice");
            }
        }
    }
}
