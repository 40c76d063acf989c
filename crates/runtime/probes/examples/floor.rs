//! The least that seeing every system call costs: programs that do nothing at entry and exit, until standard input
//! ends. `cargo xtask bench sensor` runs it, as root, beside Redis and a compiler.

use std::error::Error;
use std::io::{Read as _, Write as _, stderr, stdin};

use aya::Ebpf;
use aya::programs::RawTracePoint;

static EMPTY: &[u8] = aya::include_bytes_aligned!(concat!(env!("OUT_DIR"), "/empty.o"));

fn main() -> Result<(), Box<dyn Error>> {
    let mut kernel = Ebpf::load(EMPTY)?;
    let program: &mut RawTracePoint =
        kernel.program_mut("empty").ok_or("no empty program")?.try_into()?;
    program.load()?;
    program.attach("sys_enter")?;
    program.attach("sys_exit")?;
    writeln!(stderr(), "watches nothing")?;
    stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
