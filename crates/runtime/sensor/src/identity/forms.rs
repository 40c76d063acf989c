//! The names that runtimes give the groups of their containers.

use super::Runtime;

/// A component that names a container: the id stands between two fixed texts.
pub(super) struct Form {
    pub(super) before: &'static str,
    pub(super) after: &'static str,
    pub(super) id: Id,
    /// The component right above, where only that tells a container's name from any other.
    pub(super) parent: Option<&'static str>,
    /// None where the components above tell, see [`PARENTS`].
    pub(super) runtime: Option<Runtime>,
}

/// What an id looks like.
#[derive(Clone, Copy)]
pub(super) enum Id {
    /// 64 hexadecimal digits.
    Digest,
    /// Whatever the user chose.
    Name,
    /// A name that systemd-machined knows, but for those of virtual machines.
    Machine,
    /// A task of ECS: 32 hexadecimal digits, a dash, decimal digits.
    Task,
}

const fn scope(before: &'static str, runtime: Runtime) -> Form {
    Form { before, after: ".scope", id: Id::Digest, parent: None, runtime: Some(runtime) }
}

const fn group(before: &'static str, runtime: Runtime) -> Form {
    Form { before, after: "", id: Id::Digest, parent: None, runtime: Some(runtime) }
}

const fn below(parent: &'static str, runtime: Runtime) -> Form {
    Form { before: "", after: "", id: Id::Name, parent: Some(parent), runtime: Some(runtime) }
}

const fn named(before: &'static str, after: &'static str, runtime: Runtime) -> Form {
    Form { before, after, id: Id::Name, parent: None, runtime: Some(runtime) }
}

/// The first that fits counts. The runtimes' watchers, `crio-conmon-…`, `libpod-conmon-…` and
/// `lxc.monitor.…`, fit none: they are processes of the host.
pub(super) const FORMS: &[Form] = &[
    // The systemd driver: `systemd.UnitName` of runc, `prefix-id.scope`.
    scope("docker-", Runtime::Docker),
    scope("cri-containerd-", Runtime::Containerd),
    scope("nerdctl-", Runtime::Containerd),
    scope("containerd-", Runtime::Containerd),
    scope("crio-", Runtime::Crio),
    scope("libpod-", Runtime::Podman),
    scope("kata-", Runtime::Kata),
    // The cgroupfs driver of those that put their name before the id.
    group("docker-", Runtime::Docker),
    group("cri-containerd-", Runtime::Containerd),
    group("crio-", Runtime::Crio),
    group("libpod-payload-", Runtime::Podman),
    group("libpod-", Runtime::Podman),
    group("kata_", Runtime::Kata),
    // The bare id: docker and containerd with cgroupfs, the kubelet with either.
    Form { before: "", after: "", id: Id::Digest, parent: None, runtime: None },
    Form { before: "", after: ".scope", id: Id::Digest, parent: None, runtime: None },
    Form { before: "", after: "", id: Id::Task, parent: None, runtime: Some(Runtime::Ecs) },
    // Names that users choose, where a fixed text stands beside them.
    named("lxc.payload.", "", Runtime::Lxc),
    below("lxc.payload", Runtime::Lxc),
    below("lxc", Runtime::Lxc),
    named("machine-lxc\\x2d", ".scope", Runtime::Lxc),
    named("", ".libvirt-lxc", Runtime::Lxc),
    named("systemd-nspawn@", ".service", Runtime::Nspawn),
    Form {
        before: "machine-",
        after: ".scope",
        id: Id::Machine,
        parent: None,
        runtime: Some(Runtime::Nspawn),
    },
    below("buildkit", Runtime::Buildkit),
    below("garden", Runtime::Garden),
];

/// Texts in the components above a bare id that say whose it is.
pub(super) const PARENTS: &[(&str, Runtime)] = &[
    ("cri-containerd", Runtime::Containerd),
    ("kubepods", Runtime::Cri),
    ("crio", Runtime::Crio),
    ("libpod", Runtime::Podman),
    ("podman", Runtime::Podman),
    ("docker", Runtime::Docker),
    ("containerd", Runtime::Containerd),
    ("nerdctl", Runtime::Containerd),
    ("ecs", Runtime::Docker),
];
