//! The advisory database file.

use std::sync::LazyLock;

use bulkhead_advisories::{
    Affected, Artefact, ArtefactPart, BuildOptions, Builder, Database, FeedDescription, Item,
    Record, Seal, Signature, match_inventory,
};
use bulkhead_model::{
    Cvss, Digest, Ecosystem, FixState, Inventory, Location, Package, PackageKey, PackageType,
    Scope, Severity,
};
use bulkhead_versions::{RangeSet, Scheme};

use crate::Target;

/// The file as it comes; and the file with its digests made right again, which is what somebody
/// writes who wants more than to damage it.
pub(super) const TARGETS: &[Target] = &[
    Target { name: "database", run: ask_everything, seeds, data: &[] },
    Target {
        name: "database-with-right-digests",
        run: |bytes| {
            let mut bytes = bytes.to_vec();
            seal(&mut bytes);
            ask_everything(&bytes)
        },
        seeds,
        data: &[],
    },
    Target {
        name: "database-artefact",
        run: |bytes| {
            let Ok(artefact) = Artefact::decode(bytes) else { return false };
            // What was read is written as it was meant.
            let again = Artefact::decode(&artefact.encode());
            again.is_ok_and(|again| again == artefact)
        },
        seeds: manifests,
        data: &[],
    },
    Target {
        name: "database-seal",
        run: |bytes| {
            let mut bytes = bytes.to_vec();
            let _ = seal_root(&mut bytes);
            list_pages(&bytes)
        },
        seeds,
        data: &[],
    },
];

/// The database of the seeds, which others are compared with.
static WHOLE: LazyLock<Option<Database>> =
    LazyLock::new(|| Database::from_bytes("seed", database()?).ok());

/// True where the database opens and knows the seeds' package.
fn ask_everything(bytes: &[u8]) -> bool {
    let Ok(database) = Database::from_bytes("fuzz", bytes.to_vec()) else { return false };
    let _ = database.statement("2026-11-24");
    let _ = database.search("CVE-2024-1");
    let _ = database.search("GHSA-aaaa");
    let _ = match_inventory(&[&database, &database], &inventory());
    let scopes = database.scopes().unwrap_or_default();
    let _ = database.rows_about(&inventory(), &scopes);
    if let Some(whole) = &*WHOLE {
        let _ = database.difference(whole);
        let _ = whole.difference(&database);
    }
    let key = PackageKey::new(Scope::Language(Ecosystem::Npm), "widget");
    database.affected(&key).is_ok_and(|rows| !rows.is_empty())
}

/// What an exchange does with a head: true where it lists the pages.
fn list_pages(bytes: &[u8]) -> bool {
    let Ok(mut header) = Seal::read("fuzz", bytes) else { return false };
    let _ = header.signatures().count();
    let _ = header.insert(Signature { key: [1; 32], bytes: [2; 64] });
    let length = usize::try_from(header.root_length()).unwrap_or(usize::MAX);
    let rest = bytes.get(Seal::LENGTH..).unwrap_or_default();
    let root = rest.get(..length).unwrap_or(rest).to_vec();
    let listed = header.pages("fuzz", root).is_ok_and(|pages| !pages.is_empty());
    header.restate(7, None);
    listed
}

/// Makes the digests of pages, root and header those of the bytes, as far as the tables can be
/// followed.
fn seal(bytes: &mut [u8]) {
    let _ = seal_pages(bytes);
    let _ = seal_root(bytes);
}

fn seal_pages(bytes: &mut [u8]) -> Option<()> {
    let root = number(bytes, 48)?;
    let word = |at: usize| -> Option<usize> {
        Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?) as usize)
    };
    let pages = word(root.checked_add(4)?)?.min(64);
    let table = root.checked_add(16)?.checked_add(word(root)?.checked_mul(48)?)?;
    for page in 0..pages {
        let line = table.checked_add(page * 64)?;
        let (offset, length) = (number(bytes, line.checked_add(32)?)?, number(bytes, line + 40)?);
        let length = length & 0xffff_ffff;
        let digest = digest(bytes.get(offset..offset.checked_add(length)?)?)?;
        bytes.get_mut(line..line + 32)?.copy_from_slice(&digest);
    }
    Some(())
}

