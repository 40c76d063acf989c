//! What projects lock: the forms of each tool, and what is said of what they leave open.

use bulkhead_model::{Inventory, ProblemKind};

use crate::Mode;
use crate::fixture::{Tree, summary};
use crate::python::kind::Kind;
use crate::python::{lock, pipfile, requirements};

#[test]
fn files_are_known_by_their_names() {
    for (path, expected) in [
        ("requirements.txt", Some(Kind::Requirements)),
        ("src/dev-requirements.txt", Some(Kind::Requirements)),
        ("requirements_test.txt", Some(Kind::Requirements)),
        ("requirements/base.txt", Some(Kind::Requirements)),
        ("requirements.in", None),
        ("lib/site-packages/a/requirements.txt", None),
        ("poetry.lock", Some(Kind::Lock)),
        ("pylock.toml", Some(Kind::Lock)),
        ("pylock.dev.toml", Some(Kind::Lock)),
        ("pylock.a.b.toml", None),
        ("a/Pipfile.lock", Some(Kind::Pipfile)),
    ] {
        assert_eq!(Kind::of(&path.into()), expected, "{path}");
    }
}

#[test]
fn requirements_line_by_line() {
    let check = |text: &str, pinned: &[&str], open: &[&str], faults: usize| {
        let read = requirements::parse(text.as_bytes());
        assert_eq!(read.faults.len(), faults, "{text}");
        let read = read.value.unwrap_or_default();
        let packages = read.lock.packages.iter();
        let shown: Vec<String> = packages.map(|p| format!("{}@{}", p.name, p.version)).collect();
        assert_eq!(shown, pinned, "{text}");
        assert_eq!(read.open, open, "{text}");
    };
    check("a==1.0", &["a@1.0"], &[], 0);
    check("a===1.0+local # why", &["a@1.0+local"], &[], 0);
    check("A.b[x,y] == 1.0 ; python_version < '3'", &["A.b@1.0"], &[], 0);
    check("a (==1.0)", &["a@1.0"], &[], 0);
    check("a>=1,==1.5", &["a@1.5"], &[], 0);
    check("a==1.*\nb>=1\nc\nd~=2", &[], &["a", "b", "c", "d"], 0);
    check("a==1 \\\n    --hash=sha256:0 \\\n    --hash=sha256:1\nb==2", &["a@1", "b@2"], &[], 0);
    check("-r other.txt\n-c limits.txt\n--index-url https://u:p@host\n\n# a==1", &[], &[], 0);
    check("git+https://host/a.git@v1#egg=a[x]&subdirectory=b", &["a@"], &[], 0);
    check("-e git+ssh://git@host/a.git@0ab#egg=a", &["a@"], &[], 0);
    check("-e .\n./folder\n/srv/b", &[], &[], 0);
    check("a @ https://host/a-1.2-py3-none-any.whl#sha256=0 ; os_name == 'nt'", &["a@1.2"], &[], 0);
    check("https://host/x/a_b-1.2.tar.gz", &["a_b@1.2"], &[], 0);
    check("./wheels/a-1.2-py3-none-any.whl", &["a@1.2"], &[], 0);
    check("a @ git+https://host/a", &["a@"], &[], 0);
    check("The system shall\nbe good\na==1", &["a@1"], &[], 1);
    check("a==${VERSION}", &[], &["a"], 0);
    let utf16: Vec<u8> = "\u{feff}a==1.0\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(requirements::parse(&utf16).value.unwrap().lock.packages[0].version, "1.0");
}

const POETRY_1: &str = r#"
[[package]]
name = "Web.App"
version = "1.0"
category = "main"
[package.dependencies]
lib = {version = ">=1", optional = true}
tool = [{version = "^1", markers = "python_version < '3'"}, {version = "^2"}]

[[package]]
name = "lib"
version = "2.0"
[package.source]
type = "git"
url = "https://user:word@host/lib.git"
reference = "main"
resolved_reference = "0123abc"

[[package]]
name = "tool"
version = "3.0"
category = "dev"
[package.source]
type = "legacy"
url = "https://index.example.org/simple"
"#;

