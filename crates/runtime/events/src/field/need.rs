//! What fields depend on.

/// What a sensor must see, or find out, for a field to have values.
///
/// A sensor says of each whether it has it, in part or not at all; a rule that asks for a field without
/// what it needs can never fire, and is said to be blind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Need {
    /// Which process it was: births, executions and ends are followed.
    Process,
    /// Who started the process.
    Lineage,
    /// The words that a program was executed with.
    CommandLine,
    /// The environment that a program was executed with.
    Environment,
    /// The file that is executed: its path, number and times.
    Executable,
    /// Whether the executed file lies in the upper layer of an overlay.
    OverlayLayer,
    /// Whether what is executed lies in memory only.
    MemoryFile,
    /// Session, group of processes, terminal.
    Session,
    /// Sets of capabilities.
    Capabilities,
    /// Numbers of users and groups.
    Credentials,
    /// Names of users and groups.
    AccountNames,
    /// Arguments of system calls.
    Arguments,
    /// Bytes that are read, written, sent or received.
    Buffer,
    /// What the numbers of open files stand for.
    Descriptors,
    /// The ends of connections.
    Connections,
    /// Which names led to an address.
    DomainNames,
    /// In which container it was.
    Container,
    /// The container's name, image, labels and start, from its runtime.
    ContainerMetadata,
    /// The container's rights and mounts, from its specification.
    ContainerSpecification,
    /// The pod of the container.
    Pod,
    /// Arguments as they were when the call began.
    EntryArguments,
    /// What Falco tells and no sensor of ours does. Its fields are known, so that rules which ask for them are
    /// read, and never have a value.
    Elsewhere,
}
