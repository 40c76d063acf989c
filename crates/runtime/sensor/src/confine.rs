//! What each of the sensor's processes gives up before it does its work.
//!
//! One has the rights and reads nothing that anybody else wrote; one reads all of that and has no rights; one
//! speaks to the network and sees nothing else. So who takes one over has not got what the others have.

use std::collections::BTreeMap;

use bulkhead_events::Kind;
use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _,
    Scope,
};
use rustix::fs::{Gid, Uid};
use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};
use rustix::thread::{
    CapabilitySet, CapabilitySets, remove_capability_from_bounding_set, set_capabilities,
    set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

use crate::SensorError;

/// A process of the sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Loads programs into the kernel and opens files for the others: all rights, no reading, no network.
    Hands,
    /// Makes events of records and holds rules against them: no rights, no files, no network.
    Engine,
    /// Sends alerts away: the network and the descriptors that it was handed, nothing else.
    Sinks,
}

/// What a part gives up.
struct Limits {
    part: Part,
    /// Runs as nobody, without capabilities.
    is_nobody: bool,
    /// Opens no file by name. Not for the hands: whoever is under Landlock cannot look into the roots of
    /// processes outside, as ptrace(2) cannot.
    is_blind: bool,
    /// Has no sockets but those that are open.
    is_mute: bool,
    /// Bytes of address space; none where the kernel's maps and thread stacks decide.
    memory: Option<u64>,
}

const LIMITS: [Limits; 3] = [
    Limits { part: Part::Hands, is_nobody: false, is_blind: false, is_mute: true, memory: None },
    Limits {
        part: Part::Engine,
        is_nobody: true,
        is_blind: true,
        is_mute: true,
        memory: Some(2 << 30),
    },
    Limits {
        part: Part::Sinks,
        is_nobody: true,
        is_blind: true,
        is_mute: false,
        memory: Some(1 << 30),
    },
];

/// Calls that none of the parts needs once it runs.
const NEVER: &str = "execve execveat ptrace process_vm_readv process_vm_writev kexec_load \
    kexec_file_load init_module finit_module delete_module mount umount2 pivot_root chroot setns unshare \
    move_mount open_tree fsopen fsmount swapon swapoff reboot acct settimeofday clock_settime \
    add_key request_key keyctl userfaultfd io_uring_setup io_uring_enter io_uring_register \
    personality quotactl open_by_handle_at";

/// Calls that make sockets, or use those of others.
const SOCKETS: &str = "socket socketpair connect bind listen accept accept4";

/// Calls of whoever has rights over the machine and its processes.
const RIGHTS: &str = "bpf perf_event_open kill tkill tgkill pidfd_send_signal pidfd_getfd \
    fanotify_init fanotify_mark setuid setgid setreuid setregid setresuid setresgid setgroups capset";

/// The user and group that own nothing.
const NOBODY: u32 = 65534;

/// Gives up what a part does not need, for ever: called before the first byte of work, while there is one
/// thread. What the kernel cannot take away is in the answer.
pub fn confine(part: Part) -> Result<Vec<&'static str>, SensorError> {
    let mut missing = Vec::new();
    // Asked for once and remembered: before Linux 6.4 it is read from a file, which nobody may open afterwards.
    let _ = rustix::param::page_size();
    let Some(limits) = LIMITS.iter().find(|limits| limits.part == part) else { return Ok(missing) };
    set_parent_process_death_signal(Some(Signal::TERM))?;
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    if let Some(memory) = limits.memory {
        setrlimit(Resource::As, Rlimit { current: Some(memory), maximum: Some(memory) })?;
    }
    if limits.is_nobody {
        become_nobody()?;
        // Whoever changes its user loses the signal of its parent's death: prctl(2).
        set_parent_process_death_signal(Some(Signal::TERM))?;
    }
    set_no_new_privs(true)?;
    if limits.is_blind && !landlock(limits)? {
        missing.push(
            "Landlock is not there: files and ports are kept away by rights and seccomp alone",
        );
    }
    seccomp(limits)?;
    Ok(missing)
}

/// Nobody's rights: no groups, no capabilities, none to be had.
fn become_nobody() -> Result<(), SensorError> {
    if rustix::process::geteuid().is_root() {
        for capability in CapabilitySet::all() {
            // One that is not there, or that this process may not drop, is not had by nobody either.
            let _ = remove_capability_from_bounding_set(capability);
        }
        let (user, group) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
        set_thread_groups(&[])?;
        set_thread_res_gid(group, group, group)?;
        set_thread_res_uid(user, user, user)?;
    }
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    Ok(())
}

/// Whether the kernel has Landlock at all.
fn landlock(limits: &Limits) -> Result<bool, SensorError> {
    let abi = ABI::V6;
    let rules = Ruleset::default().set_compatibility(CompatLevel::BestEffort);
    let mut rules = rules.handle_access(AccessFs::from_all(abi))?.scope(Scope::from_all(abi))?;
    if limits.is_mute {
        rules = rules.handle_access(AccessNet::from_all(abi))?;
    }
    let status = rules.create()?.restrict_self()?;
    Ok(status.ruleset != landlock::RulesetStatus::NotEnforced)
}

/// Refuses calls by number, of 64 bits; a call of another table ends the process.
fn seccomp(limits: &Limits) -> Result<(), SensorError> {
    let lists = [(true, NEVER), (limits.is_mute, SOCKETS), (limits.is_nobody, RIGHTS)];
    let names =
        lists.iter().filter(|(is_on, _)| *is_on).flat_map(|(_, names)| names.split_whitespace());
    let refused: BTreeMap<i64, Vec<_>> = names
        .filter_map(Kind::by_name)
        .map(|kind| (i64::from(kind.number()), Vec::new()))
        .collect();
    let permission = u32::try_from(rustix::io::Errno::PERM.raw_os_error()).unwrap_or(1);
    let filter = SeccompFilter::new(
        refused,
        SeccompAction::Allow,
        SeccompAction::Errno(permission),
        TargetArch::x86_64,
    )?;
    let program: BpfProgram = filter.try_into()?;
    seccompiler::apply_filter(&program)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_that_is_refused_is_one() {
        for name in [NEVER, SOCKETS, RIGHTS].iter().flat_map(|names| names.split_whitespace()) {
            assert!(Kind::by_name(name).is_some_and(Kind::is_system_call), "{name}");
        }
    }
}
