//! What the arguments of each kind of event are: their names, order and forms.
//!
//! The names are those that rules of Falco use (`evt.arg.NAME`), which are most often those of the
//! manual pages; `res` is what a call returned, `fd` the number that it opened.

use super::words::{self, Words};

/// One argument of a kind of event.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// The name.
    pub name: &'static str,
    /// What its value means.
    pub form: Form,
}

/// What the value of an argument means, and so how it is shown.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Form {
    /// What the call returned: [`Event::result`](crate::Event::result). Nothing is stored for it.
    Result,
    /// What the call returned, which is the number of a file where it went well. Nothing is stored for it.
    ResultFile,
    /// Another field says the same, by this name. Nothing is stored for it.
    Field(&'static str),
    /// A number.
    Number,
    /// A number without sign.
    Unsigned,
    /// A number without sign as wide as a register, shown by base 16: an address.
    Hexadecimal,
    /// The same, of which the kernel takes 32 bits: `unsigned int`.
    ShortHexadecimal,
    /// A number without sign, shown by base 8: the rights that an open asks for.
    Octal,
    /// The number of an open file.
    File,
    /// The number of a process, named by its short name.
    Process,
    /// The number of a user.
    User,
    /// The number of a group.
    Group,
    /// Bits with names.
    Flags(&'static Words),
    /// The same, of which the kernel takes 32 bits, for a file that is opened: the layer of an overlay that it lies in has
    /// bits above them.
    OpenFlags(&'static Words),
    /// One of some numbers with names, of which the kernel takes 32 bits.
    Choice(&'static Words),
    /// The same, as wide as a register: `long`.
    LongChoice(&'static Words),
    /// The rights of a file.
    Mode,
    /// A path of a file.
    Path,
    /// A text that is no path, or is not to be resolved.
    Text,
    /// Bytes that were read or written.
    Bytes,
    /// An address of a socket.
    Address,
}

impl Form {
    /// Whether its numbers can be below zero.
    pub(crate) fn has_sign(self) -> bool {
        !matches!(
            self,
            Self::Unsigned
                | Self::Hexadecimal
                | Self::ShortHexadecimal
                | Self::Octal
                | Self::Flags(_)
                | Self::OpenFlags(_)
        )
    }

    /// Whether its values can stand for something else, which is shown beside them.
    pub(crate) fn has_names(self) -> bool {
        !matches!(self, Self::Field(_) | Self::Path | Self::Text | Self::Bytes | Self::Address)
    }
}

macro_rules! parameters {
    ($($names:literal: $($name:literal $form:ident $(($detail:expr))?),*;)*) => {
        /// Names of kinds, and what their arguments are.
        pub(super) static DESCRIBED: &[(&str, &[Parameter])] = &[
            $(($names, &[$(Parameter { name: $name, form: Form::$form $(($detail))? }),*]),)*
        ];
    };
}

/// Of a call that is not described below, only what it returned is told.
pub(super) const UNDESCRIBED: &[Parameter] = &[Parameter { name: "res", form: Form::Result }];

parameters! {
    "open": "fd" ResultFile, "name" Path, "flags" OpenFlags(&words::OPEN), "mode" Octal, "dev" Hexadecimal, "ino" Unsigned;
    "openat": "fd" ResultFile, "dirfd" File, "name" Path, "flags" OpenFlags(&words::OPEN), "mode" Octal, "dev" Hexadecimal, "ino" Unsigned;
    "openat2": "fd" ResultFile, "dirfd" File, "name" Path, "flags" OpenFlags(&words::OPEN), "mode" Octal, "resolve" Flags(&words::RESOLVE), "dev" Hexadecimal, "ino" Unsigned;
    "creat": "fd" ResultFile, "name" Path, "mode" Octal, "dev" Hexadecimal, "ino" Unsigned, "creat_flags" Flags(&words::CREATE);
    "open_by_handle_at": "fd" ResultFile, "mountfd" File, "flags" Flags(&words::OPEN), "path" Path, "dev" Hexadecimal, "ino" Unsigned;
    "memfd_create": "fd" ResultFile, "name" Text, "flags" Flags(&words::MEMORY_FILE);
    "close": "res" Result, "fd" File;
    "read readv": "res" Result, "data" Bytes, "fd" File, "size" Unsigned;
    "write writev": "res" Result, "data" Bytes, "fd" File, "size" Unsigned;
    "pread pwrite preadv pwritev preadv2 pwritev2": "res" Result, "data" Bytes, "fd" File, "size" Unsigned, "pos" Unsigned;
    "dup": "res" ResultFile, "oldfd" File;
    "dup2": "res" ResultFile, "oldfd" File, "newfd" File;
    "dup3": "res" ResultFile, "oldfd" File, "newfd" File, "flags" Flags(&words::DESCRIPTOR_FLAGS);

    "execve execveat": "res" Result, "filename" Path, "exe" Field("proc.exe"), "args" Field("proc.args"), "tid" Field("thread.tid"),
        "pid" Field("proc.pid"), "ptid" Field("proc.ppid"), "cwd" Field("proc.cwd"), "comm" Field("proc.name"), "env" Field("proc.env"),
        "tty" Field("proc.tty"), "loginuid" Field("user.loginuid"), "flags" Field("proc.exe_flags"), "uid" Field("user.uid"),
        "trusted_exepath" Field("proc.exepath"), "pgid" Field("proc.pgid"), "gid" Field("group.gid");
    "clone clone3 fork vfork": "res" Result, "exe" Field("proc.exe"), "args" Field("proc.args"), "tid" Field("thread.tid"),
        "pid" Field("proc.pid"), "ptid" Field("proc.ppid"), "cwd" Field("proc.cwd"), "comm" Field("proc.name"),
        "flags" Flags(&words::CLONE), "uid" Field("user.uid"), "gid" Field("group.gid"), "vtid" Field("thread.vtid"), "vpid" Field("proc.vpid");
    "procexit": "status" Number, "ret" Number, "sig" Choice(&words::SIGNAL), "core" Number, "reaper_tid" Process;
    "exit exit_group": "status" Number;
    "kill": "res" Result, "pid" Process, "sig" Choice(&words::SIGNAL);
    "tkill": "res" Result, "tid" Process, "sig" Choice(&words::SIGNAL);
    "tgkill": "res" Result, "pid" Process, "tid" Process, "sig" Choice(&words::SIGNAL);
    "pidfd_send_signal": "res" Result, "pidfd" File, "sig" Choice(&words::SIGNAL);
    "signaldeliver": "spid" Process, "dpid" Process, "sig" Choice(&words::SIGNAL);
    "ptrace": "res" Result, "request" LongChoice(&words::TRACE), "pid" Process, "addr" Hexadecimal, "data" Hexadecimal;
    "process_vm_readv process_vm_writev": "res" Result, "pid" Process, "size" Unsigned;
    "prctl": "res" Result, "option" Number, "arg2_str" Text, "arg2_int" Number;
    "setns": "res" Result, "fd" File, "nstype" Flags(&words::CLONE);
    "unshare": "res" Result, "flags" Flags(&words::CLONE);
    "setuid": "res" Result, "uid" User;
    "setgid": "res" Result, "gid" Group;
    "setreuid": "res" Result, "ruid" User, "euid" User;
    "setregid": "res" Result, "rgid" Group, "egid" Group;
    "setresuid": "res" Result, "ruid" User, "euid" User, "suid" User;
    "setresgid": "res" Result, "rgid" Group, "egid" Group, "sgid" Group;
    "capset": "res" Result, "cap_inheritable" Flags(&words::CAPABILITY), "cap_permitted" Flags(&words::CAPABILITY), "cap_effective" Flags(&words::CAPABILITY);

    "chdir chroot": "res" Result, "path" Path;
    "fchdir": "res" Result, "fd" File;
    "mkdir": "res" Result, "path" Path, "mode" Mode;
    "mkdirat": "res" Result, "dirfd" File, "path" Path, "mode" Mode;
    "rmdir unlink": "res" Result, "path" Path;
    "unlinkat": "res" Result, "dirfd" File, "name" Path, "flags" Flags(&words::UNLINK);
    "rename": "res" Result, "oldpath" Path, "newpath" Path;
    "renameat": "res" Result, "olddirfd" File, "oldpath" Path, "newdirfd" File, "newpath" Path;
    "renameat2": "res" Result, "olddirfd" File, "oldpath" Path, "newdirfd" File, "newpath" Path, "flags" Flags(&words::RENAME);
    "link": "res" Result, "oldpath" Path, "newpath" Path;
    "linkat": "res" Result, "olddir" File, "oldpath" Path, "newdir" File, "newpath" Path, "flags" Flags(&words::LINK);
    "symlink": "res" Result, "target" Text, "linkpath" Path;
    "symlinkat": "res" Result, "target" Text, "linkdirfd" File, "linkpath" Path;
    "chmod": "res" Result, "filename" Path, "mode" Mode;
    "fchmod": "res" Result, "fd" File, "mode" Mode;
    "fchmodat fchmodat2": "res" Result, "dirfd" File, "filename" Path, "mode" Mode;
    "chown lchown": "res" Result, "path" Path, "uid" User, "gid" Group;
    "fchown": "res" Result, "fd" File, "uid" User, "gid" Group;
    "fchownat": "res" Result, "dirfd" File, "pathname" Path, "uid" User, "gid" Group, "flags" Flags(&words::LINK);
    "truncate": "res" Result, "path" Path, "size" Unsigned;
    "ftruncate": "res" Result, "fd" File, "size" Unsigned;
    "mount": "res" Result, "dev" Text, "dir" Path, "type" Text, "flags" Flags(&words::MOUNT);
    "umount2": "res" Result, "name" Path, "flags" Flags(&words::UNMOUNT);
    "move_mount": "res" Result, "from_pathname" Path, "to_pathname" Path;
    "pivot_root": "res" Result, "new_root" Path, "put_old" Path;

    "socket": "fd" ResultFile, "domain" Choice(&words::FAMILY), "type" Number, "proto" Number;
    "bind": "res" Result, "addr" Address, "fd" File;
    "listen": "res" Result, "fd" File, "backlog" Number;
    "connect": "res" Result, "tuple" Field("fd.name"), "fd" File, "addr" Address;
    "accept": "fd" ResultFile, "tuple" Field("fd.name");
    "accept4": "fd" ResultFile, "tuple" Field("fd.name"), "flags" Flags(&words::OPEN);
    "sendto sendmsg": "res" Result, "data" Bytes, "fd" File, "size" Unsigned, "tuple" Field("fd.name"), "addr" Address;
    "recvfrom recvmsg": "res" Result, "data" Bytes, "tuple" Field("fd.name"), "fd" File, "size" Unsigned;
    "sendmmsg recvmmsg": "res" Result, "data" Bytes, "fd" File, "tuple" Field("fd.name");
    "dns": "query" Text, "type" Text, "response" Number, "code" Number, "answers" Text, "tuple" Field("fd.name");

    "init_module": "res" Result, "length" Unsigned, "uargs" Text;
    "finit_module": "res" Result, "fd" File, "uargs" Text, "flags" Flags(&words::MODULE);
    "delete_module": "res" Result, "name" Text, "flags" Flags(&words::OPEN);
    "bpf": "fd" ResultFile, "cmd" Choice(&words::BPF), "res_or_fd" ResultFile;
    "userfaultfd": "res" ResultFile, "flags" Flags(&words::OPEN);
    "io_uring_setup": "res" ResultFile, "entries" Unsigned;
    "io_uring_enter": "res" Result, "fd" File, "to_submit" Unsigned, "op" Unsigned;
    "io_uring_register": "res" Result, "fd" File, "opcode" Number;
    "mmap": "res" Hexadecimal, "addr" Hexadecimal, "length" Unsigned, "prot" Flags(&words::PROTECTION), "flags" Flags(&words::MAP), "fd" File, "pgoffset" Unsigned;
    "mprotect": "res" Result, "addr" Hexadecimal, "length" Unsigned, "prot" Flags(&words::PROTECTION);
    "pkey_mprotect": "res" Result, "addr" Hexadecimal, "length" Unsigned, "prot" Flags(&words::PROTECTION), "pkey" Number;
    "munmap": "res" Result, "addr" Hexadecimal, "length" Unsigned;
    "memfd_secret": "fd" ResultFile, "flags" Flags(&words::OPEN);

    "mknod": "res" Result, "path" Path, "mode" Mode, "dev" Unsigned;
    "mknodat": "res" Result, "dirfd" File, "path" Path, "mode" Mode, "dev" Unsigned;
    "utime utimes": "res" Result, "path" Path;
    "futimesat": "res" Result, "dirfd" File, "path" Path;
    "utimensat": "res" Result, "dirfd" File, "path" Path, "flags" Flags(&words::LINK);
    "stat lstat readlink statfs acct swapoff": "res" Result, "path" Path;
    "access": "res" Result, "path" Path, "mode" Flags(&words::ACCESS);
    "faccessat": "res" Result, "dirfd" File, "path" Path, "mode" Flags(&words::ACCESS);
    "faccessat2": "res" Result, "dirfd" File, "path" Path, "mode" Flags(&words::ACCESS), "flags" Flags(&words::LINK);
    "newfstatat": "res" Result, "dirfd" File, "path" Path, "flags" Flags(&words::LINK);
    "statx": "res" Result, "dirfd" File, "path" Path, "flags" Flags(&words::LINK), "mask" Hexadecimal;
    "readlinkat": "res" Result, "dirfd" File, "path" Path;
    "name_to_handle_at": "res" Result, "dirfd" File, "path" Path, "flags" Flags(&words::LINK);
    "setxattr lsetxattr removexattr lremovexattr": "res" Result, "path" Path, "name" Text;
    "fsetxattr fremovexattr": "res" Result, "fd" File, "name" Text;
    "swapon": "res" Result, "path" Path, "flags" Hexadecimal;
    "inotify_add_watch": "res" Result, "fd" File, "path" Path, "mask" Hexadecimal;
    "fanotify_mark": "res" Result, "fd" File, "flags" Hexadecimal, "mask" Hexadecimal, "dirfd" File, "path" Path;
    "fstat fstatfs fsync fdatasync getdents getdents64": "res" Result, "fd" File;
    "flock": "res" Result, "fd" File, "operation" Flags(&words::LOCK);
    "fallocate": "res" Result, "fd" File, "mode" Number, "offset" Unsigned, "len" Unsigned;
    "lseek": "res" Result, "fd" File, "offset" Number, "whence" Choice(&words::WHENCE);
    "ioctl": "res" Result, "fd" File, "request" ShortHexadecimal, "argument" Hexadecimal;
    "fcntl": "res" Result, "fd" File, "cmd" Choice(&words::DESCRIPTOR);
    "sendfile": "res" Result, "out_fd" File, "in_fd" File, "size" Unsigned;
    "splice": "res" Result, "fd_in" File, "fd_out" File, "size" Unsigned, "flags" Hexadecimal;
    "tee": "res" Result, "fd_in" File, "fd_out" File, "size" Unsigned, "flags" Hexadecimal;
    "copy_file_range": "res" Result, "fdin" File, "fdout" File, "len" Unsigned;
    "close_range": "res" Result, "first" Number, "last" Number, "flags" Number;
    "umask": "res" Result, "mask" Mode;

    "fsopen": "fd" ResultFile, "fsname" Text, "flags" Hexadecimal;
    "fsconfig": "res" Result, "fd" File, "cmd" Choice(&words::FILE_SYSTEM), "key" Text, "value" Text, "aux" Number;
    "fsmount": "fd" ResultFile, "fs_fd" File, "flags" Hexadecimal, "attr_flags" Hexadecimal;
    "fspick open_tree": "fd" ResultFile, "dirfd" File, "path" Path, "flags" Hexadecimal;
    "mount_setattr": "res" Result, "dirfd" File, "path" Path, "flags" Hexadecimal;
    "perf_event_open": "fd" ResultFile, "pid" Process, "cpu" Number, "group_fd" File, "flags" Hexadecimal;
    "keyctl": "res" Result, "option" Choice(&words::KEY), "arg2" Number, "arg3" Number;
    "add_key": "res" Result, "type" Text, "description" Text, "length" Unsigned, "keyring" Number;
    "request_key": "res" Result, "type" Text, "description" Text, "keyring" Number;
    "kexec_load": "res" Result, "entry" Hexadecimal, "flags" Hexadecimal;
    "kexec_file_load": "res" Result, "kernel_fd" File, "initrd_fd" File, "flags" Hexadecimal;
    "pidfd_open": "fd" ResultFile, "pid" Process, "flags" Hexadecimal;
    "pidfd_getfd": "fd" ResultFile, "pid_fd" File, "target_fd" Number, "flags" Hexadecimal;
    "process_mrelease": "res" Result, "pidfd" File, "flags" Hexadecimal;
    "kcmp": "res" Result, "pid1" Process, "pid2" Process, "type" Number;
    "reboot": "res" Result, "cmd" ShortHexadecimal;
    "syslog": "res" Result, "type" Number;
    "seccomp": "res" Result, "op" Number, "flags" Hexadecimal;
    "setpgid": "res" Result, "pid" Process, "pgid" Number;
    "getpgid getsid wait4": "res" Result, "pid" Process;
    "setpriority": "res" Result, "which" Number, "who" Number, "prio" Number;
    "prlimit64": "res" Result, "pid" Process, "resource" Choice(&words::RESOURCE);
    "setrlimit getrlimit": "res" Result, "resource" Choice(&words::RESOURCE);
    "rt_sigqueueinfo": "res" Result, "pid" Process, "sig" Choice(&words::SIGNAL);
    "rt_tgsigqueueinfo": "res" Result, "pid" Process, "tid" Process, "sig" Choice(&words::SIGNAL);
    "setfsuid": "res" Result, "uid" User;
    "setfsgid": "res" Result, "gid" Group;
    "personality": "res" Result, "persona" ShortHexadecimal;
    "arch_prctl": "res" Result, "code" Hexadecimal, "addr" Hexadecimal;
    "iopl": "res" Result, "level" Number;
    "ioperm": "res" Result, "from" Hexadecimal, "num" Number, "turn_on" Number;
    "fanotify_init": "fd" ResultFile, "flags" Hexadecimal, "event_flags" Hexadecimal;
    "inotify_init signalfd": "res" ResultFile;
    "epoll_create": "res" ResultFile, "size" Number;
    "eventfd": "res" ResultFile, "initval" Unsigned;
    "eventfd2": "res" ResultFile, "flags" Flags(&words::DESCRIPTOR_FLAGS), "initval" Unsigned;
    "epoll_create1": "res" ResultFile, "flags" Flags(&words::POLL_FLAGS);
    "inotify_init1 signalfd4": "res" ResultFile, "flags" Flags(&words::DESCRIPTOR_FLAGS);
    "timerfd_create": "res" ResultFile, "clockid" Number, "flags" Flags(&words::DESCRIPTOR_FLAGS);

    "socketpair": "res" Result, "domain" Choice(&words::FAMILY), "type" Number, "proto" Number;
    "shutdown": "res" Result, "fd" File, "how" Choice(&words::SHUTDOWN);
    "setsockopt getsockopt": "res" Result, "fd" File, "level" Number, "optname" Number;
    "getsockname getpeername": "res" Result, "fd" File;

    "drop": "lane" Text, "count" Unsigned;
    "container": "id" Field("container.id"), "name" Field("container.name");
}
