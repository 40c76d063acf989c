//! Build information in every kind of binary, and what is made of it.

use std::process::Command;

use super::blob::{self, Blob};
use super::modules::{self, Module};
use super::samples::{elf32_big, elf64, framed, inline_blob, macho64, pe64, universal};
use super::{may_be_binary, version};
use crate::fixture::{Tree, summary};

const MODULES: &str = "path\texample.com/m/cmd\nmod\texample.com/m\tv1.2.3\th1:x=\n\
                       dep\tgolang.org/x/net\tv0.1.0\th1:y=\ndep\ta.org/b\tv1.0.0\n=>\tc.org/d\tv2.0.0\th1:z=\n\
                       dep\te.org/f\tv1.0.0\n=>\t./local\t\nbuild\tGOOS=linux\n\
                       build\t-ldflags=\"-X \\\"main.a=b\\\"\"\n";

fn read(file: &[u8]) -> Option<Blob> {
    blob::read(&file).value
}

#[test]
fn build_information_is_found_in_every_format() {
    let expected = Some(Blob { version: "go1.21.5".into(), modules: MODULES.into() });
    let inline = inline_blob("go1.21.5", &framed(MODULES));
    for (name, file) in [
        ("elf64", elf64(&inline)),
        ("elf32 big-endian pointers", elf32_big("go1.21.5", &framed(MODULES))),
        ("pe64", pe64(&inline)),
        ("macho64", macho64(&inline)),
        ("universal", universal(&inline)),
        ("behind other data", elf64(&[&[7; 4096], inline.as_slice()].concat())),
    ] {
        assert_eq!(read(&file), expected, "{name}");
    }
}

#[test]
fn other_binaries_have_none() {
    let inline = inline_blob("go1.21.5", &framed(MODULES));
    for (name, file) in [
        ("without the mark", elf64(b"nothing")),
        ("not aligned", elf64(&[b"x", inline.as_slice()].concat())),
        ("a class file", b"\xca\xfe\xba\xbe\0\0\0\x34".to_vec()),
        ("nothing", Vec::new()),
    ] {
        let parsed = blob::read(&file.as_slice());
        assert_eq!((parsed.value, parsed.faults), (None, Vec::new()), "{name}");
    }
}

#[test]
fn damaged_blobs_are_problems() {
    let mut lying = inline_blob("go1.21.5", &framed(MODULES));
    lying[32] = 0xff;
    assert_eq!(blob::read(&elf64(&lying).as_slice()).faults.len(), 1);
    let cut = inline_blob("go1.21.5", &[]);
    assert_eq!(blob::read(&elf64(&cut[..36]).as_slice()).faults.len(), 1);
    assert_eq!(read(&elf64(&cut)).unwrap().modules, "");
}

/// Every prefix of a binary gives the same or nothing.
#[test]
fn truncated_binaries_give_what_they_have() {
    let whole = elf64(&inline_blob("go1.21.5", &framed(MODULES)));
    for length in 0..whole.len() {
        let found = read(&whole[..length]);
        assert!(found.is_none_or(|blob| blob.version == "go1.21.5"), "{length}");
    }
}

fn binary(tool_chain: &str, modules: &str) -> Vec<u8> {
    let mut file = elf64(&inline_blob(tool_chain, &framed(modules)));
    file.resize(128 << 10, 0);
    file
}

#[test]
fn modules_depend_and_are_contained() {
    let tree = Tree::default().file("usr/bin/m", binary("go1.21.5 X:boringcrypto", MODULES));
    let inventory = tree.installed();
    let shown = summary(&inventory);
    assert_eq!(
        shown.packages,
        [
            "golang c.org/d@v2.0.0",
            "golang e.org/f@",
            "golang example.com/m@v1.2.3",
            "golang golang.org/x/net@v0.1.0",
            "golang stdlib@go1.21.5",
        ]
    );
    let count =
        |kind: &str| shown.relations.iter().filter(|relation| relation.contains(kind)).count();
    assert_eq!((count("m@v1.2.3 depends_on"), count("contained_in example.com/m@v1.2.3")), (4, 4));
    let packages = &inventory.packages;
    assert_eq!(packages[0].properties["golang:replaces"], "a.org/b v1.0.0");
    assert_eq!(packages[0].properties["golang:sum"], "h1:z=");
    assert_eq!(packages[2].properties["golang:GOOS"], "linux");
    assert_eq!(packages[4].purl, "pkg:golang/stdlib@1.21.5");
}

