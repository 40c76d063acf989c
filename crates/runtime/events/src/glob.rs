//! Patterns of paths, as `fnmatch(3)` without flags knows them.

/// A pattern: `*` is any bytes, also slashes, `?` is one byte, `[a-z]` and `[!a-z]` one of a set, in which `[:digit:]`
/// and its like stand for many, and a backslash takes what follows it as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Glob {
    pieces: Box<[Piece]>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Piece {
    Byte(u8),
    AnyByte,
    AnyBytes,
    Set { inverse: bool, ranges: Box<[(u8, u8)]> },
}

impl Glob {
    /// The pattern of a text. Every text is one: a bracket without end stands for itself.
    pub fn new(pattern: &[u8]) -> Self {
        let mut pieces = Vec::new();
        let mut rest = pattern;
        while let Some((&first, after)) = rest.split_first() {
            rest = after;
            let piece = match first {
                b'*' if pieces.last() == Some(&Piece::AnyBytes) => continue,
                b'*' => Piece::AnyBytes,
                b'?' => Piece::AnyByte,
                b'[' => match set(after) {
                    Some((piece, after)) => {
                        rest = after;
                        piece
                    }
                    None => Piece::Byte(b'['),
                },
                b'\\' => match after.split_first() {
                    Some((&escaped, after)) => {
                        rest = after;
                        Piece::Byte(escaped)
                    }
                    None => Piece::Byte(b'\\'),
                },
                byte => Piece::Byte(byte),
            };
            pieces.push(piece);
        }
        Self { pieces: pieces.into() }
    }

