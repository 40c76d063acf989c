//! Documents as other tools write them, in SPDX and in Syft's own form.

use bulkhead_limits::{Budget, Limits};
use bulkhead_model::{NotAssessedReason, PackageType, RelationKind};
use bulkhead_sbom::{Bom, SbomError};

const LAYER: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn read(text: &str) -> Result<Bom, SbomError> {
    bulkhead_sbom::read(text.as_bytes(), &Budget::new(Limits::DEFAULT))
}

fn causes(bom: &Bom) -> Vec<(&str, u64)> {
    fn cause(reason: &NotAssessedReason) -> &str {
        match reason {
            NotAssessedReason::Document { cause } => cause,
            other => panic!("{other:?}"),
        }
    }
    bom.not_assessed.iter().map(|part| (cause(&part.reason), part.count)).collect()
}

#[test]
fn spdx_of_syft_gives_files_sources_and_ownership() {
    let text = format!(
        r#"{{"spdxVersion": "SPDX-2.3", "packages": [
            {{"name": "image", "SPDXID": "SPDXRef-DocumentRoot-Image-image", "versionInfo": "1",
              "primaryPackagePurpose": "CONTAINER", "externalRefs": [{{"referenceCategory":
              "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:oci/image@1"}}]}},
            {{"name": "python3-yaml", "SPDXID": "SPDXRef-Package-deb", "versionInfo": "6.0-3+b2",
              "sourceInfo": "acquired package info from DPKG DB: /var/lib/dpkg/status",
              "licenseConcluded": "NOASSERTION", "licenseDeclared": "LicenseRef-Expat",
              "externalRefs": [{{"referenceCategory": "SECURITY", "referenceType": "cpe23Type",
                "referenceLocator": "cpe:2.3:a:x:x:1:*:*:*:*:*:*:*"}},
                {{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                "referenceLocator":
                "pkg:deb/debian/python3-yaml@6.0-3%2Bb2?arch=amd64&distro=debian-12&upstream=pyyaml%406.0-3"}}]}},
            {{"name": "PyYAML", "SPDXID": "SPDXRef-Package-python", "versionInfo": "6.0",
              "externalRefs": [{{"referenceCategory": "PACKAGE_MANAGER", "referenceType": "purl",
                "referenceLocator": "pkg:pypi/pyyaml@6.0"}}]}}],
            "files": [{{"fileName": "/usr/lib/PKG-INFO", "SPDXID": "SPDXRef-File-1",
              "comment": "layerID: {LAYER}"}}],
            "hasExtractedLicensingInfos": [{{"licenseId": "LicenseRef-Expat", "name": "Expat"}}],
            "relationships": [
              {{"spdxElementId": "SPDXRef-Package-deb", "relatedSpdxElement": "SPDXRef-Package-python",
                "relationshipType": "OTHER", "comment": "ownership-by-file-overlap: indicates that"}},
              {{"spdxElementId": "SPDXRef-Package-python", "relatedSpdxElement": "SPDXRef-File-1",
                "relationshipType": "OTHER", "comment": "evident-by: indicates"}},
              {{"spdxElementId": "SPDXRef-Package-deb", "relatedSpdxElement": "SPDXRef-Package-python",
                "relationshipType": "DEPENDENCY_OF"}},
              {{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                "relatedSpdxElement": "SPDXRef-DocumentRoot-Image-image"}}]}}"#
    );
    let bom = read(&text).unwrap();
    let inventory = &bom.inventory;
    let system = inventory.operating_system.as_ref().unwrap();
    assert_eq!(system.scope.as_ref().unwrap().to_string(), "debian:12");
    let [deb, python] = &inventory.packages[..] else { panic!("{bom:?}") };
    assert_eq!((deb.package_type, deb.version.as_str()), (PackageType::Deb, "6.0-3+b2"));
    let source = deb.source.as_ref().unwrap();
    assert_eq!((source.name.as_str(), source.version.as_str()), ("pyyaml", "6.0-3"));
    assert_eq!(deb.licences, ["Expat"]);
    assert_eq!((python.name.as_str(), python.version.as_str()), ("PyYAML", "6.0"));
    assert_eq!(python.locations[0].to_string(), "usr/lib/PKG-INFO");
    let kinds: Vec<_> = inventory.relations.iter().map(|it| (it.from.0, it.kind)).collect();
    assert_eq!(kinds, [(1, RelationKind::DependsOn), (1, RelationKind::OwnedBy)]);
    assert!(bom.target.as_ref().unwrap().image.is_some());
    assert_eq!((causes(&bom), bom.problems.len()), (vec![], 0));
}

