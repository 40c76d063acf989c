//! Compiles the programs in `bpf/`, an object for each file of programs that stands alone.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const WITHOUT_CLANG: &str = "the programs of the probes are compiled by clang, which is not there: \
     apt-get install clang (version 14 or newer), or set CLANG to its path";

/// The probes, and what examples compare them with.
const OBJECTS: [&str; 2] = ["probes", "empty"];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=bpf");
    println!("cargo::rerun-if-env-changed=CLANG");
    let Some(folder) = std::env::var_os("OUT_DIR").map(PathBuf::from) else {
        return ExitCode::FAILURE;
    };
    for name in OBJECTS {
        if let Err(error) = compile(name, &folder) {
            println!("cargo::error={error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn compile(name: &str, folder: &Path) -> Result<(), String> {
    let clang = std::env::var_os("CLANG").unwrap_or_else(|| "clang".into());
    let status = Command::new(&clang)
        // CO-RE lives in BTF, which comes with debug information.
        .args(["-target", "bpf", "-mcpu=v3", "-O2", "-g"])
        .args(["-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-Ibpf", "-c"])
        .arg(format!("bpf/{name}.bpf.c"))
        .arg("-o")
        .arg(folder.join(format!("{name}.o")))
        .status()
        .map_err(|error| format!("{WITHOUT_CLANG} ({}: {error})", clang.to_string_lossy()))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{} ended with {status}", clang.to_string_lossy()))
    }
}
