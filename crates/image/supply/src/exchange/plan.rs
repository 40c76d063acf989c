//! Which parts of which blobs bring the pages that are lacking.

use bulkhead_advisories::{Artefact, ArtefactPart, SealedPage};

/// Bytes between two pages that are fetched along: a request costs more.
const GAP: u64 = 4 << 10;

/// Something to ask the registry for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// The blob that it is a part of.
    pub(super) blob: ArtefactPart,
    /// Where it begins in the blob.
    pub(super) offset: u64,
    /// Its bytes.
    pub(super) length: u64,
    /// Where the blob begins in the file.
    pub(super) start: u64,
    /// The lacking pages in it.
    pub(super) pages: Vec<SealedPage>,
}

impl Piece {
    /// Whether it is its blob from the first byte to the last.
    pub(super) fn is_whole(&self) -> bool {
        self.offset == 0 && self.length == self.blob.size
    }

    /// The whole blob instead of a part of it, for registries that give no parts.
    pub(super) fn widened(self) -> Self {
        Self { offset: 0, length: self.blob.size, ..self }
    }

    /// The bytes of a page of it, where they are there.
    pub(super) fn part<'b>(&self, page: &SealedPage, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let start = page.offset.checked_sub(self.start)?.checked_sub(self.offset)?;
        let start = usize::try_from(start).ok()?;
        bytes.get(start..start.checked_add(usize::try_from(page.length).ok()?)?)
    }
}

/// What to ask for to get the lacking pages of a file of this length, which are in its order. None where the
/// parts of the artefact are not those of the file, or a page lies in two of them.
pub(super) fn plan(artefact: &Artefact, length: u64, lacking: &[SealedPage]) -> Option<Vec<Piece>> {
    artefact.length().filter(|found| *found == length)?;
    let mut pieces = Vec::new();
    let mut lacking = lacking;
    let mut start = artefact.head.size;
    for blob in &artefact.runs {
        let end = start.checked_add(blob.size)?;
        let inside = lacking.partition_point(|page| page.offset < end);
        let (pages, rest) = lacking.split_at(inside);
        lacking = rest;
        let last = pages.last().map_or(start, end_of);
        if pages.first().is_some_and(|page| page.offset < start) || last > end {
            return None;
        }
        pieces.extend(of_blob(blob, start, pages));
        start = end;
    }
    lacking.is_empty().then_some(pieces)
}

fn of_blob(blob: &ArtefactPart, start: u64, pages: &[SealedPage]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for page in pages {
        let offset = page.offset.saturating_sub(start);
        let near = |piece: &&mut Piece| offset <= piece.offset + piece.length + GAP;
        if let Some(piece) = pieces.last_mut().filter(near) {
            piece.length = offset.saturating_add(u64::from(page.length)) - piece.offset;
            piece.pages.push(*page);
        } else {
            let (blob, length) = (blob.clone(), u64::from(page.length));
            pieces.push(Piece { blob, offset, length, start, pages: vec![*page] });
        }
    }
    // Half of a blob in one request is better than many parts of it in several.
    let length: u64 = pieces.iter().map(|piece| piece.length).sum();
    if length.saturating_mul(2) > blob.size && !pieces.is_empty() {
        let (blob, pages) = (blob.clone(), pages.to_vec());
        pieces = vec![Piece { offset: 0, length: blob.size, blob, start, pages }];
    }
    pieces
}

fn end_of(page: &SealedPage) -> u64 {
    page.offset.saturating_add(u64::from(page.length))
}

#[cfg(test)]
mod tests {
    use bulkhead_model::Digest;

    use super::*;

    fn blob(size: u64) -> ArtefactPart {
        ArtefactPart { digest: Digest::of(&size.to_le_bytes()), size }
    }

    fn page(offset: u64, length: u32) -> SealedPage {
        SealedPage { digest: [0; 32], offset, length }
    }

    /// A head of 100 bytes, then blobs of 100 000 and 50 000.
    fn check(lacking: &[SealedPage], expected: Option<&[(u64, u64, u64)]>) {
        let artefact = Artefact { head: blob(100), runs: vec![blob(100_000), blob(50_000)] };
        let pieces = plan(&artefact, 150_100, lacking);
        let found = pieces.map(|pieces| {
            let found: Vec<_> =
                pieces.iter().map(|piece| (piece.start, piece.offset, piece.length)).collect();
            found
        });
        assert_eq!(found.as_deref(), expected, "{lacking:?}");
    }

    #[test]
    fn parts_of_blobs_bring_the_pages() {
        check(&[], Some(&[]));
        check(&[page(100, 500)], Some(&[(100, 0, 500)]));
        // Near ones together, far ones apart.
        check(
            &[page(1100, 500), page(2000, 500), page(60_000, 500)],
            Some(&[(100, 1000, 1400), (100, 59_900, 500)]),
        );
        // Most of a blob is the whole of it.
        check(&[page(100_100, 30_000)], Some(&[(100_100, 0, 50_000)]));
        check(
            &[page(99_100, 1000), page(100_100, 10)],
            Some(&[(100, 99_000, 1000), (100_100, 0, 10)]),
        );
    }

    #[test]
    fn parts_that_are_not_those_of_the_file_are_refused() {
        check(&[page(50, 10)], None);
        check(&[page(100_000, 200)], None);
        check(&[page(150_050, 100)], None);
        check(&[page(150_100, 1)], None);
        let artefact = Artefact { head: blob(100), runs: vec![blob(1000)] };
        for (length, fits) in [(1099, false), (1100, true), (1101, false)] {
            assert_eq!(plan(&artefact, length, &[]).is_some(), fits, "{length}");
        }
    }
}
