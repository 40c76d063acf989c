//! requirements.txt (the requirements file format in pip's documentation). Files that it includes
//! are read on their own.

use serde::{Deserialize, Serialize};

use super::origin::vcs_url;
use super::requirement::Requirement;
use crate::locked::{Lock, Locked};
use crate::reading::{Fault, Parsed, text};

/// What one file asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Requirements {
    /// What it names with one version, or with its own address.
    pub(super) lock: Lock,
    /// Names of those that leave the version to whoever installs them.
    pub(super) open: Vec<String>,
    /// Files and addresses whose requirements it has, too, as it names them.
    pub(super) included: Vec<String>,
}

pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Requirements>> {
    let content = utf16(bytes);
    let content = content.as_deref().map_or_else(|| text(bytes), Into::into);
    let mut requirements = Requirements::default();
    let mut odd = Vec::new();
    for (number, line) in lines(&content) {
        if requirements.line(&line).is_none() {
            odd.push(number);
        }
    }
    let faults = odd.first().map(|first| {
        let others = odd.len().saturating_sub(1);
        Fault::malformed(format!("line {first} is no requirement, nor are {others} further lines"))
    });
    let says_nothing = requirements == Requirements::default();
    Parsed { value: (!says_nothing).then_some(requirements), faults: faults.into_iter().collect() }
}

/// Some shells write UTF-16 when output is redirected; pip reads it by its byte order mark.
fn utf16(bytes: &[u8]) -> Option<String> {
    let (unit, rest): (fn([u8; 2]) -> u16, _) = match bytes.split_at_checked(2)? {
        (b"\xff\xfe", rest) => (u16::from_le_bytes, rest),
        (b"\xfe\xff", rest) => (u16::from_be_bytes, rest),
        _ => return None,
    };
    let units: Vec<u16> = rest.as_chunks().0.iter().map(|pair| unit(*pair)).collect();
    Some(String::from_utf16_lossy(&units))
}

/// Lines without comments, those joined that a backslash continues, with the number of the first.
fn lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut continued = false;
    for (number, line) in (1_usize..).zip(text.lines()) {
        let line = match line.find('#') {
            Some(0) => "",
            Some(_) => line.split_once(" #").or(line.split_once("\t#")).map_or(line, |cut| cut.0),
            None => line,
        };
        let line = line.trim_end();
        let (part, more) = match line.strip_suffix('\\') {
            Some(part) => (part, true),
            None => (line, false),
        };
        match lines.last_mut().filter(|_| continued) {
            Some((_, whole)) => whole.push_str(part),
            None => lines.push((number, part.to_owned())),
        }
        continued = more;
    }
    lines
}

impl Requirements {
    /// None where the line is none of the format.
    fn line(&mut self, line: &str) -> Option<()> {
        let line = line.trim();
        let option = |forms: [&str; 3]| forms.iter().find_map(|form| line.strip_prefix(form));
        if let Some(included) = option(["-r", "--requirement ", "--requirement="]) {
            self.included.push(included.trim().to_owned());
            return Some(());
        }
        let editable = option(["-e ", "--editable ", "--editable="]);
        if line.is_empty() || (editable.is_none() && line.starts_with('-')) {
            return Some(());
        }
        let line = editable.unwrap_or(line).trim();
        // Options of one requirement, such as its digests.
        let line = line.split(" --").next().unwrap_or(line).trim();
        if let Some(address) = bare_address(line) {
            self.lock.packages.extend(from_address(None, address));
            return Some(());
        }
        let requirement = Requirement::parse(line)?;
        if let Some(address) = requirement.address() {
            self.lock.packages.extend(from_address(Some(requirement.name), address));
            return Some(());
        }
        let specifier = requirement.specifier;
        if !specifier.is_empty() && !specifier.starts_with(['=', '<', '>', '~', '!']) {
            return None;
        }
        match requirement.pinned() {
            Some(version) => self.lock.packages.push(Locked {
                name: requirement.name.to_owned(),
                version: version.to_owned(),
                ..Locked::default()
            }),
            None => self.open.push(requirement.name.to_owned()),
        }
        Some(())
    }
}

/// A requirement that is an address or a path; its marker cut off.
fn bare_address(line: &str) -> Option<&str> {
    let line = line.split(" ;").next().unwrap_or(line).trim();
    let archive = [".whl", ".tar.gz", ".zip", ".tar.bz2"].iter().any(|end| line.ends_with(end));
    let before_at = line.split('@').next().unwrap_or(line);
    let is_address = before_at.contains("://")
        || line.starts_with(['.', '/', '~', '$'])
        || (archive && !line.contains(" @") && !line.contains("=="));
    is_address.then_some(line)
}

/// The package behind an address: named by the requirement, by `#egg=`, or by the archive's own
/// file name. None where nothing names it, as for a folder.
fn from_address(name: Option<&str>, address: &str) -> Option<Locked> {
    let (location, fragment) = address.split_once('#').unwrap_or((address, ""));
    let egg = fragment.split('&').find_map(|part| part.strip_prefix("egg="));
    let egg = egg.map(|egg| egg.split('[').next().unwrap_or(egg));
    let file = archive(location);
    let name = name.or(egg).or(file.map(|(name, _)| name)).filter(|name| !name.is_empty())?;
    let version = file.map_or("", |(_, version)| version);
    let mut package = Locked {
        name: name.to_owned(),
        version: version.to_owned(),
        repository: vcs_url(location),
        ..Locked::default()
    };
    package.property("python:direct_url", crate::address::without_user(location));
    Some(package)
}

/// Name and version in the file name of a wheel (PEP 427) or of a source distribution (PEP 625).
fn archive(location: &str) -> Option<(&str, &str)> {
    let path = location.split('?').next().unwrap_or(location);
    let file = path.rsplit('/').next().unwrap_or(path);
    if let Some(wheel) = file.strip_suffix(".whl") {
        let mut parts = wheel.split('-');
        return Some((parts.next()?, parts.next()?));
    }
    let suffixes = [".tar.gz", ".zip", ".tar.bz2"];
    let stem = suffixes.iter().find_map(|suffix| file.strip_suffix(suffix))?;
    let (name, version) = stem.rsplit_once('-')?;
    version.starts_with(|c: char| c.is_ascii_digit()).then_some((name, version))
}
