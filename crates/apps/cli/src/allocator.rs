//! The allocator of this program.

#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Gives the system what is free. For a process that has just done the most that it will ever do: the allocator gives
/// back by itself what nobody asked for in a while, but looks only while somebody asks.
#[cfg(feature = "jemalloc")]
pub(crate) fn give_back() {
    use tikv_jemalloc_ctl::{Access, AsName as _, arenas};

    let decay = b"arena.0.dirty_decay_ms\0".name().mib::<[usize; 3]>();
    let (Ok(mut decay), Ok(arenas)) = (decay, arenas::narenas::read()) else { return };
    for number in 0..arenas {
        if let (Some(place), Ok(number)) = (decay.as_mut().get_mut(1), number.try_into()) {
            *place = number;
        }
        // No time for what is free to be asked for again: all of it goes, jemalloc(3). Setting it to what it is has
        // nothing go. Arenas that are not in use have none.
        if let Ok(time) = Access::<isize>::read(&decay) {
            let _ = decay.write(0_isize).and_then(|()| decay.write(time));
        }
    }
}

/// The system's allocator is not told.
#[cfg(not(feature = "jemalloc"))]
pub(crate) fn give_back() {}

#[cfg(feature = "jemalloc")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_free_goes_at_once() {
        // More than other tests take and free meanwhile.
        let many: Vec<Vec<u8>> = (0..16_384).map(|_| vec![1; 16 << 10]).collect();
        let full = resident();
        drop(std::hint::black_box(many));
        give_back();
        let left = resident();
        assert!(left + (128 << 20) < full, "{left} of {full} bytes are left");
    }

    /// Bytes of this process in memory: the second number of `statm`, proc(5).
    fn resident() -> u64 {
        let account = fs_err::read_to_string("/proc/self/statm").expect("an account");
        let pages = account.split_ascii_whitespace().nth(1).expect("a number of pages");
        pages.parse::<u64>().expect("a number") * 4096
    }
}
