//! How charts are rendered: what `helm template` calls it, where that is free.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

const HEADING: &str = "Charts";

/// What `helm` is told of every chart that is met.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Charts {
    /// Values of charts: a file of YAML, the later ones winning. Repeatable
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    pub(crate) values: Vec<PathBuf>,
    /// A value of charts, which wins over files: image.tag=1.2. Repeatable
    #[arg(long, value_name = "KEY=VALUE", help_heading = HEADING)]
    pub(crate) set: Vec<String>,
    /// The same, always taken for a text. Repeatable
    #[arg(long, value_name = "KEY=VALUE", help_heading = HEADING)]
    pub(crate) set_string: Vec<String>,
    /// Name of the release that charts are rendered for
    #[arg(long, value_name = "NAME", help_heading = HEADING)]
    pub(crate) release_name: Option<String>,
    /// Namespace that charts are rendered for
    #[arg(long, value_name = "NAME", help_heading = HEADING)]
    pub(crate) release_namespace: Option<String>,
    /// Version of Kubernetes that charts are rendered for, and whose rules hold: 1.34; without it helm's
    /// own, and the newest that is known
    #[arg(long, value_name = "VERSION", help_heading = HEADING)]
    pub(crate) kube_version: Option<KubeVersion>,
}

/// A version of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KubeVersion {
    pub(crate) text: String,
    pub(crate) minor: u16,
}

impl Charts {
    /// Whether anything is told.
    pub(crate) const fn is_empty(&self) -> bool {
        self.values.is_empty()
            && self.set.is_empty()
            && self.set_string.is_empty()
            && self.release_name.is_none()
            && self.release_namespace.is_none()
    }
}

impl FromStr for KubeVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let minor = match (parts.next(), parts.next()) {
            (Some("1"), Some(minor)) => minor.parse().ok(),
            _ => None,
        };
        let patch = parts.next();
        let is_patch = patch.is_none_or(|patch| patch.starts_with(|it: char| it.is_ascii_digit()));
        match minor {
            Some(minor) if is_patch => Ok(Self { text: text.to_owned(), minor }),
            _ => Err("write it as 1.34 or 1.34.2".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_kubernetes() {
        for (text, minor) in [("1.34", 34), ("v1.25.3", 25), ("1.30.4-eks-1", 30)] {
            assert_eq!(text.parse::<KubeVersion>().unwrap().minor, minor, "{text}");
        }
        for text in ["", "34", "2.1", "1.x", "1.34.", "1.34.x"] {
            assert!(text.parse::<KubeVersion>().is_err(), "{text}");
        }
    }
}
