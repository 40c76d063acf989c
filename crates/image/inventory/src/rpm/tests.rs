//! Databases in trees: where they lie, which of several counts, what broken ones give.

use std::io;

use bulkhead_archive::ReadAt;
use bulkhead_layers::{Detector as _, File, Metadata};
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::ProblemKind;

use super::samples::Value::{Numbers, Text, Texts};
use super::samples::{header, ndb, package};
use crate::Mode;
use crate::fixture::{Tree, summary};
use crate::rpm::header::tag;

const OS_RELEASE: &str = "ID=\"sles\"\nVERSION_ID=\"15.5\"\n";

#[test]
fn packages_are_of_their_distribution() {
    let blob = header(&[
        (tag::NAME, Text("a")),
        (tag::EPOCH, Numbers(&[1])),
        (tag::VERSION, Text("2")),
        (tag::RELEASE, Text("3")),
        (tag::ARCHITECTURE, Text("x86_64")),
        (tag::SOURCE_RPM, Text("a-2-3.src.rpm")),
        (tag::VENDOR, Text("SUSE")),
    ]);
    let tree = Tree::default()
        .file("etc/os-release", OS_RELEASE)
        .file("usr/lib/sysimage/rpm/Packages.db", ndb(&[blob]));
    let inventory = tree.installed();
    let [package] = inventory.packages.as_slice() else { panic!("{inventory:?}") };
    assert_eq!(
        package.purl,
        "pkg:rpm/sles/a@2-3?arch=x86_64&distro=sles-15.5&epoch=1&upstream=a-2-3.src.rpm"
    );
    assert_eq!(package.version, "1:2-3");
    assert_eq!(package.properties["rpm:vendor"], "SUSE");
    assert!(!package.properties.contains_key("rpm:modularity"));
    let system = inventory.operating_system.as_ref().unwrap();
    assert_eq!(system.scope.as_ref().unwrap().to_string(), "sles:15.5");
}

#[test]
fn a_database_behind_links_is_one() {
    let database = ndb(&[package("a", "1")]);
    let linked = Tree::default()
        .link("var/lib/rpm", "../../usr/lib/sysimage/rpm")
        .file("usr/lib/sysimage/rpm/Packages.db", &database);
    assert_eq!(summary(&linked.installed()).packages, ["rpm a@1-1"]);
}

#[test]
fn of_several_forms_the_newest_with_packages_counts() {
    let empty = ndb(&[]);
    let tree =
        Tree::default().file("var/lib/rpmmanifest/container-manifest-1", "old-1-1.noarch\n").file(
            "var/lib/rpmmanifest/container-manifest-2",
            "new\t1-1\t0\t0\tV\t(none)\t0\tnoarch\tx\n",
        );
    assert_eq!(summary(&tree.installed()).packages, ["rpm new@1-1"]);
    let tree = Tree::default().file("var/lib/rpm/Packages.db", empty);
    assert_eq!(summary(&tree.installed()).packages, [""; 0]);
}

#[test]
fn needs_are_fulfilled_by_names_and_files() {
    let with = |name: &str, architecture: &str, requires: &[&str], provides: &[&str]| {
        header(&[
            (tag::NAME, Text(name)),
            (tag::VERSION, Text("1")),
            (tag::ARCHITECTURE, Text(architecture)),
            (tag::REQUIRE_NAME, Texts(requires)),
            (tag::PROVIDE_NAME, Texts(provides)),
            (tag::DIRECTORY_NAMES, Texts(&["/usr/bin/"])),
            (tag::DIRECTORY_INDEXES, Numbers(&[0])),
            (tag::BASE_NAMES, Texts(&[name])),
        ])
    };
    let database = ndb(&[
        with("app", "x86_64", &["libc", "/bin/shell", "missing", "app"], &["app"]),
        with("libc-64", "x86_64", &[], &["libc"]),
        with("libc-32", "i686", &[], &["libc"]),
        with("shell", "noarch", &["libc"], &["shell"]),
    ]);
    let tree = Tree::default()
        .link("bin", "usr/bin")
        .file("usr/bin/shell", "#!")
        .file("var/lib/rpm/Packages.db", database);
    assert_eq!(
        summary(&tree.installed()).relations,
        [
            "app@1 depends_on libc-64@1",
            "app@1 depends_on shell@1",
            "shell@1 depends_on libc-32@1",
            "shell@1 depends_on libc-64@1"
        ]
    );
}