#[test]
fn spdx_of_trivy_gives_sources_layers_and_the_system() {
    let text = format!(
        r#"{{"spdxVersion": "SPDX-2.3", "packages": [
            {{"name": "x.tar", "SPDXID": "SPDXRef-ContainerImage-1",
              "primaryPackagePurpose": "CONTAINER",
              "annotations": [{{"annotator": "Tool: trivy", "comment": "DiffID: {LAYER}"}}]}},
            {{"name": "alpine", "SPDXID": "SPDXRef-OperatingSystem-1", "versionInfo": "3.18.4",
              "primaryPackagePurpose": "OPERATING-SYSTEM"}},
            {{"name": "app/package-lock.json", "SPDXID": "SPDXRef-Application-1",
              "primaryPackagePurpose": "APPLICATION",
              "annotations": [{{"comment": "Class: lang-pkgs"}}]}},
            {{"name": "libcrypto3", "SPDXID": "SPDXRef-Package-1", "versionInfo": "3.1.4-r0",
              "sourceInfo": "built package from: openssl 3.1.4-r0",
              "externalRefs": [{{"referenceType": "purl",
                "referenceLocator": "pkg:apk/alpine/libcrypto3@3.1.4-r0?distro=3.18.4"}}],
              "attributionTexts": ["PkgID: libcrypto3@3.1.4-r0", "LayerDiffID: {LAYER}"]}},
            {{"name": "lodash", "SPDXID": "SPDXRef-Package-2", "versionInfo": "4.17.4",
              "externalRefs": [{{"referenceType": "purl",
                "referenceLocator": "pkg:npm/lodash@4.17.4"}}],
              "annotations": [{{"comment": "FilePath: app/package.json"}},
                {{"comment": "LayerDiffID: {LAYER}"}}]}}],
            "relationships": [{{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                "relatedSpdxElement": "SPDXRef-ContainerImage-1"}},
              {{"spdxElementId": "SPDXRef-Package-2", "relationshipType": "DEPENDS_ON",
                "relatedSpdxElement": "SPDXRef-Package-1"}}]}}"#
    );
    let bom = read(&text).unwrap();
    let system = bom.inventory.operating_system.as_ref().unwrap();
    assert_eq!(system.scope.as_ref().unwrap().to_string(), "alpine:3.18");
    let [apk, npm] = &bom.inventory.packages[..] else { panic!("{bom:?}") };
    assert_eq!(apk.source.as_ref().unwrap().name, "openssl");
    assert_eq!(npm.locations[0].to_string(), "app/package.json");
    assert_eq!(npm.locations[0].layer.as_ref().unwrap().index, 0);
    assert_eq!(bom.inventory.relations.len(), 1);
    assert_eq!((causes(&bom), bom.problems.len()), (vec![], 0));
}

#[test]
fn spdx_of_sbom_tool_is_read_without_its_own_root() {
    let text = r#"{"SPDXID": "SPDXRef-DOCUMENT", "spdxVersion": "SPDX-2.2", "files": [],
        "documentDescribes": ["SPDXRef-RootPackage"], "packages": [
        {"name": "Newtonsoft.Json", "SPDXID": "SPDXRef-Package-1", "versionInfo": "12.0.3",
         "downloadLocation": "NOASSERTION", "licenseConcluded": "NOASSERTION", "externalRefs": [
          {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
           "referenceLocator": "pkg:nuget/Newtonsoft.Json@12.0.3"}], "supplier": "NOASSERTION"},
        {"name": "tools", "SPDXID": "SPDXRef-Package-2", "versionInfo": "NOASSERTION"},
        {"name": "app", "SPDXID": "SPDXRef-RootPackage", "versionInfo": "1.0", "externalRefs": [
          {"referenceCategory": "PACKAGE_MANAGER", "referenceType": "purl",
           "referenceLocator": "pkg:swid/Contoso/sbom.contoso/app@1.0?tag_id=1"}]}]}"#;
    let bom = read(text).unwrap();
    assert_eq!(bom.target.as_ref().unwrap().name, "app");
    let [package] = &bom.inventory.packages[..] else { panic!("{bom:?}") };
    assert_eq!((package.name.as_str(), package.version.as_str()), ("Newtonsoft.Json", "12.0.3"));
    assert_eq!(causes(&bom), [("components without a package URL", 1)]);
}

