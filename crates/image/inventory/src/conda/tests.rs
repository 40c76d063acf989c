use super::record;
use crate::fixture::{Tree, summary};

const ZLIB: &str = r#"{"arch": "x86_64", "build": "h90dfc92_1014", "build_number": 1014,
    "channel": "https://user:word@conda.anaconda.org/conda-forge/linux-64",
    "depends": ["libc", "python >=3.9,<3.10.0a0", "conda-forge::other=1"],
    "files": ["include/zlib.h", "lib/python3.9/site-packages/a-1.0.dist-info/METADATA"],
    "fn": "zlib-1.2.11-h90dfc92_1014.tar.bz2", "license": "Zlib", "name": "zlib",
    "subdir": "linux-64", "version": "1.2.11"}"#;

#[test]
fn packages_of_an_environment() {
    let python =
        r#"{"name": "python", "version": "3.9.7", "channel": "defaults", "fn": "x.conda"}"#;
    let tree = Tree::default()
        .file("opt/conda/conda-meta/zlib-1.2.11-h90dfc92_1014.json", ZLIB)
        .file("opt/conda/conda-meta/python-3.9.7-0.json", python)
        .file("opt/conda/envs/x/conda-meta/other-1-0.json", r#"{"name": "other", "version": "1"}"#)
        .file("opt/conda/conda-meta/history", "==> <==")
        .file(
            "opt/conda/lib/python3.9/site-packages/a-1.0.dist-info/METADATA",
            "Name: a\nVersion: 1.0\n",
        );
    let inventory = tree.installed();
    let shown = summary(&inventory);
    assert_eq!(
        shown.packages,
        ["pypi a@1.0", "conda other@1", "conda python@3.9.7", "conda zlib@1.2.11"]
    );
    assert_eq!(
        shown.relations,
        ["a@1.0 owned_by zlib@1.2.11", "zlib@1.2.11 depends_on python@3.9.7"]
    );
    let [_, _, python, zlib] = inventory.packages.as_slice() else { panic!("four packages") };
    assert_eq!(
        zlib.purl,
        "pkg:conda/zlib@1.2.11?build=h90dfc92_1014&channel=conda-forge&subdir=linux-64&type=tar.bz2"
    );
    assert_eq!(python.purl, "pkg:conda/python@3.9.7?channel=defaults&type=conda");
    assert_eq!(zlib.properties["conda:channel"], "https://conda.anaconda.org/conda-forge/linux-64");
    assert_eq!(zlib.licences, ["Zlib"]);
}

#[test]
fn broken_records_are_a_problem() {
    for text in ["", "{", r#"{"name": "a"}"#, "[]"] {
        assert_eq!(record::parse(text.as_bytes()).faults.len(), 1, "{text}");
    }
}
