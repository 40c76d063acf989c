//! Programs, and processes that look into each other.

use std::ffi::CString;
use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::ptrace;
use nix::unistd::{Pid, fexecve};
use rustix::thread::{CapabilitySet, capabilities, set_capabilities};

pub(crate) fn run(words: &[&str]) {
    command(words).status().expect("it runs");
}

/// Runs something as the user of that number.
pub(crate) fn run_as(user: &str, words: &[&str]) {
    let user = user.parse().expect("a number");
    command(words).uid(user).gid(user).status().expect("it runs");
}

fn command(words: &[&str]) -> Command {
    let [program, arguments @ ..] = words else { panic!("no program") };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Gives a capability up, and goes on.
pub(crate) fn without(capability: &str, rest: &[&str]) {
    let lost = match capability {
        "sys_admin" => CapabilitySet::SYS_ADMIN,
        "sys_module" => CapabilitySet::SYS_MODULE,
        other => panic!("{other} is no capability that is known here"),
    };
    let mut sets = capabilities(None).expect("capabilities");
    sets.effective.remove(lost);
    set_capabilities(None, sets).expect("fewer capabilities");
    crate::act(rest);
}

/// Becomes a program that lies in no file.
pub(crate) fn run_from_memory(program: &str) {
    let bytes = fs_err::read(program).expect("a program");
    let memory = memfd_create(c"unnamed", MFdFlags::MFD_CLOEXEC).expect("memory");
    std::io::Write::write_all(&mut File::from(memory.try_clone().expect("a descriptor")), &bytes)
        .expect("it is written");
    become_program(memory);
}

/// Becomes a program by its descriptor, not by its name.
pub(crate) fn run_from_descriptor(program: &str) {
    become_program(fs_err::File::open(program).expect("a program"));
}

fn become_program(file: impl std::os::fd::AsFd) {
    let name = CString::new("harmless").expect("a name");
    let failed = fexecve(file, &[name], &[c"A=b"]);
    panic!("{failed:?}");
}

pub(crate) fn trace(request: &str) {
    let mut child = command(&["sleep", "60"]).spawn().expect("a child");
    let other = Pid::from_raw(i32::try_from(child.id()).expect("a number"));
    match request {
        "attach" => ptrace::attach(other).expect("it is traced"),
        // Of one that is not traced: that it was asked for counts.
        "interrupt" => drop(ptrace::interrupt(other)),
        "traceme" => ptrace::traceme().expect("this is traced"),
        other => panic!("{other} is no request that is known here"),
    }
    child.kill().expect("it is killed");
    child.wait().expect("it ends");
}

/// Offers the kernel something that is no module.
pub(crate) fn load_module() {
    let file = fs_err::File::open("/etc/hostname").expect("a file");
    let _ = rustix::system::finit_module(file, c"", 0);
}
