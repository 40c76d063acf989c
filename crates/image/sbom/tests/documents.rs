//! The specification's own cases and real documents of other tools.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use bulkhead_limits::{Budget, Limits};
use bulkhead_model::{NotAssessedReason, PackageType};
use bulkhead_sbom::{Bom, SbomError, cyclonedx};

fn read(text: &str) -> Result<Bom, SbomError> {
    cyclonedx::read(text.as_bytes(), &Budget::new(Limits::DEFAULT))
}

/// Calls `visit` with every JSON document of an archive of the test data.
fn each_document(archive: &str, visit: impl Fn(&Path, &[u8])) {
    let Some(archive) = bulkhead_testing::data(archive) else { return };
    let Some(tar) = bulkhead_testing::tool("tar") else { return };
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new(tar).arg("xzf").arg(archive).current_dir(folder.path()).status();
    assert!(status.unwrap().success());
    let files = bulkhead_testing::files_below(folder.path());
    let documents: Vec<_> =
        files.iter().filter(|path| path.extension().is_some_and(|it| it == "json")).collect();
    assert!(!documents.is_empty(), "an archive without documents");
    for path in documents {
        visit(path.strip_prefix(folder.path()).unwrap(), &fs_err::read(path).unwrap());
    }
}

/// The package URLs of known types of an object and of all below its `components`, by a walk over the
/// plain JSON.
fn urls_in<'a>(value: &'a serde_json::Value, urls: &mut BTreeSet<&'a str>) {
    let own = value.get("purl").and_then(|purl| purl.as_str());
    urls.extend(own.filter(|purl| bulkhead_sbom::purl::read(purl).is_ok()).map(str::trim));
    let inner = value.get("components").and_then(|inner| inner.as_array());
    inner.into_iter().flatten().for_each(|inner| urls_in(inner, urls));
}

#[test]
fn every_package_of_every_valid_document_is_read() {
    for archive in ["fixtures/cyclonedx-spec-cases.tar.gz", "fixtures/cyclonedx-examples.tar.gz"] {
        each_document(archive, |path, bytes| {
            if path.file_name().unwrap().to_string_lossy().contains("invalid") {
                return;
            }
            let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
            if value.get("bomFormat").is_none() {
                return;
            }
            let bom = cyclonedx::read(bytes, &Budget::new(Limits::DEFAULT))
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let mut expected = BTreeSet::new();
            urls_in(&value, &mut expected);
            let read: BTreeSet<&str> =
                bom.inventory.packages.iter().map(|package| package.purl.trim()).collect();
            let missing: Vec<_> = expected.difference(&read).collect();
            assert!(missing.is_empty(), "{}: {missing:?} are not read", path.display());
            // Only the component that the document is about may come from elsewhere.
            if let Some(subject) = value.pointer("/metadata/component") {
                urls_in(subject, &mut expected);
            }
            let invented: Vec<_> = read.difference(&expected).collect();
            assert!(invented.is_empty(), "{}: {invented:?} are not there", path.display());
        });
    }
}

#[test]
fn invalid_documents_are_read_as_far_as_they_go() {
    each_document("fixtures/cyclonedx-spec-cases.tar.gz", |path, bytes| {
        let Err(error) = cyclonedx::read(bytes, &Budget::new(Limits::DEFAULT)) else { return };
        assert!(
            matches!(error, SbomError::Format { .. } | SbomError::Syntax { .. }),
            "{}: {error}",
            path.display()
        );
        assert!(error.hint().is_some());
    });
}

#[test]
fn a_document_of_syft_gives_sources_and_files() {
    let bom = read(
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
            {"type": "operating-system", "name": "debian", "version": "12"},
            {"type": "library", "bom-ref": "a", "name": "libssl3", "version": "3.0.9-1",
             "purl": "pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&upstream=openssl&distro=debian-12",
             "properties": [{"name": "syft:location:0:path", "value": "/var/lib/dpkg/status"}]}]}"#,
    )
    .unwrap();
    let system = bom.inventory.operating_system.unwrap();
    assert_eq!(system.scope.unwrap().to_string(), "debian:12");
    let package = &bom.inventory.packages[0];
    assert_eq!(package.package_type, PackageType::Deb);
    assert_eq!(package.source.as_ref().unwrap().name, "openssl");
    assert_eq!(package.locations[0].to_string(), "var/lib/dpkg/status");
    assert_eq!(bom.problems, []);
}

