//! Platforms of images.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Operating system, processor architecture and its variant (OCI image index, `platform`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Platform {
    /// `linux`, `windows`.
    pub os: String,
    /// `amd64`, `arm64`.
    pub architecture: String,
    /// `v7`, `v8`; empty where none is named.
    pub variant: String,
}

/// Which platforms of an image are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlatformChoice {
    /// Linux on this machine's architecture; the only one there is, where there is only one.
    Host,
    /// This one.
    Named(Platform),
    /// Every one.
    All,
}

impl Platform {
    /// Linux on the architecture that this program was built for.
    pub fn host() -> Self {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            "x86" => "386",
            "powerpc64" => "ppc64le",
            other => other,
        };
        Self { os: "linux".into(), architecture: architecture.into(), variant: String::new() }
    }

    /// Whether an image for `other` is what is asked for by this: a variant that is not named fits
    /// any, and `v8` is what arm64 means.
    pub fn accepts(&self, other: &Self) -> bool {
        let plain =
            |platform: &Self| match (platform.architecture.as_str(), platform.variant.as_str()) {
                ("arm64", "v8") => String::new(),
                (_, variant) => variant.to_owned(),
            };
        self.os == other.os
            && self.architecture == other.architecture
            && (plain(self).is_empty() || plain(self) == plain(other))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known =
            |text: &str| if text.is_empty() { "unknown".to_owned() } else { text.to_owned() };
        write!(formatter, "{}/{}", known(&self.os), known(&self.architecture))?;
        if self.variant.is_empty() { Ok(()) } else { write!(formatter, "/{}", self.variant) }
    }
}

/// The text is no platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no platform: expected OS/ARCHITECTURE[/VARIANT] such as linux/arm64, or all")]
pub struct PlatformError(pub String);

impl FromStr for PlatformChoice {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "all" {
            return Ok(Self::All);
        }
        let parts: Vec<&str> = text.split('/').collect();
        let (os, architecture, variant) = match *parts.as_slice() {
            [os, architecture] => (os, architecture, ""),
            [os, architecture, variant] => (os, architecture, variant),
            _ => return Err(PlatformError(text.to_owned())),
        };
        if os.is_empty() || architecture.is_empty() {
            return Err(PlatformError(text.to_owned()));
        }
        let lower = str::to_ascii_lowercase;
        Ok(Self::Named(Platform {
            os: lower(os),
            architecture: lower(architecture),
            variant: lower(variant),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(text: &str) -> Platform {
        match text.parse() {
            Ok(PlatformChoice::Named(platform)) => platform,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn variants_fit_where_none_is_asked_for() {
        let fits = |wanted: &str, there: &str| platform(wanted).accepts(&platform(there));
        assert!(fits("linux/arm", "linux/arm/v7"));
        assert!(fits("linux/arm64", "linux/arm64/v8"));
        assert!(fits("linux/arm64/v8", "linux/arm64"));
        assert!(!fits("linux/arm/v6", "linux/arm/v7"));
        assert!(!fits("linux/amd64", "windows/amd64"));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "linux", "linux/", "/amd64", "a/b/c/d"] {
            assert!(text.parse::<PlatformChoice>().is_err(), "{text}");
        }
    }
}
