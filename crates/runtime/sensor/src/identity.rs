//! Which container a control group belongs to, by its path alone.
//!
//! A path has one component per level; the innermost one that names a container wins, so that a
//! container inside a container is itself, and what a container does with its own group below
//! (`init.scope`, `system.slice`) stays its.

mod forms;
mod pod;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use forms::{FORMS, Form, Id, PARENTS};

/// What made a container, as far as the path tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Runtime {
    /// Docker.
    Docker,
    /// containerd, by CRI, nerdctl or ctr.
    Containerd,
    /// CRI-O.
    Crio,
    /// Podman, rootful or rootless.
    Podman,
    /// Kubernetes' kubelet asked for it over CRI, of whichever runtime.
    Cri,
    /// `LXC`, LXD, Incus, and libvirt's driver for them.
    Lxc,
    /// systemd-nspawn.
    Nspawn,
    /// `BuildKit`, for a step of a build.
    Buildkit,
    /// Kata: the process is a virtual machine's monitor.
    Kata,
    /// Amazon ECS on Fargate.
    Ecs,
    /// Cloud Foundry's Garden.
    Garden,
    /// runc alone, or crun; known by its state, never by a path.
    Oci,
    /// The path has a container's id and no sign of who gave it.
    Unknown,
}

impl Runtime {
    /// The name that people and rules use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Containerd => "containerd",
            Self::Crio => "cri-o",
            Self::Podman => "podman",
            Self::Cri => "cri",
            Self::Lxc => "lxc",
            Self::Nspawn => "systemd-nspawn",
            Self::Buildkit => "buildkit",
            Self::Kata => "kata",
            Self::Ecs => "ecs",
            Self::Garden => "garden",
            Self::Oci => "oci",
            Self::Unknown => "unknown",
        }
    }
}

/// A container, as the path of its control group names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// What made it.
    pub runtime: Runtime,
    /// Its whole id.
    pub id: String,
    /// The uid of its pod, with dashes, where Kubernetes started it.
    pub pod_uid: Option<String>,
}

/// What the path of a control group says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Membership<'a> {
    /// It is that container's.
    Container(Identity),
    /// No form fits. runc and ctr give their containers any name: it is one if the state of a runtime
    /// knows one of these names, innermost first. Empty for the root.
    Unnamed(Vec<Candidate<'a>>),
}

/// A name that may be a container's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// What the container would be called.
    pub name: &'a str,
    /// The component of the path that it was read from: the container's group must end with it.
    pub component: &'a str,
    /// The path up to there.
    pub path: &'a str,
}

/// Names that are looked up at most from either end of the path: runtimes nest few, and what a container makes of groups
/// within its own, however many, does not hide that.
const CANDIDATES: usize = 8;

/// Reads the path of a control group, of v1 or v2, as `/proc/PID/cgroup` and the kernel print it.
pub fn membership(path: &str) -> Membership<'_> {
    if let Some((identity, _)) = identities(path).next() {
        return Membership::Container(identity);
    }
    // What systemd made itself, and the runtimes' own watchers, carry no container's name.
    let own = |name: &str| [".service", ".slice", ".mount"].iter().any(|end| name.ends_with(end));
    let places = places(path).filter(|(name, _)| !own(name));
    let mut names: Vec<Candidate<'_>> =
        places.flat_map(|(component, path)| unscoped(component, path)).collect();
    names.reverse();
    if let Some(inner) = names.len().checked_sub(CANDIDATES).filter(|inner| *inner > CANDIDATES) {
        names.drain(CANDIDATES..inner);
    }
    Membership::Unnamed(names)
}

/// The containers that a path names, innermost first, each with the path up to there.
pub(crate) fn identities(path: &str) -> impl Iterator<Item = (Identity, &str)> {
    let (components, paths): (Vec<&str>, Vec<&str>) = places(path).unzip();
    let mut outer = components.len();
    std::iter::from_fn(move || {
        loop {
            let (name, parents) = components.get(..outer)?.split_last()?;
            outer = parents.len();
            if let Some((runtime, id)) = container(name, parents) {
                let pod_uid = parents.iter().rev().find_map(|parent| pod::uid(parent, parents));
                return Some((
                    Identity { runtime, id: id.to_owned(), pod_uid },
                    *paths.get(outer)?,
                ));
            }
        }
    })
}

/// The components of a path, outermost first, each with the path up to there. runc's cgroupfs driver takes systemd's
/// `slice:prefix:name` as it is, as one component.
fn places(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut end = 0_usize;
    path.split_inclusive(['/', ':']).filter_map(move |part| {
        end = end.saturating_add(part.len());
        let component = part.trim_end_matches(['/', ':']);
        let before = path.get(..end)?.trim_end_matches(['/', ':']);
        (!component.is_empty() && component != "..").then_some((component, before))
    })
}

/// The name, and without what systemd's driver puts around it: `runc-web.scope` is `web`.
fn unscoped<'a>(component: &'a str, path: &'a str) -> impl Iterator<Item = Candidate<'a>> {
    let whole = component.strip_suffix(".scope");
    let part = whole.and_then(|scope| scope.split_once('-')).map(|(_, part)| part);
    let names = [whole.unwrap_or(component)].into_iter().chain(part);
    names.map(move |name| Candidate { name, component, path })
}

/// The paths of `/proc/PID/cgroup`, one per hierarchy (cgroups(7)): the unified one last, as the
/// kernel prints it.
pub fn paths(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.splitn(3, ':').nth(2))
}

/// The runtime and the id that a component stands for.
fn container<'a>(name: &'a str, parents: &[&str]) -> Option<(Runtime, &'a str)> {
    FORMS.iter().find_map(|form| {
        let id = matched(form, name, parents)?;
        Some((form.runtime.unwrap_or_else(|| of_parents(parents)), id))
    })
}

fn matched<'a>(form: &Form, name: &'a str, parents: &[&str]) -> Option<&'a str> {
    if form.parent.is_some_and(|wanted| parents.last() != Some(&wanted)) {
        return None;
    }
    let id = name.strip_prefix(form.before)?.strip_suffix(form.after)?;
    form.id.fits(id).then_some(id)
}

/// Who gave a bare id, by the nearest component above that tells.
fn of_parents(parents: &[&str]) -> Runtime {
    let told = |parent: &&&str| PARENTS.iter().find(|(part, _)| parent.contains(part));
    let named = parents.iter().rev().find_map(|parent| told(&parent));
    named.map_or(Runtime::Unknown, |(_, runtime)| *runtime)
}

impl Id {
    fn fits(self, id: &str) -> bool {
        let hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match self {
            Self::Digest => id.len() == 64 && hex(id),
            Self::Name => !id.is_empty(),
            Self::Machine => !id.is_empty() && !id.starts_with("qemu\\x2d"),
            Self::Task => id.split_once('-').is_some_and(|(task, number)| {
                let digits = number.bytes().all(|byte| byte.is_ascii_digit());
                task.len() == 32 && hex(task) && !number.is_empty() && digits
            }),
        }
    }
}
