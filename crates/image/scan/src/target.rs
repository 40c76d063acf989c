//! What the text of a target names.

use std::io;
use std::path::{Path, PathBuf};

use bulkhead_registry::{Reference, RegistryError};

use crate::ScanError;

/// A target, understood; nothing of it was read but what kind of file a bare path is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TargetReference {
    /// A folder with an OCI image layout.
    Layout { path: PathBuf, tag: Option<String> },
    /// A tar file with an image in it, of either form.
    Archive { kind: &'static str, path: PathBuf, tag: Option<String> },
    /// An image in a registry.
    Registry(Reference),
    /// An image in containerd's store, by one of its names there.
    Containerd(String),
    /// An unpacked root file system: what is installed in it.
    RootFileSystem(PathBuf),
    /// A project: what its manifests and lock files name, and what is installed in it.
    Project(PathBuf),
    /// A software bill of materials.
    Document(PathBuf),
    /// A package URL.
    Package(String),
}

impl TargetReference {
    /// Reads `scheme:rest`, or looks at what lies at a bare path (one that starts with `/` or `.`).
    pub(crate) fn parse(target: &str) -> Result<Self, ScanError> {
        let wrong = |cause| ScanError::Target { target: target.to_owned(), cause };
        let not_built = |place| ScanError::NotBuilt { target: target.to_owned(), place };
        if target.starts_with(['/', '.']) {
            return recognise(Path::new(target));
        }
        if target.is_empty() {
            return Err(wrong("it is empty"));
        }
        let registry = |name: &str| match name.parse() {
            Ok(reference) => Ok(Self::Registry(reference)),
            Err(RegistryError::Reference { cause, .. }) => Err(wrong(cause)),
            Err(error) => Err(error.into()),
        };
        let Some((scheme, rest)) = target.split_once(':') else { return registry(target) };
        if rest.is_empty() {
            return Err(wrong("nothing follows the scheme"));
        }
        Ok(match scheme {
            "oci-dir" => {
                let (path, tag) = split_tag(rest);
                Self::Layout { path, tag }
            }
            "oci-archive" | "docker-archive" => {
                let kind = if scheme == "oci-archive" { "oci-archive" } else { "docker-archive" };
                let (path, tag) = split_tag(rest);
                Self::Archive { kind, path, tag }
            }
            "rootfs" => Self::RootFileSystem(rest.into()),
            "dir" => Self::Project(rest.into()),
            "sbom" => Self::Document(rest.into()),
            "purl" => Self::Package(rest.to_owned()),
            "pkg" => Self::Package(target.to_owned()),
            "docker" => return Err(not_built("the Docker daemon")),
            "podman" => return Err(not_built("Podman's storage")),
            // A host of that name with its port is none.
            "containerd" if !starts_with_port(rest) => Self::Containerd(rest.to_owned()),
            "registry" if !starts_with_port(rest) => registry(rest)?,
            // References of which the colon is part: `alpine:3.18`.
            _ => registry(target)?,
        })
    }

    /// The scheme, as reports show it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Layout { .. } => "oci-dir",
            Self::Archive { kind, .. } => kind,
            Self::Registry(_) => "registry",
            Self::Containerd(_) => "containerd",
            Self::RootFileSystem(_) => "rootfs",
            Self::Project(_) => "dir",
            Self::Document(_) => "sbom",
            Self::Package(_) => "purl",
        }
    }
}

