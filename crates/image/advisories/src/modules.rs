//! Modules of RPM distributions: sets of packages in streams, of which a system enables one.
//!
//! A package of a module and one of the same name outside of it, or of another stream, are built from
//! different sources with different versions; a statement about one says nothing about the other.

use bulkhead_model::{Package, PackageType};

/// The property in which the inventory keeps the label that rpm writes into a package of a module:
/// `name:stream:version:context`.
const LABEL: &str = "rpm:modularity";

/// What stands in a row for the packages of any module: the version tells that the package is of one,
/// nothing tells of which.
pub(crate) const ANY: &str = "*";

/// Whether a version is that of a package of a module. Builders of all distributions with modules mark
/// the release so: `1:18.12.1-1.module+el9.1.0.z+17326`, `2.4.37-43.module_el8.5.0+2597`.
pub(crate) fn is_modular(version: &str) -> bool {
    version.contains(".module+") || version.contains(".module_")
}

/// Modules and streams that a bulletin's title names: `nodejs:18 security update`, `virt:rhel and
/// virt-devel:rhel bug fix update`.
pub(crate) fn named(title: &str) -> Vec<String> {
    // `httpd:2.4/mod_http2` is a package of a module.
    let words = title.split([' ', ',']).filter_map(|word| word.split('/').next());
    let words = words.filter(|word| {
        let plain = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte))
        };
        word.split_once(':').is_some_and(|(name, stream)| plain(name) && plain(stream))
    });
    words.map(str::to_owned).collect()
}

/// The modules of a statement about these versions, whose bulletin names `named`: none where the
/// versions are not those of modular packages.
pub(crate) fn of_versions<'a>(
    mut versions: impl Iterator<Item = &'a str>,
    named: &[String],
) -> Vec<Option<String>> {
    match (versions.any(is_modular), named) {
        (false, _) => vec![None],
        (true, []) => vec![Some(ANY.to_owned())],
        (true, named) => named.iter().cloned().map(Some).collect(),
    }
}

/// Whether a statement about packages of `module` is about this one. A label decides; where a
/// package has none, its version tells whether it is of a module, and then of any.
pub(crate) fn concerns(module: Option<&str>, package: &Package) -> bool {
    if package.package_type != PackageType::Rpm {
        return module.is_none();
    }
    let label = package.properties.get(LABEL).map(String::as_str).filter(|label| !label.is_empty());
    match (module, label) {
        (None, label) => label.is_none() && !is_modular(&package.version),
        (Some(_), None) => is_modular(&package.version),
        (Some(ANY), Some(_)) => true,
        (Some(module), Some(label)) => {
            label.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_name_modules_with_their_streams() {
        for (title, expected) in [
            ("Moderate: nodejs:18 security, bug fix, and enhancement update", "nodejs:18"),
            ("virt:rhel and virt-devel:rhel bug fix update", "virt:rhel virt-devel:rhel"),
            ("python38:3.8, python38-devel:3.8 security update", "python38:3.8 python38-devel:3.8"),
            ("Important: httpd:2.4/mod_http2 security update", "httpd:2.4"),
            ("Important: firefox security update", ""),
            ("Low: a: b", ""),
        ] {
            assert_eq!(named(title).join(" "), expected, "{title}");
        }
    }

    #[test]
    fn versions_tell_of_modules() {
        for (version, expected) in [
            ("1:18.12.1-1.module+el9.1.0.z+17326+318294bb", true),
            ("2.4.37-43.module_el8.5.0+2597+c4b14997", true),
            ("1:3.0.7-16.el9_2", false),
            ("1.0-1.modules.el9", false),
        ] {
            assert_eq!(is_modular(version), expected, "{version}");
        }
    }
}
