//! The lists of packages that Microsoft leaves in images without a database, one line a package, by
//! `rpm -qa`: `container-manifest-1` in its usual form, `container-manifest-2` with
//! `--qf '%{NAME}\t%{VERSION}-%{RELEASE}\t%{INSTALLTIME}\t%{BUILDTIME}\t%{VENDOR}\t%{EPOCH}\t%{SIZE}\t%{ARCH}\t%{EPOCHNUM}\t%{SOURCERPM}'`.

use super::package::{Installed, known};
use crate::reading::{Fault, Parsed, text};

/// The packages of either list.
pub(super) fn parse(bytes: &[u8]) -> Parsed<Vec<Installed>> {
    let mut parsed = Parsed::<Vec<Installed>>::default();
    for line in text(bytes).lines().map(str::trim).filter(|line| !line.is_empty()) {
        let package = if line.contains('\t') { of_fields(line) } else { of_name(line) };
        match package {
            Some(package) => parsed.value.push(package),
            None if parsed.faults.is_empty() => {
                parsed.faults.push(Fault::malformed("a line that names no package"));
            }
            None => {}
        }
    }
    parsed
}

/// Older lists lack `EPOCHNUM`, so the source package is looked for from the end.
fn of_fields(line: &str) -> Option<Installed> {
    let fields: Vec<&str> = line.split('\t').map(known).collect();
    let [name, version, _, _, vendor, epoch, _, architecture, .., source] = fields.as_slice()
    else {
        return None;
    };
    let (version, release) = version.rsplit_once('-')?;
    Some(Installed {
        epoch: epoch.parse().ok(),
        architecture: (*architecture).to_owned(),
        source: (*source).to_owned(),
        vendor: (*vendor).to_owned(),
        ..named(name, version, release)?
    })
}

/// `name-version-release.architecture`.
fn of_name(line: &str) -> Option<Installed> {
    let (rest, architecture) = line.rsplit_once('.')?;
    let (rest, release) = rest.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    Some(Installed { architecture: architecture.to_owned(), ..named(name, version, release)? })
}

fn named(name: &str, version: &str, release: &str) -> Option<Installed> {
    let named = !name.is_empty() && !version.is_empty();
    named.then(|| Installed {
        name: name.to_owned(),
        version: version.to_owned(),
        release: release.to_owned(),
        ..Installed::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_packages() {
        let parsed = parse(
            b"a-lib\t1.0-2.cm2\t1\t2\tMicrosoft Corporation\t(none)\t3\tx86_64\t0\ta-1.0-2.cm2.src.rpm\n\
              b\t2-1\t1\t2\tMicrosoft Corporation\t3\t4\tnoarch\tb-2-1.src.rpm\n\
              c-tool-1.2-3.cm2.x86_64\n\nnonsense\n\t\t\n",
        );
        assert_eq!(parsed.faults.len(), 1);
        let shown = parsed.value.iter().map(|package| {
            let source = package.source_package().map(|source| format!(" from {}", source.name));
            let version = package.full_version();
            format!(
                "{}@{version} {}{}",
                package.name,
                package.architecture,
                source.unwrap_or_default()
            )
        });
        assert_eq!(
            shown.collect::<Vec<_>>(),
            ["a-lib@1.0-2.cm2 x86_64 from a", "b@3:2-1 noarch from b", "c-tool@1.2-3.cm2 x86_64"]
        );
    }
}
