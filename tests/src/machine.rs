//! Machines with other kernels, emulated: their files are those of this machine, and what they write is lost.
//!
//! So a program that was built here runs there by the same path. There is no network but its own, cgroup v2 alone, and
//! nothing mounted that lists the kernel's tracepoints.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

use crate::{cached, run, run_in};

/// What the first process needs to get at the files of this machine, and containers to lie in overlays. A kernel that
/// has one of them built in has no module of that name.
const MODULES: &[&str] = &[
    "virtio",
    "virtio_ring",
    "virtio_pci",
    "virtio_pci_legacy_dev",
    "virtio_pci_modern_dev",
    "netfs",
    "fscache",
    "9pnet",
    "9pnet_virtio",
    "9p",
    "overlay",
];

/// How the packages of a kernel are called, up to its version.
const PARTS: &[&str] = &["linux-image-", "linux-binary-", "linux-modules-"];

const INIT: &str = include_str!("machine/init.sh");

/// Seconds that a machine may run.
const PATIENCE: &str = "1200";

/// What [`INIT`] prints behind all else.
const END: &str = "the job ended with ";

/// A kernel and its modules.
pub struct Machine {
    /// With `kernel`, and `modules` as files `NAME.ko`.
    folder: PathBuf,
    words: &'static str,
}

impl Machine {
    /// With the kernel of a suite of Debian, such as `bookworm` or `bookworm-backports`. Fetched by apt from where this
    /// machine gets its own packages.
    ///
    /// # Errors
    /// Those of apt and dpkg.
    pub fn with_kernel_of(suite: &str) -> anyhow::Result<Self> {
        let recipe = (suite, MODULES);
        let folder = cached(&format!("kernel-{suite}"), &recipe, |folder| fetch(folder, suite))?;
        Ok(Self { folder, words: "" })
    }

    /// Also with these words on the kernel's command line.
    #[must_use]
    pub fn started_with(mut self, words: &'static str) -> Self {
        self.words = words;
        self
    }

    /// Runs a shell script there as root and returns what it wrote, to both outputs.
    ///
    /// # Errors
    /// Where the machine does not start or does not end, or the script does not end with 0: with the end of what was
    /// written.
    pub fn run(&self, script: &str) -> anyhow::Result<String> {
        let folder = tempfile::tempdir()?;
        let files = self.first_files(folder.path(), script)?;
        let mut machine = Command::new("timeout");
        machine.args([PATIENCE, "qemu-system-x86_64"]);
        // No acceleration: not every machine that tests run on lets others be made inside. Both processors by one thread:
        // kernels change their own code while they run, which several threads of an emulator may see half done.
        machine.args(["-accel", "tcg,thread=single", "-cpu", "max", "-smp", "2", "-m", "2048"]);
        machine.args(["-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot"]);
        machine.arg("-virtfs");
        machine.arg(
            "local,path=/,mount_tag=host,security_model=passthrough,readonly=on,multidevs=remap",
        );
        machine.arg("-kernel").arg(self.folder.join("kernel")).arg("-initrd").arg(files);
        machine.arg("-append").arg(format!("console=ttyS0 loglevel=0 panic=-1 {}", self.words));
        machine.stdin(Stdio::null());
        let said = String::from_utf8_lossy(&run(&mut machine)?).replace('\r', "");
        let (said, code) = said.rsplit_once(END).with_context(|| end_of(&said))?;
        ensure!(code.trim_start().starts_with('0'), "it ended with {code}{}", end_of(said));
        Ok(said.to_owned())
    }

    /// The files that the machine starts with, as the kernel takes them.
    fn first_files(&self, folder: &Path, script: &str) -> anyhow::Result<PathBuf> {
        let root = folder.join("root");
        fs_err::create_dir_all(root.join("bin"))?;
        let shell = run(Command::new("sh").args(["-c", "command -v busybox"]))?;
        fs_err::copy(String::from_utf8(shell)?.trim(), root.join("bin/busybox"))?;
        run(Command::new("cp").arg("-r").arg(self.folder.join("modules")).arg(&root))?;
        fs_err::write(root.join("job"), script)?;
        fs_err::write(root.join("init"), INIT)?;
        run_in(&root, "chmod", &["755", "init"])?;
        run_in(&root, "sh", &["-c", "find . | busybox cpio -o -H newc >../files"])?;
        Ok(folder.join("files"))
    }
}