#[test]
fn a_document_of_trivy_gives_sources_layers_and_relations() {
    let diff_id = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let text = format!(
        r#"{{"bomFormat": "CycloneDX", "specVersion": "1.5",
        "metadata": {{"component": {{"type": "container", "name": "x",
            "properties": [{{"name": "aquasecurity:trivy:DiffID", "value": "{diff_id}"}}]}}}},
        "components": [
            {{"type": "library", "bom-ref": "a", "name": "libc-bin", "version": "2.36-9",
              "purl": "pkg:deb/debian/libc-bin@2.36-9?distro=debian-12.1",
              "properties": [
                {{"name": "aquasecurity:trivy:SrcName", "value": "glibc"}},
                {{"name": "aquasecurity:trivy:SrcEpoch", "value": "1"}},
                {{"name": "aquasecurity:trivy:SrcVersion", "value": "2.36"}},
                {{"name": "aquasecurity:trivy:SrcRelease", "value": "9"}}]}},
            {{"type": "library", "bom-ref": "b", "group": "@x", "name": "y", "version": "1",
              "purl": "pkg:npm/%40x/y@1", "properties": [
                {{"name": "aquasecurity:trivy:FilePath", "value": "app/package.json"}},
                {{"name": "aquasecurity:trivy:LayerDiffID", "value": "{diff_id}"}}]}}],
        "dependencies": [{{"ref": "b", "dependsOn": ["a", "nowhere"]}}]}}"#
    );
    let bom = read(&text).unwrap();
    let system = bom.inventory.operating_system.as_ref().unwrap();
    assert_eq!(system.scope.as_ref().unwrap().to_string(), "debian:12");
    let [system_package, language] = &bom.inventory.packages[..] else { panic!("{bom:?}") };
    assert_eq!(system_package.source.as_ref().unwrap().version, "1:2.36-9");
    assert_eq!(language.name, "@x/y");
    assert_eq!(language.locations[0].layer.as_ref().unwrap().index, 0);
    assert_eq!(bom.inventory.relations.len(), 1);
}

#[test]
fn what_a_document_cannot_say_is_named() {
    let bom = read(
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
            {"type": "library", "name": "no-url", "version": "1"},
            {"type": "library", "name": "x", "purl": "pkg:swid/Acme/x@1"},
            {"type": "library", "name": "lodash", "purl": "pkg:npm/lodash"},
            {"type": "file", "name": "a file is no package"},
            "no component at all", {"type": 7, "purl": ["no text"]}]}"#,
    )
    .unwrap();
    let mut causes: Vec<_> = bom
        .not_assessed
        .iter()
        .map(|part| match &part.reason {
            NotAssessedReason::Document { cause } => (cause.as_str(), part.count),
            other => panic!("{other:?}"),
        })
        .collect();
    causes.sort_unstable();
    assert_eq!(
        causes,
        [
            ("components without a package URL", 1),
            ("package URLs of type \"swid\", which this version does not know", 1),
            ("packages without a version", 1),
        ]
    );
}

/// An inventory is one of a single system; the release of one would speak about the packages of another.
#[test]
fn packages_of_another_system_are_left_out() {
    let bom = read(
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
            {"type": "library", "name": "a", "purl": "pkg:deb/debian/a@1?distro=debian-12"},
            {"type": "library", "name": "b", "purl": "pkg:deb/debian/b@1?distro=debian-12.5"},
            {"type": "library", "name": "c", "purl": "pkg:deb/debian/c@1"},
            {"type": "library", "name": "d", "purl": "pkg:deb/debian/d@1?distro=debian-11"},
            {"type": "library", "name": "e", "purl": "pkg:rpm/redhat/e@1-1?distro=rhel-8.6"},
            {"type": "library", "name": "f", "purl": "pkg:npm/f@1?distro=debian-11"}]}"#,
    )
    .unwrap();
    let names: Vec<&str> =
        bom.inventory.packages.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "f"]);
    let [part] = &bom.not_assessed[..] else { panic!("{:?}", bom.not_assessed) };
    assert_eq!(part.count, 2);
}

#[test]
fn other_documents_are_refused_with_what_they_are() {
    for (text, message) in [
        ("", "not a JSON document: EOF while parsing a value at line 1, column 0"),
        ("[]", "not a CycloneDX document: no JSON object"),
        ("{}", "not a CycloneDX document: a JSON object without bomFormat"),
        (r#"{"spdxVersion": "SPDX-2.3"}"#, "not a CycloneDX document: an SPDX document"),
        ("<bom/>", "not a JSON document: expected value at line 1, column 1"),
    ] {
        let error = read(text).unwrap_err();
        assert_eq!(error.to_string(), message, "{text}");
        assert!(error.hint().is_some(), "{text}");
    }
    let deep = "[".repeat(100_000);
    assert!(matches!(read(&deep), Err(SbomError::Syntax { .. })));
    let many = "{".repeat(2_000_001);
    assert!(matches!(read(&many), Err(SbomError::Objects { .. })));
}
