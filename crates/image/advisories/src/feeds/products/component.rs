//! What a component of a product is called.

/// Architectures, as the last part of a package's file name.
const ARCHITECTURES: [&str; 24] = [
    "aarch64",
    "aarch64_ilp32",
    "armv6hl",
    "armv7hl",
    "i386",
    "i486",
    "i586",
    "i686",
    "ia64",
    "loongarch64",
    "noarch",
    "nosrc",
    "ppc",
    "ppc64",
    "ppc64le",
    "ppc64p7",
    "riscv64",
    "s390",
    "s390x",
    "src",
    "sw_64",
    "x86_64",
    "x86_64_v2",
    "amd64",
];

/// A package, and the build of it that is meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::feeds) struct Component {
    pub(in crate::feeds) name: String,
    /// Epoch, version and release; none where the component is meant in all versions.
    pub(in crate::feeds) version: Option<String>,
    pub(in crate::feeds) architecture: Option<String>,
    /// Module and stream.
    pub(in crate::feeds) module: Option<String>,
}

impl Component {
    /// Reads the name of a build: `name-epoch:version-release.architecture`, where publishers leave
    /// out the epoch or the architecture, and put `.rpm` and the module behind (`::ruby:3.1`,
    /// `-ruby:2.5`).
    pub(in crate::feeds) fn of_build(text: &str) -> Self {
        let text = text.trim();
        let (text, module) = match text.split_once("::").or_else(|| text.split_once(".rpm-")) {
            Some((text, module)) => (text, stream(module)),
            None => (text, None),
        };
        let text = text.strip_suffix(".rpm").unwrap_or(text);
        let (text, architecture) = match text.rsplit_once('.') {
            Some((rest, last)) if ARCHITECTURES.contains(&last) => (rest, Some(last.to_owned())),
            _ => (text, None),
        };
        let parts = text.rsplit_once('-').and_then(|(rest, release)| {
            let (name, version) = rest.rsplit_once('-')?;
            Some((name, version, release))
        });
        let Some((name, version, release)) = parts else {
            return Self { name: text.to_owned(), version: None, architecture, module };
        };
        let version = version.strip_prefix("0:").unwrap_or(version);
        let version = Some(format!("{version}-{release}"));
        Self { name: name.to_owned(), version, architecture, module }
    }

    /// Reads the package URL of a package: `pkg:rpm/redhat/libtiff?arch=src`.
    pub(in crate::feeds) fn of_purl(purl: &str) -> Self {
        let path = purl.split(['?', '#']).next().unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        let (name, version) = match last.split_once('@') {
            Some((name, version)) => (name, Some(decoded(version))),
            None => (last, None),
        };
        Self { name: decoded(name), version, ..Self::default() }.with_purl(Some(purl))
    }

    /// The same, of the module of another where it names none itself.
    pub(in crate::feeds) fn with_module_of(mut self, other: Self) -> Self {
        self.module = self.module.or(other.module);
        self
    }

    /// Reads the name of a package in all its versions, of a module where one stands before or behind
    /// it: `nodejs:18/nodejs`, `nodejs::nodejs:18`.
    pub(in crate::feeds) fn of_package(text: &str) -> Self {
        let text = text.trim();
        let (module, name) = match (text.split_once("::"), text.split_once('/')) {
            (Some((name, module)), _) | (None, Some((module, name))) => (stream(module), name),
            (None, None) => (None, text),
        };
        let (name, architecture) = match name.rsplit_once('.') {
            Some((rest, last)) if ARCHITECTURES.contains(&last) => (rest, Some(last.to_owned())),
            _ => (name, None),
        };
        Self { name: name.to_owned(), version: None, architecture, module }
    }

    /// The same with the epoch, the architecture and the module that its package URL tells, where the
    /// name has none.
    pub(in crate::feeds) fn with_purl(mut self, purl: Option<&str>) -> Self {
        let qualifier = |name| purl.and_then(|purl| qualifier(purl, name));
        if let (Some(epoch), Some(version)) =
            (qualifier("epoch=").filter(|epoch| *epoch != "0"), &self.version)
            && !version.contains(':')
        {
            self.version = Some(format!("{epoch}:{version}"));
        }
        self.architecture = self.architecture.or_else(|| qualifier("arch=").map(str::to_owned));
        self.module = self.module.or_else(|| qualifier("rpmmod=").and_then(stream));
        self
    }

