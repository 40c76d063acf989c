use std::process::Command;

use bulkhead_model::ProblemKind;
use serde_json::Value;

use super::gemspec::{self, Gemspec};
use super::{Kind, gemfile, lock};
use crate::Mode;
use crate::fixture::{Tree, summary};

#[test]
fn files_are_known_by_their_places() {
    for (path, expected) in [
        ("var/lib/gems/3.1.0/specifications/a-1.gemspec", Some(Kind::Specification)),
        ("usr/lib/ruby/gems/3.1.0/specifications/default/a-1.gemspec", Some(Kind::Specification)),
        ("vendor/bundle/ruby/3.1.0/bundler/gems/a-0123abc/a.gemspec", Some(Kind::Specification)),
        ("var/lib/gems/3.1.0/gems/a-1/a.gemspec", None),
        ("a.gemspec", None),
        ("Gemfile.lock", Some(Kind::Lock)),
        ("srv/app/gems.locked", Some(Kind::Lock)),
        ("var/lib/gems/3.1.0/gems/a-b-1.0.0/Gemfile.lock", None),
        ("srv/bundler/gems/a-0123abc4567/Gemfile.lock", None),
        ("gems/my-app/Gemfile.lock", Some(Kind::Lock)),
        ("Gemfile", Some(Kind::Gemfile)),
    ] {
        assert_eq!(Kind::of(&path.into()), expected, "{path}");
    }
}

fn check(code: &str, name: &str, version: &str, licences: &[&str], needs: &[(&str, &str)]) {
    let gem = gemspec::parse(code.as_bytes()).value.unwrap_or_default();
    assert_eq!((gem.name.as_str(), gem.version.as_str()), (name, version), "{code}");
    assert_eq!(gem.licences, licences, "{code}");
    let read = gem.dependencies.iter();
    let read: Vec<_> = read.map(|need| (need.name.as_str(), need.requirement.as_str())).collect();
    assert_eq!(read, needs, "{code}");
}

#[test]
fn specifications_as_rubygems_and_people_write_them() {
    check(
        "# -*- encoding: utf-8 -*-\n# stub: a 1.0 ruby lib\n\nGem::Specification.new do |s|\n  \
         s.name = \"a\".freeze\n  s.version = \"1.0\"\n  s.licenses = [\"MIT\".freeze, \"Ruby\"]\n  \
         if s.respond_to? :x then\n    s.add_runtime_dependency(%q<b>.freeze, [\">= 0\", \"< 2\"])\n    \
         s.add_development_dependency(%q<rake>.freeze, [\">= 0\"])\n  else\n    \
         s.add_dependency(%q<b>.freeze, [\">= 0\"])\n    s.add_dependency(%q<rake>.freeze, [])\n  end\nend\n",
        "a",
        "1.0",
        &["MIT", "Ruby"],
        &[("b", ">= 0, < 2")],
    );
    check(
        "Gem::Specification.new { |gem|\ngem.name          = 'a-b'\n\
         gem.version = Gem::Version.new('2.0.0.pre1') # for now\ngem.license = 'MIT'\n\
         gem.add_dependency 'c'\ngem.add_dependency 'd',\n  '~> 1',\n  '!= 1.2'\n\
         gem.add_dependency('e', ['>= 1'])\n}\n",
        "a-b",
        "2.0.0.pre1",
        &["MIT"],
        &[("c", ""), ("d", "~> 1, != 1.2"), ("e", ">= 1")],
    );
    for computed in ["A::VERSION", "\"1.#{A}\"", "File.read('1.0')", "\"1.0\".succ", "\"x\" + y"] {
        check(&format!("s.name = 'a'\ns.version = {computed}\n"), "a", "", &[], &[]);
    }
    check("s.version = '1'\nif s.name == 'x'\nend\n# s.name = 'y'\n", "", "", &[], &[]);
}

/// Ruby itself runs each specification of this machine, and says what it is.
#[test]
fn specifications_of_this_machine_as_ruby_reads_them() {
    const LOAD: &str = r#"require "json"; puts JSON.generate(ARGV.to_h { |path|
        spec = Gem::Specification.load(path)
        needs = spec.runtime_dependencies.to_h { |need| [need.name, need.requirement.to_s] }
        [path, [spec.name, spec.version.to_s, spec.platform.to_s, spec.licenses, needs]] })"#;
    let Some(ruby) = bulkhead_testing::tool("ruby") else { return };
    let folders = Command::new(&ruby)
        .args(["-e", "puts Gem::Specification.dirs, Gem.default_specifications_dir"])
        .output()
        .unwrap();
    let folders = String::from_utf8(folders.stdout).unwrap();
    let files = folders.lines().map(std::path::Path::new).filter(|folder| folder.is_dir());
    let files = files.flat_map(bulkhead_testing::files_below);
    let files: Vec<_> =
        files.filter(|file| file.extension().is_some_and(|end| end == "gemspec")).collect();
    assert!(!files.is_empty(), "Ruby brings gems");
    let output = Command::new(&ruby).args(["-e", LOAD]).args(&files).output().unwrap();
    let expected: Value = serde_json::from_slice(&output.stdout).unwrap();
    for file in &files {
        let path = file.to_str().unwrap();
        let Gemspec { name, version, platform, licences, dependencies } =
            gemspec::parse(&fs_err::read(file).unwrap()).value.unwrap();
        // Ruby sorts the parts of a requirement, and calls an empty one `>= 0`.
        let sorted = |text: &str| {
            let mut parts: Vec<String> = text.split(", ").map(str::to_owned).collect();
            parts.sort();
            if text.is_empty() { vec![">= 0".to_owned()] } else { parts }
        };
        let needs: serde_json::Map<String, Value> = dependencies
            .into_iter()
            .map(|need| (need.name, sorted(&need.requirement).into()))
            .collect();
        let mut expected = expected[path].clone();
        for need in expected[4].as_object_mut().unwrap().values_mut() {
            *need = sorted(need.as_str().unwrap()).into();
        }
        assert_eq!(
            serde_json::json!([name, version, platform, licences, needs]),
            expected,
            "{path}"
        );
    }
}