/// The last lines of what a machine said.
fn end_of(said: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(100)..].join("\n")
}

/// Fetches the kernel of a suite, and takes from its package what is needed.
fn fetch(folder: &Path, suite: &str) -> anyhow::Result<()> {
    let work = tempfile::tempdir()?;
    let apt = Apt::of(suite, work.path())?;
    let whole = ["depends", "--important", "--recurse", "linux-image-amd64"];
    let depends = apt.run("apt-cache", &whole)?;
    // Newer ones lie in several packages.
    let packages = depends.lines().filter(|line| PARTS.iter().any(|part| line.starts_with(part)));
    apt.run("apt-get", &[&["download"], &*packages.collect::<Vec<_>>()].concat())?;
    let unpacked = work.path().join("unpacked");
    for file in fs_err::read_dir(work.path())? {
        let file = file?.path();
        if file.extension().is_some_and(|extension| extension == "deb") {
            run(Command::new("dpkg-deb").arg("-x").arg(file).arg(&unpacked))?;
        }
    }
    fs_err::create_dir(folder.join("modules"))?;
    for file in bulkhead_testing::files_below(&unpacked) {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let module = name.split_once(".ko").map(|(module, _)| module);
        if name.starts_with("vmlinuz") {
            fs_err::copy(&file, folder.join("kernel"))?;
        } else if let Some(module) = module.filter(|module| MODULES.contains(module)) {
            let is_packed = file.extension().is_some_and(|extension| extension == "xz");
            let read = if is_packed { "xzcat" } else { "cat" };
            let bytes = run(Command::new("busybox").arg(read).arg(&file))?;
            fs_err::write(folder.join("modules").join(module).with_extension("ko"), bytes)?;
        }
    }
    ensure!(folder.join("kernel").try_exists()?, "{suite} has no kernel");
    Ok(())
}

/// apt, with lists of its own of one suite.
struct Apt<'a> {
    folder: &'a Path,
    options: Vec<String>,
}

impl<'a> Apt<'a> {
    fn of(suite: &str, folder: &'a Path) -> anyhow::Result<Self> {
        let known = || {
            let which = ["Origin: Debian", "Label: Debian", "Created-By: Packages"];
            let arguments = [&["indextargets", "--format", "$(REPO_URI)"], &which[..]].concat();
            anyhow::Ok(String::from_utf8(run_in(folder, "apt-get", &arguments)?)?)
        };
        let mut mirrors = known()?;
        if mirrors.is_empty() {
            // What it knows of them was deleted, as images do to be small.
            run_in(folder, "apt-get", &["update", "-q"])?;
            mirrors = known()?;
        }
        let mirror = mirrors.lines().next().context("apt knows no mirror of Debian")?;
        let sources = folder.join("sources.list");
        let keys = "/usr/share/keyrings/debian-archive-keyring.gpg";
        fs_err::write(&sources, format!("deb [signed-by={keys}] {mirror} {suite} main\n"))?;
        fs_err::create_dir_all(folder.join("lists/partial"))?;
        let options = [
            format!("Dir::Etc::SourceList={}", sources.display()),
            "Dir::Etc::SourceParts=/dev/null".to_owned(),
            format!("Dir::State::Lists={}", folder.join("lists").display()),
            "Dir::Cache::pkgcache=".to_owned(),
            "Dir::Cache::srcpkgcache=".to_owned(),
            "APT::Sandbox::User=root".to_owned(),
        ];
        let options = options.into_iter().flat_map(|option| ["-o".to_owned(), option]).collect();
        let apt = Self { folder, options };
        apt.run("apt-get", &["update", "-q"])?;
        Ok(apt)
    }

    fn run(&self, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let options = self.options.iter().map(String::as_str);
        let arguments: Vec<&str> = options.chain(arguments.iter().copied()).collect();
        Ok(String::from_utf8(run_in(self.folder, program, &arguments)?)?)
    }
}
