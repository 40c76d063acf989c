//! Compiles the programs in `bpf/`, an object for each file of programs that stands alone.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const WITHOUT_CLANG: &str = "the programs of the probes are compiled by clang, which is not there: \
     apt-get install clang (version 14 or newer), or set CLANG to its path";

/// Objects, their files and what is defined for them: the probes, the same for kernels that may preempt them, and what
/// examples compare them with.
const OBJECTS: [(&str, &str, Option<&str>); 3] = [
    ("probes", "probes", None),
    ("preemptible", "probes", Some("-DPREEMPTIBLE")),
    ("empty", "empty", None),
];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=bpf");
    println!("cargo::rerun-if-env-changed=CLANG");
    let Some(folder) = std::env::var_os("OUT_DIR").map(PathBuf::from) else {
        return ExitCode::FAILURE;
    };
    for (name, file, defined) in OBJECTS {
        if let Err(error) = compile(file, defined, &folder.join(format!("{name}.o"))) {
            println!("cargo::error={error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn compile(file: &str, defined: Option<&str>, object: &Path) -> Result<(), String> {
    let clang = std::env::var_os("CLANG").unwrap_or_else(|| "clang".into());
    let status = Command::new(&clang)
        // CO-RE lives in BTF, which comes with debug information.
        .args(["-target", "bpf", "-mcpu=v3", "-O2", "-g"])
        .args(["-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-Ibpf", "-c"])
        .args(defined)
        .arg(format!("bpf/{file}.bpf.c"))
        .arg("-o")
        .arg(object)
        .status()
        .map_err(|error| format!("{WITHOUT_CLANG} ({}: {error})", clang.to_string_lossy()))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{} ended with {status}", clang.to_string_lossy()))
    }
}