#[test]
fn main_modules_of_every_kind() {
    let check = |modules: &str, expected: &[&str]| {
        let tree = Tree::default().file("m", binary("go1.20", modules));
        let shown = summary(&tree.installed()).packages;
        let shown: Vec<_> =
            shown.iter().map(|package| package.trim_start_matches("golang ")).collect();
        assert_eq!(shown, expected, "{modules}");
    };
    check("path\tcmd/go\n", &["stdlib@go1.20", "toolchain@go1.20"]);
    check("path\ta.org/b\nmod\ta.org/b\t(devel)\t\n", &["a.org/b@", "stdlib@go1.20"]);
    check(
        "path\tcommand-line-arguments\nmod\tcommand-line-arguments\t\t\ndep\ta.org/b\t(devel)\t\n",
        &["a.org/b@", "stdlib@go1.20"],
    );
    check(
        "mod\ta.org/b\t(devel)\t\nbuild\tvcs.revision=0123456789abcdef\nbuild\tvcs.time=2023-04-05T06:07:08Z\n",
        &["a.org/b@v0.0.0-20230405060708-0123456789ab", "stdlib@go1.20"],
    );
    check(
        "mod\ta.org/b\t(devel)\t\nbuild\t-ldflags=\"-s -X main.goVersion=1.2.3 -X 'a.org/b/x.Version=v4.5.6-rc1'\"\n",
        &["a.org/b@v4.5.6-rc1", "stdlib@go1.20"],
    );
    check("", &["stdlib@go1.20"]);
}

#[test]
fn settings_lose_their_quotes() {
    let check = |line: &str, key: &str, value: &str| {
        let blob = Blob { version: "go1.20".into(), modules: format!("build\t{line}\n") };
        assert_eq!(modules::parse(blob).settings, [(key.to_owned(), value.to_owned())], "{line}");
    };
    check("GOOS=linux", "GOOS", "linux");
    check("-ldflags=\"a \\\"b\\\" c\"", "-ldflags", "a \"b\" c");
    check("-tags=`a b`", "-tags", "a b");
    check("\"k y\"=v", "k y", "v");
    check("empty=", "empty", "");
}

#[test]
fn tool_chains_have_a_number() {
    for (text, expected) in [
        ("go1.21.5", Some("go1.21.5")),
        ("go1.21.5 X:boringcrypto", Some("go1.21.5")),
        ("devel go1.22-1a2b3c Mon Jan", Some("go1.22-1a2b3c")),
        ("devel +1a2b3c", None),
        ("", None),
    ] {
        assert_eq!(version::of_tool_chain(text), expected, "{text}");
    }
    assert_eq!(version::of(&Module::default()), "");
}

#[test]
fn binaries_are_told_from_prose_by_their_path() {
    for (path, expected) in [
        ("usr/bin/tool-1.2", true),
        ("opt/tool/tool", true),
        ("usr/share/doc/tool/copyright", false),
        ("usr/share/tool/bin/run", true),
        ("usr/lib/libx.so.1", false),
    ] {
        assert_eq!(may_be_binary(path.as_bytes()), expected, "{path}");
    }
}

/// A binary of the Go that is installed says what that Go says.
#[test]
fn real_binaries() {
    let Some(go) = bulkhead_testing::tool("go") else { return };
    let folder = tempfile::tempdir().unwrap();
    fs_err::write(folder.path().join("go.mod"), "module example.com/real\n").unwrap();
    fs_err::write(folder.path().join("main.go"), "package main\nfunc main() {}\n").unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(&go)
            .args(arguments)
            .current_dir(folder.path())
            .env("GOFLAGS", "-mod=mod")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    run(&["build", "-o", "plain", "."]);
    run(&["build", "-ldflags=-s -w", "-o", "stripped", "."]);
    let version = run(&["env", "GOVERSION"]);
    let version = version.split(' ').next().unwrap();
    for name in ["plain", "stripped"] {
        let content = fs_err::read(folder.path().join(name)).unwrap();
        let shown = summary(&Tree::default().file("bin/real", content).installed());
        assert_eq!(
            shown.packages,
            ["golang example.com/real@", &format!("golang stdlib@{version}")]
        );
    }
}
