//! Programs, and processes that look into each other.

use std::ffi::CString;
use std::fs::File;
use std::io::{IoSlice, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::ptrace;
use nix::sys::uio::{RemoteIoVec, process_vm_writev};
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
    let mut file = File::from(memory.try_clone().expect("a descriptor"));
    file.write_all(&bytes).expect("it is written");
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

/// A child that has become another program: it answered.
fn running_child() -> Child {
    let mut child = Command::new("cat");
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a child");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(b"x").expect("it is written");
    child.stdout.as_mut().expect("its output").read_exact(&mut [0]).expect("an answer");
    child.stdin = Some(input);
    child
}

/// The last bytes of a stack, which nobody looks at: proc(5), `maps`.
fn top_of_stack(process: Pid) -> usize {
    let maps = fs_err::read_to_string(format!("/proc/{process}/maps")).expect("its memory");
    let stack = maps.lines().find(|line| line.ends_with("[stack]")).expect("a stack");
    let end = stack.split([' ', '-']).nth(1).expect("its end");
    usize::from_str_radix(end, 16).expect("a number") - 4
}

pub(crate) fn trace(request: &str) {
    let mut child = running_child();
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

/// Writes into the memory of a child, into its own, or where a child has none.
pub(crate) fn write_memory(whose: &str) {
    let mut child = running_child();
    let number = i32::try_from(child.id()).expect("a number");
    let other = if whose == "own" { Pid::this() } else { Pid::from_raw(number) };
    let base = if whose == "nowhere" { 1 << 32 } else { top_of_stack(other) };
    let written =
        process_vm_writev(other, &[IoSlice::new(b"text")], &[RemoteIoVec { base, len: 4 }]);
    assert_eq!(written.is_ok(), whose != "nowhere", "{written:?}");
    child.kill().expect("it is killed");
    child.wait().expect("it ends");
}
