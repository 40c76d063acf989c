//! Reading gives back what was written, for any inventory.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_limits::{Budget, Limits};
use bulkhead_model::{
    Digest, Ecosystem, EntryPath, ImageStatement, Inventory, LayerReference, LayerStatement,
    Location, NotAssessed, NotAssessedReason, OperatingSystem, Package, PackageId, PackageType,
    Relation, RelationKind, Scope, SourcePackage, Target,
};
use bulkhead_sbom::{Bom, Contents, SbomError, cyclonedx, spdx};
use proptest::prelude::*;

fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 4]>().prop_map(|seed| Digest::of(&seed))
}

fn path() -> impl Strategy<Value = EntryPath> {
    prop::collection::vec(any::<u8>(), 1..12).prop_map(EntryPath::new)
}

fn location() -> impl Strategy<Value = Location> {
    let layer = (0_u32..9, digest()).prop_map(|(index, diff_id)| LayerReference { index, diff_id });
    (path(), prop::collection::vec(path(), 0..3), prop::option::of(layer))
        .prop_map(|(path, inside, layer)| Location { path, inside, layer })
}

fn package_type() -> impl Strategy<Value = PackageType> {
    prop_oneof![
        Just(PackageType::Deb),
        Just(PackageType::Apk),
        Just(PackageType::Alpm),
        Just(PackageType::Opkg),
        prop::sample::select(Ecosystem::ALL.to_vec()).prop_map(PackageType::Language),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9._-]{1,8}",
        "@[a-z]{1,4}/[a-z]{1,4}",
        "[a-z.]{1,6}:[a-z-]{1,6}",
        ".{1,6}"
    ]
}

/// Package URLs of all qualities: matching the name, of another case, and none at all.
fn purl(package_type: PackageType, name: &str, version: &str, quality: u8) -> String {
    let kind = package_type.name();
    match quality {
        0 => String::new(),
        1 => format!("pkg:{kind}/{}@{version}", name.to_lowercase()),
        2 => format!("pkg:generic/{name}@{version}"),
        _ => format!("pkg:{kind}/{}@{version}?arch=amd64", name.replace(':', "/")),
    }
}

fn package() -> impl Strategy<Value = Package> {
    let source =
        ("[a-z]{1,6}", "[0-9.]{1,6}").prop_map(|(name, version)| SourcePackage { name, version });
    (
        (package_type(), name(), "[0-9][a-z0-9.+~:-]{0,8}", 0_u8..4),
        prop::option::of("[a-z0-9]{1,5}"),
        prop::option::of(source),
        prop::collection::vec("[A-Za-z0-9. -]{1,12}", 0..3),
        prop::collection::vec(location(), 0..4),
        prop::collection::btree_map("[a-z:]{1,8}", ".{0,8}", 0..3),
    )
        .prop_map(|(identity, architecture, source, licences, locations, properties)| {
            let (package_type, name, version, quality) = identity;
            let purl = purl(package_type, &name, &version, quality);
            // A package URL with an architecture or a source means that the package has it too.
            let architecture =
                architecture.or_else(|| purl.contains("arch=").then(|| "amd64".to_owned()));
            Package {
                package_type,
                name,
                version,
                purl,
                architecture,
                source,
                licences,
                locations,
                properties,
            }
        })
}

fn inventory() -> impl Strategy<Value = Inventory> {
    let system = (prop::option::of("[a-z]{3,8}"), location(), "[0-9.]{0,5}").prop_map(
        |(codename, location, version)| OperatingSystem {
            id: "debian".to_owned(),
            scope: (!version.is_empty()).then(|| Scope::distribution("debian", &version)),
            version,
            codename,
            like: vec!["a".to_owned(), "b".to_owned()],
            pretty_name: "Debian".to_owned(),
            location: Location { inside: Vec::new(), ..location },
        },
    );
    let relation = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..3);
    (
        prop::option::of(system),
        prop::collection::vec(package(), 0..8),
        prop::collection::vec(relation, 0..8),
    )
        .prop_map(|(operating_system, mut packages, relations)| {
            packages.sort_by_key(|package| {
                let Package { package_type, name, version, locations, .. } = package;
                (*package_type, name.clone(), version.clone(), locations.first().cloned())
            });
            packages.dedup();
            let relations: BTreeSet<Relation> = relations
                .into_iter()
                .filter(|_| !packages.is_empty())
                .map(|(from, to, kind)| {
                    let id = |index: prop::sample::Index| {
                        PackageId(u32::try_from(index.index(packages.len())).unwrap())
                    };
                    let kind =
                        [RelationKind::DependsOn, RelationKind::OwnedBy, RelationKind::ContainedIn]
                            [usize::try_from(kind).unwrap_or(0)];
                    Relation { from: id(from), kind, to: id(to) }
                })
                .collect();
            Inventory { operating_system, packages, relations: relations.into_iter().collect() }
        })
}

