//! An image with packages and findings, and documents about it.

use std::collections::BTreeMap;
use std::io::{BufReader, Read as _};
use std::path::Path;

use bulkhead_archive::{decode, tar};
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::{
    Confidence, Detail, Finding, FindingId, FindingKind, FixState, ImageStatement, Inventory,
    Location, OperatingSystem, Package, PackageId, Rating, Relation, RelationKind, Scope,
    SourcePackage, Subject, Target, Text, VulnerabilityDetail,
};
use bulkhead_sbom::vex::{Document, ImageName, Knowledge, Scanned, Statements};

pub(crate) const DIGEST: &str =
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

pub(crate) struct World {
    target: Target,
    inventory: Inventory,
    finding: Finding,
}

struct Names;

impl Knowledge for Names {
    fn image(&self, reference: &str) -> Option<ImageName> {
        let (name, tag) = match reference.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag.to_owned())),
            _ => (reference, Some("latest".to_owned())),
        };
        Some(ImageName { repository: name.to_owned(), tag, digest: None })
    }

    fn platform(&self, name: &str, _: Option<&str>) -> Option<Scope> {
        let release = name.strip_prefix("Debian ")?;
        release.parse::<u8>().ok().map(|_| Scope::distribution("debian", release))
    }
}

impl Default for World {
    fn default() -> Self {
        let package = |purl: &str| bulkhead_sbom::purl::read(purl).unwrap();
        let mut libssl3 = package("pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12");
        libssl3.source =
            Some(SourcePackage { name: "openssl".to_owned(), version: "3.0.9-1".to_owned() });
        let packages = vec![
            libssl3,
            package("pkg:npm/shop-front@1.4.0"),
            package("pkg:npm/lodash@4.17.4"),
            package("pkg:npm/one-of-two@1.0.0"),
            package("pkg:npm/between@2.0.0"),
        ];
        let depends = |from: u32, to: u32| Relation {
            from: PackageId(from),
            kind: RelationKind::DependsOn,
            to: PackageId(to),
        };
        // shop-front → between → lodash, shop-front → one-of-two → lodash, and back to between.
        let relations =
            vec![depends(1, 4), depends(4, 2), depends(1, 3), depends(3, 2), depends(2, 4)];
        Self::new(packages, relations)
    }
}

impl World {
    fn new(packages: Vec<Package>, relations: Vec<Relation>) -> Self {
        let operating_system = OperatingSystem {
            id: "debian".to_owned(),
            version: "12".to_owned(),
            codename: Some("bookworm".to_owned()),
            like: Vec::new(),
            pretty_name: String::new(),
            scope: Some(Scope::distribution("debian", "12")),
            location: Location::default(),
        };
        let image = ImageStatement {
            tags: vec!["ghcr.io/acme/shop:1.4".to_owned()],
            manifest: Some(DIGEST.parse().unwrap()),
            platform: "linux/amd64".to_owned(),
            ..ImageStatement::default()
        };
        let target = Target {
            name: "docker-archive:shop.tar".to_owned(),
            kind: "docker-archive".to_owned(),
            image: Some(image),
        };
        let finding = finding(&packages[0], PackageId(0), "CVE-0");
        let inventory = Inventory { operating_system: Some(operating_system), packages, relations };
        Self { target, inventory, finding }
    }

    /// One with a package of this URL, which has a vulnerability; none for types that are not
    /// known, and for packages of other distributions.
    pub(crate) fn of(purl: &str, rule: &str) -> Option<Self> {
        let package = bulkhead_sbom::purl::read(purl).ok()?;
        (!package.package_type.is_system()).then(|| Self::with(purl, rule))
    }

    /// The same, for any package that there may be.
    pub(crate) fn with(purl: &str, rule: &str) -> Self {
        let package = bulkhead_sbom::purl::read(purl).unwrap();
        let mut world = Self::new(vec![package], Vec::new());
        world.finding = finding(&world.inventory.packages[0], PackageId(0), rule);
        world
    }

    pub(crate) fn of_package(mut self, rule: &str, name: &str) -> Self {
        let (id, package) = self.inventory.iter().find(|(_, it)| it.name == name).unwrap();
        self.finding = finding(package, id, rule);
        self
    }

    /// Outcomes with what was stated and found, one for each statement.
    pub(crate) fn verdicts(&self, documents: &[Document]) -> Vec<String> {
        self.judged(documents, |verdict| {
            let outcome = verdict.outcome.name();
            if matches!(outcome, "other_product" | "superseded" | "contradicted") {
                return outcome.to_owned();
            }
            let parts = [Some(outcome), verdict.stated.as_deref(), verdict.found.as_deref()];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
        })
    }

