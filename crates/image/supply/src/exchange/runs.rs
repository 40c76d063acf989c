//! Where the runs of pages of an artefact end.

use std::ops::Range;

use bulkhead_advisories::SealedPage;

/// Bytes of a run on average: larger ones make fewer requests of a first pull, smaller ones fewer bytes of a
/// later one where the registry gives no parts of blobs.
const USUAL: u64 = 128 << 10;
/// Bytes after which a run ends in any case, unless a page alone has more.
const LARGEST: u64 = 1 << 20;

/// Cuts pages into runs, by their indices. A run ends before a page whose digest is small for its
/// length, and where it would grow too long: a changed page changes its own run and no run further on
/// than the next such page.
pub(super) fn cut(pages: &[SealedPage]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let (mut start, mut length) = (0, 0_u64);
    for (index, page) in pages.iter().enumerate() {
        let with = length.saturating_add(u64::from(page.length));
        if index > start && (is_marked(page) || with > LARGEST) {
            runs.push(start..index);
            start = index;
            length = u64::from(page.length);
        } else {
            length = with;
        }
    }
    if start < pages.len() {
        runs.push(start..pages.len());
    }
    runs
}

/// True for one in so many pages that a mark comes every [`USUAL`] bytes, whatever the pages' lengths.
fn is_marked(page: &SealedPage) -> bool {
    let [a, b, c, d, ..] = page.digest;
    let chance = u64::from(u32::from_le_bytes([a, b, c, d]));
    chance.saturating_mul(USUAL) < u64::from(page.length) << 32
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    /// Pages of 1 to 32 KiB; `salt` makes others of them.
    fn page(number: u32, salt: u8) -> SealedPage {
        let digest = Sha256::digest([&number.to_le_bytes()[..], &[salt]].concat()).into();
        SealedPage { digest, offset: 0, length: 1024 + number * 7919 % (31 << 10) }
    }

    fn digests(pages: &[SealedPage]) -> Vec<Vec<[u8; 32]>> {
        let digests = |run: Range<usize>| pages[run].iter().map(|page| page.digest).collect();
        cut(pages).into_iter().map(digests).collect()
    }

    #[test]
    fn runs_hold_every_page_once_and_have_some_length() {
        let pages: Vec<SealedPage> = (0..4000).map(|number| page(number, 0)).collect();
        let runs = cut(&pages);
        assert_eq!(
            runs.iter().cloned().flatten().collect::<Vec<_>>(),
            (0..4000).collect::<Vec<_>>()
        );
        let bytes: u64 = pages.iter().map(|page| u64::from(page.length)).sum();
        let mean = bytes / runs.len() as u64;
        assert!((USUAL / 2..USUAL * 2).contains(&mean), "{mean}");
        assert!(cut(&[]).is_empty());
    }

    /// A changed, added or removed page leaves almost all runs as they were.
    #[test]
    fn changes_stay_where_they_are() {
        let pages: Vec<SealedPage> = (0..2000).map(|number| page(number, 0)).collect();
        let before = digests(&pages);
        for at in (0..2000).step_by(97) {
            let mut changed = pages.clone();
            changed[at] = page(u32::try_from(at).unwrap(), 1);
            let mut added = pages.clone();
            added.insert(at, page(9, 2));
            let mut removed = pages.clone();
            removed.remove(at);
            for other in [changed, added, removed] {
                let new = digests(&other).into_iter().filter(|run| !before.contains(run)).count();
                assert!(new <= 3, "page {at}: {new} runs are new");
            }
        }
    }

    /// Pages that no mark separates, and pages that are too large for any run.
    #[test]
    fn runs_end() {
        let unmarked = SealedPage { digest: [255; 32], offset: 0, length: 100 << 10 };
        let runs = cut(&[unmarked; 100]);
        assert_eq!(runs.len(), 10);
        let huge = SealedPage { length: 16 << 20, ..unmarked };
        assert_eq!(cut(&[huge; 3]).len(), 3);
    }
}
