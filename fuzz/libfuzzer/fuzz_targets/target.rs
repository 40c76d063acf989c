//! The target that `BULKHEAD_FUZZ_TARGET` names, driven by libFuzzer.
//!
//! The first time that its success path is reached, the file that `BULKHEAD_FUZZ_REACHED` names is
//! created: libFuzzer ends its process without a chance to say so at the end.

#![no_main]

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use bulkhead_fuzz::{Target, targets};
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("BULKHEAD_FUZZ_TARGET").expect("BULKHEAD_FUZZ_TARGET names a target");
    let found = targets().into_iter().find(|target| target.name == name);
    found.expect("BULKHEAD_FUZZ_TARGET names a target that exists")
});

static REACHED: AtomicBool = AtomicBool::new(false);

fuzz_target!(init: LazyLock::force(&TARGET), |bytes: &[u8]| {
    if (TARGET.run)(bytes) && !REACHED.swap(true, Ordering::Relaxed) {
        if let Some(path) = std::env::var_os("BULKHEAD_FUZZ_REACHED") {
            std::fs::write(path, "").expect("BULKHEAD_FUZZ_REACHED can be written");
        }
    }
});
