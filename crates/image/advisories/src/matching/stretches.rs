//! Work on sorted keys by several threads.

use rayon::prelude::*;

/// Keys that one thread reads sooner than others are started.
const SMALL: usize = 2048;

/// Does the work on stretches of the items, in their order: neighbours are on the same page, and a
/// stretch reads its pages once. Few items are one stretch, without other threads.
pub(super) fn side_by_side<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&[T]) -> R + Send + Sync,
) -> Vec<R> {
    if items.len() <= SMALL {
        return vec![work(items)];
    }
    let stretches = rayon::current_num_threads().saturating_mul(4).max(1);
    items.par_chunks(items.len().div_ceil(stretches)).map(work).collect()
}
