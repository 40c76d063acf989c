//! Platforms of images.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Operating system, processor architecture and its variant (OCI image index, `platform`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Platform {
    /// `linux`, `windows`.
    pub os: String,
    /// `10.0.20348.2700`, of Windows; empty where none is named.
    pub os_version: String,
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
        Self { os: "linux".into(), architecture: architecture.into(), ..Self::default() }
    }

    /// Whether an image for `other` runs where this platform is asked for.
    pub fn accepts(&self, other: &Self) -> bool {
        self.distance(other).is_some()
    }

    /// How far an image for `other` is from what is asked for by this: the nearest one is what
    /// containerd would run (its package `platforms`). None where it would not run at all.
    ///
    /// A processor runs images for earlier variants, too. Where no variant is asked for, the usual
    /// one of the architecture is meant, then earlier ones, then any.
    pub(crate) fn distance(&self, other: &Self) -> Option<u32> {
        let same = self.os == other.os && self.architecture == other.architecture;
        // Several builds of one release of Windows differ in the last number alone.
        let within = other.os_version.strip_prefix(self.os_version.as_str());
        let within = within.is_some_and(|rest| {
            rest.is_empty() || self.os_version.is_empty() || rest.starts_with('.')
        });
        if !same || !within {
            return None;
        }
        let usual = usual_generation(&self.architecture);
        let wanted = generation(&self.variant, usual);
        let there = generation(&other.variant, usual);
        match (wanted, there) {
            (Some(wanted), Some(there)) if there <= wanted => Some(wanted.saturating_sub(there)),
            _ if self.variant == other.variant => Some(0),
            // Later variants, and those that have no order, behind all earlier ones.
            (_, there) if self.variant.is_empty() => Some(there.unwrap_or(u32::MAX).max(LATER)),
            _ => None,
        }
    }
}

/// More than any two variants of one architecture are apart.
const LATER: u32 = 1 << 20;

/// The variant that an architecture means where none is named, as in [`generation`].
fn usual_generation(architecture: &str) -> u32 {
    match architecture {
        "arm" => 7 << 8,
        "arm64" => 8 << 8,
        "amd64" => 1 << 8,
        _ => 0,
    }
}

/// `v7` and `v8.2` as numbers in their order.
fn generation(variant: &str, usual: u32) -> Option<u32> {
    if variant.is_empty() {
        return Some(usual);
    }
    let (major, minor) =
        variant.strip_prefix('v')?.split_once('.').unwrap_or((variant.strip_prefix('v')?, "0"));
    let (major, minor) = (major.parse::<u8>().ok()?, minor.parse::<u8>().ok()?);
    Some(u32::from(u16::from_be_bytes([major, minor])))
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known =
            |text: &str| if text.is_empty() { "unknown".to_owned() } else { text.to_owned() };
        let Self { os, os_version, architecture, variant } = self;
        formatter.write_str(&known(os))?;
        if !os_version.is_empty() {
            write!(formatter, "({os_version})")?;
        }
        write!(formatter, "/{}", known(architecture))?;
        if variant.is_empty() { Ok(()) } else { write!(formatter, "/{variant}") }
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
        let (os, os_version) = match os.strip_suffix(')').and_then(|os| os.split_once('(')) {
            Some((os, version)) => (os, version),
            None => (os, ""),
        };
        if os.is_empty() || architecture.is_empty() {
            return Err(PlatformError(text.to_owned()));
        }
        let lower = str::to_ascii_lowercase;
        Ok(Self::Named(Platform {
            os: lower(os),
            os_version: os_version.to_owned(),
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

    /// What is asked for, and what runs there: the best first.
    #[track_caller]
    fn check(wanted: &str, expect: &[&str]) {
        let wanted = platform(wanted);
        let mut there: Vec<Platform> = [
            "linux/386",
            "linux/amd64",
            "linux/amd64/v2",
            "linux/amd64/v3",
            "linux/arm/v5",
            "linux/arm/v6",
            "linux/arm/v7",
            "linux/arm/v8",
            "linux/arm64/v8",
            "linux/arm64/v8.2",
            "linux/ppc64le/power9",
            "windows(10.0.17763.5)/amd64",
            "windows(10.0.20348.7)/amd64",
        ]
        .map(platform)
        .to_vec();
        there.retain(|other| wanted.accepts(other));
        there.sort_by_key(|other| wanted.distance(other));
        let there: Vec<String> = there.iter().map(ToString::to_string).collect();
        assert_eq!(there, expect);
    }

    /// The order of containerd's `platforms.Only`; behind it what only somebody wants who names no
    /// variant and has nothing else.
    #[test]
    fn the_nearest_variant_is_preferred() {
        check("linux/arm", &["linux/arm/v7", "linux/arm/v6", "linux/arm/v5", "linux/arm/v8"]);
        check("linux/arm/v6", &["linux/arm/v6", "linux/arm/v5"]);
        check("linux/amd64", &["linux/amd64", "linux/amd64/v2", "linux/amd64/v3"]);
        check("linux/amd64/v3", &["linux/amd64/v3", "linux/amd64/v2", "linux/amd64"]);
        check("linux/arm64", &["linux/arm64/v8", "linux/arm64/v8.2"]);
        check("linux/arm64/v8", &["linux/arm64/v8"]);
        check("linux/ppc64le", &["linux/ppc64le/power9"]);
        check("linux/ppc64le/power9", &["linux/ppc64le/power9"]);
        check("linux/s390x", &[]);
    }

    #[test]
    fn versions_of_windows_are_told_apart() {
        let both = ["windows(10.0.17763.5)/amd64", "windows(10.0.20348.7)/amd64"];
        check("windows/amd64", &both);
        check("windows(10.0.17763)/amd64", &both[..1]);
        check("windows(10.0.20348.7)/amd64", &both[1..]);
        check("windows(10.0.2)/amd64", &[]);
    }

    #[test]
    fn a_variant_that_is_not_named_is_the_usual_one() {
        let fits = |wanted: &str, there: &str| platform(wanted).accepts(&platform(there));
        assert!(fits("linux/arm64/v8", "linux/arm64"));
        assert!(fits("linux/arm/v7", "linux/arm"));
        assert!(!fits("linux/arm/v6", "linux/arm"));
        assert!(!fits("linux/amd64", "windows/amd64"));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "linux", "linux/", "/amd64", "a/b/c/d"] {
            assert!(text.parse::<PlatformChoice>().is_err(), "{text}");
        }
    }
}
