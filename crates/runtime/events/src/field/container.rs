//! Fields of containers.

use super::row::{FieldRow, rows};
use super::{Need, Selector};
use crate::script::{Setting, SettingError};
use crate::{Container, Lineage, Mount, Process, Shared, Text, Value};

const CONTAINER: &[Need] = &[Need::Container];
const METADATA: &[Need] = &[Need::Container, Need::ContainerMetadata];
const SPECIFICATION: &[Need] = &[Need::Container, Need::ContainerSpecification];

pub(super) const ROWS: &[FieldRow] = rows! {
    "container.id" Text CONTAINER: "The first 12 characters of the container's identifier; `host` outside of all.",
        @Process |process, _| container(process).map_or("host".as_bytes(), Container::short_id).into(),
        by(|draft, _, setting| {
            match setting.text() {
                host if host == "host" => draft.on_host(),
                id => draft.container().id = id,
            }
            Ok(())
        });
    "container.full_id" Text CONTAINER: "The container's whole identifier; `host` outside of all.",
        @Process |process, _| container(process).map_or("host".as_bytes(), |container| &container.id).into(),
        put(container.id);
    "container.name" Text METADATA: "The container's name; `host` outside of all.",
        @Process |process, _| container(process).map_or("host".into(), |container| container.name.as_ref().into()),
        put(container.name);
    "container.type" Text METADATA: "The runtime of the container; `host` outside of all.",
        @Process |process, _| container(process).map_or("host".into(), |container| container.runtime.as_ref().into()),
        put(container.runtime);
    "container.image" Text METADATA: "The image with its tag.",
        @Process |process, _| container(process).map_or(Value::Null, |container| image(container, true)),
        from("container.image.repository and container.image.tag");
    "container.image.repository" Text METADATA: "The image without tag and digest.",
        @Process |process, _| container(process).map_or(Value::Null, |container| image(container, false)),
        put(container.image.repository);
    "container.image.tag" Text METADATA: "The tag of the image.",
        @Process |process, _| container(process).and_then(|container| container.image.tag.as_ref()).into(),
        put(container.image.tag);
    "container.image.digest" Text METADATA: "The digest of the image's manifest.",
        @Process |process, _| container(process).and_then(|container| container.image.digest.as_ref()).into(),
        put(container.image.digest);
    "container.image.id" Text METADATA: "The digest of the image's configuration.",
        @Process |process, _| container(process).and_then(|container| container.image.id.as_ref()).into(),
        put(container.image.id);
    "container.start_ts" Time METADATA: "When the container started.",
        @Process |process, _| container(process).and_then(|container| container.started).map(Value::unsigned).into(),
        put(container.started);
    "container.duration" Duration METADATA: "For how long the container has run.",
        |event, _| {
            let started = container(&event.process).and_then(|container| container.started);
            started.and_then(|started| event.time.checked_sub(started)).map(Value::unsigned).into()
        },
        from("container.start_ts");
    "container.label" Text METADATA One of Key: "The value of a label.",
        @Process |process, selector| container(process).map_or(Value::Null, |container| label(&container.labels, selector)),
        by(|draft, selector, setting| set_label(&mut draft.container().labels, selector, setting));
    "container.labels" Text METADATA: "All labels: `name:value`, with commas between.",
        @Process |process, _| container(process).map_or(Value::Null, |container| labels(&container.labels)),
        from("container.label[NAME]");
    "container.privileged" Boolean SPECIFICATION: "Whether the container may do what the host's root may.",
        @Process |process, _| container(process).and_then(|container| container.privileged).into(),
        put(container.privileged);
    "container.host_network" Boolean SPECIFICATION: "Whether the container has the host's interfaces and addresses.",
        @Process |process, _| shared(process).map(|shared| shared.network).into(),
        by(|draft, _, setting| share(draft.container(), setting, |shared| &mut shared.network));
    "container.host_pid" Boolean SPECIFICATION: "Whether the container sees the host's processes.",
        @Process |process, _| shared(process).map(|shared| shared.processes).into(),
        by(|draft, _, setting| share(draft.container(), setting, |shared| &mut shared.processes));
    "container.host_ipc" Boolean SPECIFICATION: "Whether the container has the host's shared memory and queues.",
        @Process |process, _| shared(process).map(|shared| shared.communication).into(),
        by(|draft, _, setting| share(draft.container(), setting, |shared| &mut shared.communication));
    "container.healthcheck" Text METADATA: "What is executed in the container to ask whether it is well; `NONE` where nothing is.",
        @Process |process, _| match container(process).and_then(|container| container.healthcheck.as_deref()) {
            None => Value::Null,
            Some([]) => "NONE".into(),
            Some(words) => words.iter().map(Text::as_bytes).collect::<Vec<_>>().join(&b' ').into(),
        },
        by(|draft, _, setting| {
            draft.container().healthcheck = Some(setting.words());
            Ok(())
        });
    "proc.is_container_healthcheck" Boolean METADATA: "Whether it was started from outside to ask whether its container is well.",
        @Process |process, _| is_asking(process, |container| container.healthcheck.as_ref()).into(),
        from("container.healthcheck, proc.exe, proc.args and the ancestors");
    "container.liveness_probe" Text METADATA: "What a kubelet executes in the container to ask whether it has to be started anew, where the pod was made by `kubectl apply`.",
        @Process |process, _| probe(process, |container| container.liveness.as_ref()),
        by(|draft, _, setting| {
            draft.container().liveness = Some(setting.words());
            Ok(())
        });
    "container.readiness_probe" Text METADATA: "What a kubelet executes in the container to ask whether it may be sent something, where the pod was made by `kubectl apply`.",
        @Process |process, _| probe(process, |container| container.readiness.as_ref()),
        by(|draft, _, setting| {
            draft.container().readiness = Some(setting.words());
            Ok(())
        });
    "proc.is_container_liveness_probe" Boolean METADATA: "Whether it was started from outside to ask whether its container has to be started anew, where the pod was made by `kubectl apply`.",
        @Process |process, _| is_asking(process, |container| container.liveness.as_ref()).into(),
        from("container.liveness_probe, proc.exe, proc.args and the ancestors");
    "proc.is_container_readiness_probe" Boolean METADATA: "Whether it was started from outside to ask whether its container may be sent something, where the pod was made by `kubectl apply`.",
        @Process |process, _| is_asking(process, |container| container.readiness.as_ref()).into(),
        from("container.readiness_probe, proc.exe, proc.args and the ancestors");
    "container.ip" Text METADATA: "The container's own address of IPv4, which is that of its pod.",
        @Process |process, _| address(process),
        by(|draft, _, setting| {
            let address = setting.word("an address of IPv4", |word| word.parse().ok())?;
            draft.container().address = Some(address);
            Ok(())
        });
    "container.mounts" Text SPECIFICATION: "What is mounted: `source:destination:mode:writable:propagation`, with spaces between.",
        @Process |process, _| mounts(process).map_or(Value::Null, |mounts| {
            mounts.iter().map(line).collect::<Vec<_>>().join(&b' ').into()
        }),
        by(|draft, _, setting| {
            draft.container().mounts = Some(setting.words().iter().map(read_mount).collect());
            Ok(())
        });
    "container.mount" Text SPECIFICATION One of Glob: "A mount, by its number or the place on the host.",
        @Process |process, selector| mount(process, selector, |mount| &mount.source).map(line).into(),
        from("container.mounts");
    "container.mount.source" Text SPECIFICATION One of Glob: "The place on the host, by the mount's number or its place in the container.",
        @Process |process, selector| mount(process, selector, |mount| &mount.destination).map(|mount| &mount.source).into(),
        from("container.mounts");
    "container.mount.dest" Text SPECIFICATION One of Glob: "The place in the container, by the mount's number or its place on the host.",
        @Process |process, selector| mount(process, selector, |mount| &mount.source).map(|mount| &mount.destination).into(),
        from("container.mounts");
    "container.mount.mode" Text SPECIFICATION One of Glob: "How it is mounted, by its number or the place on the host.",
        @Process |process, selector| mount(process, selector, |mount| &mount.source).map(|mount| &mount.mode).into(),
        from("container.mounts");
    "container.mount.rdwr" Text SPECIFICATION One of Glob: "Whether it may be written to, by its number or the place on the host.",
        @Process |process, selector| mount(process, selector, |mount| &mount.source).map(writable).into(),
        from("container.mounts");
    "container.mount.propagation" Text SPECIFICATION One of Glob: "How mounts below it spread, by its number or the place on the host.",
        @Process |process, selector| mount(process, selector, |mount| &mount.source).map(|mount| &mount.propagation).into(),
        from("container.mounts");
};

