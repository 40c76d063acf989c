//! What can happen: system calls and what the kernel tells of its own accord.

mod parameters;
mod system_calls;
pub(crate) mod words;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

pub use parameters::{Form, Parameter};
pub use words::Words;

/// What happened: a system call by its number on x86-64, or one of the few things that are none.
///
/// The number is stable: recordings hold it. Numbers that have no name yet are kept as they are, so
/// that a call of a newer kernel is told, not lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(u16);

macro_rules! kinds {
    ($($(#[$doc:meta])* $constant:ident $number:literal $name:literal)*) => {
        impl Kind {
            $($(#[$doc])* pub const $constant: Self = Self($number);)*
        }

        /// What is no system call.
        const OTHERS: &[(u16, &str)] = &[$(($number, $name)),*];
    };
}

kinds! {
    /// A process ended.
    EXIT 1024 "procexit"
    /// A signal reached a process.
    SIGNAL 1025 "signaldeliver"
    /// A name was asked for, or an answer came.
    DNS 1026 "dns"
    /// A container was seen for the first time, or starts again.
    CONTAINER 1027 "container"
    /// Records of a container were lost, or of the host.
    LOSS 1028 "drop"
}

impl Kind {
    /// The system call of x86-64 with a number. None where no kernel has such numbers.
    pub fn system_call(number: u16) -> Option<Self> {
        (number < FIRST_OTHER).then_some(Self(number))
    }

    /// The kind with a name, as rules know it: `openat`, `procexit`.
    pub fn by_name(name: &str) -> Option<Self> {
        TABLE.by_name.get(name).copied()
    }

    /// The kind of a number as recordings hold it.
    pub fn by_number(number: u16) -> Self {
        Self(number)
    }

    /// The number by which recordings know it; for system calls that of x86-64.
    pub fn number(self) -> u16 {
        self.0
    }

    /// Whether it is a system call.
    pub fn is_system_call(self) -> bool {
        self.0 < FIRST_OTHER
    }

    /// The name; `unknown` for a number that has none.
    pub fn name(self) -> &'static str {
        self.row().map_or(UNNAMED, |row| row.name)
    }

    /// What its [`arguments`](crate::Event::arguments) are, in this order.
    pub fn parameters(self) -> &'static [Parameter] {
        self.row().map_or(parameters::UNDESCRIBED, |row| row.parameters)
    }

    /// The place and description of an argument.
    pub fn parameter(self, name: &str) -> Option<(usize, &'static Parameter)> {
        self.parameters().iter().enumerate().find(|(_, parameter)| parameter.name == name)
    }

    /// The place of the path among the arguments of a call that opens one.
    pub fn opens_path(self) -> Option<usize> {
        self.row()?.opens_path
    }

    /// Whether what it returns is the number of a file that it opened.
    pub fn opens_file(self) -> bool {
        self.row().is_some_and(|row| row.opens_file)
    }

    /// Whether its events have a file: what the call opened, or the descriptor that it was given.
    pub fn has_file(self) -> bool {
        self.opens_file() || self.descriptor().is_some() || self == Self::DNS
    }

    /// The name of the argument whose file the events are about, where it is not the one that the call opened. Of calls that
    /// move bytes from one to another, as for Falco, the first. (libs, `driver/event_table.c`, `EF_USES_FD`)
    pub fn descriptor(self) -> Option<&'static str> {
        self.row()?.descriptor
    }

    /// The place of the flags among the arguments.
    pub(crate) fn flags(self) -> Option<usize> {
        self.row()?.flags
    }

    /// All that have names, in the order of their numbers.
    pub fn all() -> impl Iterator<Item = Self> {
        let rows = TABLE.rows.iter().enumerate();
        rows.filter(|(_, row)| row.is_some())
            .filter_map(|(number, _)| u16::try_from(number).ok().map(Self))
    }

    fn row(self) -> Option<&'static Row> {
        TABLE.rows.get(usize::from(self.0)).and_then(Option::as_ref)
    }
}

/// By which way something came into the kernel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// A system call of 64 bits, or what the kernel tells of its own accord.
    #[default]
    Native,
    /// A system call of 32 bits. Its number was translated.
    Compatible,
    /// An operation that a process left in an `io_uring`. Told as the system call that does the same.
    IoUring,
}

