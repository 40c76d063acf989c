//! Go's order: module versions (golang.org/ref/mod#versions) and those of the tool chain
//! (`go1.21rc2`, in the order of internal/gover).
//!
//! Both are put into one order, so that a tool chain compares with the semantic versions in which
//! the Go vulnerability database writes them: `go1.21rc2` is `1.21.0-rc.2`, and `go1.21`, which
//! since that version names the language and not a release, comes before all of its pre-releases.

use std::cmp::Ordering;

use super::dotted;
use super::semver;
use crate::digits;

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let (left, right) = (Version::read(left), Version::read(right));
    dotted::compare_padded(left.core, right.core).then_with(|| match (left.pre, right.pre) {
        (Some(left), Some(right)) => {
            semver::compare_identifiers(left.identifiers(), right.identifiers(), <[u8]>::cmp)
        }
        (left, right) => left.is_none().cmp(&right.is_none()),
    })
}

/// Whether `semver.IsValid` or `version.IsValid` of Go accepts the text.
pub(super) fn is_valid(text: &[u8]) -> bool {
    if let Some(toolchain) = text.strip_prefix(b"go") {
        let (core, label, number) = split_toolchain(toolchain);
        let length = core.len().saturating_add(label.len()).saturating_add(number.len());
        let parts = if label.is_empty() { 1..=3 } else { 2..=2 };
        return toolchain.get(length).is_none_or(|&byte| byte == b'-')
            && parts.into_iter().any(|parts| semver::is_core(core, parts));
    }
    let Some(version) = text.strip_prefix(b"v") else { return false };
    let semver::Version { core, pre, build, .. } = semver::Version::read(version);
    let is_short = pre.is_none() && build.is_none();
    version.starts_with(core)
        && version.get(core.len()).is_none_or(|byte| b"-+".contains(byte))
        && (semver::is_core(core, 3)
            || is_short && (1..3).any(|parts| semver::is_core(core, parts)))
        && pre.is_none_or(|pre| semver::is_identifiers(pre) && semver::has_no_padded_number(pre))
        && build.is_none_or(semver::is_identifiers)
}

struct Version<'a> {
    core: &'a [u8],
    pre: Option<Pre<'a>>,
}

#[derive(Clone, Copy)]
enum Pre<'a> {
    /// Identifiers between dots.
    Module(&'a [u8]),
    /// `rc2`: a label and a number; both empty for the language's version.
    Toolchain { label: &'a [u8], number: &'a [u8] },
}

impl<'a> Version<'a> {
    fn read(text: &'a [u8]) -> Self {
        let Some(toolchain) = text.strip_prefix(b"go") else {
            let semver::Version { core, pre, .. } = semver::Version::read(text);
            return match pre.map(split_label) {
                Some((label, number)) if is_toolchain_label(text, core, label) => {
                    Self { core, pre: Some(Pre::Toolchain { label, number }) }
                }
                _ => Self { core, pre: pre.map(Pre::Module) },
            };
        };
        let (core, label, number) = split_toolchain(toolchain);
        let is_release = label.is_empty() && !is_language(core);
        Self { core, pre: (!is_release).then_some(Pre::Toolchain { label, number }) }
    }
}

impl<'a> Pre<'a> {
    fn identifiers(self) -> impl Iterator<Item = &'a [u8]> {
        let (module, toolchain) = match self {
            Self::Module(text) => (text, [&[][..]; 2]),
            Self::Toolchain { label, number } => (&[][..], [label, number]),
        };
        let toolchain = toolchain.into_iter().filter(|identifier| !identifier.is_empty());
        semver::identifiers(module).chain(toolchain)
    }
}

/// Whether a label stands right after the numbers, as in `1.21rc2`.
fn is_toolchain_label(text: &[u8], core: &[u8], label: &[u8]) -> bool {
    text.starts_with(core) && text.get(core.len()) == label.first() && is_known(label)
}

fn is_known(label: &[u8]) -> bool {
    label == b"rc" || label == b"beta"
}

/// Numbers, label and number of a pre-release; what a vendor adds after a hyphen is left out.
fn split_toolchain(text: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let (core, rest) = digits::split_while(text, |byte| byte.is_ascii_digit() || byte == b'.');
    let (label, number) = split_label(rest);
    (core, label, number)
}

fn split_label(text: &[u8]) -> (&[u8], &[u8]) {
    let (label, rest) = digits::split_while(text, |byte| byte.is_ascii_lowercase());
    (label, digits::split(rest).0)
}

/// From 1.21 on two numbers name the language, and the first release is `1.21.0`.
fn is_language(core: &[u8]) -> bool {
    let mut parts = core.split(|&byte| byte == b'.');
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    parts.next().is_none()
        && (major, minor) != (b"1", b"")
        && digits::compare(major, b"1").then_with(|| digits::compare(minor, b"21")).is_ge()
}