/// `5000/app`, as behind the name of a host.
fn starts_with_port(rest: &str) -> bool {
    let port = rest.split_once('/').map(|(port, _)| port);
    port.is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The longest path that exists before a colon, or as a whole; what follows is the tag, which may
/// be a whole name with colons of its own.
fn split_tag(rest: &str) -> (PathBuf, Option<String>) {
    let part = |end: usize| Some((rest.get(..end)?, rest.get(end..)?));
    let colons = rest.rmatch_indices(':').map(|(position, _)| position);
    let mut parts = std::iter::once(rest.len()).chain(colons).filter_map(part);
    let there = parts.find(|(path, _)| Path::new(path).try_exists().unwrap_or(false));
    // Where nothing exists the path is what should have been there, for the message.
    let absent = || rest.find(':').and_then(part).filter(|(_, tag)| !tag.contains('/'));
    match there.or_else(absent) {
        Some((path, tag)) if tag != ":" => (path.into(), tag.strip_prefix(':').map(str::to_owned)),
        _ => (rest.into(), None),
    }
}

/// What lies at a bare path. Its name says nothing: only its content does.
fn recognise(path: &Path) -> Result<TargetReference, ScanError> {
    let metadata = fs_err::metadata(path).map_err(ScanError::Open)?;
    if metadata.is_dir() {
        let is_layout = path.join("oci-layout").try_exists().unwrap_or(false);
        return Ok(if is_layout {
            TargetReference::Layout { path: path.to_owned(), tag: None }
        } else {
            TargetReference::Project(path.to_owned())
        });
    }
    // What is no file is refused later: opening a FIFO would wait for somebody to write into it.
    let is_document =
        metadata.is_file() && first_byte(path).map_err(ScanError::Open)? == Some(b'{');
    Ok(if is_document {
        TargetReference::Document(path.to_owned())
    } else {
        TargetReference::Archive { kind: "archive", path: path.to_owned(), tag: None }
    })
}

/// The first byte that is no white space or byte order mark: no archive begins with a brace.
fn first_byte(path: &Path) -> io::Result<Option<u8>> {
    let mut start = [0; 64];
    let count = io::Read::read(&mut fs_err::File::open(path)?, &mut start)?;
    let start = start.get(..count).unwrap_or_default();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    Ok(start.iter().copied().find(|byte| !byte.is_ascii_whitespace()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_name_the_kind() {
        for (text, kind) in [
            ("oci-dir:/nowhere:latest", "oci-dir"),
            ("oci-archive:a.tar", "oci-archive"),
            ("docker-archive:a.tar:app:1.0", "docker-archive"),
            ("rootfs:/", "rootfs"),
            ("dir:.", "dir"),
            ("containerd:alpine:3.18", "containerd"),
            ("containerd:5000/app", "registry"),
            ("sbom:bom.json", "sbom"),
            ("purl:pkg:npm/lodash@4.17.4", "purl"),
            ("pkg:npm/lodash@4.17.4", "purl"),
        ] {
            assert_eq!(TargetReference::parse(text).unwrap().kind(), kind, "{text}");
        }
    }

    #[test]
    fn tags_follow_paths() {
        let layout = TargetReference::parse("oci-dir:/nowhere/a:b").unwrap();
        let (path, tag) = ("/nowhere/a".into(), Some("b".to_owned()));
        assert_eq!(layout, TargetReference::Layout { path, tag });
        let layout = TargetReference::parse("oci-dir:/nowhere:1/a").unwrap();
        assert_eq!(layout, TargetReference::Layout { path: "/nowhere:1/a".into(), tag: None });
    }

    #[test]
    fn tags_may_be_whole_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| format!("{}/{name}", folder.path().display());
        fs_err::write(path("a.tar"), "").unwrap();
        fs_err::write(path("b:1.tar"), "").unwrap();
        let check = |text: &str, file: &str, tag: Option<&str>| {
            let reference = TargetReference::parse(&format!("docker-archive:{}", path(text)));
            let (path, tag) = (path(file).into(), tag.map(str::to_owned));
            let expect = TargetReference::Archive { kind: "docker-archive", path, tag };
            assert_eq!(reference.unwrap(), expect, "{text}");
        };
        check("a.tar", "a.tar", None);
        check("a.tar:1.0", "a.tar", Some("1.0"));
        check("a.tar:app:1.0", "a.tar", Some("app:1.0"));
        check("a.tar:host:5000/app:1.0", "a.tar", Some("host:5000/app:1.0"));
        check("b:1.tar", "b:1.tar", None);
        check("b:1.tar:app:1.0", "b:1.tar", Some("app:1.0"));
        check("absent.tar:app:1.0", "absent.tar", Some("app:1.0"));
        check("a.tar:", "a.tar:", None);
    }

    #[test]
    fn what_has_no_scheme_is_in_a_registry() {
        for (text, name) in [
            ("alpine", "docker.io/library/alpine:latest"),
            ("alpine:3.18", "docker.io/library/alpine:3.18"),
            ("registry:alpine", "docker.io/library/alpine:latest"),
            ("registry:ghcr.io/a/b:1", "ghcr.io/a/b:1"),
            ("registry:5000/app", "registry:5000/app:latest"),
            ("localhost:5000/app", "localhost:5000/app:latest"),
        ] {
            let reference = TargetReference::parse(text).unwrap();
            assert_eq!(reference.kind(), "registry", "{text}");
            let expect = TargetReference::Registry(name.parse().unwrap());
            assert_eq!(reference, expect, "{text}");
        }
    }

    #[test]
    fn mistakes_say_what_to_do() {
        for text in ["", "rootfs:", "oci-dri:/nowhere", "Alpine", "docker:alpine"] {
            assert!(TargetReference::parse(text).unwrap_err().hint().is_some(), "{text}");
        }
    }
}