impl Origin {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Native, Self::Compatible, Self::IoUring];

    /// The name that rules use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Compatible => "ia32",
            Self::IoUring => "io_uring",
        }
    }
}

/// What the descriptor is called that a call is about.
const DESCRIPTORS: [&str; 4] = ["fd", "out_fd", "fd_in", "fdin"];

/// What all kinds are called that have no name.
pub(crate) const UNNAMED: &str = "unknown";

/// Numbers from here on are no system calls.
const FIRST_OTHER: u16 = 1024;

struct Row {
    name: &'static str,
    parameters: &'static [Parameter],
    /// What is asked of most events: whether a file is opened, where the path and the flags stand.
    opens_file: bool,
    opens_path: Option<usize>,
    flags: Option<usize>,
    descriptor: Option<&'static str>,
}

impl Row {
    fn new(name: &'static str, parameters: &'static [Parameter]) -> Self {
        let place = |is: fn(&Parameter) -> bool| parameters.iter().position(is);
        let path = place(|parameter| matches!(parameter.form, Form::Path));
        let flags = place(|parameter| parameter.name == "flags");
        let opens_file =
            parameters.first().is_some_and(|first| matches!(first.form, Form::ResultFile));
        let opens_path = opens_file
            // Calls that look up a mount have flags of their own, and open nothing to read or write.
            && flags
                .and_then(|flags| parameters.get(flags))
                .is_none_or(|flags| matches!(flags.form, Form::Flags(_) | Form::OpenFlags(_)));
        let descriptor =
            DESCRIPTORS.into_iter().find(|name| parameters.iter().any(|it| it.name == *name));
        let opens_path = path.filter(|_| opens_path);
        Self { name, parameters, opens_file, opens_path, flags, descriptor }
    }
}

struct Table {
    rows: Vec<Option<Row>>,
    by_name: FxHashMap<&'static str, Kind>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let system_calls = system_calls::RUNS
        .iter()
        .flat_map(|(first, names)| (*first..).zip(names.split_ascii_whitespace()));
    let described: FxHashMap<&str, &'static [Parameter]> = parameters::DESCRIBED
        .iter()
        .flat_map(|(names, parameters)| {
            names.split_ascii_whitespace().map(move |name| (name, *parameters))
        })
        .collect();
    let mut table = Table { rows: Vec::new(), by_name: FxHashMap::default() };
    for (number, name) in system_calls.chain(OTHERS.iter().copied()) {
        let index = usize::from(number);
        if table.rows.len() <= index {
            table.rows.resize_with(index.saturating_add(1), || None);
        }
        let parameters = described.get(name).copied().unwrap_or(parameters::UNDESCRIBED);
        if let Some(row) = table.rows.get_mut(index) {
            *row = Some(Row::new(name, parameters));
        }
        table.by_name.insert(name, Kind(number));
    }
    for (alias, name) in system_calls::ALIASES {
        if let Some(kind) = table.by_name.get(name).copied() {
            table.by_name.insert(alias, kind);
        }
    }
    table
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_linux() {
        let cases = [
            ("read", 0),
            ("open", 2),
            ("pread64", 17),
            ("dup2", 33),
            ("connect", 42),
            ("execve", 59),
            ("ptrace", 101),
            ("mount", 165),
            ("openat", 257),
            ("unshare", 272),
            ("dup3", 292),
            ("finit_module", 313),
            ("bpf", 321),
            ("userfaultfd", 323),
            ("pidfd_send_signal", 424),
            ("io_uring_setup", 425),
            ("openat2", 437),
            ("fchmodat2", 452),
            ("file_setattr", 469),
            ("uprobe", 336),
            ("procexit", 1024),
        ];
        for (name, number) in cases {
            assert_eq!(Kind::by_name(name).map(Kind::number), Some(number), "{name}");
        }
    }

    #[test]
    fn names_lead_back_to_their_kinds() {
        for kind in Kind::all() {
            assert_eq!(Kind::by_name(kind.name()), Some(kind));
        }
        assert_eq!(Kind::by_number(999).name(), "unknown");
    }

    #[test]
    fn only_kinds_with_names_are_described() {
        for (names, parameters) in parameters::DESCRIBED {
            for name in names.split_ascii_whitespace() {
                let kind = Kind::by_name(name).unwrap_or_else(|| panic!("{name} is no kind"));
                assert!(std::ptr::eq(kind.parameters(), *parameters), "{name} is described twice");
            }
        }
    }
}