#[test]
fn spdx_of_a_dependency_graph_has_requirements_for_versions() {
    let text = r#"{"sbom": {"spdxVersion": "SPDX-2.3", "packages": [
        {"SPDXID": "SPDXRef-1", "name": "npm:@babel/core", "versionInfo": "7.0.0", "externalRefs": [
          {"referenceType": "purl", "referenceLocator": "pkg:npm/%40babel/core@7.0.0"}]},
        {"SPDXID": "SPDXRef-2", "name": "pip:django", "versionInfo": ">= 3.0, < 4", "externalRefs": [
          {"referenceType": "purl", "referenceLocator": "pkg:pypi/django"}]},
        {"SPDXID": "SPDXRef-3", "name": "actions:actions/checkout", "versionInfo": "4.*.*",
         "externalRefs": [{"referenceType": "purl",
          "referenceLocator": "pkg:githubactions/actions/checkout@4.*.*"}]},
        {"SPDXID": "SPDXRef-r", "name": "com.github.a/b", "versionInfo": "main", "externalRefs": [
          {"referenceType": "purl", "referenceLocator": "pkg:github/a/b@main"}]}],
        "relationships": [{"relationshipType": "DESCRIBES", "spdxElementId": "SPDXRef-DOCUMENT",
          "relatedSpdxElement": "SPDXRef-r"}]}}"#;
    let bom = read(text).unwrap();
    let packages: Vec<_> =
        bom.inventory.packages.iter().map(|it| (&*it.name, &*it.version)).collect();
    assert_eq!(packages, [("@babel/core", "7.0.0"), ("django", "")]);
    let unknown = "package URLs of type \"githubactions\", which this version does not know";
    assert_eq!(causes(&bom), [(unknown, 1), ("packages without a version", 1)]);
}

#[test]
fn spdx_of_version_3_gives_packages_and_relations() {
    let text = r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
        {"type": "CreationInfo", "@id": "_:1", "specVersion": "3.0.1"},
        {"type": "SpdxDocument", "spdxId": "urn:d", "rootElement": ["urn:r"]},
        {"type": "software_Package", "spdxId": "urn:r", "name": "app",
         "software_primaryPurpose": "container"},
        {"type": "software_Package", "spdxId": "urn:a", "name": "curl",
         "software_packageVersion": "7.88.1-10",
         "software_packageUrl": "pkg:deb/debian/curl@7.88.1-10?distro=debian-12&upstream=curl"},
        {"type": "software_Package", "spdxId": "urn:b", "name": "lodash",
         "software_packageVersion": "4.17.4", "externalIdentifier": [{"type": "ExternalIdentifier",
           "externalIdentifierType": "packageUrl", "identifier": "pkg:npm/lodash@4.17.4"}]},
        {"type": "Relationship", "from": "urn:b", "relationshipType": "dependsOn", "to": ["urn:a"]},
        {"type": "Relationship", "from": "urn:b", "relationshipType": "hasDeclaredLicense",
         "to": ["urn:l"]},
        {"type": "simplelicensing_LicenseExpression", "spdxId": "urn:l",
         "simplelicensing_licenseExpression": "MIT"}]}"#;
    let bom = read(text).unwrap();
    let [curl, lodash] = &bom.inventory.packages[..] else { panic!("{bom:?}") };
    assert_eq!((curl.name.as_str(), curl.version.as_str()), ("curl", "7.88.1-10"));
    assert_eq!(lodash.licences, ["MIT"]);
    let system = bom.inventory.operating_system.as_ref().unwrap();
    assert_eq!(system.scope.as_ref().unwrap().to_string(), "debian:12");
    assert_eq!(bom.inventory.relations.len(), 1);
    assert!(bom.target.as_ref().unwrap().image.is_some());
    assert_eq!((causes(&bom), bom.problems.len()), (vec![], 0));
}