fn target() -> impl Strategy<Value = Target> {
    let layer = (prop::option::of(digest()), prop::option::of(digest()), any::<u64>()).prop_map(
        |(digest, diff_id, size)| LayerStatement {
            digest,
            diff_id,
            size,
            created_by: (size % 2 == 0).then(|| "RUN true".to_owned()),
        },
    );
    let image = (prop::collection::vec(layer, 0..4), prop::option::of(digest())).prop_map(
        |(layers, manifest)| ImageStatement {
            tags: vec!["one:1".to_owned(), "two:2".to_owned()],
            manifest,
            configuration: None,
            platform: "linux/amd64".to_owned(),
            layers,
        },
    );
    prop::option::of(image).prop_map(|image| Target {
        name: "some image".to_owned(),
        kind: "oci-dir".to_owned(),
        image,
    })
}

fn budget() -> Budget {
    Budget::new(Limits::DEFAULT)
}

/// A form that is written and read.
struct Form {
    write: fn(Contents<'_>) -> Result<String, SbomError>,
    read: fn(&[u8], &Budget) -> Result<Bom, SbomError>,
}

const FORMS: [Form; 2] = [
    Form { write: cyclonedx::write, read: cyclonedx::read },
    Form { write: spdx::write, read: spdx::read },
];

proptest! {
    #[test]
    fn what_was_written_is_read(target in target(), inventory in inventory()) {
        let lost = NotAssessed {
            reason: NotAssessedReason::Layer {
                index: 1, digest: None, cause: "out of memory".to_owned(),
            },
            count: 0,
            hint: None,
        };
        for form in FORMS {
            let text = (form.write)(Contents {
                target: &target,
                inventory: &inventory,
                findings: &[],
                suppressed: &[],
                not_assessed: std::slice::from_ref(&lost),
                tool: "bulkhead 0.1.0",
                created: "2026-11-24T00:00:00Z",
            }).unwrap();
            let bom = (form.read)(text.as_bytes(), &budget()).unwrap();
            prop_assert_eq!(&bom.inventory, &inventory);
            prop_assert_eq!(bom.target, Some(target.clone()));
            prop_assert_eq!(bom.not_assessed, vec![lost.clone()]);
            prop_assert_eq!(bom.problems, Vec::new());
        }
    }

    #[test]
    fn no_bytes_make_the_reader_fail_badly(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = bulkhead_sbom::read(&bytes, &budget());
    }
}

#[test]
fn equal_contents_give_equal_bytes_and_others_another_name() {
    for (form, marker) in FORMS.iter().zip(["urn:uuid:", "documentNamespace"]) {
        assert_eq!(written(form, "a"), written(form, "a"));
        let name = |text: &str| {
            text.lines().find(|line| line.contains(marker)).map(str::to_owned).unwrap()
        };
        assert_ne!(name(&written(form, "a")), name(&written(form, "b")));
    }
}

fn written(form: &Form, name: &str) -> String {
    let target = Target { name: name.to_owned(), ..Target::default() };
    let inventory = Inventory {
        packages: vec![Package {
            package_type: PackageType::Deb,
            name: "zlib1g".to_owned(),
            version: "1".to_owned(),
            purl: "pkg:deb/debian/zlib1g@1".to_owned(),
            architecture: None,
            source: None,
            licences: Vec::new(),
            locations: Vec::new(),
            properties: BTreeMap::new(),
        }],
        ..Inventory::default()
    };
    let contents = Contents {
        target: &target,
        inventory: &inventory,
        findings: &[],
        suppressed: &[],
        not_assessed: &[],
        tool: "bulkhead 0.1.0",
        created: "",
    };
    (form.write)(contents).unwrap()
}
