//! What is different about the lines of two texts.

use std::ops::Range;

use similar::{Algorithm, ChangeTag, DiffOp, capture_diff_slices, group_diff_ops};

/// Lines around what differs.
const CONTEXT: usize = 3;

/// Two texts line by line.
#[derive(Debug)]
pub struct Difference<'t> {
    old: Vec<&'t str>,
    new: Vec<&'t str>,
    operations: Vec<DiffOp>,
}

/// Bytes of a text that were replaced, by whole lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Region {
    /// Where they were.
    pub(crate) before: Range<usize>,
    /// Where what stands for them is.
    pub(crate) after: Range<usize>,
}

/// Lines that differ, with some around them.
#[derive(Debug)]
pub struct Hunk<'d, 't> {
    difference: &'d Difference<'t>,
    operations: Vec<DiffOp>,
}

impl<'t> Difference<'t> {
    /// Of two whole texts.
    pub fn of(old: &'t str, new: &'t str) -> Self {
        Self::within(old, new, &[Region { before: 0..old.len(), after: 0..new.len() }])
    }

    /// Of texts that are known to differ in some places only: what they cost is the size of these.
    pub(crate) fn within(old: &'t str, new: &'t str, regions: &[Region]) -> Self {
        let lines = |text: &'t str, range: Range<usize>| {
            text.get(range).unwrap_or_default().split_inclusive('\n')
        };
        let mut difference = Self { old: Vec::new(), new: Vec::new(), operations: Vec::new() };
        let (mut before, mut after) = (0, 0);
        for region in regions {
            difference.keep(
                lines(old, before..region.before.start),
                lines(new, after..region.after.start),
            );
            let from: Vec<&str> = lines(old, region.before.clone()).collect();
            let to: Vec<&str> = lines(new, region.after.clone()).collect();
            let (old_start, new_start) = (difference.old.len(), difference.new.len());
            for operation in capture_diff_slices(Algorithm::Myers, &from, &to) {
                difference.operations.push(moved(operation, old_start, new_start));
            }
            difference.old.extend(from);
            difference.new.extend(to);
            (before, after) = (region.before.end, region.after.end);
        }
        difference.keep(lines(old, before..old.len()), lines(new, after..new.len()));
        difference
    }

    /// Adds lines that are the same in both.
    fn keep(&mut self, old: impl Iterator<Item = &'t str>, new: impl Iterator<Item = &'t str>) {
        let (old_index, new_index) = (self.old.len(), self.new.len());
        self.old.extend(old);
        self.new.extend(new);
        let len = self.old.len() - old_index;
        if len > 0 {
            self.operations.push(DiffOp::Equal { old_index, new_index, len });
        }
    }

    /// What was replaced: where it is in the new text, the old lines and the new ones.
    pub(crate) fn replaced(&self) -> impl Iterator<Item = (usize, String, String)> {
        let mut at = 0;
        self.operations.iter().filter_map(move |operation| {
            let (old, new) = (&self.old[operation.old_range()], &self.new[operation.new_range()]);
            let start = at;
            at += new.iter().map(|line| line.len()).sum::<usize>();
            let is_same = matches!(operation, DiffOp::Equal { .. });
            (!is_same).then(|| (start, old.concat(), new.concat()))
        })
    }

    /// What differs, in the order of the lines.
    pub fn hunks(&self) -> impl Iterator<Item = Hunk<'_, 't>> {
        let groups = group_diff_ops(joined(&self.operations), CONTEXT);
        groups.into_iter().map(|operations| Hunk { difference: self, operations })
    }
}

impl<'t> Hunk<'_, 't> {
    /// `@@ -1,4 +1,5 @@`
    pub fn header(&self) -> String {
        similar::udiff::UnifiedHunkHeader::new(&self.operations).to_string()
    }

    /// Each line behind the sign that says whose it is.
    pub fn lines(&self) -> impl Iterator<Item = (char, &'t str)> {
        let Difference { old, new, .. } = self.difference;
        let slices = self.operations.iter().flat_map(move |it| it.iter_slices(&old[..], &new[..]));
        slices.flat_map(|(tag, lines)| {
            let sign = match tag {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            lines.iter().map(move |line| (sign, *line))
        })
    }
}

/// The same of lines that stand further down.
const fn moved(operation: DiffOp, old: usize, new: usize) -> DiffOp {
    match operation {
        DiffOp::Equal { old_index, new_index, len } => {
            DiffOp::Equal { old_index: old_index + old, new_index: new_index + new, len }
        }
        DiffOp::Delete { old_index, old_len, new_index } => {
            DiffOp::Delete { old_index: old_index + old, old_len, new_index: new_index + new }
        }
        DiffOp::Insert { old_index, new_index, new_len } => {
            DiffOp::Insert { old_index: old_index + old, new_index: new_index + new, new_len }
        }
        DiffOp::Replace { old_index, old_len, new_index, new_len } => DiffOp::Replace {
            old_index: old_index + old,
            old_len,
            new_index: new_index + new,
            new_len,
        },
    }
}