    /// Whether it is what packages are built from: nothing installed.
    pub(super) fn is_source(&self) -> bool {
        matches!(self.architecture.as_deref(), Some("src" | "nosrc"))
    }
}

/// Whether a package URL is that of a package of the distribution: neither of another kind, nor packed
/// for a bundle of applications (flatpak), which is a module without a stream.
pub(in crate::feeds) fn is_package(purl: &str) -> bool {
    let module = qualifier(purl, "rpmmod=");
    purl.starts_with("pkg:rpm/") && module.is_none_or(|module| stream(module).is_some())
}

/// The value of a qualifier, whose name ends in the sign before it.
fn qualifier<'p>(purl: &'p str, name: &str) -> Option<&'p str> {
    let (_, qualifiers) = purl.split_once('?')?;
    qualifiers.split(['&', '#']).find_map(|part| part.strip_prefix(name))
}

/// What stands for a text of a package URL, in which bytes may be written as `%2B`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let byte = after
            .get(..2)
            .filter(|_| first == b'%')
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Name and stream of a module, without its version and context.
pub(in crate::feeds) fn stream(module: &str) -> Option<String> {
    let mut parts = module.trim().split(':');
    let (name, stream) = (parts.next()?, parts.next()?);
    (!name.is_empty() && !stream.is_empty()).then(|| format!("{name}:{stream}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(component: &Component) -> String {
        let parts = [&component.version, &component.architecture, &component.module];
        parts.into_iter().fold(component.name.clone(), |shown, part| {
            format!("{shown} {}", part.as_deref().unwrap_or("-"))
        })
    }

    #[test]
    fn builds_are_told_from_packages() {
        for (text, expected) in [
            ("tigervnc-0:1.13.1-3.el9_3.3.aarch64", "tigervnc 1.13.1-3.el9_3.3 aarch64 -"),
            ("bind-32:9.8.2-0.68.rc1.el6_10.17.i686", "bind 32:9.8.2-0.68.rc1.el6_10.17 i686 -"),
            ("vim-9.0-33.oe2203sp3.src.rpm", "vim 9.0-33.oe2203sp3 src -"),
            (
                "ruby-0:3.1.4-142.module+el8.9.0+21471+7d1e4a35.i686::ruby:3.1",
                "ruby 3.1.4-142.module+el8.9.0+21471+7d1e4a35 i686 ruby:3.1",
            ),
            (
                "ruby-2.5.9-111.module+el8.9.0+19193+435404ae.aarch64.rpm-ruby:2.5",
                "ruby 2.5.9-111.module+el8.9.0+19193+435404ae aarch64 ruby:2.5",
            ),
            (
                "samba-client-libs-4.19.4+git.339.acf1ccaa02-1.22",
                "samba-client-libs 4.19.4+git.339.acf1ccaa02-1.22 - -",
            ),
            ("kernel", "kernel - - -"),
        ] {
            assert_eq!(shown(&Component::of_build(text)), expected);
        }
        for (text, expected) in [
            ("libdcerpc-binding0-32bit", "libdcerpc-binding0-32bit - - -"),
            ("nodejs:18/nodejs", "nodejs - - nodejs:18"),
            ("nodejs.src::nodejs:18", "nodejs - src nodejs:18"),
            ("kernel.src", "kernel - src -"),
        ] {
            assert_eq!(shown(&Component::of_package(text)), expected);
        }
        let component = Component::of_build("perl-4:5.32.1-480.el9.x86_64");
        assert_eq!(component.clone().with_purl(Some("pkg:rpm/a@1?epoch=4")), component);
        let without = Component::of_build("perl-5.32.1-480.el9.x86_64");
        assert_eq!(without.with_purl(Some("pkg:rpm/redhat/perl@5?arch=x86_64&epoch=4")), component);
        for (purl, expected) in [
            ("pkg:rpm/redhat/libtiff", "libtiff - - -"),
            ("pkg:rpm/redhat/libstdc%2B%2B@4-1%zz?arch=src&epoch=2", "libstdc++ 2:4-1%zz src -"),
        ] {
            assert_eq!(shown(&Component::of_purl(purl)), expected);
        }
        let source = Component::of_package("nodejs");
        assert_eq!(
            shown(&source.with_purl(Some("pkg:rpm/redhat/nodejs?arch=src&rpmmod=nodejs:18"))),
            "nodejs - src nodejs:18"
        );
    }
}