#[test]
fn syfts_own_form_says_almost_everything() {
    let text = format!(
        r#"{{"artifacts": [
            {{"id": "a", "name": "bind-libs", "version": "32:9.16.23-11.el9", "type": "rpm",
              "locations": [{{"path": "/var/lib/rpm/rpmdb.sqlite", "layerID": "{LAYER}"}}],
              "licenses": [{{"value": "MPLv2.0", "spdxExpression": "", "type": "declared"}}],
              "purl":
                "pkg:rpm/rhel/bind-libs@9.16.23-11.el9?arch=x86_64&distro=rhel-9.2&epoch=32&upstream=bind-9.16.23-11.el9.src.rpm",
              "metadata": {{"epoch": 32, "architecture": "x86_64", "modularityLabel": "m:1:2:3",
                "sourceRpm": "bind-9.16.23-11.el9.src.rpm"}}}},
            {{"id": "b", "name": "PyYAML", "version": "5.4.1", "type": "python", "locations": [],
              "licenses": ["MIT"], "purl": "pkg:pypi/PyYAML@5.4.1"}}],
            "artifactRelationships": [
              {{"parent": "a", "child": "b", "type": "ownership-by-file-overlap"}},
              {{"parent": "a", "child": "x", "type": "contains"}}],
            "source": {{"type": "image", "name": "x", "metadata": {{"userInput": "x:1",
              "imageID": "{LAYER}", "os": "linux", "architecture": "amd64", "tags": ["x:1"],
              "layers": [{{"digest": "{LAYER}", "size": 10}}]}}}},
            "distro": {{"prettyName": "Red Hat Enterprise Linux 9.2 (Plow)", "id": "rhel",
              "idLike": ["fedora"], "version": "9.2 (Plow)", "versionID": "9.2"}},
            "descriptor": {{"name": "syft"}}, "schema": {{"version": "16.1.4"}}}}"#
    );
    let bom = read(&text).unwrap();
    let system = bom.inventory.operating_system.as_ref().unwrap();
    assert_eq!(system.scope.as_ref().unwrap().to_string(), "rhel:9");
    assert_eq!(system.like, ["fedora"]);
    let [rpm, python] = &bom.inventory.packages[..] else { panic!("{bom:?}") };
    assert_eq!(rpm.version, "32:9.16.23-11.el9");
    assert_eq!(rpm.source.as_ref().unwrap().version, "32:9.16.23-11.el9");
    assert_eq!(rpm.properties["rpm:modularity"], "m:1:2:3");
    assert_eq!(rpm.locations[0].layer.as_ref().unwrap().index, 0);
    assert_eq!(python.licences, ["MIT"]);
    let [owned] = bom.inventory.relations[..] else { panic!("{bom:?}") };
    assert_eq!((owned.from.0, owned.kind, owned.to.0), (1, RelationKind::OwnedBy, 0));
    let image = bom.target.as_ref().unwrap().image.as_ref().unwrap();
    assert_eq!((image.platform.as_str(), image.layers[0].size), ("linux/amd64", 10));
    assert_eq!((causes(&bom), bom.problems.len()), (vec![], 0));
}

#[test]
fn syft_before_schema_3_is_read() {
    let bom = read(
        r#"{"artifacts": [{"id": "a", "name": "musl", "version": "1.2.4-r2", "type": "apk",
            "purl": "pkg:alpine/musl@1.2.4-r2?arch=x86_64",
            "metadata": {"originPackage": "musl", "architecture": "x86_64"}},
          {"id": "b", "name": "x", "version": "1", "purl": "pkg:apk/alpine/x@1"}],
          "source": {"type": "image", "target": {"userInput": "alpine", "layers": [],
            "tags": ["alpine:3.18"]}},
          "distro": {"name": "alpine", "version": "3.18.4", "idLike": ""},
          "descriptor": {"name": "syft"}, "schema": {"version": "1.0.0"}}"#,
    )
    .unwrap();
    let system = bom.inventory.operating_system.as_ref().unwrap();
    assert_eq!(system.scope.as_ref().unwrap().to_string(), "alpine:3.18");
    let names: Vec<_> = bom.inventory.packages.iter().map(|package| &*package.name).collect();
    assert_eq!(names, ["musl", "x"]);
    assert_eq!(bom.target.unwrap().image.unwrap().tags, ["alpine:3.18"]);
}

#[test]
fn what_is_no_bill_of_materials_is_refused() {
    for text in ["{}", "[]", r#"{"artifacts": []}"#, r#"{"spdxVersion": ""}"#, "SPDX: 2.3"] {
        assert!(read(text).unwrap_err().hint().is_some(), "{text}");
    }
    let small = Limits { file_bytes: 10, ..Limits::DEFAULT };
    let large = bulkhead_sbom::read(br#"{"spdxVersion": "SPDX-2.3"}"#, &Budget::new(small));
    assert!(matches!(large, Err(SbomError::Limit(_))));
    let few = Limits { entries: 1, ..Limits::DEFAULT };
    let many = r#"{"spdxVersion": "SPDX-2.3", "packages": [{}, {}]}"#;
    let many = bulkhead_sbom::read(many.as_bytes(), &Budget::new(few));
    assert!(matches!(many, Err(SbomError::Limit(_))));
}
