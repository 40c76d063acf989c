//! What keeps probes out of a kernel, as far as the machine tells.

use std::fmt;
use std::path::PathBuf;

use rustix::fs::{Mode, OFlags};
use rustix::thread::CapabilitySet;

use crate::preemption::Preemption;

/// Where the kernel tells of itself.
#[derive(Clone, Debug)]
pub struct Places {
    /// The kernel's types.
    pub types: PathBuf,
    /// Its symbols: the names of its functions.
    pub symbols: PathBuf,
    /// How far the kernel is closed even to root: `kernel_lockdown(7)`.
    pub lockdown: PathBuf,
    /// The namespace of process numbers that this process is in.
    pub numbers: PathBuf,
    /// Whether it may take the processor from its own code; where nothing is said, its own places.
    pub preemption: Option<Preemption>,
}

impl Default for Places {
    fn default() -> Self {
        Places {
            types: PathBuf::from("/sys/kernel/btf/vmlinux"),
            symbols: PathBuf::from("/proc/kallsyms"),
            lockdown: PathBuf::from("/sys/kernel/security/lockdown"),
            numbers: PathBuf::from("/proc/self/ns/pid"),
            preemption: None,
        }
    }
}

/// The inode of the machine's own namespace of process numbers (`PID_NS_INIT_INO`, `include/uapi/linux/nsfs.h`).
const OWN_NUMBERS: u64 = 0xefff_fffc;

/// Something without which no probe can be loaded.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Obstacle {
    /// The process lacks these capabilities.
    Capabilities(Vec<&'static str>),
    /// The kernel tells nothing of its types: there is no such file, or it cannot be read.
    Types(PathBuf, String),
    /// The kernel lets nobody read its memory: the mode of the lockdown.
    Lockdown(String),
    /// Processes have other numbers here than on the machine: a sensor could not tell which are its own.
    Numbers,
    /// The kernel is older than what the programs ask for: its release.
    Release(String),
}

/// Capabilities that load programs of tracing: capabilities(7). `CAP_SYS_ADMIN` stands for both.
const CAPABILITIES: [(CapabilitySet, &str); 2] =
    [(CapabilitySet::BPF, "CAP_BPF"), (CapabilitySet::PERFMON, "CAP_PERFMON")];

/// The first Linux that has all that the programs call: `bpf_loop` came last.
const FIRST: (u32, u32) = (5, 17);

/// The mode in which the kernel refuses programs that read its memory.
const CLOSED: &str = "confidentiality";

impl Places {
    /// What this process meets here.
    pub(crate) fn obstacles(&self) -> Vec<Obstacle> {
        let held = rustix::thread::capabilities(None);
        self.obstacles_with(held.map_or(CapabilitySet::empty(), |sets| sets.effective))
    }

    /// What a process with these capabilities meets here.
    pub(crate) fn obstacles_with(&self, held: CapabilitySet) -> Vec<Obstacle> {
        let mut obstacles = Vec::new();
        if !held.contains(CapabilitySet::SYS_ADMIN) {
            let lacks = CAPABILITIES.iter().filter(|(one, _)| !held.contains(*one));
            let lacks: Vec<_> = lacks.map(|(_, name)| *name).collect();
            if !lacks.is_empty() {
                obstacles.push(Obstacle::Capabilities(lacks));
            }
        }
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        if let Err(error) = rustix::fs::open(&self.types, flags, Mode::empty()) {
            obstacles.push(Obstacle::Types(self.types.clone(), error.to_string()));
        }
        // A kernel without the file has no lockdown. The mode in force stands in brackets.
        let modes = fs_err::read_to_string(&self.lockdown).unwrap_or_default();
        let mode = modes.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
        if let Some((mode, _)) = mode.filter(|(mode, _)| *mode == CLOSED) {
            obstacles.push(Obstacle::Lockdown(mode.to_owned()));
        }
        if self.have_other_numbers() {
            obstacles.push(Obstacle::Numbers);
        }
        obstacles.extend(too_old(rustix::system::uname().release().to_str().unwrap_or_default()));
        obstacles
    }

    /// Whether processes have other numbers here than on the machine.
    pub(crate) fn have_other_numbers(&self) -> bool {
        rustix::fs::stat(&self.numbers).is_ok_and(|found| found.st_ino != OWN_NUMBERS)
    }
}

