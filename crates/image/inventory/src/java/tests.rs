//! Archives of every kind, and which artifacts they are.

mod projects;

use std::io::{self, Read as _};

use super::file_name::FileName;
use super::identity::{Clues, identify};
use super::{Artifact, archive, is_evidence, manifest, properties};
use crate::Mode;
use crate::fixture::{Tree, summary, zip};
use bulkhead_archive::ReadAt;
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::ProblemKind;

#[test]
fn archives_are_known_by_their_extension() {
    for (name, expected) in [
        ("a.jar", true),
        ("A.WAR", true),
        ("a.zip", false),
        ("jar", false),
        (".jar", true),
        ("a.jar.txt", false),
    ] {
        assert_eq!(is_evidence(name.as_bytes()), expected, "{name}");
    }
}

#[test]
fn file_names_part_at_the_version() {
    for (name, expected) in [
        ("commons-lang3-3.12.0.jar", ("commons-lang3", Some("3.12.0"))),
        ("kafka_2.13-3.0.0.jar", ("kafka_2.13", Some("3.0.0"))),
        ("log4j-1.2-api-2.17.jar", ("log4j-1.2-api", Some("2.17"))),
        ("a-1.0-20230101.120000-1.jar", ("a", Some("1.0-20230101.120000-1"))),
        ("a-1.0-beta-2.jar", ("a", Some("1.0-beta-2"))),
        ("org.eclipse.osgi_3.18.jar", ("org.eclipse.osgi", Some("3.18"))),
        ("guava-31.1-jre.jar", ("guava", Some("31.1-jre"))),
        ("app.jar", ("app", None)),
        ("1.0.jar", ("1", Some("0"))),
    ] {
        let read = FileName::parse(name);
        assert_eq!((read.name, read.version), expected, "{name}");
    }
}

#[test]
fn manifests_continue_their_lines() {
    let read = manifest::parse(
        b"Manifest-Version: 1.0\r\nimplementation-title: a-very-lo\r\n ng-name\r\nEmpty:\r\n\
          Left: ${version}\r\n\r\nName: x\r\nSealed: true\r\n",
    );
    assert_eq!(read.get("Implementation-Title"), Some("a-very-long-name"));
    assert_eq!((read.get("Empty"), read.get("Left"), read.get("Sealed")), (None, None, None));
}

#[test]
fn properties_need_a_name_and_a_version() {
    let check = |text: &str, expected: Option<(&str, &str, &str)>| {
        let read = properties::parse(text.as_bytes());
        let read = read.as_ref().map(|a| (a.group.as_str(), a.name.as_str(), a.version.as_str()));
        assert_eq!(read, expected, "{text}");
    };
    check("#x\ngroupId=g\nartifactId = a\nversion: 1\n", Some(("g", "a", "1")));
    check("artifactId=a\nversion=1", Some(("", "a", "1")));
    check("groupId=g\nartifactId=a\nversion=${revision}\n", None);
    check("groupId=g\nartifactId=a\n", None);
}

fn pom(group: &str, name: &str, version: &str) -> Artifact {
    let text = format!("groupId={group}\nartifactId={name}\nversion={version}\n");
    properties::parse(text.as_bytes()).unwrap()
}

#[test]
fn the_best_evidence_names_the_archive() {
    let check = |file: &str, lines: &str, poms: &[Artifact], expected: &str, merged: usize| {
        let manifest = (!lines.is_empty()).then(|| manifest::parse(lines.as_bytes()));
        let clues = Clues { manifest, artifacts: poms.to_vec() };
        let (main, others) = identify(clues, file.as_bytes());
        let main = main.map(|a| format!("{}:{}:{}", a.group, a.name, a.version));
        assert_eq!(
            (main.as_deref().unwrap_or_default(), others.len()),
            (expected, merged),
            "{file}"
        );
    };
    let a = pom("g", "a", "1.0");
    let b = pom("h", "b", "2.0");
    let one = std::slice::from_ref::<Artifact>;
    check("a-1.0.jar", "", one(&a), "g:a:1.0", 0);
    check("renamed.jar", "", one(&a), "g:a:1.0", 0);
    check("a-9.9.jar", "", one(&a), "g:a:1.0", 0);
    check("b-2.0-all.jar", "", &[a.clone(), b.clone(), a.clone()], "h:b:2.0", 1);
    check("app.jar", "Implementation-Title: b\n", &[a.clone(), b.clone()], "h:b:2.0", 1);
    check("app.jar", "Manifest-Version: 1.0\n", &[a.clone(), b.clone()], "", 2);
    check("app-3.0.jar", "Manifest-Version: 1.0\n", &[a.clone(), b.clone()], ":app:3.0", 2);
    check("app-3.0.jar", "Implementation-Version: 3.0\n", one(&a), ":app:3.0", 1);
    check("x.jar", "Implementation-Title: lib\nImplementation-Version: 4\n", &[], ":lib:4", 0);
    check("lib-5.jar", "Implementation-Title: lib\nImplementation-Version: 4\n", &[], ":lib:4", 0);
    check(
        "lib-5.jar",
        "Implementation-Title: other\nImplementation-Version: 4\n",
        &[],
        ":lib:5",
        0,
    );
    check("lib-5.jar", "Bundle-SymbolicName: org.x.lib;s:=t\n", &[], "org.x:lib:5", 0);
    check(
        "spring-core-5.3.9.jar",
        "Implementation-Title: spring-core\n",
        &[],
        "org.springframework:spring-core:5.3.9",
        0,
    );
    check("lib-5.jar", "", &[], ":lib:5", 0);
    check("lib.jar", "", &[], "", 0);
    check("lib.jar", "Manifest-Version: 1.0\n", &[], ":lib:", 0);
    check("lib-5.jar", "Weave-Classes: x\n", &[], "", 0);
}

