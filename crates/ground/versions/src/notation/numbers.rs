//! Numbers at the start of a version: what `^`, `~` and `*` work on.

use crate::{Scheme, digits};

/// The numbers that versions have in common, with what stands before them.
#[derive(Debug, Clone)]
pub(super) struct Numbers {
    /// `v`, or the epoch of PEP 440.
    prefix: String,
    numbers: Vec<String>,
}

/// What stands for many versions.
pub(super) enum Pattern {
    /// `*`
    Everything,
    /// All that begin with these numbers.
    Beginning(Numbers),
}

impl Numbers {
    /// The pattern that a version is: `1.2.*`, `1.x`, and for npm the incomplete `1.2`.
    pub(super) fn of_pattern(scheme: Scheme, version: &str) -> Option<Pattern> {
        let mut rest = version;
        while let Some(shorter) = rest.strip_suffix(['*', 'x', 'X']) {
            let before = shorter.strip_suffix('.');
            // `1.0.2x` is a version of its own, `1.2*` is a pattern.
            if before.is_none() && !shorter.is_empty() && !rest.ends_with('*') {
                break;
            }
            rest = before.unwrap_or(shorter);
            if before.is_none() {
                break;
            }
        }
        if rest.len() == version.len() {
            let is_pattern = is_npm(scheme) && Self::is_incomplete(scheme, version);
            return Self::at_start(scheme, version).filter(|_| is_pattern).map(Pattern::Beginning);
        }
        if rest.is_empty() {
            return Some(Pattern::Everything);
        }
        let numbers = Self::at_start(scheme, rest)?;
        (numbers.text() == rest).then_some(Pattern::Beginning(numbers))
    }

    /// The numbers that a version starts with; `None` where it starts with none.
    pub(super) fn at_start(scheme: Scheme, version: &str) -> Option<Self> {
        let unprefixed = match version.split_once('!') {
            Some((epoch, rest)) if scheme == Scheme::Pep440 && !epoch.is_empty() => rest,
            _ => version.trim_start_matches(['v', 'V', '=']),
        };
        let prefix_length = version.len().saturating_sub(unprefixed.len());
        let mut numbers = Vec::new();
        for part in unprefixed.split('.') {
            let (number, after) = digits::split(part.as_bytes());
            if number.is_empty() {
                break;
            }
            numbers.extend(part.get(..number.len()).map(str::to_owned));
            if !after.is_empty() {
                break;
            }
        }
        let prefix = version.get(..prefix_length)?.to_owned();
        (!numbers.is_empty()).then_some(Self { prefix, numbers })
    }

    /// Whether fewer numbers are given than a semantic version has, and nothing after them.
    pub(super) fn is_incomplete(scheme: Scheme, version: &str) -> bool {
        is_npm(scheme)
            && Self::at_start(scheme, version)
                .is_some_and(|numbers| numbers.len() < 3 && numbers.text() == version)
    }

    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// How many numbers there are through the first that is not zero; of zeros, all.
    pub(super) fn through_first_that_counts(&self) -> usize {
        let first = self.numbers.iter().position(|number| !digits::is_zero(number.as_bytes()));
        first.map_or(self.len(), |at| at.saturating_add(1))
    }

    /// Only the first of them.
    pub(super) fn first(&self, count: usize) -> Self {
        let numbers = self.numbers.iter().take(count).cloned().collect();
        Self { prefix: self.prefix.clone(), numbers }
    }

    /// With the last number one larger.
    pub(super) fn next(&self) -> Self {
        let mut next = self.clone();
        if let Some(last) = next.numbers.last_mut() {
            *last = digits::increment(last);
        }
        next
    }

    /// The version before all others that start with these numbers.
    pub(super) fn lowest(&self, scheme: Scheme) -> String {
        let lowest = match scheme {
            Scheme::Pep440 => ".dev0",
            Scheme::Gem => ".A",
            Scheme::Packagist => "-dev",
            Scheme::Maven => "-alpha",
            Scheme::Dpkg | Scheme::Rpm => "~",
            Scheme::Apk => "_alpha",
            Scheme::Cran | Scheme::Hackage | Scheme::Pacman => "",
            Scheme::Conan | Scheme::Bitnami => "-",
            Scheme::Npm | Scheme::Semver | Scheme::NuGet | Scheme::Pub | Scheme::Go => {
                let zeros = ".0".repeat(3_usize.saturating_sub(self.len()));
                return format!("{}{zeros}-0", self.text());
            }
        };
        format!("{}{lowest}", self.text())
    }

    fn text(&self) -> String {
        format!("{}{}", self.prefix, self.numbers.join("."))
    }
}

/// Whether an incomplete version is a pattern.
fn is_npm(scheme: Scheme) -> bool {
    matches!(scheme, Scheme::Npm | Scheme::Semver)
}