/// Major and minor number of a release of the kernel, such as `6.1.0-56-amd64`.
pub(crate) fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|letter: char| !letter.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn too_old(release: &str) -> Option<Obstacle> {
    let is_old = version(release).is_some_and(|version| version < FIRST);
    is_old.then(|| Obstacle::Release(release.to_owned()))
}

impl Obstacle {
    /// What a person can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Obstacle::Capabilities(_) => {
                "run as root, or give the program CAP_BPF and CAP_PERFMON; a container needs them as well"
            }
            Obstacle::Types(..) => {
                "run a kernel with CONFIG_DEBUG_INFO_BTF, as distributions have; in a container, mount /sys"
            }
            Obstacle::Lockdown(_) => {
                "start the kernel with lockdown=integrity, or without; secure boot alone does not ask for more"
            }
            Obstacle::Numbers => {
                "share the machine's numbers of processes: hostPID: true of a pod, --pid=host of a container"
            }
            Obstacle::Release(_) => "run Linux 5.17 or newer",
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::Capabilities(lacks) => {
                write!(formatter, "this process lacks {}", lacks.join(" and "))
            }
            Obstacle::Types(file, cause) => {
                write!(
                    formatter,
                    "the kernel tells nothing of its types: {}: {cause}",
                    file.display()
                )
            }
            Obstacle::Lockdown(mode) => {
                write!(formatter, "the kernel is locked down in the mode {mode}")
            }
            Obstacle::Numbers => formatter.write_str(
                "this process is in a namespace where processes have other numbers than on the machine",
            ),
            Obstacle::Release(release) => write!(formatter, "the kernel is too old: {release}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let places = Places {
            types: folder.path().join("vmlinux"),
            symbols: folder.path().join("symbols"),
            lockdown: folder.path().join("lockdown"),
            numbers: folder.path().join("numbers"),
            preemption: None,
        };
        let types = Obstacle::Types(
            places.types.clone(),
            "No such file or directory (os error 2)".to_owned(),
        );
        let both = CapabilitySet::BPF | CapabilitySet::PERFMON;
        assert_eq!(places.obstacles_with(both), [types]);
        fs_err::write(&places.types, "types").unwrap();
        let lockdown = |text: &str| fs_err::write(&places.lockdown, text).unwrap();
        let closed = Obstacle::Lockdown(CLOSED.to_owned());
        let lacks = |names: &[&'static str]| Obstacle::Capabilities(names.to_vec());
        for (text, held, expected) in [
            ("[none] integrity confidentiality\n", both, vec![]),
            ("none [integrity] confidentiality\n", CapabilitySet::SYS_ADMIN, vec![]),
            ("none integrity [confidentiality]\n", both, vec![closed.clone()]),
            ("", CapabilitySet::BPF, vec![lacks(&["CAP_PERFMON"])]),
            (
                "none integrity [confidentiality]\n",
                CapabilitySet::NET_ADMIN,
                vec![lacks(&["CAP_BPF", "CAP_PERFMON"]), closed],
            ),
        ] {
            lockdown(text);
            assert_eq!(places.obstacles_with(held), expected, "{text} {held:?}");
        }
        lockdown("");
        fs_err::write(&places.numbers, "any file but the namespace of the machine").unwrap();
        assert_eq!(places.obstacles_with(both), [Obstacle::Numbers]);
    }

    #[test]
    fn old_kernels_are_named() {
        for (release, is_old) in [
            ("5.10.0-32-amd64", true),
            ("5.16", true),
            ("5.17.0", false),
            ("6.1.0-56-amd64", false),
            ("7.2-rc1", false),
            ("", false),
            ("newest", false),
        ] {
            assert_eq!(too_old(release).is_some(), is_old, "{release}");
        }
    }

    #[test]
    fn each_says_what_and_what_to_do() {
        for (obstacle, part) in [
            (Obstacle::Capabilities(vec!["CAP_BPF", "CAP_PERFMON"]), "CAP_BPF and CAP_PERFMON"),
            (Obstacle::Types("/types".into(), "gone".to_owned()), "/types: gone"),
            (Obstacle::Lockdown(CLOSED.to_owned()), "in the mode confidentiality"),
            (Obstacle::Numbers, "other numbers"),
            (Obstacle::Release("5.10.0".to_owned()), "too old: 5.10.0"),
        ] {
            assert!(obstacle.to_string().contains(part), "{obstacle}");
            assert!(!obstacle.hint().is_empty());
        }
    }
}
