//! Events: what happened, who did it, and to what.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::kind::words;
use crate::{FileDescriptor, Form, Kind, Origin, Process, Text};

/// Something that happened on a node, told once it is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When it was over, in nanoseconds since 1970.
    pub time: u64,
    /// Its place among all events of the sensor's run, from 1.
    pub sequence: u64,
    /// The processor that it happened on.
    pub processor: u16,
    /// The name of the node that it happened on, where that is known.
    pub node: Option<Text>,
    /// What happened.
    pub kind: Kind,
    /// By which way it came into the kernel.
    pub origin: Origin,
    /// What the system call returned: a number, or a negative error. Absent for what returns nothing.
    pub result: Option<i64>,
    /// The thread that did it, by the number that the host gives it.
    pub thread: u32,
    /// The thread that did it, by the number in its own namespace.
    pub virtual_thread: u32,
    /// The process that did it, as it was afterwards: an `execve` is told of what was executed.
    pub process: Arc<Process>,
    /// The arguments, in the order of [`Kind::parameters`]; shorter where the last are not known.
    pub arguments: Vec<Argument>,
    /// The file that it was about. Of a file that could not be opened, what would have been opened.
    pub file: Option<Arc<FileDescriptor>>,
    /// Another argument was seen when the call began than the one that the kernel used.
    pub mismatch: Option<Box<Mismatch>>,
}

impl Event {
    /// An event of which nothing is known but what happened.
    pub fn new(kind: Kind) -> Self {
        Self {
            time: 0,
            sequence: 0,
            processor: 0,
            node: None,
            kind,
            origin: Origin::Native,
            result: None,
            thread: 0,
            virtual_thread: 0,
            process: Arc::default(),
            arguments: Vec::new(),
            file: None,
            mismatch: None,
        }
    }

    /// The argument of a name, with what its value means. None where such events have none.
    pub fn argument(&self, name: &str) -> Option<(Form, &Argument)> {
        let (index, parameter) = self.kind.parameter(name)?;
        Some((parameter.form, self.arguments.get(index).unwrap_or(&Argument::Absent)))
    }
}

/// The value of an argument. What it means, its [`Form`] says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Argument {
    /// It is not known, or is said elsewhere in the event.
    #[default]
    Absent,
    /// A number; one without sign by its bits.
    Number(i64),
    /// A number and what it stands for: a user's name, a process' short name, an open file's name.
    Named(i64, Text),
    /// A text, or bytes.
    Text(Text),
    /// A path.
    Path {
        /// As the program gave it.
        given: Text,
        /// As the kernel resolved it. Absent where that is not known.
        resolved: Option<Text>,
    },
    /// An address of a socket.
    Address(SocketAddress),
}

/// What a socket can be bound or connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SocketAddress {
    /// An address and port of IPv4 or IPv6.
    Internet(SocketAddr),
    /// A path, or a name of the abstract space with `@` before it.
    Unix(Text),
    /// Another family, by its number.
    Other(u16),
}

impl SocketAddress {
    /// As rules write it.
    pub fn written(&self) -> Vec<u8> {
        match self {
            Self::Internet(address) => format!("{}:{}", address.ip(), address.port()).into(),
            Self::Unix(path) => path.to_vec(),
            Self::Other(family) => {
                let name = words::FAMILY.names((*family).into()).next();
                name.map_or_else(|| family.to_string(), str::to_owned).into()
            }
        }
    }
}

/// An argument that was another one when the call began: somebody changed it meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The name of the argument.
    pub argument: Text,
    /// What stood in the program's memory when the call began.
    pub seen: Text,
    /// What the kernel used.
    pub used: Text,
}
