//! A `NetworkPolicy` as YAML.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write as _};
use std::net::IpAddr;

use bulkhead_objects::Name;

use crate::Connections;
pub(super) use crate::Direction;

/// What is written of a policy.
pub(super) struct Manifest {
    pub(super) namespace: Name,
    pub(super) name: String,
    /// Of the pods that it is for; none means every pod of the namespace.
    pub(super) labels: Option<BTreeMap<Name, Name>>,
    pub(super) ingress: BTreeMap<Connections, Vec<Peer>>,
    pub(super) egress: BTreeMap<Connections, Vec<Peer>>,
}

/// A peer of a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Peer {
    Pods { namespace: Name, labels: BTreeMap<Name, Name> },
    Address(IpAddr),
}

impl Manifest {
    /// Nothing passes that no other policy allows.
    pub(super) fn isolating(namespace: &Name) -> Self {
        Self {
            namespace: namespace.clone(),
            name: "deny-what-was-not-observed".into(),
            labels: None,
            ingress: BTreeMap::new(),
            egress: BTreeMap::new(),
        }
    }
}

impl Display for Manifest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:")?;
        writeln!(
            out,
            "  name: {}\n  namespace: {}\nspec:",
            quoted(&self.name),
            quoted(&self.namespace)
        )?;
        match &self.labels {
            None => writeln!(out, "  podSelector: {{}}")?,
            Some(labels) => write!(out, "  podSelector:\n{}", Labels(labels, 4))?,
        }
        writeln!(out, "  policyTypes: [Ingress, Egress]")?;
        for (rules, key, peers_key) in
            [(&self.ingress, "ingress", "from"), (&self.egress, "egress", "to")]
        {
            if !rules.is_empty() {
                writeln!(out, "  {key}:")?;
            }
            for (connections, peers) in rules {
                writeln!(out, "  - {peers_key}:")?;
                for peer in peers {
                    write!(out, "{peer}")?;
                }
                writeln!(out, "    ports:")?;
                for (protocol, first, last) in connections.ranges() {
                    write!(out, "    - protocol: {}\n      port: {first}\n", protocol.name())?;
                    if last > first {
                        writeln!(out, "      endPort: {last}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl Display for Peer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => {
                let length = if address.is_ipv4() { 32 } else { 128 };
                writeln!(
                    out,
                    "    - ipBlock:\n        cidr: {}",
                    quoted(&format!("{address}/{length}"))
                )
            }
            Self::Pods { namespace, labels } => {
                let name = quoted(namespace);
                writeln!(out, "    - namespaceSelector:\n        matchLabels:")?;
                writeln!(out, "          {}: {name}", crate::classes::NAME_LABEL)?;
                write!(out, "      podSelector:\n{}", Labels(labels, 8))
            }
        }
    }
}

/// `matchLabels`, so far to the right.
struct Labels<'a>(&'a BTreeMap<Name, Name>, usize);

impl Display for Labels<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let indent = " ".repeat(self.1);
        if self.0.is_empty() {
            return writeln!(out, "{indent}matchLabels: {{}}");
        }
        writeln!(out, "{indent}matchLabels:")?;
        for (key, value) in self.0 {
            writeln!(out, "{indent}  {}: {}", quoted(key), quoted(value))?;
        }
        Ok(())
    }
}

/// A text that YAML may read as nothing else: plain where that is certain, else in quotes and ASCII.
fn quoted(text: &str) -> String {
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-./_".contains(&byte))
        && !["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
            .contains(&text.to_ascii_lowercase().as_str());
    if plain {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for letter in text.chars() {
        match (letter, u32::from(letter)) {
            ('"' | '\\', _) => out.extend(['\\', letter]),
            (' '..='~', _) => out.push(letter),
            (_, number) => {
                // YAML 1.2, 5.7 Escaped Characters.
                let _ = write!(out, "\\U{number:08x}");
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_where_they_could_be_read_as_something_else() {
        for (text, expected) in [
            ("shop-1.a/b", "shop-1.a/b"),
            ("", r#""""#),
            ("no", r#""no""#),
            ("1e3", r#""1e3""#),
            ("a: b", r#""a: b""#),
            ("a\"\\\n\u{7f}é", r#""a\"\\\U0000000a\U0000007f\U000000e9""#),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }
}
