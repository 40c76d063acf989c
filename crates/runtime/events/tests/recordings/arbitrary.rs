//! Any events.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bulkhead_events::{
    Account, Argument, Capabilities, Connection, Container, Endpoint, Event, Executable,
    FileDescriptor, FileKind, Image, Kind, Lineage, Mismatch, Mount, Origin, Pod, Process,
    Protocol, Role, Shared, SocketAddress, Text,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// Several events that share processes, containers and files.
pub(super) fn events() -> impl Strategy<Value = Vec<Event>> {
    let containers = vec(container().prop_map(Arc::new), 1..3);
    let files = vec(file().prop_map(Arc::new), 1..4);
    (containers, files).prop_flat_map(|(containers, files)| {
        let processes = vec(process(select(containers), select(files.clone())), 1..6);
        processes.prop_map(family).prop_flat_map(move |processes| {
            vec(event(select(processes), select(files.clone())), 0..12)
        })
    })
}

/// Processes each of which was started by the one before it.
fn family(processes: Vec<Process>) -> Vec<Arc<Process>> {
    let mut family: Vec<Arc<Process>> = Vec::new();
    for mut process in processes {
        process.lineage = family.last().cloned().map_or_else(Lineage::default, Lineage::of);
        family.push(process.into());
    }
    family
}

fn event(
    processes: impl Strategy<Value = Arc<Process>>,
    files: impl Strategy<Value = Arc<FileDescriptor>>,
) -> impl Strategy<Value = Event> {
    let kinds = select(Kind::all().collect::<Vec<_>>());
    let kind =
        kinds.prop_flat_map(|kind| (Just(kind), vec(argument(), 0..=kind.parameters().len())));
    let mismatch = (text(), text(), text())
        .prop_map(|(argument, seen, used)| Box::new(Mismatch { argument, seen, used }));
    let origin = select(Origin::ALL.to_vec());
    let numbers = (any::<u64>(), any::<u64>(), any::<u16>(), any::<u32>(), any::<u32>());
    let node = option::of(select(vec![Text::from("node-1"), Text::from("node-2")]));
    let rest = (option::of(any::<i64>()), option::of(files), option::of(mismatch), node);
    (kind, numbers, origin, processes, rest, any::<bool>()).prop_map(
        |((kind, arguments), numbers, origin, process, (result, file, mismatch, node), main)| {
            let (time, sequence, processor, thread, virtual_thread) = numbers;
            let (thread, virtual_thread) =
                if main { (process.pid, process.vpid) } else { (thread, virtual_thread) };
            Event {
                time,
                sequence,
                processor,
                node,
                kind,
                origin,
                result,
                thread,
                virtual_thread,
                process,
                arguments,
                file,
                mismatch,
            }
        },
    )
}

fn argument() -> impl Strategy<Value = Argument> {
    prop_oneof![
        Just(Argument::Absent),
        any::<i64>().prop_map(Argument::Number),
        (any::<i64>(), text()).prop_map(|(number, name)| Argument::Named(number, name)),
        text().prop_map(Argument::Text),
        (text(), option::of(text()))
            .prop_map(|(given, resolved)| Argument::Path { given, resolved }),
        text().prop_map(|path| Argument::Path { given: path.clone(), resolved: Some(path) }),
        (any::<IpAddr>(), any::<u16>()).prop_map(|(address, port)| {
            Argument::Address(SocketAddress::Internet(SocketAddr::new(address, port)))
        }),
        text().prop_map(|path| Argument::Address(SocketAddress::Unix(path))),
        any::<u16>().prop_map(|family| Argument::Address(SocketAddress::Other(family))),
    ]
}

fn process(
    containers: impl Strategy<Value = Arc<Container>>,
    files: impl Strategy<Value = Arc<FileDescriptor>> + Clone,
) -> impl Strategy<Value = Process> {
    let texts = (text(), texts(), texts(), text());
    let standard = [option::of(files.clone()), option::of(files.clone()), option::of(files)];
    let accounts = (account(), account(), option::of(account()));
    let capabilities = any::<[u64; 3]>();
    (
        texts,
        any::<[u32; 6]>(),
        any::<[u64; 2]>(),
        standard,
        accounts,
        capabilities,
        executable(),
        option::of(containers),
    )
        .prop_map(
            |(texts, numbers, times, standard, accounts, capabilities, executable, container)| {
                let (name, arguments, environment, directory) = texts;
                let [pid, vpid, terminal, session, process_group, virtual_process_group] = numbers;
                let [effective, permitted, inheritable] = capabilities;
                Process {
                    pid,
                    vpid,
                    name,
                    arguments,
                    environment,
                    executable,
                    directory,
                    terminal,
                    user: accounts.0,
                    group: accounts.1,
                    login: accounts.2,
                    session,
                    process_group,
                    virtual_process_group,
                    started: times[0],
                    namespace_started: times[1],
                    capabilities: Capabilities { effective, permitted, inheritable },
                    standard,
                    container,
                    ..Process::default()
                }
            },
        )
}

