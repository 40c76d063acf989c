//! Compiles the programs in `bpf/` to one object.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

const WITHOUT_CLANG: &str = "the programs of the probes are compiled by clang, which is not there: \
     apt-get install clang (version 14 or newer), or set CLANG to its path";

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=bpf");
    println!("cargo::rerun-if-env-changed=CLANG");
    let clang = std::env::var_os("CLANG").unwrap_or_else(|| "clang".into());
    let Some(folder) = std::env::var_os("OUT_DIR").map(PathBuf::from) else {
        return ExitCode::FAILURE;
    };
    let ran = Command::new(&clang)
        // CO-RE lives in BTF, which comes with debug information.
        .args(["-target", "bpf", "-mcpu=v3", "-O2", "-g"])
        .args(["-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-Ibpf"])
        .args(["-c", "bpf/probes.bpf.c", "-o"])
        .arg(folder.join("probes.o"))
        .status();
    match ran {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(status) => {
            println!("cargo::error={} ended with {status}", clang.to_string_lossy());
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("cargo::error={WITHOUT_CLANG} ({}: {error})", clang.to_string_lossy());
            ExitCode::FAILURE
        }
    }
}
