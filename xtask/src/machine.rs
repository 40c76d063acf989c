//! What a machine lacks, and how to get it: only what is missing, from the distribution and the
//! registries, by their own clients.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use bulkhead_end_to_end::{path_with_system_folders, target_folder};

use crate::process::{command, show_and_run};

/// The Go that Syft asks for; Debian's own is older and fetches it as a module.
const GO: (u32, u32, u32) = (1, 26, 8);

/// The scanner that lists and speed are compared with.
pub(crate) const SYFT: &str = "github.com/anchore/syft/cmd/syft@v1.57.0";

/// What renders charts.
const HELM: &str = "helm.sh/helm/v3/cmd/helm@v3.22.0";

/// What puts a list of its crates into a program of Rust.
pub(crate) const CARGO_AUDITABLE: &str = "0.7.7";

/// A program, and the Debian package that brings it.
type Package = (&'static str, &'static str);

/// What crates with C code need beside a compiler.
const BUILD: &[Package] = &[
    ("cc", "gcc"),
    ("c++", "g++"),
    ("make", "make"),
    ("git", "git"),
    ("clang", "clang"), // the programs of the probes
];

/// What real images are made with.
const IMAGES: &[Package] = &[
    ("debootstrap", "debootstrap"),
    ("node", "nodejs"),
    ("npm", "npm"),
    ("python3", "python3"),
    ("mvn", "maven"),
    ("update-ca-certificates", "ca-certificates"),
];

/// What tests compare Bulkhead's reading of package databases with.
const ORACLES: &[Package] = &[
    ("rpm", "rpm"),
    ("rpmbuild", "rpm"),
    ("db5.3_load", "db5.3-util"),
    ("db5.3_dump", "db5.3-util"),
    ("sqlite3", "sqlite3"),
    ("bzcat", "bzip2"),
    ("objcopy", "binutils"),
    ("pacman", "pacman-package-manager"),
    ("ruby", "ruby"),
    ("gem", "ruby"),
    ("bundle", "ruby-bundler"),
    ("composer", "composer"),
];

/// What images are kept in, and what brings them there.
const STORES: &[Package] =
    &[("docker-registry", "docker-registry"), ("skopeo", "skopeo"), ("containerd", "containerd")];

/// What containers are run with.
const CONTAINERS: &[Package] = &[
    ("runc", "runc"),
    ("busybox", "busybox-static"),
    ("curl", "curl"),
    ("/usr/lib/cni/ptp", "containernetworking-plugins"),
];

/// What the sensor is looked at and checked with.
const SENSORS: &[Package] = &[
    ("bpftool", "bpftool"),
    ("systemd-analyze", "systemd"), // takes the unit apart; nothing is started by it
    ("qemu-system-x86_64", "qemu-system-x86"), // has other kernels
    ("setpriv", "util-linux"),
    ("rsyslogd", "rsyslog"), // reads what the sensor sends; no service is started
];

/// What documents are looked at and checked with.
const VIEWERS: &[Package] = &[
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
    ("xmllint", "libxml2-utils"),
    ("java", "default-jre-headless"),
];

/// Makes sure that Bulkhead can be built.
pub(crate) fn prepare_build() -> anyhow::Result<()> {
    install_packages(BUILD)
}

/// Makes sure that real images can be made.
pub(crate) fn prepare_images() -> anyhow::Result<()> {
    install_packages(IMAGES)?;
    let has_pip = Command::new("python3").args(["-m", "pip", "--version"]).output();
    if !has_pip.is_ok_and(|output| output.status.success()) {
        apt_install(&["python3-pip"])?;
    }
    Ok(())
}

/// Makes sure that there are tools to compare with.
pub(crate) fn prepare_oracles() -> anyhow::Result<()> {
    install_packages(ORACLES)?;
    install_packages(STORES)?;
    install_packages(CONTAINERS)?;
    install_packages(SENSORS)?;
    prepare_metrics_parser()?;
    install_packages(VIEWERS)
}

