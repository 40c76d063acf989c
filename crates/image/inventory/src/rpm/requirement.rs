//! Names in what packages require (rpm's reference manual, "Dependencies" and "Boolean
//! Dependencies").

/// Conditions nest; rpm's own packages do so twice at most.
const DEEPEST: usize = 32;

/// The names that one requirement asks for. Versions are left out: what is installed was found
/// consistent by rpm. Of a condition (`if`, `unless`) and an exclusion (`without`) only what is
/// asked for counts, not what it depends on. Features of rpm itself are no packages.
pub(super) fn names(requirement: &str) -> Vec<String> {
    if requirement.starts_with("rpmlib(") {
        return Vec::new();
    }
    if !requirement.starts_with('(') {
        return vec![requirement.to_owned()];
    }
    let mut names = Vec::new();
    let mut depth = 0_usize;
    // How deep the expression lies whose rest is a condition.
    let mut condition: Option<usize> = None;
    let mut is_version = false;
    for word in words(requirement) {
        match word {
            "(" => depth = depth.saturating_add(1),
            ")" => {
                if condition == Some(depth) {
                    condition = None;
                }
                depth = depth.saturating_sub(1);
            }
            "if" | "unless" | "without" => condition = condition.or(Some(depth)),
            "else" if condition == Some(depth) => condition = None,
            "and" | "or" | "with" | "else" => {}
            "<" | "<=" | "=" | ">=" | ">" => is_version = true,
            _ if is_version => is_version = false,
            name if condition.is_none() => names.push(name.to_owned()),
            _ => {}
        }
        if depth > DEEPEST {
            break;
        }
    }
    names
}

/// Words and parentheses. Parentheses inside a name belong to it: `libc.so.6(GLIBC_2.34)(64bit)`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let end = match rest.chars().next()? {
            '(' | ')' => 1,
            _ => end_of_word(rest),
        };
        let (word, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(word)
    })
}

fn end_of_word(text: &str) -> usize {
    let mut open = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' => open = open.saturating_add(1),
            ')' if open == 0 => return at,
            ')' => open = open.saturating_sub(1),
            ' ' => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_is_asked_for() {
        let check = |requirement: &str, expected: &[&str]| {
            assert_eq!(names(requirement), expected, "{requirement}");
        };
        check("bash", &["bash"]);
        check("/bin/sh", &["/bin/sh"]);
        check("libc.so.6(GLIBC_2.34)(64bit)", &["libc.so.6(GLIBC_2.34)(64bit)"]);
        check("rpmlib(CompressedFileNames)", &[]);
        check("(a or b >= 1.0)", &["a", "b"]);
        check("(a if b)", &["a"]);
        check("(a if b else c)", &["a", "c"]);
        check("((a if b) and c)", &["a", "c"]);
        check("(a = 1:2-3 with a(x) < 4)", &["a", "a(x)"]);
        check("(a without (b or c))", &["a"]);
        check("((a(x)(64bit) and b) unless c)", &["a(x)(64bit)", "b"]);
        check("(", &[]);
        check("(a", &["a"]);
        check("(a >=", &["a"]);
    }
}
