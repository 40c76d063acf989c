//! Names that Falco's own rule files give to macros and lists.

/// A section's name in brackets, then names with blanks between; `#` begins a comment.
const NAMES: &str = include_str!("../../../../content/falco-names.txt");

/// What to say where a file builds on Falco's without naming it.
pub(crate) const HINT: &str = "Falco's own rules define it: name their file before this one, as in `falco_rules.yaml this.yaml`";

/// Whether Falco's own files have a macro of this name.
pub(crate) fn has_macro(name: &str) -> bool {
    has("[macros]", name)
}

/// Whether Falco's own files have a list of this name.
pub(crate) fn has_list(name: &str) -> bool {
    has("[lists]", name)
}

fn has(wanted: &str, name: &str) -> bool {
    let mut section = "";
    let lines = NAMES.lines().filter(|line| !line.starts_with('#'));
    for word in lines.flat_map(str::split_whitespace) {
        if word.starts_with('[') {
            section = word;
        } else if section == wanted && word == name {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        assert!(has_macro("spawned_process") && !has_list("spawned_process"));
        assert!(has_list("shell_binaries") && !has_macro("shell_binaries"));
        assert!(!has_macro("[macros]") && !has_macro("Falco's"));
    }

    #[test]
    fn the_names_of_the_files_at_hand_are_known() {
        let Some(files) = bulkhead_testing::data("fixtures/falco-rules") else { return };
        for file in bulkhead_testing::files_below(&files) {
            let text = fs_err::read_to_string(&file).unwrap();
            for line in text.lines() {
                let name =
                    |kind: &str| line.strip_prefix(kind).map(|name| name.trim().trim_matches('"'));
                let known = name("- macro: ").is_none_or(has_macro)
                    && name("- list: ").is_none_or(has_list);
                assert!(known, "{}: {line}", file.display());
            }
        }
    }
}
