//! Ruby, Rust, PHP and .NET: what their own clients installed and locked, against Syft's list; and
//! what the starter set says of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bulkhead_end_to_end::parts::{self, Made};
use bulkhead_end_to_end::{Image, Layer, Tar, cached};

use crate::bulkhead::{Scan, text};
use crate::languages::syft::{self, Rule, Side};
use crate::samples;

/// The last is for tests alone.
const GEMS: &[Made] =
    &[("nio4r", "2.5.2", &[]), ("puma", "4.3.1", &["nio4r"]), ("rack", "2.0.1", &[])];

const COMPOSER: &[Made] = &[
    ("guzzlehttp/psr7", "1.8.3", &[]),
    ("made/client", "v2.0.0", &["guzzlehttp/psr7", "php"]),
    ("phpmailer/phpmailer", "5.2.1", &[]),
];

const CRATES: &[(&str, &str)] = &[("hex", "0.4.3"), ("itoa", "1.0.10")];

/// A program of .NET with a library and a metapackage.
const PROGRAM: &str = r#"{"runtimeTarget": {"name": ".NETCoreApp,Version=v6.0"}, "targets":
    {".NETCoreApp,Version=v6.0": {
      "App/1.0.0": {"dependencies": {"Newtonsoft.Json": "12.0.3"}, "runtime": {"App.dll": {}}},
      "Meta/1.0.0": {},
      "Newtonsoft.Json/12.0.3": {"runtime": {"lib/netstandard2.0/Newtonsoft.Json.dll": {}}}}},
  "libraries": {
    "App/1.0.0": {"type": "project", "serviceable": false, "sha512": ""},
    "Meta/1.0.0": {"type": "package", "serviceable": true, "sha512": ""},
    "Newtonsoft.Json/12.0.3": {"type": "package", "serviceable": true, "sha512": "sha512-x"}}}"#;

const INSTALLED: &[Rule] = &[Rule {
    side: Side::Syft,
    reason: "a program itself is a project, not a package of NuGet",
    concerns: |purl| purl == "pkg:nuget/App@1.0.0",
}];

const LOCKED: &[Rule] = &[Rule {
    side: Side::Ours,
    reason: "Syft leaves out what only development needs; here it is marked so",
    concerns: |purl| purl.starts_with("pkg:composer/phpmailer/phpmailer@"),
}];

#[test]
fn installed_packages_are_those_of_syft() {
    if bulkhead_testing::tool("syft").is_none() {
        return;
    }
    let (Some(gems), Some(composer), Some(program)) = (gems(), composer(), auditable()) else {
        return;
    };
    let folder = samples::folder();
    let layer = |root: &Path, at: &str, name: &str| {
        let packed = folder.path().join(name);
        Layer::from_folder(name, root, at, &packed).expect("tar packs it")
    };
    let dotnet = Tar::new().file("opt/app/App.deps.json", PROGRAM);
    let layers = vec![
        layer(&gems.join("home"), "var/lib/gems/3.1.0", "gems"),
        layer(&composer, "srv/php", "composer"),
        layer(&program, "usr/local", "auditable"),
        Layer::from_bytes("dotnet", dotnet.finish()),
    ];
    let image = folder.path().join("image");
    Image::new(layers).write_layout(&image).expect("an image");
    let image = format!("oci-dir:{}", image.display());
    syft::compare(&image, &["gem", "composer", "cargo", "nuget"], INSTALLED);
}

#[test]
fn locked_packages_are_those_of_syft() {
    if bulkhead_testing::tool("syft").is_none() {
        return;
    }
    let (Some(gems), Some(composer)) = (gems(), composer()) else { return };
    let folder = samples::folder();
    let copy = |from: PathBuf, to: &str| {
        let to = folder.path().join(to);
        fs_err::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs_err::copy(from, to).expect("a copy");
    };
    copy(gems.join("app/Gemfile.lock"), "ruby/Gemfile.lock");
    copy(composer.join("composer.lock"), "php/composer.lock");
    // Nothing has more crates than this workspace.
    copy(bulkhead_testing::repository().join("Cargo.lock"), "rust/Cargo.lock");
    let target = format!("dir:{}", folder.path().display());
    syft::compare(&target, &["gem", "composer", "cargo"], LOCKED);
}

#[test]
fn the_starter_set_speaks_of_them() {
    let gem = "# stub: rack 2.0.1 ruby lib\nGem::Specification.new do |s|\ns.name = \"rack\".freeze\n\
               s.version = \"2.0.1\"\nend\n";
    let composer = r#"[{"name": "phpmailer/phpmailer", "version": "v5.2.1",
        "version_normalized": "5.2.1.0"}]"#;
    let cargo = "version = 4\n[[package]]\nname = \"smallvec\"\nversion = \"1.6.0\"\n\
        source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    let image = Tar::new()
        .file("var/lib/gems/3.1.0/specifications/rack-2.0.1.gemspec", gem)
        .file("srv/vendor/composer/installed.json", composer)
        .file("opt/app/App.deps.json", PROGRAM);
    let folder = samples::folder();
    let (_, target) = samples::layout(folder.path(), vec![image.finish()]);
    let found = vulnerable(&target);
    for purl in [
        "pkg:gem/rack@2.0.1",
        "pkg:composer/phpmailer/phpmailer@v5.2.1",
        "pkg:nuget/Newtonsoft.Json@12.0.3",
    ] {
        assert!(found.contains(purl), "{purl}: {found:?}");
    }
    let project = samples::folder();
    fs_err::write(project.path().join("Cargo.lock"), cargo).expect("a lock file");
    let found = vulnerable(&format!("dir:{}", project.path().display()));
    assert!(found.contains("pkg:cargo/smallvec@1.6.0"), "{found:?}");
}

/// The package URLs that findings are about.
fn vulnerable(target: &str) -> BTreeSet<String> {
    let scan = Scan::of(target, &[]);
    scan.list("/findings").map(|finding| text(finding, "/subject/purl")).collect()
}

/// A folder with a home of gems, and a project that locks them.
fn gems() -> Option<PathBuf> {
    bulkhead_testing::tool("gem")?;
    bulkhead_testing::tool("bundle")?;
    Some(cached("gems", &GEMS, |folder| parts::gems(folder, GEMS)).expect("RubyGems installs"))
}

fn composer() -> Option<PathBuf> {
    bulkhead_testing::tool("composer")?;
    let make = |folder: &Path| parts::composer(folder, COMPOSER);
    Some(cached("composer", &COMPOSER, make).expect("Composer installs"))
}

fn auditable() -> Option<PathBuf> {
    bulkhead_testing::tool("cargo-auditable")?;
    let make = |folder: &Path| parts::auditable(folder, CRATES);
    Some(cached("auditable", &CRATES, make).expect("Cargo builds"))
}