    pub(crate) fn outcomes(&self, documents: &[Document]) -> Vec<String> {
        self.judged(documents, |verdict| verdict.outcome.name().to_owned())
    }

    fn judged(
        &self,
        documents: &[Document],
        show: impl Fn(&bulkhead_model::Verdict) -> String,
    ) -> Vec<String> {
        let scanned = Scanned::new(&self.target, &self.inventory, &Names);
        let statements = Statements::new(documents);
        statements.judge(&self.finding, &scanned).iter().map(|it| show(&it.verdict)).collect()
    }

    #[track_caller]
    pub(crate) fn check(
        self,
        documents: &[Document],
        rule: &str,
        package: &str,
        expected: &[&str],
    ) {
        let world = self.of_package(rule, package);
        let statements = documents.iter().flat_map(|it| &it.statements).collect::<Vec<_>>();
        assert_eq!(world.verdicts(documents), expected, "{statements:#?}");
    }

    #[track_caller]
    pub(crate) fn check_outcomes(
        self,
        documents: &[Document],
        rule: &str,
        package: &str,
        expected: &[&str],
    ) {
        let world = self.of_package(rule, package);
        assert_eq!(world.outcomes(documents), expected);
    }
}

fn finding(package: &Package, id: PackageId, rule: &str) -> Finding {
    let subject = Subject::Package {
        purl: package.purl.clone(),
        name: package.name.clone(),
        version: package.version.clone(),
    };
    let location = Location::default();
    let aliases = match rule {
        "CVE-2019-10744" => vec!["GHSA-jf85-cpcp-j695".to_owned()],
        _ => Vec::new(),
    };
    Finding {
        id: FindingId::new(FindingKind::Vulnerability, rule, &subject, &location),
        kind: FindingKind::Vulnerability,
        rule: rule.to_owned(),
        subject,
        location,
        rating: Rating::default(),
        evidence: Vec::new(),
        detail: Detail::Vulnerability(Box::new(VulnerabilityDetail {
            package: id,
            aliases,
            state: FixState::Fixed,
            fixed_versions: Vec::new(),
            confidence: Confidence::Confirmed,
            cvss: Vec::new(),
            cwes: Vec::new(),
            exploited: None,
            epss: None,
            title: None,
            published: None,
            references: Vec::new(),
        })),
        text: Text { id: String::new(), arguments: BTreeMap::new() },
    }
}

/// A document with one statement; the products as they stand in its list.
pub(crate) fn open_vex(status: &str, products: &str, time: &str) -> String {
    format!(
        r#"{{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://acme.example/vex/1",
        "author": "Acme", "timestamp": "{time}", "version": 1, "statements": [
        {{"vulnerability": {{"name": "CVE-2019-10744",
            "aliases": ["CVE-2023-5678"]}}, "products": [{products}], "status": "{status}",
          "justification": "vulnerable_code_not_present"}}]}}"#
    )
}

/// VEX documents of the test data's archives, by name.
pub(crate) fn published() -> Vec<(String, Vec<u8>)> {
    const ARCHIVES: [&str; 3] = [
        "fixtures/cyclonedx-examples.tar.gz",
        "fixtures/feed-samples/vunnel.tar.gz",
        "fixtures/feed-samples/vuls-data-update.tar.gz",
    ];
    let mut documents = Vec::new();
    for archive in ARCHIVES {
        let Some(path) = bulkhead_testing::data(archive) else { continue };
        let budget = Budget::new(Limits::DEFAULT);
        let file = BufReader::new(fs_err::File::open(&path).unwrap());
        let mut reader = tar::Reader::new(BufReader::new(decode(file, &budget).unwrap()), &budget);
        while let Some(entry) = reader.next_entry().unwrap() {
            let name = format!("/{}", String::from_utf8_lossy(&entry.path));
            let mut bytes = Vec::new();
            if is_document(&name) {
                reader.content().read_to_end(&mut bytes).unwrap();
            }
            // A folder of documents holds their index, too.
            if is_vex(&bytes) {
                documents.push((name, bytes));
            }
        }
    }
    documents
}

fn is_document(name: &str) -> bool {
    let vex = ["/VEX/", "/openvex/", "/vex/"].iter().any(|folder| name.contains(folder));
    let json = Path::new(name).extension().is_some_and(|end| end == "json");
    vex && json && !name.contains("golden") && !name.contains("snapshots")
}

/// By its own words, and with something to say.
fn is_vex(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    (text.contains("openvex.dev/ns") && text.contains("\"statements\""))
        || (text.contains("\"csaf_vex\"") && text.contains("\"product_status\""))
        || (text.contains("\"CycloneDX\"") && text.contains("\"analysis\""))
}
