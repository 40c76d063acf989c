//! Package URLs (purl specification, "How to parse a purl string"), read leniently: real documents
//! leave characters unencoded that the specification wants encoded.

use std::collections::BTreeMap;

use bulkhead_model::{Ecosystem, Inventory, Package, PackageType, SourcePackage};

use crate::{SbomError, distribution};

/// The package that a URL names. The URL itself is kept as it was written.
pub fn read(text: &str) -> Result<Package, SbomError> {
    let purl = Purl::parse(text)?;
    let package_type = purl
        .package_type()
        .ok_or_else(|| SbomError::PackageType { kind: shortened(&purl.kind) })?;
    Ok(Package {
        package_type,
        name: purl.package_name(package_type),
        version: purl.whole_version(),
        purl: text.trim().to_owned(),
        architecture: purl.qualifiers.get("arch").cloned(),
        source: purl.source(),
        licences: Vec::new(),
        locations: Vec::new(),
        properties: BTreeMap::new(),
    })
}

/// An inventory of the one package that a URL names, with the distribution that its `distro`
/// qualifier names.
pub fn inventory(text: &str) -> Result<Inventory, SbomError> {
    let package = read(text)?;
    let operating_system = Purl::parse(text).ok().and_then(|purl| purl.operating_system());
    Ok(Inventory { operating_system, packages: vec![package], relations: Vec::new() })
}

/// The components of a package URL, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Purl {
    pub(crate) kind: String,
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) qualifiers: BTreeMap<String, String>,
}

impl Purl {
    pub(crate) fn parse(text: &str) -> Result<Self, SbomError> {
        let error = |cause| SbomError::PackageUrl { text: shortened(text), cause };
        let (scheme, rest) = text.trim().split_once(':').ok_or(error("no scheme"))?;
        if !scheme.eq_ignore_ascii_case("pkg") {
            return Err(error("the scheme is not pkg"));
        }
        let rest = rest.trim_start_matches('/');
        let rest = rest.split_once('#').map_or(rest, |(before, _subpath)| before);
        let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, rest) = rest.split_once('/').ok_or(error("no name"))?;
        // An `@` before a further `/` belongs to an npm scope, not to a version.
        let (path, version) = match rest.rsplit_once('@') {
            Some((path, version)) if !version.contains('/') && !path.is_empty() => {
                (path, Some(version))
            }
            _ => (rest, None),
        };
        let path = path.trim_matches('/');
        let (namespace, name) =
            path.rsplit_once('/').map_or((None, path), |(before, name)| (Some(before), name));
        if kind.is_empty() || name.is_empty() {
            return Err(error("no name"));
        }
        Ok(Self {
            kind: kind.to_ascii_lowercase(),
            namespace: namespace.map(decode).filter(|namespace| !namespace.is_empty()),
            name: decode(name),
            version: version.map(decode).filter(|version| !version.is_empty()),
            qualifiers: qualifiers
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .filter(|(_, value)| !value.is_empty())
                .map(|(key, value)| (key.to_ascii_lowercase(), decode(value)))
                .collect(),
        })
    }

    pub(crate) fn package_type(&self) -> Option<PackageType> {
        PackageType::named(self.known_kind())
    }

    /// The type by the name that the specification gives it now.
    fn known_kind(&self) -> &str {
        match self.kind.as_str() {
            "alpine" => "apk",
            kind => kind,
        }
    }

    /// The name as packages of this type write it: the namespace is part of it in most language
    /// ecosystems, and names the distribution for system packages.
    pub(crate) fn package_name(&self, package_type: PackageType) -> String {
        match &self.namespace {
            Some(namespace) if !package_type.is_system() => {
                format!("{namespace}{}{}", name_separator(package_type), self.name)
            }
            _ => self.name.clone(),
        }
    }

    /// The version with its epoch, which stands in a qualifier of its own for rpm, and in some
    /// documents for deb.
    pub(crate) fn whole_version(&self) -> String {
        self.with_epoch(self.version.as_deref().unwrap_or_default())
    }

    /// A version that was written elsewhere, with the epoch where it has none.
    pub(crate) fn with_epoch(&self, version: &str) -> String {
        let epoch = self.qualifiers.get("epoch").filter(|_| matches!(&*self.kind, "rpm" | "deb"));
        match epoch {
            Some(epoch) if epoch != "0" && !version.is_empty() && !version.contains(':') => {
                format!("{epoch}:{version}")
            }
            _ => version.to_owned(),
        }
    }

    /// The operating system that the `distro` qualifier of a system package names.
    pub(crate) fn operating_system(&self) -> Option<bulkhead_model::OperatingSystem> {
        if !self.package_type()?.is_system() {
            return None;
        }
        distribution::from_qualifier(self.qualifiers.get("distro")?, self.namespace.as_deref())
    }

    /// The source package: `upstream=name@version`, which Syft and others write; for rpm the file's
    /// name, `upstream=bash-5.1.8-6.el9.src.rpm`.
    pub(crate) fn source(&self) -> Option<SourcePackage> {
        let upstream = self.qualifiers.get("upstream")?;
        if self.kind == "rpm" {
            let (name, version) = source_file(upstream)?;
            return Some(SourcePackage { name, version: self.with_epoch(&version) });
        }
        let (name, version) = upstream.split_once('@').map_or_else(
            || (upstream.as_str(), self.whole_version()),
            |(name, version)| (name, version.to_owned()),
        );
        Some(SourcePackage { name: name.to_owned(), version })
    }
}

