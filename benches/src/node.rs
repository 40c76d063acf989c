//! A node that never stands still, as a kernel would tell of it: programs start, open files, connect and end, in
//! containers that come and go. Nothing of it comes twice.

use std::collections::VecDeque;

use anyhow::Context as _;
use bulkhead_events::Kind;
use bulkhead_probes::{
    ABI_VERSION, FileObject, Header, Kind as Told, Lane, Origin, Resources, Role, SocketObject,
    Tag, part_flags, socket_attributes, write_record,
};
use bulkhead_sensor::{Accounts, Found, Metadata, Mount, Runtime, Surroundings, View};
use zerocopy::{FromZeros as _, IntoBytes as _};

/// Programs that run at the same time.
const RUNNING: usize = 200;

/// What a program does between its start and its end.
const STEPS: u32 = 40;

/// After so many programs another container takes the place of the one before.
const PROGRAMS: u64 = 50;

/// Nanoseconds from one record to the next.
const PACE: u64 = 20_000;

/// What runs programs: the first process of the node.
const STARTER: u32 = 1;

/// The node.
#[derive(Debug, Default)]
pub(crate) struct Node {
    running: VecDeque<Program>,
    /// Programs that were started.
    started: u64,
    /// Nanoseconds since it started.
    now: u64,
}

/// A program that runs.
#[derive(Debug, Clone, Copy)]
struct Program {
    /// Its place among all.
    number: u64,
    process: u32,
    started: u64,
    step: u32,
}

/// The parts of a record.
type Parts = Vec<(Tag, Role, u8, Vec<u8>)>;

impl Node {
    /// The next record.
    pub(crate) fn record(&mut self) -> anyhow::Result<Vec<u8>> {
        self.now += PACE;
        let mut program = match self.running.pop_front() {
            Some(program) if self.running.len() + 1 >= RUNNING => program,
            waiting => {
                self.running.extend(waiting);
                self.start()?
            }
        };
        let (kind, call, result, parts) = program.does()?;
        let mut header = self.header(&program, kind)?;
        header.call = call.map_or(-1, |call| i32::from(call.number())).into();
        header.result = result.into();
        if program.step < STEPS {
            program.step += 1;
            self.running.push_back(program);
        }
        let parts: Vec<_> = parts
            .iter()
            .map(|(tag, role, flags, bytes)| (*tag, *role, *flags, bytes.as_slice()))
            .collect();
        Ok(write_record(&header, &parts))
    }

    /// How many containers there were.
    pub(crate) fn containers(&self) -> u64 {
        self.started / PROGRAMS
    }

    fn start(&mut self) -> anyhow::Result<Program> {
        self.started += 1;
        // Numbers are given again, as those of a kernel are.
        let process = u32::try_from(self.started % 30_000)? + 2;
        Ok(Program { number: self.started, process, started: self.now, step: 0 })
    }

    fn header(&self, program: &Program, kind: Told) -> anyhow::Result<Header> {
        let mut header = Header::new_zeroed();
        header.version = ABI_VERSION.into();
        header.kind = (kind as u16).into();
        header.lane = Lane::Process as u8;
        header.origin = Origin::Call as u8;
        header.time = self.now.into();
        for number in [&mut header.process, &mut header.thread] {
            *number = program.process.into();
        }
        for number in [&mut header.inner_process, &mut header.inner_thread] {
            *number = u32::try_from(program.number % PROGRAMS + 1)?.into();
        }
        header.started = program.started.into();
        header.parent = STARTER.into();
        let container = program.container();
        header.mount_namespace = u32::try_from(container % 1_000_000 + 10)?.into();
        header.pid_namespace = header.mount_namespace;
        header.cgroup = (container + 10).into();
        header.hierarchy = 4.into();
        header.effective_user = 33.into();
        let name = if program.step == 0 { "starter" } else { program.name() };
        let (head, _) = header.name.split_at_mut(name.len());
        head.copy_from_slice(name.as_bytes());
        Ok(header)
    }
}

impl Program {
    fn container(&self) -> u64 {
        self.number / PROGRAMS
    }