pub(super) fn container(process: &Process) -> Option<&Container> {
    process.container.as_deref()
}

fn shared(process: &Process) -> Option<Shared> {
    container(process)?.shared
}

/// Sets what a container shares; what else it could share it does not.
fn share(
    container: &mut Container,
    setting: &Setting,
    place: fn(&mut Shared) -> &mut bool,
) -> Result<(), SettingError> {
    *place(container.shared.get_or_insert_default()) = setting.read()?;
    Ok(())
}

/// A process that was brought into its container from outside, or one below it: not the container's first process. What
/// it executes decides. (libs, `container.cpp`, `identify_category`)
///
/// A line of parents within the container that may have been cut, because it is so long, tells nothing of who stands at its
/// beginning; and where a container sees the host's processes, none of its own has the number 1.
fn is_asking(process: &Process, asked: fn(&Container) -> Option<&Vec<Text>>) -> bool {
    let Some(container) = container(process) else { return false };
    let Some(asked) = asked(container).filter(|words| !words.is_empty()) else { return false };
    if container.shared.is_some_and(|shared| shared.processes) {
        return false;
    }
    let is_inside =
        |other: &Process| other.container.as_ref().is_some_and(|other| other.id == container.id);
    let line = process.ancestors().map(|ancestor| &**ancestor);
    let inside = line.take_while(|ancestor| is_inside(ancestor)).zip(1..);
    let (first, above) = inside.last().unwrap_or((process, 0));
    let may_be_cut = above >= Lineage::KEPT && first.lineage.is_empty();
    first.vpid != 1 && !may_be_cut && *first.arguments == **asked
}