const POETRY_2: &str = r#"
package = [
  {name = "web-app", version = "1.0", groups = ["main", "dev"], dependencies = {lib = "*", tool = "*"}},
  {name = "lib", version = "2.0", groups = ["main"], source = {type = "git", url = "https://host/lib.git", resolved_reference = "0123abc"}},
  {name = "tool", version = "3.0", groups = ["dev"]},
]
"#;

const UV: &str = r#"
version = 1
[[package]]
name = "project"
source = { virtual = "." }
dependencies = [{ name = "web-app" }]
[package.dev-dependencies]
dev = [{ name = "tool" }]

[[package]]
name = "web-app"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "lib", marker = "os_name == 'nt'" }]
[package.optional-dependencies]
fast = [{ name = "tool", version = "3.0" }]

[[package]]
name = "lib"
version = "2.0"
source = { git = "https://host/lib.git?rev=main#0123abc" }

[[package]]
name = "tool"
version = "3.0"
"#;

const PDM: &str = r#"
[[package]]
name = "web-app"
version = "1.0"
groups = ["default"]
dependencies = ["lib>=1", "tool; python_version < \"3\""]

[[package]]
name = "web-app"
version = "1.0"
extras = ["x"]
groups = ["default"]
dependencies = ["web-app==1.0"]

[[package]]
name = "lib"
version = "2.0"
groups = ["default"]
git = "https://host/lib.git"
ref = "main"
revision = "0123abc"

[[package]]
name = "tool"
version = "3.0"
groups = ["test"]
"#;

const PYLOCK: &str = r#"
lock-version = "1.0"
[[packages]]
name = "web-app"
version = "1.0"
dependencies = [{name = "lib"}, {name = "tool", version = "3.0"}]
[[packages.wheels]]
url = "https://host/web_app-1.0-py3-none-any.whl"
[[packages]]
name = "lib"
version = "2.0"
vcs = {type = "git", url = "https://host/lib.git", requested-revision = "main", commit-id = "0123abc"}
[[packages]]
name = "tool"
version = "3.0"
archive = {url = "https://host/tool-3.0.zip"}
"#;

const PIPFILE: &str = r#"{"_meta": {"hash": {}}, "default": {
    "web-app": {"version": "==1.0", "hashes": ["sha256:0"]},
    "here": {"editable": true, "path": "."},
    "lib": {"git": "https://host/lib.git", "ref": "0123abc"}},
    "develop": {"tool": {"version": "==3.0"}}}"#;

fn assembled(lock: &str, content: &str) -> Inventory {
    let (inventory, problems) = Tree::default().file(lock, content).assemble(Mode::Project);
    assert_eq!(problems, [], "{content}");
    inventory
}

#[test]
fn every_lock_file_says_the_same() {
    for (lock, content, marks_development) in [
        ("poetry.lock", POETRY_1, true),
        ("poetry.lock", POETRY_2, true),
        ("uv.lock", UV, false),
        ("pdm.lock", PDM, true),
        ("pylock.toml", PYLOCK, false),
    ] {
        let inventory = assembled(lock, content);
        let shown = summary(&inventory);
        let purls: Vec<&str> = inventory.packages.iter().map(|p| p.purl.as_str()).collect();
        let without_project = purls.into_iter().filter(|purl| !purl.ends_with("/project"));
        let mut without_project: Vec<&str> = without_project.collect();
        without_project.sort_unstable();
        assert_eq!(
            without_project,
            [
                "pkg:pypi/lib@2.0?vcs_url=git%2Bhttps:%2F%2Fhost%2Flib.git%400123abc",
                "pkg:pypi/tool@3.0",
                "pkg:pypi/web-app@1.0"
            ],
            "{content}"
        );
        let name = if content == POETRY_1 { "Web.App" } else { "web-app" };
        for expected in
            [format!("{name}@1.0 depends_on lib@2.0"), format!("{name}@1.0 depends_on tool@3.0")]
        {
            assert!(shown.relations.contains(&expected), "{content} {:?}", shown.relations);
        }
        let tool = inventory.packages.iter().find(|package| package.name == "tool").unwrap();
        assert_eq!(tool.properties.contains_key("python:development"), marks_development);
    }
    let inventory = assembled("Pipfile.lock", PIPFILE);
    assert_eq!(summary(&inventory).packages, ["pypi lib@", "pypi tool@3.0", "pypi web-app@1.0"]);
    assert_eq!(inventory.packages[1].properties["python:development"], "true");
    assert_eq!(
        inventory.packages[0].purl,
        "pkg:pypi/lib?vcs_url=git%2Bhttps:%2F%2Fhost%2Flib.git%400123abc"
    );
}

