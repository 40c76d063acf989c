//! What to say of words that other languages, or people, have where this one has others.

/// Where an operator is expected: what to write instead of `found` and what follows on it.
pub(super) fn of_operator(rest: &str) -> Option<String> {
    let mut words = rest.split(|next: char| next.is_whitespace() || next == '(');
    let found = words.next()?.to_ascii_lowercase();
    let quantified = found.strip_suffix("_any").or_else(|| found.strip_suffix("_anyof"));
    Some(match found.as_str() {
        "not" => {
            let operator = words.find(|word| !word.is_empty()).unwrap_or("in");
            format!("`not` stands before the field: `not proc.name {operator} …`")
        }
        "matches" | "match" | "like" | "~" | "=~" => {
            "`regex` takes a regular expression, `glob` a pattern of shells".to_owned()
        }
        "is" | "equals" | "eq" => "write `=`".to_owned(),
        "ne" | "<>" => "write `!=`".to_owned(),
        _ => format!("write `{} anyof (…)`", quantified?),
    })
}

/// Where one value is expected.
pub(super) fn of_value(rest: &str, operator: &str) -> Option<String> {
    rest.starts_with('(').then(|| format!("`{operator} anyof (…)` takes several values"))
}

/// Of a backslash in quotes that begins no escape.
pub(super) const ESCAPE: &str =
    r"a backslash of a pattern is written twice, `\\.`; a set like `[.]` does without";
