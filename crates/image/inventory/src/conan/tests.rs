use super::lock;
use super::reference::Reference;
use crate::Mode;
use crate::fixture::{Tree, summary};

const GRAPH: &str = r#"{"graph_lock": {"nodes": {
    "0": {"ref": "app/0.1", "path": "conanfile.py", "requires": ["1"], "build_requires": ["3"]},
    "1": {"ref": "openssl/3.0.3@corp/stable#0ab", "requires": ["2"], "context": "host"},
    "2": {"ref": "zlib/1.2.12"},
    "3": {"ref": "cmake/3.22.0", "requires": ["4"], "context": "build"},
    "4": {"ref": "ncurses/6.3"},
    "5": {"ref": "zlib/1.2.12", "context": "build"}}}, "version": "0.4"}"#;

const LISTS: &str = r#"{"version": "0.5",
    "requires": ["openssl/3.0.3@corp/stable#0ab%1675278904.07", "zlib/1.2.12"],
    "build_requires": ["cmake/3.22.0", "zlib/1.2.12"],
    "python_requires": ["helper/1.0", "range/[>1]", ""]}"#;

#[test]
fn graphs_and_lists() {
    let check = |text: &str, packages: &[&str], relations: &[&str], development: &[&str]| {
        let tree = Tree::default().file("conan.lock", text);
        let (inventory, problems) = tree.assemble(Mode::Project);
        assert_eq!(problems, []);
        let shown = summary(&inventory);
        assert_eq!(shown.packages, packages);
        assert_eq!(shown.relations, relations);
        let all = inventory.packages.iter();
        let marked = all.filter(|one| one.properties.contains_key("conan:development"));
        assert_eq!(marked.map(|one| &*one.name).collect::<Vec<_>>(), development);
        let openssl = inventory.packages.iter().find(|one| one.name == "openssl").unwrap();
        assert_eq!(openssl.purl, "pkg:conan/openssl@3.0.3?channel=stable&rrev=0ab&user=corp");
        assert_eq!(tree.installed().packages, []);
    };
    check(
        GRAPH,
        &["conan cmake@3.22.0", "conan ncurses@6.3", "conan openssl@3.0.3", "conan zlib@1.2.12"],
        &["cmake@3.22.0 depends_on ncurses@6.3", "openssl@3.0.3 depends_on zlib@1.2.12"],
        &["cmake", "ncurses"],
    );
    check(
        LISTS,
        &["conan cmake@3.22.0", "conan helper@1.0", "conan openssl@3.0.3", "conan zlib@1.2.12"],
        &[],
        &["cmake", "helper"],
    );
    assert_eq!(lock::parse(b"{ corrupt").faults.len(), 1);
}

#[test]
fn references() {
    let check = |text: &str, expected: Option<(&str, &str)>| {
        let read = Reference::parse(text);
        let read = read.as_ref().map(|one| (&*one.name, &*one.version));
        assert_eq!(read, expected, "{text}");
    };
    check("zlib/1.2.12", Some(("zlib", "1.2.12")));
    check("zlib/1.2.12:0123#45", Some(("zlib", "1.2.12")));
    check("a/cci.2021@_/_#r%1.5", Some(("a", "cci.2021")));
    check("a/[>=1 <2]", None);
    check("a", None);
}

#[test]
fn built_packages_by_their_folders() {
    let id = "9d1f076b471417647c2022a78d5e2c1f834289ac";
    let cache = "root/.conan/data";
    let tree = Tree::default()
        .file(
            &format!("{cache}/boost/1.75.0/corp/stable/package/{id}/conaninfo.txt"),
            "[settings]\n    os=Linux\n[requires]\n    zlib/1.Y.Z\n[full_requires]\n    zlib/1.2.13:00\n",
        )
        .file(&format!("{cache}/zlib/1.2.13/_/_/package/{id}/conaninfo.txt"), "[settings]\n")
        .file("srv/full_deploy/host/fmt/10.1.1/Release/x86_64/conaninfo.txt", "[requires]\nboost/1.75.0#0ab\n")
        .file("root/.conan2/p/b/zlib0123/p/conaninfo.txt", "[settings]\n");
    let inventory = tree.installed();
    let shown = summary(&inventory);
    assert_eq!(shown.packages, ["conan boost@1.75.0", "conan fmt@10.1.1", "conan zlib@1.2.13"]);
    assert_eq!(
        shown.relations,
        ["boost@1.75.0 depends_on zlib@1.2.13", "fmt@10.1.1 depends_on boost@1.75.0"]
    );
    assert_eq!(inventory.packages[0].purl, "pkg:conan/boost@1.75.0?channel=stable&user=corp");
}