const A: &str = "groupId=g\nartifactId=a\nversion=1.0\n";
const B: &str = "groupId=h\nartifactId=b\nversion=2.0\n";

#[test]
fn archives_in_archives() {
    let inner = zip(&[("META-INF/maven/g/a/pom.properties", A.as_bytes())]);
    let shaded = zip(&[
        ("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\n"),
        ("META-INF/maven/h/b/pom.properties", B.as_bytes()),
        ("META-INF/maven/g/a/pom.properties", A.as_bytes()),
    ]);
    let war = zip(&[
        ("META-INF/MANIFEST.MF", b"Implementation-Title: shop\nImplementation-Version: 3\n"),
        ("WEB-INF/lib/", b""),
        ("WEB-INF/lib/a.jar", &inner),
        ("WEB-INF/lib/b-2.0.jar", &shaded),
    ]);
    let inventory = Tree::default().file("srv/shop.war", war).installed();
    let shown = summary(&inventory);
    assert_eq!(shown.packages, ["maven g:a@1.0", "maven g:a@1.0", "maven h:b@2.0", "maven shop@3"]);
    assert_eq!(
        shown.relations,
        [
            "g:a@1.0 contained_in shop@3",
            "g:a@1.0 contained_in h:b@2.0",
            "h:b@2.0 contained_in shop@3"
        ]
    );
    let places: Vec<_> = inventory.packages.iter().map(|p| p.locations[0].to_string()).collect();
    assert_eq!(places[0], "srv/shop.war!WEB-INF/lib/a.jar");
    assert_eq!(places[3], "srv/shop.war");
}

fn nested(depth: usize) -> Vec<u8> {
    let pom: (&str, &[u8]) = ("pom.properties", A.as_bytes());
    (0..depth).fold(zip(&[pom]), |inner, _| zip(&[pom, ("a.jar", &inner)]))
}

#[test]
fn deep_nesting_ends_with_a_problem() {
    let budget = Budget::new(Limits::DEFAULT);
    let parsed = archive::read(&nested(100).as_slice(), &"a.jar".into(), &budget);
    assert_eq!(parsed.value.unwrap().len(), Limits::DEFAULT.depth as usize + 1);
    assert_eq!(parsed.faults.len(), 1);
    assert_eq!(parsed.faults[0].kind, ProblemKind::LimitReached);
}

#[test]
fn broken_archives_are_problems_and_the_rest_stands() {
    let outer =
        zip(&[("broken.jar", b"PK no zip"), ("META-INF/maven/pom.properties", A.as_bytes())]);
    let budget = Budget::new(Limits::DEFAULT);
    let parsed = archive::read(&outer.as_slice(), &"x.jar".into(), &budget);
    assert_eq!(parsed.faults.len(), 1);
    assert!(parsed.faults[0].message.starts_with("broken.jar: "), "{:?}", parsed.faults);
    assert!(parsed.value.unwrap()[0].main.is_some());
    for length in 0..outer.len() {
        archive::read(&&outer[..length], &"x.jar".into(), &budget);
    }
}

/// A dinosaur's file format, sonar's, and an archive of another kind: none of them is broken Java.
#[test]
fn other_files_with_these_extensions_are_no_problem() {
    let rar: &[u8] = b"Rar!\x1a\x07\x00 some other archive";
    let war = zip(&[("WEB-INF/data.rar", rar), ("pom.properties", A.as_bytes())]);
    let tree = Tree::default()
        .file("srv/backup.rar", rar)
        .file("srv/x.far", "x")
        .file("srv/shop.war", war)
        .file("srv/connector.rar", zip(&[("META-INF/maven/h/b/pom.properties", B.as_bytes())]));
    let packages = summary(&tree.installed()).packages;
    assert_eq!(packages, ["maven g:a@1.0", "maven h:b@2.0"]);
}

/// Content that does not lie in memory, as that of large files.
struct Spooled(Vec<u8>);

impl ReadAt for Spooled {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.0.get(offset..));
        rest.unwrap_or_default().read(buffer)
    }
}

/// A class loader that reads an archive as a stream never looks at the checksum of the directory.
#[test]
fn a_nested_archive_with_a_wrong_checksum_counts() {
    let inner = zip(&[("META-INF/maven/g/a/pom.properties", A.as_bytes())]);
    let mut outer = zip(&[("lib/a.jar", &inner)]);
    // The checksum of the entry in the directory: 16 bytes from its start (APPNOTE.TXT 4.3.12). The
    // directory of the outer archive is the last one.
    let directory = outer.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    outer[directory + 16] ^= 1;
    let budget = Budget::new(Limits::DEFAULT);
    let parsed = archive::read(&Spooled(outer), &"srv/app.jar".into(), &budget);
    let main = parsed.value.unwrap()[1].main.clone().unwrap();
    assert_eq!((main.group.as_str(), main.name.as_str()), ("g", "a"));
    let [fault] = parsed.faults.as_slice() else { panic!("{:?}", parsed.faults) };
    assert_eq!(fault.kind, ProblemKind::Mismatch);
    assert!(fault.message.starts_with("lib/a.jar: "), "{}", fault.message);
}

/// The same for the text that names an archive, with the remark.
#[test]
fn a_name_with_a_wrong_checksum_counts() {
    let mut jar = zip(&[("META-INF/maven/g/a/pom.properties", A.as_bytes())]);
    let directory = jar.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    jar[directory + 16] ^= 1;
    let (inventory, problems) = Tree::default().file("srv/a.jar", jar).assemble(Mode::Installed);
    assert_eq!(summary(&inventory).packages, ["maven g:a@1.0"]);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].kind, ProblemKind::Mismatch);
}
