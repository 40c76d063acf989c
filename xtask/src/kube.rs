//! `cargo xtask kube`: the real Kubernetes API server and its controllers, for tests.

use crate::machine;
use crate::process::{command, repository, show_and_run};

/// As `tests/kubernetes/go.mod` requires it.
const VERSION: (&str, &str, &str) = ("1", "34", "4");

const PROGRAMS: [&str; 2] = ["kube-apiserver", "kube-controller-manager"];

/// Builds them where they are not there yet, and says where they lie.
pub(crate) fn run() -> anyhow::Result<()> {
    prepare()?;
    for program in PROGRAMS {
        if let Some(path) = machine::found(program)? {
            println!("{}", path.display());
        }
    }
    Ok(())
}

/// Makes sure that there is a cluster to start.
pub(crate) fn prepare() -> anyhow::Result<()> {
    machine::prepare_etcd()?;
    let mut missing = Vec::new();
    for program in PROGRAMS {
        if machine::found(program)?.is_none() {
            missing.push(format!("k8s.io/kubernetes/cmd/{program}"));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    machine::prepare_go()?;
    let bin = machine::tools()?.join("bin");
    fs_err::create_dir_all(&bin)?;
    let (major, minor, patch) = VERSION;
    let set = |name: &str, value: &str| format!("-X k8s.io/component-base/version.{name}={value}");
    // A server that does not know its version treats every client as newer than itself.
    let flags = [
        "-s -w".to_owned(),
        set("gitVersion", &format!("v{major}.{minor}.{patch}")),
        set("gitMajor", major),
        set("gitMinor", minor),
    ];
    // Two packages at a time: some of them take two gigabytes to compile. Not optimized: tests ask little of them, and wait
    // for a fifth less until they are made.
    let mut build = command("go");
    build.args(["build", "-p", "2", "-trimpath", "-gcflags", "all=-N -l"]);
    build.args(["-ldflags", &flags.join(" "), "-o"]);
    build.arg(format!("{}/", bin.display())).args(missing).env("CGO_ENABLED", "0");
    show_and_run(build.current_dir(repository().join("tests/kubernetes")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_modules() {
        let (major, minor, patch) = VERSION;
        let modules = fs_err::read_to_string(repository().join("tests/kubernetes/go.mod")).unwrap();
        let required = format!("k8s.io/kubernetes v{major}.{minor}.{patch}\n");
        assert!(modules.contains(&required));
        let replaced = modules.lines().filter_map(|line| line.split_once(" => "));
        for (_, replacement) in replaced {
            assert!(replacement.ends_with(&format!(" v0.{minor}.{patch}")), "{replacement}");
        }
    }
}
