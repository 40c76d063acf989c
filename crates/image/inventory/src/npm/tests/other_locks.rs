//! Lock files of Yarn, pnpm and Bun: the same project as each of them writes it.

use bulkhead_model::{Inventory, ProblemKind};

use crate::Mode;
use crate::fixture::{Tree, summary};
use crate::npm::{bun, pnpm, specifier, yarn};

const ROOT: &str = r#"{"name":"root","version":"1.0.0","workspaces":{"packages":["packages/*"]},
    "dependencies":{"a":"^1.0.0","alias":"npm:@s/real@^2.0.0"},"devDependencies":{"d":"*"}}"#;
const MEMBER: &str = r#"{"name":"@w/member","version":"0.1.0","dependencies":{"b":"^1.0.0"}}"#;

const CLASSIC: &str = r#"# yarn lockfile v1


a@^1.0.0:
  version "1.0.1"
  resolved "https://user:word@registry.yarnpkg.com/a/-/a-1.0.1.tgz#abc"
  integrity sha512-a
  dependencies:
    b "^1.0.0"
  optionalDependencies:
    "@s/real" "2.0.0"

"@s/real@2.0.0", "alias@npm:@s/real@^2.0.0":
  version "2.0.0"
  resolved "https://registry.yarnpkg.com/@s/real/-/real-2.0.0.tgz#abc"

b@^1.0.0:
  version "1.5.0"

d@*, "d@>= 1":
  version "3.0.0"
  resolved "git+ssh://git@host/d.git#0123abc"
  dependencies:
    e "^1"

e@^1:
  version "1.0.0"
"#;

const BERRY: &str = r#"__metadata:
  version: 8

"@s/real@npm:2.0.0, alias@npm:@s/real@^2.0.0":
  version: 2.0.0
  resolution: "@s/real@npm:2.0.0"

"@w/member@workspace:packages/member":
  version: 0.0.0-use.local
  resolution: "@w/member@workspace:packages/member"
  dependencies:
    b: "npm:^1.0.0"

"a@npm:^1.0.0":
  version: 1.0.1
  resolution: "a@npm:1.0.1"
  dependencies:
    "@s/real": 2.0.0
    b: "npm:^1.0.0"
  checksum: 10c0/aa

"b@npm:^1.0.0":
  version: 1.5.0
  resolution: "b@npm:1.5.0"

"b@npm:^1.0.0":
  version: 1.5.0
  resolution: "b@npm:1.5.0"

"d@npm:*":
  version: 3.0.0
  resolution: "d@ssh://git@host/d.git#commit=0123abc"
  dependencies:
    e: "npm:^1"

"e@npm:^1":
  version: 1.0.0
  resolution: "e@npm:1.0.0"

"root@workspace:.":
  version: 0.0.0-use.local
  resolution: "root@workspace:."
"#;

const PNPM_5: &str = r"lockfileVersion: 5.4
importers:
  .:
    specifiers: {a: ^1.0.0}
    dependencies: {a: 1.0.1_b@1.5.0, alias: /@s/real/2.0.0}
    devDependencies: {d: host/user/d/0123abc}
  packages/member:
    dependencies: {b: 1.5.0, root: 'link:../..'}
packages:
  /a/1.0.1_b@1.5.0:
    resolution: {integrity: sha512-a}
    dependencies: {b: 1.5.0, '@s/real': 2.0.0}
    dev: false
  /@s/real/2.0.0:
    resolution: {integrity: sha512-r}
  /b/1.5.0: {resolution: {integrity: sha512-b}}
  host/user/d/0123abc:
    resolution: {type: git, repo: 'ssh://git@host/d.git', commit: 0123abc}
    name: d
    version: 3.0.0
    dependencies: {e: 1.0.0}
    dev: true
  /e/1.0.0:
    resolution: null
    dev: true
";

const PNPM_6: &str = r"lockfileVersion: '6.0'
importers:
  .:
    dependencies:
      a: {specifier: ^1.0.0, version: 1.0.1(b@1.5.0)}
      alias: {specifier: 'npm:@s/real@^2.0.0', version: /@s/real@2.0.0}
    devDependencies:
      d: {specifier: '*', version: '@host/user/d/0123abc'}
  packages/member:
    dependencies: {b: {specifier: ^1.0.0, version: 1.5.0}}
packages:
  /a@1.0.1(b@1.5.0):
    dependencies: {b: 1.5.0, '@s/real': 2.0.0}
  /@s/real@2.0.0: {}
  registry.example.org/b@1.5.0: {}
  /b@1.5.0: {}
  '@host/user/d/0123abc':
    resolution: {repo: 'ssh://git@host/d.git', commit: 0123abc}
    name: d
    version: 3.0.0
    dependencies: {e: 1.0.0}
    dev: true
  /e@1.0.0: {dev: true}