fn executable() -> impl Strategy<Value = Executable> {
    (text(), any::<[u64; 3]>(), any::<[bool; 5]>()).prop_map(|(path, numbers, truths)| Executable {
        path,
        inode: numbers[0],
        changed: numbers[1],
        modified: numbers[2],
        writable: truths[0],
        upper_layer: truths[1],
        lower_layer: truths[2],
        from_memory: truths[3],
        deleted: truths[4],
    })
}

fn account() -> impl Strategy<Value = Account> {
    let optional = || option::of(text());
    (any::<u32>(), optional(), optional(), optional()).prop_map(|(id, name, home, shell)| Account {
        id,
        name,
        home,
        shell,
    })
}

fn file() -> impl Strategy<Value = FileDescriptor> {
    let kind = select(FileKind::ALL.to_vec());
    let numbers = (any::<i64>(), any::<u64>(), any::<u32>(), any::<u32>());
    (kind, numbers, text(), option::of(text()), option::of(connection()), any::<[bool; 3]>())
        .prop_map(|(kind, numbers, name, name_raw, connection, truths)| FileDescriptor {
            number: numbers.0,
            kind,
            name,
            name_raw,
            connection,
            name_changed: truths[0],
            inode: numbers.1,
            device: numbers.2,
            flags: numbers.3,
            upper_layer: truths[1],
            lower_layer: truths[2],
        })
}

fn connection() -> impl Strategy<Value = Connection> {
    let roles = select(vec![Role::Unknown, Role::Client, Role::Server]);
    let protocols = select(Protocol::ALL.to_vec());
    (option::of(endpoint()), option::of(endpoint()), roles, protocols, any::<bool>()).prop_map(
        |(local, remote, role, protocol, connected)| Connection {
            local,
            remote,
            role,
            protocol,
            connected,
        },
    )
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    (any::<IpAddr>(), any::<u16>(), option::of(texts()))
        .prop_map(|(address, port, names)| Endpoint { address, port, names })
}

fn container() -> impl Strategy<Value = Container> {
    let optional = || option::of(text());
    let image = (optional(), optional(), optional(), optional())
        .prop_map(|(repository, tag, digest, id)| Image { repository, tag, digest, id });
    let mount = (text(), text(), text(), any::<bool>(), text()).prop_map(
        |(source, destination, mode, writable, propagation)| Mount {
            source,
            destination,
            mode,
            writable,
            propagation,
        },
    );
    let pod = (text(), text(), text(), pairs(), optional()).prop_map(
        |(name, namespace, uid, labels, sandbox)| Pod { name, namespace, uid, labels, sandbox },
    );
    let shared = any::<[bool; 3]>().prop_map(|[network, processes, communication]| Shared {
        network,
        processes,
        communication,
    });
    let words = || option::of(vec(text(), 0..3));
    let address = option::of(any::<u32>().prop_map(Ipv4Addr::from_bits));
    let last = (option::of(shared), words(), words(), words(), address);
    let mounts = option::of(vec(mount, 0..3));
    let rest = (option::of(any::<bool>()), mounts, option::of(any::<u64>()), option::of(pod), last);
    (text(), optional(), optional(), image, pairs(), rest).prop_map(
        |(id, name, runtime, image, labels, (privileged, mounts, started, pod, last))| Container {
            id,
            name,
            runtime,
            image,
            labels,
            privileged,
            mounts,
            started,
            pod,
            shared: last.0,
            healthcheck: last.1,
            liveness: last.2,
            readiness: last.3,
            address: last.4,
        },
    )
}

fn pairs() -> impl Strategy<Value = Vec<(Text, Text)>> {
    vec((text(), text()), 0..3)
}

fn texts() -> impl Strategy<Value = Arc<[Text]>> {
    vec(text(), 0..4).prop_map(Arc::from)
}

/// Few enough that the same come again, and some that are no UTF-8.
fn text() -> impl Strategy<Value = Text> {
    prop_oneof![
        select(vec!["", "/etc/shadow", "sh", "nginx"]).prop_map(Text::from),
        vec(any::<u8>(), 0..6).prop_map(Text::from),
    ]
}
