//! Text of a target, made harmless for whoever looks at it.

use std::borrow::Cow;

/// Text of the target with everything escaped that a terminal would act upon or that reorders what
/// is shown: control characters, direction marks, invisible characters.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Whether a character is escaped by [`printable`]: control characters; and the format characters of Unicode that change order or join invisibly
/// (Unicode Technical Report 36, section 2.10); and the two that XML 1.0 forbids beside controls
/// (section 2.2).
pub fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{fffe}'
                | '\u{ffff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_acts_upon_passes() {
        for (text, shown) in [
            ("plain é 中", "plain é 中"),
            ("\x1b[31mred", "\\u{1b}[31mred"),
            ("a\nb\tc\x07", "a\\u{a}b\\u{9}c\\u{7}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("\u{202e}cod.exe", "\\u{202e}cod.exe"),
            ("zero\u{200b}width", "zero\\u{200b}width"),
        ] {
            assert_eq!(printable(text), shown);
        }
    }
}
