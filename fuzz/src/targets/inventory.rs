//! Package databases, lock files and binaries.

use bulkhead_archive::ReadAt;
use bulkhead_inventory::{Mode, assemble, detectors};
use bulkhead_layers::{Entry, EntryKind, File, FileFacts, Layer, Metadata, Want, merge};
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::{EntryPath, Inventory};

use crate::{Real, Target};

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "os-release",
        run: names_a_release,
        seeds: || {
            texts(&["ID=debian\nVERSION_ID=\"12\"\n", "ID=", "ID='alpine\nVERSION_ID=3.18_\\"])
        },
        data: &[Real { below: "fixtures/pkgdb", named: &["etc/os-release"] }],
    },
    Target {
        name: "dpkg-status",
        run: |bytes| lists_packages("var/lib/dpkg/status", bytes),
        seeds: || {
            texts(&[
                "Package: a\nStatus: install ok installed\nVersion: 1:2-3\nSource: s (1)\n\
                 Depends: a | b:any (>= 1)\nProvides: c\n\nPackage: b\nVersion: 2\n",
                "Package: a\n continued\n:\n\n Version: (",
            ])
        },
        data: &[Real { below: "fixtures/pkgdb", named: &[".status", "dpkg/status"] }],
    },
    Target {
        name: "apk-installed",
        run: |bytes| lists_packages("lib/apk/db/installed", bytes),
        seeds: || texts(&["P:a\nV:1\nD:so:b>=1 !c\np:so:b=1\nF:bin\nR:a\n", "P:\n:\nR:", "D:=<>"]),
        data: &[Real { below: "fixtures/pkgdb", named: &["db/installed"] }],
    },
    Target {
        name: "package-json",
        run: |bytes| lists_packages("app/node_modules/a/package.json", bytes),
        seeds: || {
            texts(&[
                r#"{"name":"a","version":"1.0.0","license":{"type":"MIT"},"dependencies":{"a":"*"}}"#,
                r#"{"name":["a"],"version":1e99,"licenses":[null,{}]"#,
            ])
        },
        data: &[Real { below: "fixtures/pkgdb", named: &["/package.json"] }],
    },
    Target {
        name: "package-lock",
        run: |bytes| lists_packages("package-lock.json", bytes),
        seeds: || {
            texts(&[
                r#"{"packages":{"":{"name":"r","version":"1"},"node_modules/a":{"version":"2"}}}"#,
                r#"{"dependencies":{"a":{"version":"npm:b@1","dependencies":{"c":{"version":"3"}}}}}"#,
                r#"{"packages":[{"node_modules/":{}}]}"#,
            ])
        },
        data: &[Real { below: "fixtures/pkgdb", named: &["/package-lock.json"] }],
    },
    Target {
        name: "python-metadata",
        run: |bytes| lists_packages("lib/python3.11/site-packages/a-1.dist-info/METADATA", bytes),
        seeds: || {
            texts(&[
                "Name: a\nVersion: 1\nRequires-Dist: a[x] (>1) ; (os_name == 'nt' or extra=='y')\n",
                "Name: a\nRequires-Dist: a ; ((\nRequires-Dist: ; not\n\n",
            ])
        },
        data: &[Real { below: "fixtures/pkgdb", named: &["/METADATA", "/PKG-INFO"] }],
    },
    Target {
        name: "python-direct-url",
        run: |bytes| {
            let metadata = "site-packages/a-1.dist-info/METADATA";
            let beside: [(&str, &[u8]); 1] = [(metadata, b"Name: a\nVersion: 1\n")];
            changes(&beside, "site-packages/a-1.dist-info/direct_url.json", bytes)
        },
        seeds: || {
            texts(&[r#"{"url":"https://u:p@h/a","vcs_info":{"vcs":"git"}}"#, r#"{"url":"://@"}"#])
        },
        data: &[],
    },
    Target {
        name: "jar",
        run: |bytes| lists_packages("app/a-1.0.jar", bytes),
        seeds: jars,
        data: &[],
    },
    Target {
        name: "go-binary",
        run: |bytes| lists_packages("usr/bin/a", bytes),
        seeds: binaries,
        data: &[],
    },
];

/// Has the detectors read a file, and inventories made of what they found. True where one lists a
/// package: a parser gives facts of an empty file, too.
pub(super) fn lists_packages(path: &str, bytes: &[u8]) -> bool {
    inventories(&[(path, bytes)]).iter().any(|inventory| !inventory.packages.is_empty())
}

/// The inventories of these files in one layer: as a project and as an installed system.
pub(super) fn inventories(files: &[(&str, &[u8])]) -> [Inventory; 2] {
    let budget = Budget::new(Limits { bytes: 64 << 20, file_bytes: 8 << 20, ..Limits::DEFAULT });
    // The size decides for binaries alone, which are larger than what a fuzzer makes.
    let metadata = Metadata { mode: 0o644, size: 1 << 20 };
    let mut layer = Layer { diff_id: None, entries: Vec::new(), facts: Vec::new() };
    for (number, (path, bytes)) in (0..).zip(files) {
        let path = EntryPath::from(*path);
        for detector in detectors() {
            let wanted = match detector.wants(&path, &metadata) {
                Want::Skip => false,
                Want::Magic(magics) => magics.iter().any(|magic| bytes.starts_with(magic)),
                Want::Head(_) | Want::Whole | Want::Random => true,
            };
            if wanted {
                let content: &dyn ReadAt = bytes;
                let file = File { path: &path, metadata: &metadata, content };
                let found = detector.facts(&file, &budget).facts;
                let detector = detector.key().name.to_owned();
                let facts = found.map(|facts| FileFacts { entry: number, detector, facts });
                layer.facts.extend(facts);
            }
        }
        layer.entries.push(Entry { path, kind: EntryKind::File, mode: 0o644, size: metadata.size });
    }
    let (view, _) = merge(vec![layer]);
    [assemble(&view, Mode::Project).0, assemble(&view, Mode::Installed).0]
}

/// True where the file says which system this is.
fn names_a_release(bytes: &[u8]) -> bool {
    let [_, installed] = inventories(&[("etc/os-release", bytes)]);
    installed.operating_system.is_some_and(|system| system.scope.is_some())
}

/// True where the file says something of what lies beside it.
pub(super) fn changes(beside: &[(&str, &[u8])], path: &str, bytes: &[u8]) -> bool {
    inventories(beside) != inventories(&[beside, &[(path, bytes)]].concat())
}

pub(super) fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// An archive with a manifest, properties and an archive; and the manifest alone.
fn jars() -> Vec<Vec<u8>> {
    let manifest = b"Implementation-Title: a\nImplementation-Version: 1\n".as_slice();
    let properties = b"groupId=g\nartifactId=a\nversion=1.0\n".as_slice();
    let inner = zip(&[("META-INF/MANIFEST.MF", manifest)]);
    let outer = zip(&[
        ("META-INF/MANIFEST.MF", manifest),
        ("META-INF/maven/g/a/pom.properties", properties),
        ("lib/b.jar", &inner),
    ]);
    vec![inner, outer]
}

/// A zip of stored entries.
fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend(crc32(content).to_le_bytes());
        common.extend([word(content.len()), word(content.len()), word(name.len())].concat());
        directory.extend([b"PK\x01\x02\x14\0", common.as_slice(), &[0; 10]].concat());
        directory.extend([word(file.len()).as_slice(), name.as_bytes()].concat());
        file.extend([b"PK\x03\x04", common.as_slice(), name.as_bytes(), content].concat());
    }
    let [low, high, ..] = word(entries.len());
    let end = [word(directory.len()), word(file.len())].concat();
    file.extend(directory);
    file.extend(
        [b"PK\x05\x06\0\0\0\0".as_slice(), &[low, high, low, high], &end, &[0; 2]].concat(),
    );
    file
}

