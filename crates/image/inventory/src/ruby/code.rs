//! Ruby source as far as specifications and Gemfiles need it: literals, words and signs. Nothing is
//! evaluated.

/// A piece of source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A name or a keyword.
    Word(&'t str),
    /// A string without anything to be computed.
    Text(String),
    /// `%w[a b]`.
    Texts(Vec<String>),
    /// A literal whose value only Ruby knows: an interpolated string, a pattern, a document.
    Computed,
    /// Any other character.
    Sign(char),
    /// The end of a line.
    Line,
}

/// Bytes of the longest code that is taken apart; the longest specifications that are known, with
/// thousands of files, have a tenth.
const LONGEST: usize = 4 << 20;

/// The tokens of a text, comments left out. None where the text is longer than any real one.
pub(super) fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    if text.len() > LONGEST {
        return None;
    }
    let mut lexer = Lexer { rest: text, ends: Vec::new() };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next() {
        tokens.push(token);
    }
    Some(tokens)
}

struct Lexer<'t> {
    rest: &'t str,
    /// Marks that end the documents which begin on the next line (`<<~TEXT`).
    ends: Vec<&'t str>,
}

impl<'t> Lexer<'t> {
    fn next(&mut self) -> Option<Token<'t>> {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\r']);
            let first = self.rest.chars().next()?;
            match first {
                '\n' => {
                    self.line();
                    return Some(Token::Line);
                }
                '#' => self.skip(self.rest.find('\n').unwrap_or(self.rest.len())),
                '\\' => self.skip_line_break(),
                '\'' | '"' | '`' => {
                    self.skip(1);
                    return Some(self.text(first, first, first == '\''));
                }
                '%' => return Some(self.percent()),
                '<' if self.rest.starts_with("<<") => return Some(self.document()),
                _ if is_part_of_word(first) => return Some(self.word()),
                _ => {
                    self.skip(first.len_utf8());
                    return Some(Token::Sign(first));
                }
            }
        }
    }

    fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    /// A backslash before the end of a line joins it with the next.
    fn skip_line_break(&mut self) {
        self.skip(1);
        self.rest = self.rest.trim_start_matches('\r');
        if self.rest.starts_with('\n') {
            self.skip(1);
        }
    }

    /// Goes to the next line that is code: past documents, past block comments; nowhere after the
    /// mark behind which data follows.
    fn line(&mut self) {
        self.skip(1);
        for end in std::mem::take(&mut self.ends) {
            self.skip_lines_to(|line| line.trim() == end);
        }
        while self.rest.starts_with("=begin") {
            self.skip_lines_to(|line| line.starts_with("=end"));
        }
        if self.rest.lines().next() == Some("__END__") {
            self.rest = "";
        }
    }

    /// Skips lines, the one that is last among them.
    fn skip_lines_to(&mut self, is_last: impl Fn(&str) -> bool) {
        while !self.rest.is_empty() {
            let (line, after) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
            self.rest = after;
            if is_last(line) {
                return;
            }
        }
    }

    fn word(&mut self) -> Token<'t> {
        let end = self.rest.find(|character| !is_part_of_word(character));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        Token::Word(word)
    }

    /// `%q<text>`, `%w[words]`, `%r{pattern}`; a remainder otherwise.
    fn percent(&mut self) -> Token<'t> {
        let mut characters = self.rest.chars().skip(1);
        let (kind, open) = match (characters.next(), characters.next()) {
            (Some(kind @ ('q' | 'Q' | 'w' | 'W' | 'i' | 'I' | 'r' | 'x')), Some(open))
                if !open.is_alphanumeric() && !open.is_whitespace() =>
            {
                self.skip(2_usize.saturating_add(open.len_utf8()));
                (kind, open)
            }
            (Some(open @ ('(' | '[' | '{')), _) => {
                self.skip(2);
                ('Q', open)
            }
            _ => {
                self.skip(1);
                return Token::Sign('%');
            }
        };
        let close = match open {
            '(' => ')',
            '[' => ']',
            '{' => '}',
            '<' => '>',
            other => other,
        };
        let text = self.text(open, close, kind != 'Q');
        match (kind, text) {
            ('r' | 'x', _) => Token::Computed,
            ('w' | 'W' | 'i' | 'I', Token::Text(words)) => {
                Token::Texts(words.split_whitespace().map(str::to_owned).collect())
            }
            (_, text) => text,
        }
    }

    /// The rest of a string behind its opening sign. One that never ends is what is there.
    fn text(&mut self, open: char, close: char, plain: bool) -> Token<'t> {
        let mut value = String::new();
        let mut depth = 0_usize;
        let mut computed = false;
        let mut characters = self.rest.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' => escape(&mut characters, plain, close, &mut value),
                _ if character == close && depth == 0 => break,
                _ => {
                    if character == close {
                        depth = depth.saturating_sub(1);
                    } else if character == open {
                        depth = depth.saturating_add(1);
                    }
                    computed |= !plain && character == '#' && characters.as_str().starts_with('{');
                    value.push(character);
                }
            }
        }
        self.rest = characters.as_str();
        if computed || close == '`' { Token::Computed } else { Token::Text(value) }
    }

    /// `<<~TEXT`, whose content follows on the next lines.
    fn document(&mut self) -> Token<'t> {
        let after = self.rest.get(2..).unwrap_or_default();
        let after = after.strip_prefix(['~', '-']).unwrap_or(after);
        let name = after.strip_prefix(['\'', '"']).unwrap_or(after);
        let end = name.find(|character| !is_part_of_word(character)).unwrap_or(name.len());
        let (name, rest) = name.split_at(end);
        if !name.starts_with(|first: char| first.is_ascii_uppercase()) {
            self.skip(2);
            return Token::Sign('<');
        }
        self.rest = rest.strip_prefix(['\'', '"']).unwrap_or(rest);
        self.ends.push(name);
        Token::Computed
    }
}

