//! The layout of records: `bpf/abi.h` in Rust. `tests/abi.rs` holds both together.

use zerocopy::little_endian::{I32, I64, U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The version that both sides must have.
pub const ABI_VERSION: u16 = 1;

/// How many ring buffers there are.
pub const LANES: usize = 4;

/// Bits of a header's `cpu` that are the processor.
pub const CPU_ROOM: u32 = 16;

/// Namespaces of numbers between the initial one and a process's own that are told at most.
pub const NAMESPACES_BETWEEN: usize = 6;

macro_rules! structures {
    ($($(#[$about:meta])* $name:ident, $c:literal { $($(#[$note:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$about])*
            #[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
            #[repr(C)]
            pub struct $name { $($(#[$note])* pub $field: $type,)* }
        )*

        /// Structure, field, offset and size of everything above, by the names that C has.
        pub const LAYOUT: &[(&str, &str, usize, usize)] = &[$($((
            $c,
            stringify!($field),
            std::mem::offset_of!($name, $field),
            std::mem::size_of::<$type>(),
        ),)*)*];
    };
}

structures! {
    /// What stands at the start of each record.
    Header, "record_header" {
        /// Bytes of the whole record.
        size: U32,
        /// [`ABI_VERSION`].
        version: U16,
        /// A [`Kind`].
        kind: U16,
        /// Nanoseconds since boot.
        time: U64,
        /// Number of this record among those of its CPU and lane; lost ones use numbers up, too.
        sequence: U64,
        /// Where it was made, in the low half ([`CPU_ROOM`]), and in the high half by which programs: 0 but for those
        /// that others may interrupt.
        cpu: U32,
        /// A [`Lane`].
        lane: u8,
        /// An [`Origin`].
        origin: u8,
        /// Bits of [`record_flags`].
        flags: U16,
        /// Number of the system call, -1 where none.
        call: I32,
        /// Process, as the initial PID namespace numbers it.
        process: U32,
        /// Thread, as the initial PID namespace numbers it.
        thread: U32,
        /// The parent's process.
        parent: U32,
        /// The process, as it sees itself.
        inner_process: U32,
        /// The thread, as it sees itself.
        inner_thread: U32,
        /// Start of the process in nanoseconds since boot: with its number an identity that is not reused.
        started: U64,
        /// Start of the parent's process.
        parent_started: U64,
        /// Cgroup in the first hierarchy where it is not the root.
        cgroup: U64,
        /// Which hierarchy that is; 0 is cgroup v2.
        hierarchy: U32,
        /// Inode of the mount namespace.
        mount_namespace: U32,
        /// Inode of the PID namespace.
        pid_namespace: U32,
        /// Real user.
        user: U32,
        /// Effective user.
        effective_user: U32,
        /// Real group.
        group: U32,
        /// What the call returned, below zero an errno.
        result: I64,
        /// `comm`, filled up with zeros. Anybody can set theirs.
        name: [u8; 16],
    }

    /// What stands at the start of each part.
    PartHeader, "part_header" {
        /// What the bytes are.
        tag: U16,
        /// Whose part it is.
        role: u8,
        /// Bits of [`part_flags`].
        flags: u8,
        /// Bytes that follow, without the zeros that fill up to eight.
        length: U32,
    }

    /// A file as the kernel has it.
    FileObject, "file_part" {
        /// Inode number.
        inode: U64,
        /// Bytes.
        size: U64,
        /// Last change of the content, nanoseconds since 1970.
        modified: I64,
        /// Last change of the inode, nanoseconds since 1970.
        changed: I64,
        /// Magic number of the file system.
        filesystem: U64,
        /// `major << 20 | minor`.
        device: U32,
        /// Type and permissions.
        mode: U32,
        /// Hard links; 0 where it has no name any more.
        links: U32,
        /// Owner.
        owner: U32,
        /// Owning group.
        group: U32,
        /// `O_…` as it was opened.
        open_flags: U32,
        /// Its number in the process, -1 where none.
        descriptor: I32,
        /// Bits of [`file_attributes`].
        attributes: U32,
    }

    /// A socket as the kernel has it.
    SocketObject, "socket_part" {
        /// Inode number.
        inode: U64,
        /// Its number in the process.
        descriptor: I32,
        /// `AF_…`.
        family: U16,
        /// `SOCK_…`.
        kind: U16,
        /// `IPPROTO_…`.
        protocol: U16,
        /// `TCP_…` of the kernel: 1 established, 7 closed, 10 listening.
        state: u8,
        /// Bits of [`socket_attributes`].
        attributes: u8,
        /// Port here.
        local_port: U16,
        /// Port there.
        remote_port: U16,
        /// Address here; of IPv4 the first four bytes.
        local: [u8; 16],
        /// Address there.
        remote: [u8; 16],
        /// Inode of the network namespace.
        net_namespace: U32,
        /// Who made it.
        owner: U32,
    }

    /// Who a process acts as.
    Credentials, "credentials_part" {
        /// Real user.
        user: U32,
        /// Real group.
        group: U32,
        /// Effective user.
        effective_user: U32,
        /// Effective group.
        effective_group: U32,
        /// Saved user.
        saved_user: U32,
        /// Saved group.
        saved_group: U32,
        /// User for file systems.
        filesystem_user: U32,
        /// Group for file systems.
        filesystem_group: U32,
        /// Capabilities, a bit each.
        inheritable: U64,
        /// Capabilities, a bit each.
        permitted: U64,
        /// Capabilities, a bit each.
        effective: U64,
        /// Capabilities, a bit each.
        bounding: U64,
        /// Capabilities, a bit each.
        ambient: U64,
        /// `SECBIT_…`.
        secure_bits: U32,
        /// Who signed in; 4294967295 where nobody did.
        login_user: U32,
        /// Session of the audit system.
        login_session: U32,
        /// Inode of the user namespace.
        user_namespace: U32,
    }

    /// Inodes of the namespaces of a process.
    Namespaces, "namespaces_part" {
        /// Of cgroups.
        cgroup: U32,
        /// Of System V IPC.
        ipc: U32,
        /// Of mounts.
        mount: U32,
        /// Of network interfaces.
        net: U32,
        /// Of process numbers.
        pid: U32,
        /// Of the process numbers of children to come.
        pid_for_children: U32,
        /// Of clocks.
        time: U32,
        /// Of the clocks of children to come.
        time_for_children: U32,
        /// Of users.
        user: U32,
        /// Of host names.
        uts: U32,
    }

    /// Where a process stands.
    ProcessState, "process_part" {
        /// Session.
        session: U32,
        /// Process group.
        group: U32,
        /// Session, as the process sees it.
        inner_session: U32,
        /// Process group, as the process sees it.
        inner_group: U32,
        /// Parent, as the process sees it; 0 where it is outside.
        inner_parent: U32,
        /// Controlling terminal, `major << 20 | minor`; 0 where none.
        terminal: U32,
        /// Threads.
        threads: U32,
        /// `PF_…` of the kernel.
        flags: U32,
    }

    /// The numbers of a process in the namespaces of numbers between the initial one and its own, from the outermost.
    Numbers, "numbers_part" {
        /// The namespaces; 0 where there are no more.
        namespaces: [U32; NAMESPACES_BETWEEN],
        /// The number in each.
        numbers: [U32; NAMESPACES_BETWEEN],
    }

    /// What a process used up.
    Resources, "resources_part" {
        /// As wait(2) has it.
        status: U64,
        /// Nanoseconds of the process.
        user_time: U64,
        /// Nanoseconds of the process.
        system_time: U64,
        /// Bytes.
        peak_memory: U64,
        /// Bytes from storage.
        read_bytes: U64,
        /// Bytes to storage.
        written_bytes: U64,
        /// Page faults without input.
        minor_faults: U64,
        /// Page faults with input.
        major_faults: U64,
        /// Times it waited.
        voluntary_switches: U64,
        /// Times it was put off.
        involuntary_switches: U64,
    }
}

macro_rules! codes {
    ($($(#[$about:meta])* $name:ident: $number:ident, $prefix:literal { $($(#[$note:meta])* $variant:ident = $code:literal, $c:literal;)* })*) => {
        $(
            $(#[$about])*
            #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
            #[repr($number)]
            pub enum $name { $($(#[$note])* $variant = $code,)* }

            impl $name {
                /// All of them, by number.
                pub const ALL: &[Self] = &[$(Self::$variant,)*];

                /// What a number stands for, if this version knows it.
                pub fn of(number: $number) -> Option<Self> {
                    match number { $($code => Some(Self::$variant),)* _ => None }
                }
            }
        )*

        /// Names that C has, and their numbers.
        pub const CODES: &[(&str, u32)] = &[$($((concat!($prefix, $c), $code),)*)*];
    };
}

codes! {
    /// What a record tells.
    Kind: u16, "KIND_" {
        /// A program took over a process.
        Execute = 1, "EXECUTE";
        /// A process was made; the header is the child's.
        Fork = 2, "FORK";
        /// The last thread of a process ended.
        Exit = 3, "EXIT";
        /// A system call returned, or `io_uring` did the same.
        Call = 4, "CALL";
        /// A process that was there at start.
        Task = 5, "TASK";
        /// What a descriptor stood for at start.
        Descriptor = 6, "DESCRIPTOR";
        /// A process was moved to another cgroup.
        Move = 7, "MOVE";
        /// A signal reached a process. The arguments are who sent it, whom it reached, its number and its code.
        Signal = 8, "SIGNAL";
    }

    /// Ring buffers apart, so that noise in one drops nothing in another.
    Lane: u8, "LANE_" {
        /// Execution, credentials, namespaces: rare and grave.
        Process = 0, "PROCESS";
        /// Sockets.
        Network = 1, "NETWORK";
        /// Files.
        File = 2, "FILE";
        /// All else.
        Other = 3, "OTHER";
    }

    /// What a record comes from.
    Origin: u8, "ORIGIN_" {
        /// The entry of system calls.
        Call = 0, "CALL";
        /// An `io_uring`; `call` is the system call that does the same.
        Ring = 1, "RING";
        /// A tracepoint that belongs to no call.
        Kernel = 2, "KERNEL";
        /// What was there at start.
        Snapshot = 3, "SNAPSHOT";
    }

    /// Whose part it is.
    Role: u8, "ROLE_" {
        /// The record's own.
        None = 0, "NONE";
        /// The call's first argument.
        First = 1, "FIRST";
        /// The call's second argument.
        Second = 2, "SECOND";
        /// The call's third argument.
        Third = 3, "THIRD";
        /// The call's fourth argument.
        Fourth = 4, "FOURTH";
        /// The call's fifth argument.
        Fifth = 5, "FIFTH";
        /// The call's sixth argument.
        Sixth = 6, "SIXTH";
        /// What the call returned.
        Result = 7, "RESULT";
        /// The program's own file.
        Executable = 16, "EXECUTABLE";
        /// What the kernel opened to run it: for a script, its interpreter.
        Interpreter = 17, "INTERPRETER";
        /// Where relative paths start.
        WorkingDirectory = 18, "WORKING_DIRECTORY";
        /// Where absolute paths start.
        Root = 19, "ROOT";
        /// Arguments, a zero behind each.
        CommandLine = 20, "COMMAND_LINE";
        /// Environment, a zero behind each.
        Environment = 21, "ENVIRONMENT";
        /// Path in cgroup v2.
        CgroupUnified = 22, "CGROUP_UNIFIED";
        /// Path in the hierarchy of v1 that the header names.
        CgroupLegacy = 23, "CGROUP_LEGACY";
        /// Descriptor 0.
        StandardInput = 24, "STANDARD_INPUT";
        /// Descriptor 1.
        StandardOutput = 25, "STANDARD_OUTPUT";
        /// Descriptor 2.
        StandardError = 26, "STANDARD_ERROR";
        /// The name that execve was given.
        Given = 27, "GIVEN";
    }

    /// What a part holds.
    Tag: u16, "TAG_" {
        /// Six numbers.
        Arguments = 1, "ARGUMENTS";
        /// Text without a zero at its end.
        Text = 2, "TEXT";
        /// A [`FileObject`].
        File = 3, "FILE";
        /// A [`SocketObject`].
        Socket = 4, "SOCKET";
        /// `sockaddr`, or another structure that a call takes, as it lies in memory.
        Address = 5, "ADDRESS";
        /// [`Credentials`].
        Credentials = 6, "CREDENTIALS";
        /// [`Namespaces`].
        Namespaces = 7, "NAMESPACES";
        /// A [`ProcessState`].
        Process = 8, "PROCESS";
        /// [`Resources`].
        Resources = 9, "RESOURCES";
        /// The head of what was moved.
        Payload = 10, "PAYLOAD";
        /// [`Numbers`].
        Numbers = 11, "NUMBERS";
    }
}

macro_rules! bits {
    ($($(#[$about:meta])* $module:ident: $number:ident, $prefix:literal { $($(#[$note:meta])* $name:ident = $bit:literal;)* })*) => {
        $(
            $(#[$about])*
            pub mod $module { $($(#[$note])* pub const $name: $number = $bit;)* }
        )*

        /// Names that C has, and their bits.
        pub const BITS: &[(&str, u32)] = &[$($((concat!($prefix, stringify!($name)), $bit),)*)*];
    };
}

bits! {
    /// Bits of [`Header::flags`].
    record_flags: u16, "RECORD_" {
        /// A 32-bit call: `call` is a number of that table.
        COMPAT = 1;
        /// An argument in memory is not what it was at entry.
        MEMORY_CHANGED = 2;
        /// The kernel's object is not what the entry named: a swap, or a symbolic link.
        OBJECT_DIFFERS = 4;
        /// Reported before the operation was done.
        RESULT_UNKNOWN = 8;
        /// Parts are missing: there was no room.
        TRUNCATED = 16;
        /// A copy at entry was wanted, and there is none.
        NO_ENTRY = 32;
        /// The process is at the root of its cgroups.
        AT_ROOT = 64;
    }

    /// Bits of [`PartHeader::flags`].
    part_flags: u8, "PART_" {
        /// A copy taken before the kernel read the argument.
        ENTRY = 1;
        /// There was more.
        TRUNCATED = 2;
        /// Memory could not be read: what is here is what could be.
        FAULT = 4;
        /// From the kernel's object, not from memory of the process.
        RESOLVED = 8;
        /// The path's last name is gone from its folder.
        UNLINKED = 16;
        /// Of the other end of a socket.
        PEER = 32;
    }

    /// Bits of [`SocketObject::attributes`].
    socket_attributes: u8, "SOCKET_" {
        /// It has a remote end.
        CONNECTED = 1;
        /// It asked for its connection, of TCP.
        CALLED = 2;
        /// It was asked for its connection, of TCP.
        ANSWERED = 4;
    }

    /// Bits of [`FileObject::attributes`].
    file_attributes: u32, "FILE_" {
        /// On an overlay.
        OVERLAY = 1;
        /// In the writable layer of its overlay: not from the image.
        UPPER = 2;
        /// On a mount of the kernel's own, as `memfd_create` makes.
        MEMORY = 4;
        /// The caller may write it by owner, group or mode.
        WRITABLE = 8;
        /// It was made by being opened.
        CREATED = 16;
    }
}