/// Name and version of the source package whose file has this name.
pub(crate) fn source_file(file: &str) -> Option<(String, String)> {
    let (stem, _) = file.strip_suffix(".rpm")?.rsplit_once('.')?;
    let (rest, release) = stem.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    Some((name.to_owned(), format!("{version}-{release}")))
}

/// What stands between namespace and name in the names of an ecosystem.
pub(crate) fn name_separator(package_type: PackageType) -> char {
    if package_type == PackageType::Language(Ecosystem::Maven) { ':' } else { '/' }
}

/// Decodes `%XX`; a malformed escape stands for itself, and bytes that are no UTF-8 are replaced.
pub(crate) fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| tail.split_at_checked(2))
            .flatten()
            .and_then(|(digits, after)| Some((std::str::from_utf8(digits).ok()?, after)))
            .filter(|(digits, _)| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|(digits, after)| Some((u8::from_str_radix(digits, 16).ok()?, after)));
        let (byte, after) = escaped.unwrap_or((first, tail));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn shortened(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, package_type: &str, name: &str, version: &str) {
        let package = read(text).unwrap();
        assert_eq!(
            (package.package_type.name(), package.name.as_str(), package.version.as_str()),
            (package_type, name, version),
            "{text}"
        );
        assert_eq!(package.purl, text);
    }

    #[test]
    fn names_are_those_of_the_ecosystem() {
        check("pkg:npm/lodash@4.17.4", "npm", "lodash", "4.17.4");
        check("pkg:npm/%40babel/core@7.0.0", "npm", "@babel/core", "7.0.0");
        check("pkg:npm/@babel/core@7.0.0", "npm", "@babel/core", "7.0.0");
        check("pkg:npm/@babel/core", "npm", "@babel/core", "");
        check(
            "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar",
            "maven",
            "org.apache.logging.log4j:log4j-core",
            "2.14.1",
        );
        check(
            "pkg:golang/github.com/gogo/protobuf@v1.3.1#proto",
            "golang",
            "github.com/gogo/protobuf",
            "v1.3.1",
        );
        check("pkg:golang/stdlib@1.20.1", "golang", "stdlib", "1.20.1");
        check("pkg:deb/debian/zlib1g@1%3A1.2.11?arch=amd64", "deb", "zlib1g", "1:1.2.11");
        check("pkg:deb/debian/zlib1g@1:1.2.11%2Bx", "deb", "zlib1g", "1:1.2.11+x");
        check("pkg://gem/rails@5.0", "gem", "rails", "5.0");
    }

    /// The purl specification, type rpm: the epoch is a qualifier.
    #[test]
    fn epochs_are_part_of_versions() {
        check("pkg:rpm/redhat/vim@9.0-1?epoch=2&arch=i386", "rpm", "vim", "2:9.0-1");
        check("pkg:rpm/redhat/vim@9.0-1?epoch=0", "rpm", "vim", "9.0-1");
        check("pkg:deb/debian/vim@9.0.1378-2?epoch=2", "deb", "vim", "2:9.0.1378-2");
        check("pkg:deb/debian/vim@2:9.0.1378-2?epoch=2", "deb", "vim", "2:9.0.1378-2");
        let package = read("pkg:deb/debian/vim@9.0?epoch=2&upstream=vim-src").unwrap();
        assert_eq!(package.source.unwrap().version, "2:9.0");
    }

    #[test]
    fn a_distribution_and_a_source_are_read_from_the_qualifiers() {
        let text = "pkg:deb/debian/libssl1.1@1.1.1n?arch=arm64&distro=debian-11&upstream=openssl";
        let inventory = inventory(text).unwrap();
        let system = inventory.operating_system.unwrap();
        assert_eq!(system.scope.unwrap().to_string(), "debian:11");
        let package = &inventory.packages[0];
        assert_eq!(package.architecture.as_deref(), Some("arm64"));
        let source = package.source.as_ref().unwrap();
        assert_eq!((source.name.as_str(), source.version.as_str()), ("openssl", "1.1.1n"));
    }

    #[test]
    fn epoch_and_source_of_rpm_are_read_from_the_qualifiers() {
        let text = "pkg:rpm/rhel/bind-libs@9.16-1.el9?epoch=32&upstream=bind-9.16-1.el9.src.rpm";
        let package = read(text).unwrap();
        assert_eq!(package.version, "32:9.16-1.el9");
        let source = package.source.unwrap();
        assert_eq!((source.name.as_str(), source.version.as_str()), ("bind", "32:9.16-1.el9"));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "lodash", "npm:lodash", "pkg:npm", "pkg:npm/", "pkg:/lodash"] {
            assert!(matches!(read(text), Err(SbomError::PackageUrl { .. })), "{text}");
        }
        assert!(matches!(read("pkg:swid/Acme/x@1"), Err(SbomError::PackageType { .. })));
    }

    #[test]
    fn malformed_escapes_stand_for_themselves() {
        for (text, decoded) in [("%41", "A"), ("%4", "%4"), ("%zz", "%zz"), ("%ff", "\u{fffd}")] {
            assert_eq!(decode(text), decoded, "{text}");
        }
    }
}