fn probe(process: &Process, asked: fn(&Container) -> Option<&Vec<Text>>) -> Value<'_> {
    let words = container(process).and_then(asked);
    words.map(|words| words.iter().map(Text::as_bytes).collect::<Vec<_>>().join(&b' ')).into()
}

pub(super) fn address(process: &Process) -> Value<'_> {
    container(process).and_then(|container| container.address).map(|ip| ip.to_string()).into()
}

fn mounts(process: &Process) -> Option<&[Mount]> {
    container(process)?.mounts.as_deref()
}

/// The image's name, and its tag where that is asked for and known.
fn image(container: &Container, with_tag: bool) -> Value<'_> {
    match (&container.image.repository, &container.image.tag) {
        (Some(repository), Some(tag)) if with_tag => {
            [repository.as_bytes(), tag].join(&b':').into()
        }
        (repository, _) => repository.as_ref().into(),
    }
}

pub(super) fn label<'e>(labels: &'e [(Text, Text)], selector: &Selector) -> Value<'e> {
    let Selector::Key(wanted) = selector else { return Value::Null };
    labels.iter().find(|(name, _)| *name == **wanted).map(|(_, value)| value).into()
}

pub(super) fn labels(labels: &[(Text, Text)]) -> Value<'static> {
    let pairs: Vec<_> = labels.iter().map(|(name, value)| [&**name, value].join(&b':')).collect();
    pairs.join(&b", "[..]).into()
}

/// A mount by its number, or the first for which one of its places has a pattern.
fn mount<'e>(
    process: &'e Process,
    selector: &Selector,
    place: fn(&Mount) -> &Text,
) -> Option<&'e Mount> {
    let mounts = mounts(process)?;
    match selector {
        Selector::Index(index) => mounts.get(*index),
        Selector::Glob(_, glob) => mounts.iter().find(|mount| glob.matches(place(mount))),
        _ => None,
    }
}

fn writable(mount: &Mount) -> &'static str {
    if mount.writable { "true" } else { "false" }
}

fn line(mount: &Mount) -> Vec<u8> {
    let writable = writable(mount).as_bytes();
    [&*mount.source, &mount.destination, &mount.mode, writable, &mount.propagation].join(&b':')
}

/// A mount as [`line`] writes it; what is left out at the end is empty, and may be written to.
fn read_mount(written: &Text) -> Mount {
    let mut parts = written.split(|byte| *byte == b':').map(Text::from);
    let mut next = || parts.next().unwrap_or_default();
    let (source, destination, mode) = (next(), next(), next());
    let writable = next() != "false";
    Mount { source, destination, mode, writable, propagation: next() }
}

#[expect(clippy::unnecessary_wraps, reason = "one of several functions by which fields are set")]
pub(super) fn set_label(
    labels: &mut Vec<(Text, Text)>,
    selector: &Selector,
    setting: &Setting,
) -> Result<(), SettingError> {
    if let Selector::Key(name) = selector {
        labels.push((Text::from(&**name), setting.text()));
    }
    Ok(())
}