/// The same with one operation for equal lines that follow each other.
fn joined(operations: &[DiffOp]) -> Vec<DiffOp> {
    let mut joined: Vec<DiffOp> = Vec::new();
    for operation in operations {
        if let (Some(DiffOp::Equal { len, .. }), DiffOp::Equal { len: more, .. }) =
            (joined.last_mut(), operation)
        {
            *len += more;
        } else {
            joined.push(*operation);
        }
    }
    joined
}

/// Puts new texts into a text, each for the bytes that it names, in their order: the new text, and the lines
/// of both that differ.
pub(crate) fn assemble<'p>(
    before: &str,
    pieces: impl Iterator<Item = (Range<usize>, &'p str)>,
) -> (String, Vec<Region>) {
    let (mut after, mut regions) = (String::with_capacity(before.len()), Vec::<Region>::new());
    let mut copied = 0;
    let copy = |range: Range<usize>| before.get(range).unwrap_or_default();
    for (range, text) in pieces {
        if range.start < copied {
            continue;
        }
        after.push_str(copy(copied..range.start));
        let start = copy(0..range.start).rfind('\n').map_or(0, |at| at + 1);
        // Where whole lines end nothing of the next one differs: what follows each other stays apart, and cheap.
        let is_whole = text.ends_with('\n') && copy(0..range.end).ends_with('\n');
        let end = if is_whole {
            range.end
        } else {
            let rest = copy(range.end..before.len());
            rest.find('\n').map_or(before.len(), |at| range.end + at + 1)
        };
        let after_start = after.len() - (range.start - start);
        after.push_str(text);
        let after_end = after.len() + (end - range.end);
        copied = range.end;
        match regions.last_mut() {
            Some(last) if start < last.before.end => {
                last.before.end = end.max(last.before.end);
                last.after.end = after_end;
            }
            _ => regions.push(Region { before: start..end, after: after_start..after_end }),
        }
    }
    after.push_str(copy(copied..before.len()));
    (after, regions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, pieces: &[(Range<usize>, &str)], expected: &str) {
        let (after, regions) = assemble(before, pieces.iter().cloned());
        assert_eq!(after, expected);
        let difference = Difference::within(before, &after, &regions);
        assert_eq!(difference.old.concat(), before);
        assert_eq!(difference.new.concat(), after);
        // What was replaced gives the old text back.
        let mut undone = after.clone();
        let replaced: Vec<_> = difference.replaced().collect();
        for (at, old, new) in replaced.iter().rev() {
            undone.replace_range(*at..*at + new.len(), old);
        }
        assert_eq!(undone, before);
        let signs = |sign| {
            difference
                .hunks()
                .flat_map(move |it| it.lines().collect::<Vec<_>>())
                .filter(move |it| it.0 == sign)
                .count()
        };
        assert!((signs('-') + signs('+') > 0) == (before != after));
    }

    #[test]
    fn texts_are_put_together_and_taken_apart() {
        check("", &[], "");
        check("a\nb\nc\n", &[], "a\nb\nc\n");
        check("a\nb\nc", &[(2..3, "x\ny")], "a\nx\ny\nc");
        check("a\nb\nc", &[(4..5, "")], "a\nb\n");
        check("[{a}, {b}]\nc", &[(1..4, "{\nx}"), (6..9, "{y}")], "[{\nx}, {y}]\nc");
        check("a\nb\nc\nd\n", &[(0..2, "x\n"), (6..8, "y\nz\n")], "x\nb\nc\ny\nz\n");
        check("--- a\n--- b\n", &[(3..5, " x\n"), (9..12, " y")], "--- x\n\n--- y");
        check("---\na\n---\nb\n", &[(4..6, "x\n"), (10..12, "y\n")], "---\nx\n---\ny\n");
    }

    /// A file of many documents costs what its documents cost.
    #[test]
    fn documents_that_follow_each_other_stay_apart() {
        let before = "---\na: 1\n".repeat(3);
        let pieces = [(3..9, "\na: 2\n"), (12..18, "\na: 2\n"), (21..27, "\na: 2\n")];
        let (after, regions) = assemble(&before, pieces.into_iter());
        assert_eq!(after, "---\na: 2\n".repeat(3));
        let lines: Vec<_> =
            regions.iter().map(|it| (it.before.clone(), it.after.clone())).collect();
        assert_eq!(lines, [(0..9, 0..9), (9..18, 9..18), (18..27, 18..27)]);
    }
}