const LOCK: &str = "\
GIT
  remote: https://user:word@host/lib.git
  revision: 0123abc
  branch: main
  specs:
    lib (2.0)
      c (>= 1)

PATH
  remote: .
  specs:
    project (0.1)
      b

GEM
  remote: https://rubygems.org/
  specs:
    b (1.0)
      c (~> 3.0)
    c (3.1.0)
    c (3.1.0-java)
    c (3.1.0-x86_64-linux)
    rake (13.0)

PLATFORMS
  ruby
  java

DEPENDENCIES
  lib!
  project!
  rake (~> 13)

CHECKSUMS
  b (1.0) sha256=0

RUBY VERSION
   ruby 3.1.0p0

BUNDLED WITH
   2.3.15
";

#[test]
fn locked_gems() {
    let gemfile =
        "source 'x'\ngem 'lib', git: 'y'\ngroup :development, :test do\n  gem 'rake'\nend\n";
    let tree = Tree::default().file("Gemfile.lock", LOCK).file("Gemfile", gemfile);
    let (inventory, problems) = tree.assemble(Mode::Project);
    assert_eq!(problems, []);
    let shown = summary(&inventory);
    assert_eq!(shown.packages, ["gem b@1.0", "gem c@3.1.0", "gem lib@2.0", "gem rake@13.0"]);
    assert_eq!(shown.relations, ["b@1.0 depends_on c@3.1.0", "lib@2.0 depends_on c@3.1.0"]);
    let [_, c, lib, rake] = inventory.packages.as_slice() else { panic!("four packages") };
    assert_eq!(lib.purl, "pkg:gem/lib@2.0?vcs_url=git%2Bhttps:%2F%2Fhost%2Flib.git%400123abc");
    assert_eq!(c.properties["gem:platforms"], "java x86_64-linux");
    assert_eq!(rake.properties["gem:development"], "true");
    assert!(!c.properties.contains_key("gem:development"));
    assert_eq!(tree.installed().packages, []);
}

#[test]
fn broken_locks_say_so() {
    let check = |text: &str, packages: usize, faults: usize| {
        let read = lock::parse(text.as_bytes());
        assert_eq!(read.value.unwrap_or_default().packages.len(), packages, "{text}");
        assert_eq!(read.faults.len(), faults, "{text}");
    };
    check("", 0, 1);
    check("GEM\n  specs:\n    a (1\n    b (1)\n", 1, 1);
    check("<<<<<<< HEAD\nGEM\n  specs:\n    a (1)\n=======\n", 1, 1);
    check("GEM\n      lost\n", 0, 1);
}

#[test]
fn gemfiles_tell_what_is_for_development() {
    let check = |code: &str, expected: &[&str]| {
        assert_eq!(gemfile::development(code.as_bytes()), expected, "{code}");
    };
    check(
        "gem 'a'\ngem 'b', '~> 1', group: :test\ngem('c', :groups => [:development, :test])",
        &["b", "c"],
    );
    check("group :test do\nif x\ngem 'a'\nend\ngem 'b'\nend\ngem 'c'", &["a", "b"]);
    check("group :assets do\ngem 'a'\nend\nsource 'x' do\ngem 'b'\nend", &[]);
    check("group 'test', optional: true do\ngem 'a' # end\nend\ngem 'a'\nend\nend", &[]);
    check("gem 'a', require: %w[x y], group: %i[test], if: y", &["a"]);
}

#[test]
fn a_gem_needs_the_newest_that_will_do() {
    let gem = |name: &str, version: &str, needs: &str| {
        format!("s.name = '{name}'\ns.version = '{version}'\ns.platform = 'java'\n{needs}")
    };
    let home = "usr/lib/ruby/gems/3.1.0/specifications";
    let tree = Tree::default()
        .file(
            &format!("{home}/a-1.gemspec"),
            gem("a", "1", "s.add_dependency 'b', '~> 1.0'\ns.add_dependency 'c'"),
        )
        .file(&format!("{home}/default/b-1.2.gemspec"), gem("b", "1.2", ""))
        .file(&format!("{home}/b-1.10.gemspec"), gem("b", "1.10", ""))
        .file(&format!("{home}/b-2.0.gemspec"), gem("b", "2.0", ""))
        .file("srv/ruby/3.1.0/specifications/b-1.11.gemspec", gem("b", "1.11", ""))
        .file("srv/ruby/3.1.0/specifications/c-1.gemspec", gem("c", "1", ""));
    let inventory = tree.installed();
    assert_eq!(summary(&inventory).relations, ["a@1 depends_on b@1.10", "a@1 depends_on c@1"]);
    assert_eq!(inventory.packages[0].purl, "pkg:gem/a@1?platform=java");
}

#[test]
fn a_version_that_code_computes_is_a_problem() {
    let path = "srv/ruby/3.1.0/bundler/gems/a-0123abc/a.gemspec";
    let tree = Tree::default().file(path, "s.name = 'a'\ns.version = A::VERSION\n");
    let (inventory, problems) = tree.assemble(Mode::Installed);
    assert_eq!(summary(&inventory).packages, ["gem a@"]);
    assert_eq!(problems[0].kind, ProblemKind::Unresolved);
}