#[test]
fn files_of_other_kinds_of_package_have_an_owner() {
    let blob = header(&[
        (tag::NAME, Text("python3-a")),
        (tag::VERSION, Text("1")),
        (tag::DIRECTORY_NAMES, Texts(&["/usr/lib/python3.9/site-packages/a-1.dist-info/"])),
        (tag::DIRECTORY_INDEXES, Numbers(&[0])),
        (tag::BASE_NAMES, Texts(&["METADATA"])),
    ]);
    let tree = Tree::default().file("var/lib/rpm/Packages.db", ndb(&[blob])).file(
        "usr/lib/python3.9/site-packages/a-1.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: a\nVersion: 1\n",
    );
    assert_eq!(summary(&tree.installed()).relations, ["a@1 owned_by python3-a@1"]);
}

/// A broken package is a problem, and the others are there.
#[test]
fn one_broken_package_of_several() {
    let broken = package("b", "1")[..40].to_vec();
    let database = ndb(&[package("a", "1"), broken, package("c", "1")]);
    let (inventory, problems) =
        Tree::default().file("var/lib/rpm/Packages.db", database).assemble(Mode::Installed);
    assert_eq!(summary(&inventory).packages, ["rpm a@1-1", "rpm c@1-1"]);
    let [problem] = problems.as_slice() else { panic!("{problems:?}") };
    assert_eq!(problem.kind, ProblemKind::Truncated);
    assert!(problem.message.starts_with("row 2: "), "{}", problem.message);
}

/// Every byte of a package is under its checksum.
#[test]
fn a_changed_byte_is_noticed() {
    let database = ndb(&[package("a", "1")]);
    for at in 4096..database.len() {
        let mut changed = database.clone();
        changed[at] ^= 0x10;
        let tree = Tree::default().file("var/lib/rpm/Packages.db", changed);
        let (_, problems) = tree.assemble(Mode::Installed);
        // The length in the tail is in the head as well.
        let spare = (database.len() - 8..database.len() - 4).contains(&at);
        assert_eq!(problems.is_empty(), spare, "byte {at}");
    }
}

/// Content that does not lie in memory.
struct Spooled(Vec<u8>);

impl ReadAt for Spooled {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read_at(offset, buffer)
    }
}

#[test]
fn large_databases_are_read_in_pieces() {
    for path in bulkhead_testing::data_files("fixtures/rpmdb") {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap();
        let place = format!("var/lib/rpm/{name}").as_str().into();
        let content = fs_err::read(&path).unwrap();
        let metadata = Metadata { mode: 0o644, size: content.len() as u64 };
        let facts = |content: &dyn ReadAt| {
            let file = File { path: &place, metadata: &metadata, content };
            super::RpmDetector.facts(&file, &Budget::new(Limits::DEFAULT))
        };
        assert_eq!(facts(&content.as_slice()), facts(&Spooled(content.clone())));
    }
}

/// Real databases without their end, and with changes all over.
#[test]
fn damaged_databases_are_problems() {
    for path in bulkhead_testing::data_files("fixtures/rpmdb") {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap();
        let place = format!("var/lib/rpm/{name}");
        if !super::PLACES.contains(&place.as_str()) {
            continue;
        }
        let content = fs_err::read(&path).unwrap();
        let assemble =
            |content: &[u8]| Tree::default().file(&place, content).assemble(Mode::Installed);
        let (whole, _) = assemble(&content);
        for share in [0, 1, 3, 7] {
            let cut = &content[..content.len() / 16 * share];
            let (inventory, problems) = assemble(cut);
            assert!(!problems.is_empty(), "{} cut to {}", path.display(), cut.len());
            assert!(inventory.packages.len() < whole.packages.len(), "{}", path.display());
        }
        for step in [31, 101] {
            let mut changed = content.clone();
            changed.iter_mut().step_by(step).for_each(|byte| *byte ^= 0x81);
            changed[..64].copy_from_slice(&content[..64]);
            let (_, problems) = assemble(&changed);
            assert!(!problems.is_empty(), "{} changed every {step}", path.display());
        }
    }
}
