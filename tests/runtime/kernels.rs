//! The same tests on other kernels: what one verifier takes another refuses, and structures change. Each in an emulated
//! machine that runs this very program, with cgroup v2 alone.
//!
//! The newest one is whatever Debian has in its backports today: what its people change is seen here first.

use std::path::Path;

use bulkhead_end_to_end::{BUILT, Machine, built_test, bulkhead, target_folder, trigger};

use crate::container::debian;

/// Containers, all that Falco's stable rules ask for, what evades others, and who asks name servers, whom functions look for
/// first.
const TESTS: [&str; 3] = ["stable::", "evasions::", "questions::"];

/// That whatever programs hang on, they tell the same.
const HOOKS: [&str; 2] = [
    "processes::whatever_programs_hang_on_the_same_is_told",
    "processes::who_wants_every_call_is_told_by_tracepoints",
];

#[test]
fn linux_6_1_tells_the_same() {
    run_on_functions("bookworm");
}

#[test]
fn linux_6_12_tells_the_same() {
    run_on_functions("bookworm-backports");
}

#[test]
fn the_newest_linux_tells_the_same() {
    // What lists tracepoints is mounted by whoever needs it.
    run_on("trixie-backports", "perf-tracepoints of all calls", "", |_| String::new());
}

/// Before Linux 7.0. Behind it all, the kernel begins to preempt its own code, and passes over programs on functions.
fn run_on_functions(suite: &str) {
    // It tells that the kernel does not preempt.
    let before = "mount -t debugfs debug /sys/kernel/debug\n";
    let said = run_on(suite, "functions of calls that are wanted", before, begin_to_preempt);
    let Some(said) = said else { return };
    let passed_over = "warning: the kernel passed over ";
    assert!(said.contains(passed_over) && said.contains("Sensor is passed over"), "{said}");
}

#[test]
fn a_kernel_that_is_closed_is_named_with_what_is_not_seen() {
    if !can_emulate() {
        return;
    }
    let bulkhead = bulkhead().expect("bulkhead builds").display();
    let machine = Machine::with_kernel_of("bookworm").expect("a kernel");
    let machine = machine.started_with("lsm=lockdown,capability lockdown=confidentiality");
    let script = format!(
        "mount -t securityfs security /sys/kernel/security\n\
         '{bulkhead}' sensor run --color never --duration 1; test $? = 1\n"
    );
    let said = machine.run(&script).unwrap_or_else(|error| panic!("{error:#}"));
    for part in [
        "warning: the kernel is locked down in the mode confidentiality\nhint: start the kernel with",
        "warning: execute is off: programs that start are not seen",
        "warning: calls is off: ",
        "error: the kernel takes no probes: ",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("step_"), "{said}");
}

fn can_emulate() -> bool {
    if std::env::consts::ARCH != "x86_64" {
        bulkhead_testing::skip("no kernel of another processor is emulated");
        return false;
    }
    let tools = ["qemu-system-x86_64", "busybox", "runc"];
    tools.into_iter().all(|tool| bulkhead_testing::tool(tool).is_some())
}

/// Runs the tests after one script and before another, where programs hang on `hooks` if nothing is said, as the status has
/// it. Returns what was said.
fn run_on(
    suite: &str,
    hooks: &str,
    before: &str,
    then: impl Fn(&Path) -> String,
) -> Option<String> {
    if !can_emulate() {
        return None;
    }
    // All that is needed is made here: there is no network there.
    let bulkhead = bulkhead().expect("bulkhead builds");
    trigger().expect("the trigger builds");
    debian();
    let machine = Machine::with_kernel_of(suite).expect("a kernel");
    let program = std::env::current_exe().expect("this program");
    let probes = built_test("bulkhead-probes", "live").expect("the tests of the probes build");
    let target = target_folder().expect("a target folder");
    let script =
        before.to_owned() + &script(bulkhead, &program, &probes, &target) + &then(bulkhead);
    let said = machine.run(&script).unwrap_or_else(|error| panic!("{error:#}"));
    assert!(said.contains(&format!("HOOKS       {hooks}")), "{said}");
    for test in TESTS.into_iter().chain(HOOKS) {
        let passed = said
            .lines()
            .any(|line| line.starts_with(&format!("test {test}")) && line.ends_with("ok"));
        assert!(passed, "{test} did not run: {said}");
    }
    Some(said)
}

/// Containers lie in the target folder, and the upper half of an overlay cannot lie in another overlay: so that folder
/// is memory, with what was built and made bound into it. Before it all, that kernel refuses nothing, neither what programs
/// hang on by themselves nor tracepoints. The program has as many ancestors as rules show.
fn script(bulkhead: &Path, program: &Path, probes: &Path, target: &Path) -> String {
    let environment = ["PATH", "BULKHEAD_TEST_DATA"].into_iter().filter_map(|name| {
        let value = std::env::var(name).ok()?;
        Some(format!("export {name}='{value}'\n"))
    });
    let environment: String = environment.collect();
    let (bulkhead, target, program) = (bulkhead.display(), target.display(), program.display());
    let probes = probes.display();
    let here = std::env::current_dir().expect("a folder");
    let (tests, hooks) = (TESTS.join(" "), HOOKS.join(" "));
    format!(
        "{environment}export {BUILT}=1 BULKHEAD_NO_SKIP=1 HOME=/root NO_COLOR=1\n\
         mkdir /run/target && mount --bind '{target}' /run/target && mount -t tmpfs target '{target}'\n\
         cd /run/target && for folder in */; do\n\
         mkdir '{target}'/$folder && mount --bind $folder '{target}'/$folder\ndone\n\
         '{bulkhead}' sensor status || exit 1\n\
         '{bulkhead}' sensor run --hooks tracepoints --duration 1 --socket none || exit 1\n\
         '{probes}' --color never --exact {hooks} || exit 1\n\
         cd '{}'\n\
         timeout 900 sh -c \"'{program}' --color never --test-threads 1 {tests}; exit \\$?\" || exit 1\n",
        here.display()
    )
}

/// The kernel preempts its own code from here on, while calls are made that programs hang on.
fn begin_to_preempt(bulkhead: &Path) -> String {
    let opens = "sh -c 'while :; do : </etc/hostname; done' &\n".repeat(6);
    let bulkhead = bulkhead.display();
    format!(
        "echo full > /sys/kernel/debug/sched/preempt || exit 1\n{opens}\
         '{bulkhead}' sensor run --hooks functions --duration 12 --socket none -o json; test $? = 3\n"
    )
}
