//! What registries say of databases.

use bulkhead_model::Digest;
use bulkhead_supply::exchange::{Artefact, Blob};

use crate::Target;

/// The manifest, which nobody signed.
pub(super) const TARGETS: &[Target] = &[Target {
    name: "database-artefact",
    run: |bytes| {
        let Ok(artefact) = Artefact::decode(bytes) else { return false };
        // What was read is written as it was meant.
        assert_eq!(Artefact::decode(&artefact.encode()), Ok(artefact));
        true
    },
    seeds,
    data: &[],
}];

fn seeds() -> Vec<Vec<u8>> {
    let blob = |size: u64| Blob { digest: Digest::of(&size.to_le_bytes()), size };
    let small = Artefact { head: blob(5000), runs: Vec::new() };
    let usual = Artefact { head: blob(5000), runs: (1..5).map(|size| blob(size * 1000)).collect() };
    vec![small.encode(), usual.encode(), b"{\"layers\":[]}".to_vec(), Vec::new()]
}
