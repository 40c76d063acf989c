//! Headers by themselves: values, later ones over earlier ones, what does not fit.

use super::super::package::Installed;
use super::super::samples::Value::{Characters, Numbers, Text, Texts};
use super::super::samples::{header, package};
use super::tag;

#[test]
fn values_make_a_package() {
    let blob = header(&[
        (tag::NAME, Text("engine")),
        (tag::EPOCH, Numbers(&[2])),
        (tag::VERSION, Text("1.5")),
        (tag::RELEASE, Text("3.el9")),
        (tag::ARCHITECTURE, Text("x86_64")),
        (tag::SOURCE_RPM, Text("engine-core-1.5-3.el9.src.rpm")),
        (tag::LICENCE, Text("MIT")),
        (tag::VENDOR, Text("(none)")),
        (tag::MODULARITY_LABEL, Text("nodejs:18:9:rhel9")),
        (tag::REQUIRE_NAME, Texts(&["rpmlib(X)", "b", "(c if d)", "b"])),
        (tag::PROVIDE_NAME, Texts(&["engine", "engine(x86-64)"])),
        (tag::DIRECTORY_NAMES, Texts(&["/usr/bin/", "/usr/lib/a/"])),
        (tag::DIRECTORY_INDEXES, Numbers(&[0, 0, 0, 1, 9])),
        (tag::BASE_NAMES, Texts(&["tool", "ghost", "replaced", "package.json", "outside"])),
        (tag::FILE_FLAGS, Numbers(&[0, 64, 0, 2, 0])),
        (tag::FILE_STATES, Characters(&[0, 0, 1, 0, 0])),
    ]);
    let package = Installed::of_header(&blob).unwrap();
    assert_eq!(package.full_version(), "2:1.5-3.el9");
    let source = package.source_package().unwrap();
    assert_eq!((source.name.as_str(), source.version.as_str()), ("engine-core", "2:1.5-3.el9"));
    assert_eq!((package.vendor.as_str(), package.licence.as_str()), ("", "MIT"));
    assert_eq!(package.module, "nodejs:18:9:rhel9");
    assert_eq!(package.requires, ["b", "c"]);
    assert_eq!(package.provides, ["engine", "engine(x86-64)"]);
    let files: Vec<_> = package.files.iter().filter_map(|file| file.as_str()).collect();
    assert_eq!(files, ["usr/bin/tool", "usr/lib/a/package.json", "outside"]);
}

#[test]
fn old_packages_name_whole_paths() {
    let blob = header(&[
        (tag::NAME, Text("old")),
        (tag::VERSION, Text("1")),
        (tag::OLD_FILE_NAMES, Texts(&["/usr/bin/old", "/usr/share/doc/old"])),
    ]);
    let package = Installed::of_header(&blob).unwrap();
    assert_eq!(package.files, ["usr/bin/old".into()]);
    assert_eq!((package.full_version().as_str(), package.source_package()), ("1", None));
}

#[test]
fn what_installation_adds_counts() {
    let blob =
        header(&[(tag::NAME, Text("a")), (tag::VERSION, Text("1")), (tag::VERSION, Text("2"))]);
    assert_eq!(Installed::of_header(&blob).unwrap().version, "2");
}

#[test]
fn what_does_not_fit_is_a_fault() {
    let check = |blob: &[u8], expected: &str| {
        let message = Installed::of_header(blob).unwrap_err().message;
        assert!(message.contains(expected), "{message}");
    };
    let whole = package("a", "1");
    check(b"", "less than 8 bytes");
    check(&whole[..whole.len() - 1], "bytes where");
    check(&[whole.as_slice(), b"\0"].concat(), "bytes where");
    check(&[0xff; 64], "entries");
    // The second entry, which follows the region's, is the name; bytes 4 to 8 of it are the type,
    // the next the offset and the count.
    let changed = |at: usize, byte: u8| {
        let mut blob = whole.clone();
        blob[8 + 16 + at] = byte;
        blob
    };
    check(&changed(7, 77), "tag 1000 is of type 77");
    check(&changed(8, 1), "tag 1000 lies outside");
    check(&changed(12, 1), "tag 1000 lies outside");
    check(&changed(15, 0), "without a name");
    check(&header(&[(tag::NAME, Text("a"))]), "without a name or version");
}

/// Names that are short in the header and long as paths cannot fill the memory.
#[test]
fn paths_are_not_longer_than_their_header() {
    let folder = format!("/{}/bin/", "x".repeat(4000));
    let names = vec!["a"; 10_000];
    let indexes = vec![0; names.len()];
    let blob = header(&[
        (tag::NAME, Text("a")),
        (tag::VERSION, Text("1")),
        (tag::DIRECTORY_NAMES, Texts(&[&folder])),
        (tag::DIRECTORY_INDEXES, Numbers(&indexes)),
        (tag::BASE_NAMES, Texts(&names)),
    ]);
    let files = Installed::of_header(&blob).unwrap().files;
    assert!(!files.is_empty());
    assert!(files.iter().map(|file| file.as_bytes().len()).sum::<usize>() <= blob.len());
}