    /// The pattern of a text, in which letters of ASCII stand for both of their cases.
    pub fn without_case(pattern: &[u8]) -> Self {
        let mut glob = Self::new(pattern);
        for piece in &mut glob.pieces {
            match piece {
                Piece::Byte(byte) if byte.is_ascii_alphabetic() => {
                    let cases = [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
                    let ranges = cases.map(|case| (case, case)).into();
                    *piece = Piece::Set { inverse: false, ranges };
                }
                Piece::Set { ranges, .. } => {
                    let both = ranges.iter().flat_map(|&(low, high)| {
                        [(low, high), other_case(low, high, false), other_case(low, high, true)]
                    });
                    *ranges = both.collect();
                }
                _ => {}
            }
        }
        glob
    }

    /// Whether the pattern is all of the text. Takes at most the product of both lengths.
    pub fn matches(&self, text: &[u8]) -> bool {
        let (mut piece, mut place) = (0_usize, 0_usize);
        // Where to go on from when the rest does not fit: behind the last star, one byte later.
        let mut again: Option<(usize, usize)> = None;
        loop {
            match (self.pieces.get(piece), text.get(place)) {
                (Some(Piece::AnyBytes), _) => {
                    piece = piece.saturating_add(1);
                    again = Some((piece, place));
                    continue;
                }
                (Some(one), Some(&byte)) if one.takes(byte) => {
                    piece = piece.saturating_add(1);
                    place = place.saturating_add(1);
                    continue;
                }
                (None, None) => return true,
                _ => {}
            }
            let Some((star, start)) = again else { return false };
            if start >= text.len() {
                return false;
            }
            (piece, place) = (star, start.saturating_add(1));
            again = Some((piece, place));
        }
    }
}

impl Piece {
    fn takes(&self, byte: u8) -> bool {
        match self {
            Self::Byte(expected) => *expected == byte,
            Self::AnyByte | Self::AnyBytes => true,
            Self::Set { inverse, ranges } => {
                ranges.iter().any(|(low, high)| (low..=high).contains(&&byte)) != *inverse
            }
        }
    }
}

/// A set whose opening bracket was read, and what follows its closing one.
fn set(text: &[u8]) -> Option<(Piece, &[u8])> {
    let (inverse, mut rest) = match text.split_first() {
        Some((b'!' | b'^', after)) => (true, after),
        _ => (false, text),
    };
    let mut ranges = Vec::new();
    loop {
        if let Some((class, after)) = class(rest) {
            ranges.extend(class);
            rest = after;
            continue;
        }
        let (&low, after) = rest.split_first()?;
        // A closing bracket in the first place stands for itself.
        if low == b']' && !ranges.is_empty() {
            return Some((Piece::Set { inverse, ranges: ranges.into() }, after));
        }
        let (low, after) = if low == b'\\' {
            let (&escaped, after) = after.split_first()?;
            (escaped, after)
        } else {
            (low, after)
        };
        match after {
            [b'-', high, after @ ..] if *high != b']' => {
                ranges.push((low, *high));
                rest = after;
            }
            after => {
                ranges.push((low, low));
                rest = after;
            }
        }
    }
}

/// The bytes of a class that stands in a set, such as `[:alpha:]`, and what follows it.
fn class(text: &[u8]) -> Option<(Ranges, &[u8])> {
    let text = text.strip_prefix(b"[:")?;
    CLASSES.iter().find_map(|(name, ranges)| {
        let after = text.strip_prefix(name.as_bytes())?.strip_prefix(b":]")?;
        Some((*ranges, after))
    })
}

/// The first and the last byte of each.
type Ranges = &'static [(u8, u8)];

/// The classes of POSIX and their bytes of ASCII.
const CLASSES: [(&str, Ranges); 12] = [
    ("alnum", &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')]),
    ("alpha", &[(b'A', b'Z'), (b'a', b'z')]),
    ("blank", &[(b' ', b' '), (b'\t', b'\t')]),
    ("cntrl", &[(0, 31), (127, 127)]),
    ("digit", &[(b'0', b'9')]),
    ("graph", &[(33, 126)]),
    ("lower", &[(b'a', b'z')]),
    ("print", &[(32, 126)]),
    ("punct", &[(33, 47), (58, 64), (91, 96), (123, 126)]),
    ("space", &[(b' ', b' '), (9, 13)]),
    ("upper", &[(b'A', b'Z')]),
    ("xdigit", &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')]),
];

/// The part of a range that are letters of one case, in the other case.
fn other_case(low: u8, high: u8, lower: bool) -> (u8, u8) {
    let (first, last) = if lower { (b'a', b'z') } else { (b'A', b'Z') };
    let (low, high) = (low.max(first), high.min(last));
    let turn = |byte: u8| if lower { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
    // An empty range stays one.
    if low > high { (1, 0) } else { (turn(low), turn(high)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_fnmatch_does() {
        let cases = [
            ("/proc*", "/proc/1/root", true),
            ("/proc*", "/pro", false),
            ("*../*../*", "/var/../../etc/shadow", true),
            ("*../*../*", "/var/../etc/shadow", false),
            ("/home/*/.ssh/*", "/home/a/b/.ssh/id", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]]", "]", true),
            ("[[:alpha:]_]*", "_x", true),
            ("[[:alpha:]_]*", "x", true),
            ("[[:alpha:]_]*", "1", false),
            ("*[![:print:][:space:]]*", "a\u{1b}b", true),
            ("*[![:print:][:space:]]*", "a b\n", false),
            ("[[:none:]]", ":]", true),
            ("[abc", "[abc", true),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("**", "", true),
            ("", "", true),
            ("", "a", false),
            ("*a*b*c", "xxaxxbxxbxxc", true),
            ("A", "a", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(
                Glob::new(pattern.as_bytes()).matches(text.as_bytes()),
                expected,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn patterns_without_case() {
        for (pattern, text, expected) in [
            ("aB*", "AbX", true),
            ("[a-c]?", "BQ", true),
            ("[X-c]", "A", true),
            ("[0-9]", "a", false),
        ] {
            let glob = Glob::without_case(pattern.as_bytes());
            assert_eq!(glob.matches(text.as_bytes()), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "*a".repeat(200);
        let text = "a".repeat(20_000) + "b";
        assert!(!Glob::new(pattern.as_bytes()).matches(text.as_bytes()));
    }
}