    fn name(&self) -> &'static str {
        ["cat", "nginx", "sh", "java"].get((self.number % 4) as usize).copied().unwrap_or("cat")
    }

    /// What it does next: the sort of record, the call and its result, and what the record holds.
    fn does(&self) -> anyhow::Result<(Told, Option<Kind>, i64, Parts)> {
        let Self { number, step, .. } = self;
        let call = |name: &str, result: i64, arguments: &[u64], mut parts: Parts| {
            let mut all = [0_u64; 6];
            for (place, argument) in all.iter_mut().zip(arguments) {
                *place = *argument;
            }
            let bytes = all.iter().flat_map(|argument| argument.to_le_bytes()).collect();
            parts.insert(0, (Tag::Arguments, Role::None, 0, bytes));
            let kind = Kind::by_name(name).context("a system call")?;
            Ok((Told::Call, Some(kind), result, parts))
        };
        let descriptor = i32::try_from(step % 16)? + 3;
        match step {
            0 => Ok((Told::Fork, None, 0, vec![text(Role::CgroupLegacy, self.group())])),
            1 => {
                let words = format!("{}\0--run\0{number}\0", self.name());
                let environment = format!("RUN={number}\0PATH=/usr/bin\0");
                let parts = vec![
                    text(Role::Executable, format!("/usr/bin/{}", self.name())),
                    text(Role::CommandLine, words),
                    text(Role::Environment, environment),
                    text(Role::CgroupLegacy, self.group()),
                    text(Role::WorkingDirectory, format!("/srv/{number}")),
                ];
                Ok((Told::Execute, None, 0, parts))
            }
            &STEPS => {
                let used = Resources::new_zeroed();
                Ok((
                    Told::Exit,
                    None,
                    0,
                    vec![(Tag::Resources, Role::None, 0, used.as_bytes().to_vec())],
                ))
            }
            _ if step % 8 == 3 => {
                let mut socket = SocketObject::new_zeroed();
                socket.descriptor = descriptor.into();
                socket.inode = (number * 100 + u64::from(*step)).into();
                (socket.family, socket.kind, socket.protocol) = (2.into(), 1.into(), 6.into());
                let [.., third, fourth] = number.to_be_bytes();
                for (end, address) in [
                    (&mut socket.local, [10, 0, 0, 2]),
                    (&mut socket.remote, [10, 1, third, fourth]),
                ] {
                    end.iter_mut().zip(address).for_each(|(place, byte)| *place = byte);
                }
                socket.local_port = u16::try_from(number % 60_000)?.into();
                socket.remote_port = 5432.into();
                socket.attributes = socket_attributes::CONNECTED;
                let parts = vec![(Tag::Socket, Role::First, 0, socket.as_bytes().to_vec())];
                call("connect", 0, &[u64::try_from(descriptor)?], parts)
            }
            _ if step % 8 == 5 => call("close", 0, &[u64::try_from(descriptor - 2)?], Vec::new()),
            _ if step % 8 == 7 => {
                let name = format!("/srv/{number}/{step}");
                call("unlinkat", 0, &[u64::MAX - 99], vec![text(Role::Second, name)])
            }
            _ => {
                // Now and then one that rules ask for.
                let path = match step {
                    10 if number % 8 == 0 => "/etc/shadow".to_owned(),
                    12 => "/usr/lib/x86_64-linux-gnu/libc.so.6".to_owned(),
                    14 => format!("/tmp/.hidden{number}"),
                    _ => format!("/srv/{number}/{step}.html"),
                };
                let flags = if *step == 14 { 0o102 } else { 0 };
                let mut file = FileObject::new_zeroed();
                file.inode = (number * 100 + u64::from(*step)).into();
                file.mode = 0o100_644.into();
                file.links = 1.into();
                file.descriptor = descriptor.into();
                let parts = vec![
                    text(Role::Second, path.clone()),
                    (Tag::File, Role::Result, 0, file.as_bytes().to_vec()),
                    (Tag::Text, Role::Result, part_flags::RESOLVED, path.into_bytes()),
                ];
                call("openat", descriptor.into(), &[u64::MAX - 99, 0, flags], parts)
            }
        }
    }

    fn group(&self) -> String {
        format!("/docker/{}", id(self.container()))
    }
}

fn text(role: Role, text: String) -> (Tag, Role, u8, Vec<u8>) {
    (Tag::Text, role, 0, text.into_bytes())
}

fn id(container: u64) -> String {
    format!("{container:064x}")
}

/// What a runtime of the node would say: of each container other things.
#[derive(Debug)]
pub(crate) struct Runtimes;

impl Surroundings for Runtimes {
    fn container(&mut self, name: &str) -> Option<Found> {
        let mount = |number: u32| Mount {
            source: format!("/var/lib/volumes/{name}/{number}"),
            destination: format!("/data/{number}"),
            kind: "bind".to_owned(),
            writable: true,
            propagation: "rprivate".to_owned(),
        };
        let labels = ["app", "version", "owner"]
            .map(|label| (label.to_owned(), format!("{label} of {name}")));
        let metadata = Metadata {
            name: Some(format!("web-{name}")),
            image_digest: Some(format!("sha256:{name}")),
            labels: labels.into(),
            mounts: (0..4).map(mount).collect(),
            privileged: Some(false),
            ..Metadata::default()
        };
        Some(Found { runtime: Runtime::Docker, metadata, problems: Vec::new() })
    }

    fn accounts(&mut self, _: &View) -> Option<Accounts> {
        Some(Accounts::read(b"root:x:0:0::/root:/bin/sh\nweb:x:33:33:::\n", b"web:x:33:\n"))
    }
}