";

const PNPM_9: &str = r"lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: {specifier: ^1.0.0, version: 1.0.1(b@1.5.0)}
      alias: {specifier: 'npm:@s/real@^2.0.0', version: '@s/real@2.0.0'}
    devDependencies:
      d: {specifier: '*', version: 'git+ssh://git@host/d.git#0123abc'}
  packages/member:
    dependencies: {b: {specifier: ^1.0.0, version: 1.5.0}}
packages:
  a@1.0.1: {resolution: {integrity: sha512-a}, peerDependencies: {b: '*'}}
  '@s/real@2.0.0': {}
  b@1.5.0: {}
  d@git+ssh://git@host/d.git#0123abc:
    resolution: {type: git, repo: 'git+ssh://git@host/d.git', commit: 0123abc}
    version: 3.0.0
  e@1.0.0: {}
snapshots:
  a@1.0.1(b@1.5.0):
    dependencies: {b: 1.5.0}
    optionalDependencies: {'@s/real': 2.0.0}
  '@s/real@2.0.0': {}
  b@1.5.0: {}
  d@git+ssh://git@host/d.git#0123abc:
    dependencies: {e: 1.0.0}
  e@1.0.0: {}
";

const BUN: &str = r#"{
  "lockfileVersion": 1, // since 1.2
  "workspaces": {
    "": {"name": "root", "dependencies": {"a": "^1.0.0", "alias": "npm:@s/real@^2.0.0"},
         "devDependencies": {"d": "*"},},
    "packages/member": {"name": "@w/member", "version": "0.1.0", "dependencies": {"b": "^1.0.0"}},
  },
  "packages": {
    "@w/member": ["@w/member@workspace:packages/member"],
    "@s/real": ["@s/real@2.0.0", "", {}, "sha512-r"],
    "a": ["a@1.0.1", "", {"dependencies": {"b": "^1.0.0"}, "optionalDependencies": {"@s/real": "2"}}, "sha512-a"],
    "alias": ["@s/real@2.0.0", "", {}, "sha512-r"],
    "b": ["b@1.5.0", "", {}, "sha512-b"],
    "d": ["d@https://registry.example.org/d/-/d-3.0.0.tgz", {"dependencies": {"e": "^1"}}],
    "d/e": ["e@1.0.0", "", {}],
  },
}"#;