/// What stands behind a backslash. Without interpolation only the closing sign and the backslash
/// itself are escaped.
fn escape(characters: &mut std::str::Chars<'_>, plain: bool, close: char, value: &mut String) {
    let Some(next) = characters.next() else { return };
    if plain {
        if next != close && next != '\\' {
            value.push('\\');
        }
        value.push(next);
        return;
    }
    match next {
        'n' => value.push('\n'),
        't' => value.push('\t'),
        'r' => value.push('\r'),
        'e' => value.push('\u{1b}'),
        's' => value.push(' '),
        'u' => {
            let rest = characters.as_str();
            let braced = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
            let (digits, rest) = braced.or_else(|| rest.split_at_checked(4)).unwrap_or_default();
            let decoded = u32::from_str_radix(digits.trim(), 16).ok().and_then(char::from_u32);
            value.push(decoded.unwrap_or(char::REPLACEMENT_CHARACTER));
            *characters = rest.chars();
        }
        other => value.push(other),
    }
}

fn is_part_of_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '?' | '@' | '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, expected: &[Token<'_>]) {
        assert_eq!(tokens(code).unwrap(), expected, "{code}");
    }

    fn text(text: &str) -> Token<'_> {
        Token::Text(text.to_owned())
    }

    #[test]
    fn literals_of_every_notation() {
        check("'a\\'b\\n'", &[text("a'b\\n")]);
        check("\"a\\\"\\u00e9\\u{41}\\n\\#{x}\"", &[text("a\"\u{e9}A\n#{x}")]);
        check("\"1.#{x}\"", &[Token::Computed]);
        check("%q<a<b>> %(c)", &[text("a<b>"), text("c")]);
        check("%w[a b]", &[Token::Texts(vec!["a".to_owned(), "b".to_owned()])]);
        check("%r{^\"}", &[Token::Computed]);
        check("a % b", &[Token::Word("a"), Token::Sign('%'), Token::Word("b")]);
        check("'never ends", &[text("never ends")]);
    }

    #[test]
    fn comments_and_documents_are_passed_over() {
        check("a # 'b\nc", &[Token::Word("a"), Token::Line, Token::Word("c")]);
        check("a\n=begin\n'\n=end\nb", &[Token::Word("a"), Token::Line, Token::Word("b")]);
        check("<<~TEXT\n 'a\n TEXT\nb", &[Token::Computed, Token::Line, Token::Word("b")]);
        check("a\n__END__\nb", &[Token::Word("a"), Token::Line]);
        check("a \\\n b", &[Token::Word("a"), Token::Word("b")]);
        check("a << b", &[Token::Word("a"), Token::Sign('<'), Token::Word("b")]);
    }
}