fn word(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or_default().to_le_bytes()
}

fn crc32(content: &[u8]) -> u32 {
    !content.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1))
        })
    })
}

/// ELF with build information in its one segment: strings in line, and pointers.
fn binaries() -> Vec<Vec<u8>> {
    let modules = b"0123456789abcdefmod\tm\tv1.0.0\t\ndep\ta\tv1\n=>\tb\tv2\nbuild\ta=\"b\"\nfedcba9876543210";
    let mut inline = b"\xff Go buildinf:\x08\x02".to_vec();
    inline.resize(32, 0);
    inline.extend([b"\x06go1.20".as_slice(), &[modules.len().to_le_bytes()[0]], modules].concat());
    let mut pointers = b"\xff Go buildinf:\x08\x00".to_vec();
    for number in [BASE + 32, BASE + 48, BASE + 64, 6, BASE + 70, 0] {
        pointers.extend(u64::to_le_bytes(number));
    }
    pointers.extend(b"go1.17");
    pointers.resize(128, 0);
    vec![elf(&inline), elf(&pointers)]
}

const BASE: u64 = 0x10000;

fn elf(data: &[u8]) -> Vec<u8> {
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0".to_vec();
    file.extend([0_u64, 64, 0].map(u64::to_le_bytes).concat());
    file.extend(b"\0\0\0\0\x40\0\x38\0\x01\0\x40\0\0\0\0\0\x01\0\0\0\x06\0\0\0");
    let size = u64::try_from(data.len()).unwrap_or_default();
    file.extend([128, BASE, BASE, size, size, 16].map(u64::to_le_bytes).concat());
    file.resize(128, 0);
    [file.as_slice(), data].concat()
}
