//! Small worlds: an inventory and databases, written in a few words.

use bulkhead_advisories::{
    Affected, BuildOptions, Builder, Database, Item, Matched, Record, match_inventory,
};
use bulkhead_model::{
    Ecosystem, Finding, FixState, Inventory, Location, OperatingSystem, Package, PackageId,
    PackageKey, PackageType, Relation, RelationKind, Scope, SourcePackage,
};
use bulkhead_versions::Scheme;

/// A package as `type name version [source source-version]`: `deb libssl3 3.0.9-1 openssl 3.0.9-1`.
pub fn package(text: &str) -> Package {
    let words: Vec<&str> = text.split(' ').collect();
    let package_type = PackageType::named(words[0]).unwrap();
    let (name, version) =
        (words[1].to_owned(), words.get(2).copied().unwrap_or_default().to_owned());
    Package {
        package_type,
        purl: format!("pkg:{}/{name}@{version}", package_type.name()),
        architecture: None,
        source: words.get(3).map(|source| SourcePackage {
            name: (*source).to_owned(),
            version: words[4].to_owned(),
        }),
        licences: Vec::new(),
        locations: vec![Location::of(format!("{}/{name}", words[0]).as_str())],
        properties: [].into(),
        name,
        version,
    }
}

/// An inventory of a system (`debian:12`, or empty for none) with packages.
pub fn inventory(system: &str, packages: &[&str]) -> Inventory {
    let operating_system = system.split_once(':').map(|(id, version)| OperatingSystem {
        id: id.to_owned(),
        version: version.to_owned(),
        codename: None,
        like: Vec::new(),
        pretty_name: system.to_owned(),
        scope: Some(Scope::distribution(id, version)).filter(|_| !version.is_empty()),
        location: Location::of("etc/os-release"),
    });
    let packages = packages.iter().map(|text| package(text)).collect();
    Inventory { operating_system, packages, relations: Vec::new() }
}

/// The same with the package at `from` related to the one at `to`.
pub fn related(mut inventory: Inventory, from: u32, kind: RelationKind, to: u32) -> Inventory {
    inventory.relations.push(Relation { from: PackageId(from), kind, to: PackageId(to) });
    inventory
}

/// A record as `ID alias alias > covered: scope name range state fixed; …`, the state and the fixed
/// version left out where the range says it all. Blanks inside a range are written `_`.
pub fn record(text: &str) -> Record {
    let (names, rows) = text.split_once(": ").unwrap_or((text, ""));
    let (names, covers) = names.split_once(" > ").unwrap_or((names, ""));
    let mut names = names.split_whitespace().map(str::to_owned);
    Record {
        id: names.next().unwrap(),
        aliases: names.collect(),
        covers: covers.split_whitespace().map(str::to_owned).collect(),
        affected: rows.split("; ").filter(|row| !row.is_empty()).map(affected).collect(),
        ..Record::default()
    }
}

fn affected(text: &str) -> Affected {
    let words: Vec<&str> = text.split(' ').collect();
    let scope: Scope = words[0].parse().unwrap();
    Affected {
        scheme: scheme(&scope),
        key: PackageKey::new(scope, words[1]),
        versions: words[2].replace('_', " ").parse().unwrap(),
        state: match words.get(3).copied().unwrap_or("fixed") {
            "fixed" => FixState::Fixed,
            "affected" => FixState::Affected,
            "will-not-fix" => FixState::WillNotFix,
            "not-affected" => FixState::NotAffected,
            "under-investigation" => FixState::UnderInvestigation,
            other => panic!("{other}"),
        },
        fixed: words.iter().skip(4).map(|&fixed| fixed.to_owned()).collect(),
        architectures: Vec::new(),
        module: None,
        severity: None,
    }
}

pub fn scheme(scope: &Scope) -> Scheme {
    match scope {
        Scope::Distribution { id, .. } if id == "debian" => Scheme::Dpkg,
        Scope::Distribution { id, .. } if id == "alpine" => Scheme::Apk,
        Scope::Distribution { id, .. } if id == "arch" => Scheme::Pacman,
        Scope::Distribution { .. } => Scheme::Rpm,
        Scope::Language(Ecosystem::PyPi) => Scheme::Pep440,
        Scope::Language(_) => Scheme::Npm,
    }
}

/// A database of records, each with its feed.
pub fn database(records: Vec<(&str, Record)>) -> Database {
    let mut builder = Builder::new();
    for (feed, record) in records {
        builder.push(feed, Item::Record(Box::new(record)));
    }
    let bytes = builder.finish(&BuildOptions::default()).unwrap();
    Database::from_bytes("test", bytes).unwrap()
}

/// A database of one feed.
pub fn feed(records: &[&str]) -> Database {
    database(records.iter().map(|text| ("feed", record(text))).collect())
}

pub fn matched(databases: &[&Database], inventory: &Inventory) -> Matched {
    match_inventory(databases, inventory)
}

/// A finding in a few words: `package CVE state fixed,fixed confidence-where-unconfirmed`.
pub fn short(finding: &Finding) -> String {
    let bulkhead_model::Subject::Package { name, .. } = &finding.subject else {
        panic!("no vulnerability of a package")
    };
    let bulkhead_model::Detail::Vulnerability(detail) = &finding.detail else {
        panic!("no vulnerability of a package")
    };
    let fixed = detail.fixed_versions.join(",");
    let confidence = match detail.confidence {
        bulkhead_model::Confidence::Confirmed => "",
        bulkhead_model::Confidence::Unconfirmed => "unconfirmed",
    };
    let text = [name, &finding.rule, detail.state.name(), &fixed, confidence].map(str::to_owned);
    text.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Findings in a few words each, sorted.
pub fn shorts(findings: &[Finding]) -> Vec<String> {
    let mut shorts: Vec<String> = findings.iter().map(short).collect();
    shorts.sort();
    shorts
}

/// Checks what one database says of an inventory.
pub fn check(records: &[&str], inventory: &Inventory, findings: &[&str], overruled: &[&str]) {
    let database = feed(records);
    let matched = matched(&[&database], inventory);
    assert_eq!(shorts(&matched.findings), findings, "findings");
    assert_eq!(shorts(&matched.overruled), overruled, "overruled");
}
