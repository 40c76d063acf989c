//! What each process of the sensor holds.

use anyhow::Context as _;

use super::super::measure::processes_of_tree;

/// Bytes of one process.
pub(super) struct Held {
    /// What it is called.
    pub(super) name: String,
    /// Resident, shared pages included.
    pub(super) resident: usize,
    /// Resident, and of no other process.
    pub(super) private: usize,
    /// Resident, of ring buffers and other maps of the kernel.
    pub(super) maps: usize,
}

/// Each process of a tree.
pub(super) fn of_tree(root: u32) -> anyhow::Result<Vec<Held>> {
    processes_of_tree(root)?.into_iter().map(of_process).collect()
}

fn of_process(process: u32) -> anyhow::Result<Held> {
    let name = fs_err::read_to_string(format!("/proc/{process}/comm"))?.trim().to_owned();
    let maps = fs_err::read_to_string(format!("/proc/{process}/smaps"))?;
    let mut held = Held { name, resident: 0, private: 0, maps: 0 };
    let mut is_map = false;
    for line in maps.lines() {
        // proc(5): a line for each mapping begins with its addresses, those about it with a name.
        let Some((field, value)) = line.split_once(':').filter(|(field, _)| !field.contains('-'))
        else {
            is_map = line.contains("bpf-map") || line.contains("bpf_map");
            continue;
        };
        let bytes = || -> anyhow::Result<usize> {
            let number = value.split_whitespace().next().context("a number")?;
            Ok(number.parse::<usize>()? * 1024)
        };
        match field {
            "Rss" => {
                let bytes = bytes()?;
                held.resident += bytes;
                held.maps += if is_map { bytes } else { 0 };
            }
            "Private_Clean" | "Private_Dirty" => held.private += bytes()?,
            _ => {}
        }
    }
    Ok(held)
}