#[test]
fn projects_are_the_roots_of_their_locks() {
    let lock = UV.replace("[{ name = \"tool\", version", "[{ name = \"none\", version");
    let shown = summary(&assembled("uv.lock", &lock));
    assert!(shown.relations.contains(&"project@ depends_on tool@3.0".to_owned()));
    let inventory = assembled("uv.lock", &lock);
    let marked = |name: &str| {
        let package = inventory.packages.iter().find(|package| package.name == name).unwrap();
        package.properties.contains_key("python:development")
    };
    assert_eq!([marked("tool"), marked("lib"), marked("project")], [true, false, false]);
}

#[test]
fn in_images_locks_relate_what_is_installed() {
    let metadata = |name: &str, version: &str| format!("Name: {name}\nVersion: {version}\n");
    let site = "usr/lib/python3.11/site-packages";
    let tree = Tree::default()
        .file("app/poetry.lock", POETRY_1)
        .file("app/requirements.txt", "missing==1\nopen\n")
        .file(&format!("{site}/Web.App-1.0.dist-info/METADATA"), metadata("Web.App", "1.0"))
        .file(&format!("{site}/lib-2.0.dist-info/METADATA"), metadata("lib", "2.0"))
        .file(&format!("{site}/tool-9.dist-info/METADATA"), metadata("tool", "9"));
    let shown = summary(&tree.installed());
    assert_eq!(shown.packages, ["pypi Web.App@1.0", "pypi lib@2.0", "pypi tool@9"]);
    assert_eq!(shown.relations, ["Web.App@1.0 depends_on lib@2.0"]);
}

#[test]
fn what_is_left_open_is_named_once() {
    let tree = Tree::default()
        .file("a/requirements.txt", "lib\nother>=2\n")
        .file("a/poetry.lock", POETRY_1)
        .file("b/requirements.txt", "x\n")
        .file(
            "b/.venv/lib/python3.11/site-packages/x-1.dist-info/METADATA",
            "Name: x\nVersion: 1\n",
        );
    let (_, problems) = tree.assemble(Mode::Project);
    let shown: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(problems.len(), 1, "{shown:?}");
    assert_eq!(problems[0].kind, ProblemKind::Unresolved);
    assert!(shown[0].contains("given for other:"), "{shown:?}");
}

/// pip, "Requirements File Format": `-r` of another file, relative to this one, or of an address.
#[test]
fn included_files_that_are_not_read_are_named() {
    let asked = "-r requirements-base.txt\n-r ../requirements/x.txt\n-rbase.txt\n\
        --requirement=https://host/requirements.txt\n";
    let tree = Tree::default().file("a/requirements.txt", asked);
    let (_, problems) = tree.assemble(Mode::Project);
    let shown: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert!(shown[0].contains("of base.txt are"), "{shown:?}");
    assert!(shown[1].contains("of https://host/requirements.txt are"), "{shown:?}");
}

#[test]
fn broken_locks_are_problems() {
    let deep = format!("a = {}", "[".repeat(100_000));
    for text in ["[[package]]\nname = ", "package = [", "\0", &deep] {
        assert_eq!(lock::parse(text.as_bytes()).faults.len(), 1, "{}", text.len());
    }
    assert_eq!(lock::parse(b"[[package]]\nversion = 1\n").value.unwrap().packages, []);
    assert_eq!(lock::parse(b"[[package]]\n\nname = ").faults[0].message.get(..7), Some("line 3:"));
    assert_eq!(pipfile::parse(b"{\"default\": {").faults.len(), 1);
}
