//! Whether the kernel may take the processor from its own code, and so from programs on its functions.

use std::path::{Path, PathBuf};

/// Where a kernel tells of it.
#[derive(Clone, Debug)]
pub struct Preemption {
    /// The mode in force, in parentheses, where debugfs is mounted and open.
    pub in_force: PathBuf,
    /// What the kernel was started with.
    pub command_line: PathBuf,
    /// Files of what it was built with, the first that is there.
    pub configurations: [PathBuf; 2],
}

impl Preemption {
    /// Where kernel `release` tells of it.
    pub(crate) fn of(release: &str) -> Self {
        Self {
            in_force: PathBuf::from("/sys/kernel/debug/sched/preempt"),
            command_line: PathBuf::from("/proc/cmdline"),
            configurations: [
                PathBuf::from(format!("/boot/config-{release}")),
                Path::new("/lib/modules").join(release).join("config"),
            ],
        }
    }

    /// Whether it may; none where nothing tells. `version` is the kernel's own of uname(2), such as
    /// `#1 SMP PREEMPT_DYNAMIC Debian 6.12.95-1`.
    pub(crate) fn is_possible(&self, version: &str) -> Option<bool> {
        let read = |path: &PathBuf| fs_err::read_to_string(path).ok();
        let kind = version.split_whitespace().find(|word| word.starts_with("PREEMPT"));
        if kind != Some("PREEMPT_DYNAMIC") {
            return Some(kind.is_some());
        }
        let in_force = read(&self.in_force).and_then(|text| {
            let (_, rest) = text.split_once('(')?;
            of_mode(rest.split_once(')')?.0)
        });
        let started = || {
            let words = read(&self.command_line)?;
            words.split_whitespace().rev().find_map(|word| of_mode(word.strip_prefix("preempt=")?))
        };
        let built = || self.configurations.iter().find_map(|path| of_configuration(&read(path)?));
        in_force.or_else(started).or_else(built)
    }
}

/// Modes of `kernel/sched/core.c`: in the first two, only the kernel's own code gives the processor up.
fn of_mode(mode: &str) -> Option<bool> {
    match mode {
        "none" | "voluntary" => Some(false),
        "full" | "lazy" => Some(true),
        _ => None,
    }
}

/// The mode that a kernel was built to start in: `kernel/Kconfig.preempt`.
fn of_configuration(text: &str) -> Option<bool> {
    let built = |name: &str| text.lines().any(|line| line.strip_suffix("=y") == Some(name));
    if built("CONFIG_PREEMPT_NONE") || built("CONFIG_PREEMPT_VOLUNTARY") {
        return Some(false);
    }
    (built("CONFIG_PREEMPT") || built("CONFIG_PREEMPT_LAZY")).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mode_in_force_counts_before_what_it_started_with_and_was_built_for() {
        let dynamic = "#1 SMP PREEMPT_DYNAMIC Debian 6.12.95-1 (2026-07-05)";
        for (version, in_force, started, built, expected) in [
            ("#1 SMP Debian 5.10.0", "", "", "", Some(false)),
            ("#1 SMP PREEMPT Debian", "(none)", "", "", Some(true)),
            ("#1 SMP PREEMPT_RT Debian", "", "preempt=none", "", Some(true)),
            (dynamic, "none (voluntary) full \n", "preempt=full", "", Some(false)),
            (dynamic, "none voluntary (full) \n", "", "CONFIG_PREEMPT_NONE=y", Some(true)),
            (dynamic, "none voluntary full (lazy)\n", "", "", Some(true)),
            (dynamic, "", "quiet preempt=none preempt=full", "", Some(true)),
            (dynamic, "", "preempt=voluntary quiet", "CONFIG_PREEMPT=y", Some(false)),
            (dynamic, "", "quiet", "CONFIG_SMP=y\nCONFIG_PREEMPT_VOLUNTARY=y\n", Some(false)),
            (dynamic, "", "", "# CONFIG_PREEMPT_NONE is not set\nCONFIG_PREEMPT=y\n", Some(true)),
            (dynamic, "", "", "CONFIG_PREEMPT_DYNAMIC=y\n", None),
            (dynamic, "", "notpreempt=none", "", None),
            (dynamic, "", "", "", None),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let write = |name: &str, text: &str| {
                let path = folder.path().join(name);
                if !text.is_empty() {
                    fs_err::write(&path, text).unwrap();
                }
                path
            };
            let places = Preemption {
                in_force: write("in force", in_force),
                command_line: write("started", started),
                configurations: [folder.path().join("none"), write("built", built)],
            };
            let found = places.is_possible(version);
            assert_eq!(found, expected, "{version} {in_force} {started} {built}");
        }
    }
}
