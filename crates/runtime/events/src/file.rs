//! Open files and sockets.

mod connection;

use crate::Text;

pub use connection::{Connection, Endpoint, Protocol, Role};

/// An open file, socket or other thing that a process reaches by a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileDescriptor {
    /// The number; -1 where it could not be opened.
    pub number: i64,
    /// What it is.
    pub kind: FileKind,
    /// The path as the kernel resolved it; for connections `client:port->server:port`.
    pub name: Text,
    /// The path as the program gave it. Absent where that is not known.
    pub name_raw: Option<Text>,
    /// Who speaks to whom. For sockets only.
    pub connection: Option<Connection>,
    /// This event gave it another name, as a datagram to another peer does.
    pub name_changed: bool,
    /// The number of the file.
    pub inode: u64,
    /// The device that the file lies on.
    pub device: u32,
    /// How it was opened: the flags of `open(2)`.
    pub flags: u32,
    /// It lies in the upper layer of an overlay.
    pub upper_layer: bool,
    /// It lies in the lower layers of an overlay.
    pub lower_layer: bool,
}

impl FileDescriptor {
    /// A number that was not said yet.
    pub(crate) const UNSET: i64 = i64::MIN;

    /// Whether it was opened at all.
    pub fn is_open(&self) -> bool {
        self.number >= 0
    }

    /// As an argument that stands for it is shown: `<f>/etc/passwd`, `<4t>10.0.0.2:4000->10.0.0.1:443`.
    /// (libs, `event.cpp`, `PT_FD`)
    pub fn shown(&self) -> Text {
        let protocol =
            self.connection.as_ref().map_or("", |connection| match connection.protocol {
                Protocol::Unknown => "",
                Protocol::Tcp => "t",
                Protocol::Udp => "u",
                Protocol::Icmp => "i",
                Protocol::Raw => "r",
            });
        let kind = ["<", self.kind.character(), protocol, ">"].concat();
        [kind.as_bytes(), &self.name].concat().into()
    }

    /// What it is called.
    pub fn called(&self) -> Called<'_> {
        let Self { name, name_raw, kind, .. } = self;
        Called { name, name_raw: name_raw.as_ref(), kind: *kind, is_open: self.is_open() }
    }
}

/// What a file is called: all that rules which ask for names can tell two files apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Called<'e> {
    /// The path as the kernel resolved it; for connections `client:port->server:port`.
    pub name: &'e Text,
    /// The path as the program gave it. Absent where that is not known.
    pub name_raw: Option<&'e Text>,
    /// What it is: what is no path has no folder.
    pub kind: FileKind,
    /// Whether it was opened at all.
    pub is_open: bool,
}

macro_rules! file_kinds {
    ($($(#[$doc:meta])* $variant:ident $character:literal $name:literal,)*) => {
        /// What an open file is. The characters and names are those that rules of Falco use.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum FileKind {
            #[default]
            $($(#[$doc])* $variant,)*
        }

        impl FileKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// One character, by which rules tell them apart.
            pub fn character(self) -> &'static str {
                match self { $(Self::$variant => $character,)* }
            }

            /// The name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

// The first is the default.
file_kinds! {
    /// Something that is not known.
    Unknown "o" "unknown",
    /// A regular file.
    File "f" "file",
    /// A folder.
    Directory "d" "directory",
    /// A socket of IPv4.
    Ipv4 "4" "ipv4",
    /// A socket of IPv6.
    Ipv6 "6" "ipv6",
    /// A socket of the host itself.
    Unix "u" "unix",
    /// A pipe.
    Pipe "p" "pipe",
    /// A counter to wait for.
    EventFd "e" "event",
    /// Signals as a file.
    SignalFd "s" "signalfd",
    /// A set of files to wait for.
    EventPoll "l" "eventpoll",
    /// A watch over files.
    Inotify "i" "inotify",
    /// A thing of eBPF.
    Bpf "b" "bpf",
    /// Page faults handled by a program.
    UserFaultFd "u" "userfaultfd",
    /// A ring of asynchronous operations.
    IoUring "r" "io_uring",
    /// Memory with a name only.
    MemFd "m" "memfd",
    /// A process.
    PidFd "P" "pidfd",
    /// A timer.
    TimerFd "t" "timerfd",
    /// A socket of the kernel's own messages.
    Netlink "n" "netlink",
}
