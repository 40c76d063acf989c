use super::{Kind, lock, manifest};
use crate::Mode;
use crate::fixture::{Tree, summary};

#[test]
fn files_are_known_by_their_places() {
    for (path, expected) in [
        ("Cargo.lock", Some(Kind::Lock)),
        ("crates/a/Cargo.toml", Some(Kind::Manifest)),
        ("vendor/serde/Cargo.lock", None),
        ("root/.cargo/registry/src/index.crates.io-0123/a-1.0.0/Cargo.lock", None),
        ("root/.cargo/git/checkouts/a-0123/4567/Cargo.toml", None),
        ("usr/bin/cargo", None),
    ] {
        assert_eq!(Kind::of(&path.into()), expected, "{path}");
    }
}

const VERSION_1: &str = r#"
[root]
name = "app"
version = "0.1.0"
dependencies = [
 "a 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)",
 "b 0.2.0 (git+https://user:word@host/b?branch=main)",
 "t 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)",
]

[[package]]
name = "a"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"

[[package]]
name = "b"
version = "0.2.0"
source = "git+https://user:word@host/b?branch=main#0123abc"
dependencies = [
 "a 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)",
]

[[package]]
name = "t"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"

[metadata]
"checksum a 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)" = "00"
"#;

const VERSION_4: &str = r#"
version = 4

[[package]]
name = "app"
version = "0.1.0"
dependencies = ["a 1.0.0", "b", "t"]

[[package]]
name = "a"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "00"

[[package]]
name = "a"
version = "2.0.0"
source = "sparse+https://crates.example.org/index/"

[[package]]
name = "b"
version = "0.2.0"
source = "git+https://user:word@host/b?branch=main#0123abc"
dependencies = ["a 1.0.0"]

[[package]]
name = "t"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"

[[patch.unused]]
name = "u"
version = "1.0.0"
"#;

const MANIFEST: &str = r#"
[package]
name = "app"
[dependencies]
a.workspace = true
c = { package = "b", git = "https://host/b" }
[target.'cfg(unix)'.dev-dependencies]
t = "1"
[dev-dependencies]
a = { version = "1", features = ["x"] }
"#;

#[test]
fn locks_of_every_version() {
    for (text, packages) in [
        (VERSION_1, &["cargo a@1.0.0", "cargo b@0.2.0", "cargo t@1.0.0"][..]),
        (VERSION_4, &["cargo a@1.0.0", "cargo a@2.0.0", "cargo b@0.2.0", "cargo t@1.0.0"]),
    ] {
        let tree = Tree::default().file("w/Cargo.lock", text).file("w/app/Cargo.toml", MANIFEST);
        let (inventory, problems) = tree.assemble(Mode::Project);
        assert_eq!(problems, []);
        let shown = summary(&inventory);
        assert_eq!(shown.packages, packages);
        assert_eq!(shown.relations, ["b@0.2.0 depends_on a@1.0.0"]);
        for package in &inventory.packages {
            let expected = match (&*package.name, &*package.version) {
                ("b", _) => {
                    "pkg:cargo/b@0.2.0?vcs_url=git%2Bhttps:%2F%2Fhost%2Fb%400123abc".to_owned()
                }
                ("a", "2.0.0") => {
                    "pkg:cargo/a@2.0.0?repository_url=https:%2F%2Fcrates.example.org%2Findex%2F"
                        .to_owned()
                }
                (name, version) => format!("pkg:cargo/{name}@{version}"),
            };
            assert_eq!(package.purl, expected);
            let marked = package.properties.contains_key("cargo:development");
            assert_eq!(marked, package.name == "t", "{}", package.purl);
        }
        assert_eq!(tree.installed().packages, []);
    }
}

#[test]
fn what_is_no_lock_is_a_problem() {
    assert_eq!(lock::parse(b"[[package]\n").faults.len(), 1);
    assert!(lock::parse(b"").value.is_some_and(|lock| lock == lock::CargoLock::default()));
    assert_eq!(manifest::parse(b"[workspace]\nmembers = []\n").value, None);
}

/// A list as cargo-auditable writes it: `auditable-serde`, `VersionInfo`.
const LIST: &str = r#"{"packages":[
    {"name":"app","version":"0.1.0","source":"local","dependencies":[1,2],"root":true},
    {"name":"cc","version":"1.0.0","source":"crates.io","kind":"build"},
    {"name":"b","version":"2.0.0","source":"git","dependencies":[1,3]},
    {"name":"a","version":"1.0.0","source":"crates.io"}]}"#;

/// A program with a section of this name and content, as the tool chain of this machine links it.
fn program(content: &[u8]) -> Option<Vec<u8>> {
    let (cc, objcopy) = (bulkhead_testing::tool("cc")?, bulkhead_testing::tool("objcopy")?);
    let folder = tempfile::tempdir().unwrap();
    let [source, plain, list, program] =
        ["main.c", "plain", "list", "program"].map(|name| folder.path().join(name));
    fs_err::write(&source, "int main(void) { return 0; }").unwrap();
    fs_err::write(&list, content).unwrap();
    let run = |command: &mut std::process::Command| {
        assert!(command.status().unwrap().success(), "{command:?}");
    };
    run(std::process::Command::new(cc).arg(&source).arg("-o").arg(&plain));
    run(std::process::Command::new(objcopy)
        .arg(format!("--add-section=.dep-v0={}", list.display()))
        .args([&plain, &program]));
    Some(fs_err::read(&program).unwrap())
}

/// RFC 1950 around stored blocks: what any decoder takes.
fn zlib(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in content {
        low = (low + u32::from(*byte)) % 65521;
        high = (high + low) % 65521;
    }
    let lengths = [length.to_le_bytes(), (!length).to_le_bytes()].concat();
    let checksum = ((high << 16) | low).to_be_bytes();
    [&[0x78, 0x01, 0x01], lengths.as_slice(), content, &checksum].concat()
}

#[test]
fn lists_of_crates_in_programs() {
    let Some(program) = program(&zlib(LIST.as_bytes())) else { return };
    let inventory = Tree::default().file("usr/bin/app", &program).installed();
    let shown = summary(&inventory);
    assert_eq!(shown.packages, ["cargo a@1.0.0", "cargo app@0.1.0", "cargo b@2.0.0"]);
    assert_eq!(
        shown.relations,
        [
            "a@1.0.0 contained_in app@0.1.0",
            "app@0.1.0 depends_on b@2.0.0",
            "b@2.0.0 depends_on a@1.0.0",
            "b@2.0.0 contained_in app@0.1.0",
        ]
    );
    assert_eq!(inventory.packages[1].properties["cargo:source"], "local");
}

#[test]
fn damaged_lists_are_a_problem() {
    for content in [b"no zlib".as_slice(), &zlib(b"{"), &zlib(LIST.as_bytes())[..100]] {
        let Some(program) = program(content) else { return };
        let (inventory, problems) =
            Tree::default().file("usr/bin/app", program).assemble(Mode::Installed);
        assert_eq!((inventory.packages.len(), problems.len()), (0, 1));
    }
}
