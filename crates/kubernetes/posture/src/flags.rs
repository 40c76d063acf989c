//! Command lines of control plane components and kubelets.

/// The flags of a command line, in order: `--name=value`, `--name value` and `--name`.
#[derive(Debug, Clone, Default)]
pub struct Flags<'a> {
    words: Vec<Word<'a>>,
}

/// A word of a command line and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'a> {
    /// The word.
    pub text: &'a str,
    /// The list of the container that it stands in: `command`, `args` or `env`.
    pub list: &'static str,
    /// Its position there.
    pub position: usize,
}

/// The value of a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag<'a> {
    /// What it is set to; `true` where it stands alone.
    pub value: &'a str,
    /// Where it is set.
    pub word: Word<'a>,
}

impl<'a> Flags<'a> {
    /// The flags among `words`.
    pub const fn new(words: Vec<Word<'a>>) -> Self {
        Self { words }
    }

    /// The flags of a command line as the process list shows it.
    pub fn of_command_line(line: &'a str) -> Self {
        let words = line.split_whitespace().enumerate();
        Self::new(words.map(|(position, text)| Word { text, list: "command", position }).collect())
    }

    /// The flag of this name, without dashes. The last one counts, as `pflag` has it; `_` and `-` are
    /// the same to Kubernetes components.
    pub fn get(&self, name: &str) -> Option<Flag<'a>> {
        let mut found = None;
        for (index, word) in self.words.iter().enumerate() {
            let Some(text) = word.text.strip_prefix("--").or_else(|| word.text.strip_prefix('-'))
            else {
                continue;
            };
            let (own, value) = match text.split_once('=') {
                Some((own, value)) => (own, Some(value)),
                None => (text, None),
            };
            if !same_name(own.trim(), name) {
                continue;
            }
            // A value in a word of its own is no flag itself.
            let next = self.words.get(index + 1).filter(|next| !next.text.starts_with('-'));
            let value = value.or(next.map(|next| next.text)).unwrap_or("true");
            found = Some(Flag { value: value.trim_matches(['"', '\'']), word: *word });
        }
        found
    }
}

impl<'a> Flag<'a> {
    /// The elements of a list separated by commas.
    pub fn elements(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.value.split(',').map(str::trim).filter(|element| !element.is_empty())
    }

    /// Whether the list has the element.
    pub fn has(&self, element: &str) -> bool {
        self.elements().any(|own| own == element)
    }

    /// The value as `strconv.ParseBool` reads it.
    pub fn truth(&self) -> Option<bool> {
        match self.value {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
            _ => None,
        }
    }

    /// The value as a whole number.
    pub fn number(&self) -> Option<i64> {
        self.value.parse().ok()
    }
}

fn same_name(own: &str, name: &str) -> bool {
    own.len() == name.len()
        && own.bytes().zip(name.bytes()).all(|(own, name)| {
            let own = if own == b'_' { b'-' } else { own };
            own == name
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read_as_the_components_do() {
        let line = "kube-apiserver --a=1 --a=2 --b x,y --c --d_e=f -v=4";
        let flags = Flags::of_command_line(line);
        let value = |name: &str| flags.get(name).map(|flag| flag.value);
        assert_eq!(value("a"), Some("2"), "the last one counts");
        assert_eq!(value("b"), Some("x,y"));
        assert!(flags.get("b").unwrap().has("y"));
        assert_eq!(flags.get("c").unwrap().truth(), Some(true));
        assert_eq!(value("d-e"), Some("f"));
        assert_eq!(flags.get("v").unwrap().number(), Some(4));
        assert_eq!(value("kube-apiserver"), None);
    }
}