/// Makes sure that there is the parser that Prometheus' own library for Python has, as a module of Debian's Python.
fn prepare_metrics_parser() -> anyhow::Result<()> {
    let mut python = Command::new("/usr/bin/python3");
    let found = python.args(["-c", "import prometheus_client.parser"]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    apt_install(&["python3-prometheus-client"])
}

/// Makes sure that there is a Redis, and what measures it.
pub(crate) fn prepare_redis() -> anyhow::Result<()> {
    install_packages(&[("redis-server", "redis-server"), ("redis-benchmark", "redis-tools")])
}

/// Makes sure that there is a Go that builds [`SYFT`].
pub(crate) fn prepare_go() -> anyhow::Result<()> {
    if go_version("go").is_some_and(|version| version >= GO) {
        return Ok(());
    }
    let kept = tools()?.join("go");
    if !kept.try_exists()? {
        install_packages(&[("go", "golang-go")])?;
        fetch_go(&kept)?;
    }
    Ok(())
}

/// Makes sure that there is what Kubernetes keeps its objects in.
pub(crate) fn prepare_etcd() -> anyhow::Result<()> {
    install_packages(&[("etcd", "etcd-server")])
}

/// Makes sure that there is a Syft.
pub(crate) fn prepare_syft() -> anyhow::Result<()> {
    install_by_go("syft", SYFT)
}

/// Makes sure that there is a helm.
pub(crate) fn prepare_helm() -> anyhow::Result<()> {
    install_by_go("helm", HELM)
}

fn install_by_go(program: &str, package: &str) -> anyhow::Result<()> {
    if found(program)?.is_some() {
        return Ok(());
    }
    prepare_go()?;
    let bin = tools()?.join("bin");
    show_and_run(command("go").args(["install", package]).env("GOBIN", bin).env("CGO_ENABLED", "0"))
}

/// Makes sure that a cargo subcommand is there.
pub(crate) fn prepare_cargo_tool(program: &str, version: &str) -> anyhow::Result<()> {
    if found(program)?.is_some() {
        return Ok(());
    }
    let root = tools()?;
    let arguments = ["install", "--locked", "--version", version, program];
    show_and_run(command("cargo").args(arguments).arg("--root").arg(root))
}

/// The search path with our own tools in front and system programs at the end.
pub(crate) fn search_path() -> anyhow::Result<OsString> {
    let tools = tools()?;
    let own = [tools.join("bin"), tools.join("go/bin")];
    let path = path_with_system_folders();
    Ok(std::env::join_paths(own.into_iter().chain(std::env::split_paths(&path)))?)
}

/// Where our own tools are kept.
pub(crate) fn tools() -> anyhow::Result<PathBuf> {
    Ok(target_folder()?.join("tools"))
}

/// Where a program lies, if it is installed.
pub(crate) fn found(program: &str) -> anyhow::Result<Option<PathBuf>> {
    let path = search_path()?;
    Ok(std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file()))
}

fn install_packages(packages: &[Package]) -> anyhow::Result<()> {
    let mut missing = Vec::new();
    for (program, package) in packages {
        if found(program)?.is_none() {
            missing.push(*package);
        }
    }
    if missing.is_empty() { Ok(()) } else { apt_install(&missing) }
}

fn apt_install(packages: &[&str]) -> anyhow::Result<()> {
    if found("apt-get")?.is_none() {
        bail!("{} missing, and this is no Debian: install them by hand", packages.join(", "));
    }
    let apt = || {
        let mut apt = command("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    show_and_run(apt().args(["update", "-q"]))?;
    show_and_run(apt().args(["install", "-y", "-q", "--no-install-recommends"]).args(packages))
        .context("hint: packages are installed as root")
}

/// Fetches a Go tool chain the way that newer Go does for itself: as a module. Older ones leave
/// its programs without permission to run.
fn fetch_go(kept: &Path) -> anyhow::Result<()> {
    let (major, minor, patch) = GO;
    let version = format!("v0.0.1-go{major}.{minor}.{patch}.linux-{}", go_architecture()?);
    let modules = tools()?.join("go-modules");
    let module = format!("golang.org/toolchain@{version}");
    let arguments = ["mod", "download", "-modcacherw", &module];
    show_and_run(command("go").args(arguments).env("GOMODCACHE", &modules).env("GOFLAGS", ""))?;
    let fetched = modules.join(&module);
    for folder in ["bin".into(), format!("pkg/tool/linux_{}", go_architecture()?)] {
        let folder = fetched.join(folder);
        if !folder.try_exists()? {
            continue;
        }
        for entry in fs_err::read_dir(folder)? {
            fs_err::set_permissions(entry?.path(), std::fs::Permissions::from_mode(0o755))?;
        }
    }
    fs_err::os::unix::fs::symlink(fetched, kept)?;
    Ok(())
}

fn go_architecture() -> anyhow::Result<&'static str> {
    match std::env::consts::ARCH {
        "x86_64" => Ok("amd64"),
        "aarch64" => Ok("arm64"),
        other => bail!("no Go tool chain for {other}"),
    }
}

/// What `go version` says: `go version go1.26.8 linux/amd64`.
fn go_version(program: &str) -> Option<(u32, u32, u32)> {
    let output = command(program).arg("version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let version = text.split_whitespace().nth(2)?.strip_prefix("go")?;
    let mut numbers = version.split('.').map(|part| part.parse().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next().flatten().unwrap_or(0)))
}