fn project(lock: &str, content: &str) -> Inventory {
    let tree = Tree::default()
        .file("src/package.json", ROOT)
        .file("src/packages/member/package.json", MEMBER)
        .file("src/test/fixture/package.json", r#"{"name":"fixture","dependencies":{"e":"^1"}}"#)
        .file(&format!("src/{lock}"), content);
    let (inventory, problems) = tree.assemble(Mode::Project);
    assert_eq!(problems, [], "{lock}");
    inventory
}

#[test]
fn every_lock_file_says_the_same() {
    for (lock, content) in [
        ("yarn.lock", CLASSIC),
        ("yarn.lock", BERRY),
        ("pnpm-lock.yaml", PNPM_5),
        ("pnpm-lock.yaml", PNPM_6),
        ("pnpm-lock.yaml", PNPM_9),
        ("bun.lock", BUN),
    ] {
        let inventory = project(lock, content);
        let shown = summary(&inventory);
        assert_eq!(
            shown.packages,
            [
                "npm @s/real@2.0.0",
                "npm @w/member@0.1.0",
                "npm a@1.0.1",
                "npm b@1.5.0",
                "npm d@3.0.0",
                "npm e@1.0.0",
                "npm root@1.0.0"
            ],
            "{content}"
        );
        assert_eq!(
            shown.relations,
            [
                "@w/member@0.1.0 depends_on b@1.5.0",
                "a@1.0.1 depends_on @s/real@2.0.0",
                "a@1.0.1 depends_on b@1.5.0",
                "d@3.0.0 depends_on e@1.0.0",
                "root@1.0.0 depends_on @s/real@2.0.0",
                "root@1.0.0 depends_on a@1.0.1",
                "root@1.0.0 depends_on d@3.0.0"
            ],
            "{content}"
        );
        let development: Vec<&str> = inventory
            .packages
            .iter()
            .filter(|package| package.properties.contains_key("npm:development"))
            .map(|package| package.name.as_str())
            .collect();
        assert_eq!(development, ["d", "e"], "{content}");
        let scoped = &inventory.packages[0];
        assert_eq!(scoped.purl, "pkg:npm/%40s/real@2.0.0");
        assert_eq!(scoped.locations[0].to_string(), format!("src/{lock}"));
        let repository = &inventory.packages[4].purl;
        assert!(lock == "bun.lock" || repository.contains("vcs_url=git%2Bssh"), "{repository}");
    }
}

#[test]
fn manifests_say_what_only_development_needs() {
    let lock = BERRY.split("\"root@workspace").next().unwrap();
    let inventory = project("yarn.lock", lock);
    let marked = |name: &str| {
        let package = inventory.packages.iter().find(|package| package.name == name).unwrap();
        package.properties.contains_key("npm:development")
    };
    assert_eq!(["a", "b", "d", "e"].map(marked), [false, false, true, true]);
}

#[test]
fn the_package_managers_own_document_is_left_out() {
    let own = "---\nlockfileVersion: '9.0'\npackages:\n  pnpm@12.0.0: {}\n---\n";
    let inventory = project("pnpm-lock.yaml", &format!("{own}{PNPM_9}"));
    assert_eq!(summary(&inventory), summary(&project("pnpm-lock.yaml", PNPM_9)));
}

#[test]
fn in_images_locks_only_describe_what_is_installed() {
    for (lock, content) in [("yarn.lock", CLASSIC), ("pnpm-lock.yaml", PNPM_9), ("bun.lock", BUN)] {
        let installed = r#"{"name":"a","version":"1.0.1","dependencies":{"b":"*"}}"#;
        let tree = Tree::default()
            .file(&format!("app/{lock}"), content)
            .file("app/node_modules/a/package.json", installed)
            // What its authors worked with, and a broken one at that.
            .file(&format!("app/node_modules/a/{lock}"), "{")
            .file("app/node_modules/a/bun.lockb", "#!/usr/bin/env bun");
        let inventory = tree.installed();
        assert_eq!(summary(&inventory).packages, ["npm a@1.0.1"], "{lock}");
        assert_eq!(inventory.packages[0].properties["npm:integrity"], "sha512-a", "{lock}");
    }
}

#[test]
fn the_binary_lock_is_named() {
    let tree = Tree::default().file("bun.lockb", b"#!/usr/bin/env bun\nbun-lockfile-format-v0\n\0");
    let (inventory, problems) = tree.assemble(Mode::Project);
    assert!(inventory.packages.is_empty());
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].kind, ProblemKind::Unreadable);
    let (_, problems) = tree.file("bun.lock", BUN).assemble(Mode::Project);
    assert_eq!(problems, []);
}

#[test]
fn broken_locks_are_problems() {
    let deep = "{a: ".repeat(100_000);
    for (text, read) in [
        ("a@1:\n  version \"1\n\u{1}\nb", false),
        ("<<<<<<< HEAD\na@1:\n  version \"1\"\n", true),
        ("prose about yarn", false),
        ("a@1:\n  resolved \"x\"\n", false),
    ] {
        let parsed = yarn::parse(text.as_bytes());
        assert_eq!((parsed.value.is_some(), parsed.faults.is_empty()), (read, false), "{text}");
    }
    for text in ["__metadata:\n  version: 6\n\"a", &format!("__metadata: {deep}")] {
        assert_eq!(yarn::parse(text.as_bytes()).faults.len(), 1);
    }
    for text in ["lockfileVersion: [", "packages:\n\ta: b", &deep] {
        assert_eq!(pnpm::parse(text.as_bytes()).faults.len(), 1, "{}", &text[..8]);
    }
    assert_eq!(bun::parse(b"{\"packages\": {").faults.len(), 1);
}

#[test]
fn repositories_by_their_addresses() {
    for (address, expected) in [
        ("git+ssh://git@github.com/u/r.git#0ab", "git+ssh://github.com/u/r.git@0ab"),
        ("https://github.com/u/r.git#commit=0ab&head=main", "git+https://github.com/u/r.git@0ab"),
        ("github:u/r#0ab", "git+https://github.com/u/r.git@0ab"),
        ("git://host/r", "git://host/r"),
        ("https://registry.yarnpkg.com/a/-/a-1.tgz#0ab", ""),
        ("1.0.0", ""),
    ] {
        assert_eq!(specifier::repository(address), expected, "{address}");
    }
    let named = |address| specifier::named_by(address).unwrap_or_default();
    assert_eq!(named("https://host/npm/@s/a/-/a-1.tgz"), "@s/a");
    assert_eq!(named("https://host/npm/@s%2fa/-/a-1.tgz"), "@s/a");
    assert_eq!(named("https://host/a/-/a-1.tgz"), "a");
    assert_eq!(named("https://codeload.github.com/u/r/tar.gz/0ab"), "");
}
