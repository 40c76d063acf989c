//! Processes: what they were when something happened.

mod lineage;

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::{Container, FileDescriptor, Text};

pub use lineage::{Ancestors, Lineage};

/// A process, or one thread of it where that differs, as it was when something happened.
///
/// A snapshot that is shared by all events between two changes; whoever keeps the state of a node
/// replaces it by another where the process changes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Process {
    /// The number that the host gives it.
    pub pid: u32,
    /// The number in its own namespace.
    pub vpid: u32,
    /// Who started it, and who started those.
    pub lineage: Lineage,
    /// The kernel's short name (`comm`), at most 15 bytes.
    pub name: Text,
    /// Its arguments, the first of which is what it was called as.
    pub arguments: Arc<[Text]>,
    /// Its environment when it was executed: `NAME=value`.
    pub environment: Arc<[Text]>,
    /// What it executes.
    pub executable: Executable,
    /// Its working directory.
    pub directory: Text,
    /// The number of its terminal; 0 where it has none.
    pub terminal: u32,
    /// Whose rights it uses.
    pub user: Account,
    /// The group whose rights it uses.
    pub group: Account,
    /// Who logged in, which `su` and `sudo` do not change. Absent where nobody did.
    pub login: Option<Account>,
    /// The session.
    pub session: u32,
    /// The group of processes.
    pub process_group: u32,
    /// The group of processes in its own namespace.
    pub virtual_process_group: u32,
    /// When it was born by a fork or clone, in nanoseconds since 1970.
    pub started: u64,
    /// When the first process of its namespace was born, in nanoseconds since 1970.
    pub namespace_started: u64,
    /// What it may do beyond its user.
    pub capabilities: Capabilities,
    /// What its standard input, output and error output are, where they are known.
    pub standard: [Option<Arc<FileDescriptor>>; 3],
    /// Where it runs. Absent on the host itself.
    pub container: Option<Arc<Container>>,
    /// Texts that are made of others, kept because many rules ask for the same. A clone starts without
    /// them; whoever changes a process in place resets this.
    pub composed: Composed,
}

impl Process {
    /// The kernel keeps no more bytes of a short name.
    pub const LONGEST_NAME: usize = 15;

    /// What it was called as: its first argument.
    pub fn called_as(&self) -> Option<&Text> {
        self.arguments.first()
    }

    /// Its arguments without what it was called as, with spaces between.
    pub fn arguments_line(&self) -> &Text {
        self.composed.arguments.get_or_init(|| join(self.arguments.iter().skip(1)))
    }

    /// Its short name and its arguments, with spaces between.
    pub fn command_line(&self) -> &Text {
        self.composed
            .command
            .get_or_init(|| join(std::iter::once(&self.name).chain(self.arguments.iter().skip(1))))
    }

    /// What it was called as and its arguments, with spaces between.
    pub fn called_line(&self) -> &Text {
        self.composed.called.get_or_init(|| join(&*self.arguments))
    }

    /// Its environment, with spaces between.
    pub fn environment_line(&self) -> &Text {
        self.composed.environment.get_or_init(|| join(&*self.environment))
    }

    /// Who started it.
    pub fn parent(&self) -> Option<&Arc<Process>> {
        self.lineage.parent()
    }

    /// Who started it, who started that one, and so on: a bounded walk.
    pub fn ancestors(&self) -> Ancestors<'_> {
        self.lineage.ancestors()
    }
}

/// What a process executes, as the kernel's own objects have it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that rules ask for")]
pub struct Executable {
    /// The path, with links followed.
    pub path: Text,
    /// The number of the file.
    pub inode: u64,
    /// When the file's attributes changed last, in nanoseconds since 1970.
    pub changed: u64,
    /// When the file's content changed last, in nanoseconds since 1970.
    pub modified: u64,
    /// The caller could write to it.
    pub writable: bool,
    /// It lies in the upper layer of an overlay: it is not part of the image, or was changed.
    pub upper_layer: bool,
    /// It lies in the lower layers of an overlay: it is as the image has it.
    pub lower_layer: bool,
    /// It lies in no file system at all.
    pub from_memory: bool,
    /// No name leads to it any more.
    pub deleted: bool,
}

/// A user or group, with its name as the container's own files give it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// The number.
    pub id: u32,
    /// The name. Absent where the files have none, or could not be read.
    pub name: Option<Text>,
    /// The user's home directory.
    pub home: Option<Text>,
    /// The user's shell.
    pub shell: Option<Text>,
}

/// Sets of capabilities, a bit each, numbered as `linux/capability.h` does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Capabilities {
    /// What it may do now.
    pub effective: u64,
    /// What it may give itself.
    pub permitted: u64,
    /// What it may keep when it executes another program.
    pub inheritable: u64,
}

/// Texts that a [`Process`] makes of its parts when they are asked for the first time.
#[derive(Default)]
pub struct Composed {
    arguments: OnceLock<Text>,
    command: OnceLock<Text>,
    called: OnceLock<Text>,
    environment: OnceLock<Text>,
}

/// A clone is most often made to be changed, so it composes anew.
impl Clone for Composed {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// What was composed says nothing that its parts do not say.
impl PartialEq for Composed {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Debug for Composed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Composed")
    }
}

/// Words with spaces between.
fn join<'a>(words: impl IntoIterator<Item = &'a Text>) -> Text {
    let mut line = Vec::new();
    for (index, word) in words.into_iter().enumerate() {
        if index > 0 {
            line.push(b' ');
        }
        line.extend_from_slice(word);
    }
    line.into()
}
