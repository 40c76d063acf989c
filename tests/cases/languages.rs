//! Language packages that the real clients installed: our list against Syft's.

pub(crate) mod syft;

use std::path::{Path, PathBuf};

use bulkhead_end_to_end::{Image, Layer, cached, parts};

use syft::Rule;

const NPM: &[&str] =
    &["axios@0.18.0", "express@4.15.2", "handlebars@4.0.11", "lodash@4.17.4", "webpack@5.75.0"];

const PYTHON: &[&str] = &["Django==3.0", "Flask==0.12.2", "requests==2.19.1", "urllib3==1.23"];

const JARS: &[&str] = &[
    "com.fasterxml.jackson.core:jackson-databind:2.9.8",
    "commons-collections:commons-collections:3.2.1",
    "org.apache.logging.log4j:log4j-core:2.14.1",
    // Shaded: its own copies of other people's artifacts lie inside.
    "com.google.cloud.tools:jib-core:0.23.0",
    "org.apache.hadoop:hadoop-client-runtime:3.3.1",
    "org.yaml:snakeyaml:1.26",
];

const GO: &str = "github.com/mikefarah/yq/v4@v4.30.8";

/// The share of packages that may differ at all, explained or not.
const DIFFERENCES: f64 = 0.005;

const RULES: &[Rule] = &[];

#[test]
fn lists_are_those_of_syft() {
    if bulkhead_testing::tool("syft").is_none() {
        return;
    }
    let (Some(npm), Some(python), Some(jars), Some(go)) = (npm(), python(), jars(), go()) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let layer = |root: &Path, at: &str, name: &str| {
        let packed = folder.path().join(name);
        Layer::from_folder(name, root, at, &packed).expect("tar packs it")
    };
    let layers = vec![
        layer(&npm, "srv/app", "npm"),
        layer(&python, "usr/local/lib/python3.11/dist-packages", "python"),
        layer(&jars, "opt/app/lib", "jars"),
        layer(&go, "usr/local/bin", "go"),
    ];
    let image = folder.path().join("image");
    Image::new(layers).write_layout(&image).expect("an image");
    let image = format!("oci-dir:{}", image.display());
    let share = syft::compare(&image, &["npm", "pypi", "maven", "golang"], RULES);
    assert!(share <= DIFFERENCES, "{share} of the packages differ");
}

/// A folder with npm packages. None, and a recorded skip, where there is no npm.
pub(crate) fn npm() -> Option<PathBuf> {
    bulkhead_testing::tool("npm")?;
    Some(cached("npm", &NPM, |folder| parts::npm(folder, NPM)).expect("npm installs"))
}

pub(crate) fn python() -> Option<PathBuf> {
    bulkhead_testing::tool("python3")?;
    Some(cached("python", &PYTHON, |folder| parts::python(folder, PYTHON)).expect("pip installs"))
}

pub(crate) fn jars() -> Option<PathBuf> {
    bulkhead_testing::tool("mvn")?;
    Some(cached("jars", &JARS, |folder| parts::jars(folder, JARS)).expect("Maven fetches"))
}

/// A folder with a Go program. None, and a recorded skip, where there is no Go.
pub(crate) fn go() -> Option<PathBuf> {
    bulkhead_testing::tool("go")?;
    Some(cached("go", &GO, |folder| parts::go(folder, GO)).expect("Go builds"))
}
