//! Sizes of what is written.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::text::printable;

/// The width of a column of the fixed-width letters, in units of the picture, a little more than fonts have.
pub(super) const COLUMN: f64 = 6.7;

/// The height of a line.
pub(super) const LINE: f64 = 16.0;

/// The space around what stands in a card.
pub(super) const MARGIN: f64 = 8.0;

/// Columns of a text in a card; longer ones are cut, and whole in the tooltip.
pub(super) const LONGEST: usize = 40;

/// A line of a card or of the head of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    /// The whole text, where it was cut.
    pub(super) whole: Option<String>,
    pub(super) kind: LineKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    /// A name.
    Name,
    /// What arrives here: edges end at this line.
    Arriving,
    /// What holds among those who are named.
    Among,
}

impl Line {
    pub(super) fn new(text: &str, kind: LineKind) -> Self {
        let whole = printable(text).into_owned();
        if whole.width() <= LONGEST {
            return Self { text: whole, whole: None, kind };
        }
        let mut columns = 0;
        let short = whole.chars().take_while(|letter| {
            columns += letter.width().unwrap_or(0);
            columns < LONGEST
        });
        Self { text: short.chain(['…']).collect(), whole: Some(whole), kind }
    }

    pub(super) fn width(&self) -> f64 {
        columns(&self.text)
    }
}

/// How wide a text is.
pub(super) fn columns(text: &str) -> f64 {
    u32::try_from(text.width()).map_or(0.0, f64::from) * COLUMN
}
