//! Kernels that take no probes, and what is said of that.

use bulkhead_probes::{Obstacle, Options, Places, Probes, ProbesError};

#[test]
fn a_kernel_without_types_is_named() {
    let types = tempfile::tempdir().expect("a folder").path().join("vmlinux");
    let places = Places { types: types.clone(), ..Places::default() };
    let loaded = Probes::load(&Options { places, ..Options::default() });
    let Err(ProbesError::Unavailable { obstacles, .. }) = loaded else {
        panic!("it was loaded without types");
    };
    let named = |one: &&Obstacle| matches!(one, Obstacle::Types(file, _) if *file == types);
    let obstacle = obstacles.iter().find(named).expect("what is in the way");
    assert!(obstacle.to_string().contains("vmlinux: No such file"), "{obstacle}");
    assert!(obstacle.hint().contains("CONFIG_DEBUG_INFO_BTF"));
}
