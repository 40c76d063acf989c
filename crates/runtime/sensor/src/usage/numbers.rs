//! The forms in which the kernel writes numbers: `admin-guide/cgroup-v2.rst`, Interface Files, Format.

/// A file with one number. `max` is none: there is no limit.
pub(super) fn number(bytes: &[u8]) -> Option<u64> {
    text(bytes)?.trim().parse().ok()
}

/// Lines of a key and a number: the number of one key.
pub(super) fn flat(bytes: &[u8], key: &str) -> Option<u64> {
    text(bytes)?.lines().find_map(|line| {
        let (name, value) = line.split_once(' ')?;
        if name == key { value.trim().parse().ok() } else { None }
    })
}

/// A line for each device, `8:0 rbytes=1 wbytes=2`, or for each device and kind, `8:0 Read 1`: the sum of all
/// devices. None where no line tells it, but zero for a file without a line: nothing was moved yet.
pub(super) fn by_device(bytes: &[u8], kind: &str) -> Option<u64> {
    let mut sum = None;
    for line in text(bytes)?.lines() {
        let mut words = line.split_ascii_whitespace();
        if !words.next().is_some_and(is_device) {
            continue;
        }
        while let Some(word) = words.next() {
            let value = match word.split_once('=') {
                Some((name, value)) if name == kind => Some(value),
                None if word == kind => words.next(),
                _ => None,
            };
            let Some(value) = value else { continue };
            let value: u64 = value.parse().ok()?;
            sum = Some(sum.unwrap_or(0_u64).saturating_add(value));
        }
    }
    let is_idle = bytes.is_empty() || bytes == b"Total 0\n";
    if is_idle { Some(0) } else { sum }
}

/// Two numbers with a colon: `8:16`.
fn is_device(word: &str) -> bool {
    let is_number = |part: &str| part.parse::<u32>().is_ok();
    word.split_once(':').is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}
