//! Text that knows where each of its bytes was written.
//!
//! A condition is put together: folded by YAML, appended to from other files, its lists replaced by
//! their items. A mistake in it is still shown where a person can mend it.

use std::fmt;
use std::sync::Arc;

/// A place in a rule file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file as it was named.
    pub file: Arc<str>,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1, in characters.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// How many characters a piece has that stands in the file as it is.
const PIECE_COLUMNS: u32 = 256;
const MOST_CHARACTERS: usize = PIECE_COLUMNS as usize;

/// A text and the origin of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    text: String,
    /// Sorted by `start`; the first begins at 0.
    pieces: Vec<Piece>,
}

/// From `start` on the text was written at `place`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    start: usize,
    place: Place,
    /// Whether the bytes stand there as they are, or all of them for what stands there.
    verbatim: bool,
}

impl Text {
    /// A text all of which is owed to one place.
    pub(crate) fn at(text: &str, place: Place) -> Self {
        let pieces = vec![Piece { start: 0, place, verbatim: false }];
        Self { text: text.to_owned(), pieces }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Where the byte at `offset` was written; past the end, where the text ends.
    pub(crate) fn place(&self, offset: usize) -> Place {
        let after = self.pieces.partition_point(|piece| piece.start <= offset);
        let piece = after.checked_sub(1).and_then(|index| self.pieces.get(index));
        let Some(piece) = piece.or(self.pieces.first()) else { return nowhere() };
        let mut place = piece.place.clone();
        if piece.verbatim {
            let before = self.text.get(piece.start..offset.min(self.text.len())).unwrap_or("");
            let columns = u32::try_from(before.chars().count()).unwrap_or(u32::MAX);
            place.column = place.column.saturating_add(columns);
        }
        place
    }

    /// Where the text begins.
    pub(crate) fn start(&self) -> Place {
        self.place(0)
    }

    /// What follows stands at `place` as it is.
    pub(crate) fn push_verbatim(&mut self, text: &str, place: Place) {
        let mut place = place;
        let mut rest = text;
        // Long words are several pieces: whoever asks for places counts characters from where a piece begins.
        while let Some((end, _)) = rest.char_indices().nth(MOST_CHARACTERS) {
            let (piece, after) = rest.split_at(end);
            self.push_piece(piece, place.clone(), true);
            place.column = place.column.saturating_add(PIECE_COLUMNS);
            rest = after;
        }
        self.push_piece(rest, place, true);
    }

    /// What follows is there for what stands at `place`.
    pub(crate) fn push_for(&mut self, text: &str, place: Place) {
        self.push_piece(text, place, false);
    }

    fn push_piece(&mut self, text: &str, place: Place, verbatim: bool) {
        self.pieces.push(Piece { start: self.text.len(), place, verbatim });
        self.text.push_str(text);
    }

    /// A part of another text.
    pub(crate) fn push_part(&mut self, other: &Self, start: usize, end: usize) {
        let Some(part) = other.text.get(start..end) else { return };
        let base = self.text.len();
        let first = other.pieces.partition_point(|piece| piece.start <= start).saturating_sub(1);
        for piece in other.pieces.iter().skip(first).take_while(|piece| piece.start < end) {
            // The first one may begin before the part does.
            let place = if piece.start < start { other.place(start) } else { piece.place.clone() };
            let start = base.saturating_add(piece.start.saturating_sub(start));
            self.pieces.push(Piece { start, place, verbatim: piece.verbatim });
        }
        self.text.push_str(part);
    }

    /// The other text, after one space.
    pub(crate) fn append(&mut self, other: &Self) {
        self.text.push(' ');
        self.push_part(other, 0, other.text.len());
    }

    /// Takes blanks away from the end.
    pub(crate) fn trim_end(&mut self) {
        self.text.truncate(self.text.trim_end().len());
        let length = self.text.len();
        self.pieces.retain(|piece| piece.start < length || piece.start == 0);
    }

    /// Takes one character away from the end where it is this one.
    pub(crate) fn pop(&mut self, last: char) -> bool {
        let ends = self.text.ends_with(last);
        if ends {
            self.text.pop();
            self.trim_end();
        }
        ends
    }

    /// An empty text to push to.
    pub(crate) const fn empty() -> Self {
        Self { text: String::new(), pieces: Vec::new() }
    }
}

/// For a text that was never given an origin.
pub(crate) fn nowhere() -> Place {
    Place { file: Arc::from(""), line: 1, column: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(line: u32, column: u32) -> Place {
        Place { file: Arc::from("a.yaml"), line, column }
    }

    #[test]
    fn every_part_keeps_its_origin() {
        let mut text = Text::empty();
        text.push_verbatim("äb cd", place(3, 5));
        text.push_for("(x, y)", place(4, 1));
        assert_eq!(text.place(0), place(3, 5));
        // The first letter has two bytes and one column.
        assert_eq!(text.place(3), place(3, 7));
        assert_eq!(text.place("äb cd(x,".len()), place(4, 1));

        let mut other = Text::at("z", place(9, 9));
        other.append(&text);
        assert_eq!(other.as_str(), "z äb cd(x, y)");
        assert_eq!(other.start(), place(9, 9));
        assert_eq!(other.place("z ä".len()), place(3, 6));
        assert_eq!(other.place("z äb cd(x".len()), place(4, 1));

        let mut part = Text::empty();
        part.push_part(&text, "äb ".len(), "äb cd(".len());
        assert_eq!(part.as_str(), "cd(");
        assert_eq!(part.place(1), place(3, 9));
        assert_eq!(part.place(2), place(4, 1));
    }

    #[test]
    fn long_words_keep_their_columns() {
        let mut text = Text::empty();
        text.push_verbatim(&"ä".repeat(1000), place(1, 7));
        for index in [0, 1, 255, 256, 257, 999] {
            let column = u32::try_from(index).unwrap() + 7;
            assert_eq!(text.place(index * 2), place(1, column), "{index}");
        }
        assert!(text.pieces.len() > 3, "each is counted from the front: {}", text.pieces.len());
    }
}