fn seal_root(bytes: &mut [u8]) -> Option<()> {
    let (offset, length) = (number(bytes, 48)?, number(bytes, 56)?);
    let root = digest(bytes.get(offset..offset.checked_add(length)?)?)?;
    bytes.get_mut(64..96)?.copy_from_slice(&root);
    let header = digest(bytes.get(..128)?)?;
    bytes.get_mut(4064..4096)?.copy_from_slice(&header);
    Some(())
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(8)?)?.try_into().ok()?;
    usize::try_from(u64::from_le_bytes(field)).ok()
}

fn digest(bytes: &[u8]) -> Option<[u8; 32]> {
    let digest = Digest::of(bytes);
    let mut raw = [0; 32];
    for (place, pair) in raw.iter_mut().zip(digest.hex().as_bytes().chunks(2)) {
        *place = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(raw)
}

fn inventory() -> Inventory {
    let package = |name: &str| Package {
        package_type: PackageType::Language(Ecosystem::Npm),
        name: name.to_owned(),
        version: "1.5.0".to_owned(),
        purl: format!("pkg:npm/{name}@1.5.0"),
        architecture: None,
        source: None,
        licences: Vec::new(),
        locations: vec![Location::of("package.json")],
        properties: [].into(),
    };
    Inventory { packages: vec![package("widget"), package("other")], ..Inventory::default() }
}

/// Manifests of databases in registries, and of something else.
fn manifests() -> Vec<Vec<u8>> {
    let part = |size: u64| ArtefactPart { digest: Digest::of(&size.to_le_bytes()), size };
    let small = Artefact { head: part(5000), runs: Vec::new() };
    let usual = Artefact { head: part(5000), runs: (1..5).map(|size| part(size * 1000)).collect() };
    vec![small.encode(), usual.encode(), b"{\"layers\":[]}".to_vec(), Vec::new()]
}

/// A whole database, a cut one, one of a later version, and none.
fn seeds() -> Vec<Vec<u8>> {
    let whole = database().unwrap_or_default();
    let mut later = whole.clone();
    if let Some(version) = later.get_mut(8) {
        *version = 9;
    }
    let cut = whole.get(..whole.len() * 2 / 3).unwrap_or_default().to_vec();
    vec![whole, cut, later, b"\x89BHDB".to_vec(), Vec::new()]
}

fn database() -> Option<Vec<u8>> {
    let npm = Scope::Language(Ecosystem::Npm);
    let range: RangeSet = "[1.0,2.0) =0.5".parse().ok()?;
    let record = Record {
        id: "GHSA-aaaa".to_owned(),
        aliases: vec!["CVE-2024-1".to_owned()],
        title: Some("widget: code execution".to_owned()),
        description: Some("Anything may happen.".to_owned()),
        cvss: vec![Cvss {
            source: "feed".to_owned(),
            version: "3.1".to_owned(),
            vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".to_owned(),
            score: 9.8,
        }],
        cwes: vec![79],
        affected: vec![Affected {
            key: PackageKey::new(npm.clone(), "widget"),
            scheme: Scheme::Npm,
            state: FixState::Fixed,
            versions: range,
            fixed: vec!["2.0".to_owned()],
            architectures: Vec::new(),
            module: None,
            severity: Some(Severity::High),
        }],
        ..Record::default()
    };
    let mut builder = Builder::new();
    builder.feed(FeedDescription {
        id: "feed".to_owned(),
        date: Some("2026-11-20".to_owned()),
        scopes: [npm].into(),
        pace_days: Some(7),
        ..FeedDescription::default()
    });
    builder.push("feed", Item::Record(Box::new(record)));
    builder.finish(&BuildOptions::default()).ok()
}
