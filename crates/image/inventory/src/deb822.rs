//! Paragraphs of `Key: value` lines: deb822(5), and the core metadata of Python packages, which
//! comes from the same family (RFC 5322).

/// A field, with the lines that continue it as they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    /// As written.
    pub(crate) name: &'a str,
    /// Everything after the colon up to the next field, ends trimmed.
    pub(crate) value: &'a str,
}

impl Field<'_> {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The paragraphs of a text, which blank lines part. A text without an end gives what is there.
pub(crate) fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(['\n', '\r']);
        if rest.is_empty() {
            return None;
        }
        let mut end = 0_usize;
        for line in rest.split_inclusive('\n') {
            if line.trim_end_matches(['\n', '\r']).is_empty() {
                break;
            }
            end = end.saturating_add(line.len());
        }
        let (paragraph, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(paragraph)
    })
}

/// The fields of a paragraph. Lines that are none are passed over.
pub(crate) fn fields(paragraph: &str) -> impl Iterator<Item = Field<'_>> {
    let mut rest = paragraph;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (piece, after) = rest.split_at_checked(field_length(rest))?;
            rest = after;
            if let Some((name, value)) = piece.split_once(':')
                && !name.starts_with([' ', '\t'])
                && !name.contains('\n')
            {
                return Some(Field { name: name.trim_end(), value: value.trim() });
            }
        }
        None
    })
}

/// Bytes of the first line and of those that continue it.
fn field_length(text: &str) -> usize {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().map_or(0, str::len);
    lines
        .take_while(|line| line.starts_with([' ', '\t']))
        .fold(first, |length, line| length.saturating_add(line.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&[(&str, &str)]]) {
        let read: Vec<Vec<_>> = paragraphs(text)
            .map(|paragraph| fields(paragraph).map(|field| (field.name, field.value)).collect())
            .collect();
        assert_eq!(read, expected, "{text:?}");
    }

    #[test]
    fn paragraphs_and_continuations() {
        check("", &[]);
        check("\n\n", &[]);
        check("A: 1\nB: 2\n\n\nA: 3", &[&[("A", "1"), ("B", "2")], &[("A", "3")]]);
        check("A: 1\r\nB: 2\r\n\r\nA: 3\r\n", &[&[("A", "1"), ("B", "2")], &[("A", "3")]]);
        check("A: x\n y\n .\n z\nB:\n", &[&[("A", "x\n y\n .\n z"), ("B", "")]]);
        check("no field\n lost\nA: b:c\n", &[&[("A", "b:c")]]);
    }
}
