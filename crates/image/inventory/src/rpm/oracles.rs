//! Databases against what rpm itself and other readers say of them.

mod berkeley_load;
mod go;
mod rpm;
mod write_ahead;

use std::path::Path;

use bulkhead_model::{Inventory, Problem};

use crate::Mode;
use crate::fixture::Tree;

/// What a database file holds, under the name that it has in a root file system.
fn read(files: &[(&str, &[u8])]) -> (Inventory, Vec<Problem>) {
    let tree = files.iter().fold(Tree::default(), |tree, (name, content)| {
        tree.file(&format!("var/lib/rpm/{name}"), content)
    });
    tree.assemble(Mode::Installed)
}

/// The lines that [`rpm::list`] asks rpm for, of our inventory.
fn lines(inventory: &Inventory) -> Vec<String> {
    let mut lines: Vec<String> = inventory
        .packages
        .iter()
        .map(|package| {
            let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "(none)".to_owned());
            let property =
                |name: &str| text(&package.properties.get(&format!("rpm:{name}")).cloned());
            [
                package.name.clone(),
                package.version.clone(),
                text(&package.architecture),
                text(&package.licences.first().cloned()),
                property("vendor"),
                property("modularity"),
            ]
            .join("|")
        })
        .collect();
    lines.sort();
    lines
}

/// The databases of the test data with one of these names.
fn databases(names: &[&str]) -> Vec<std::path::PathBuf> {
    let mut files = bulkhead_testing::data_files("fixtures/rpmdb");
    files.retain(|file| file.file_name().is_some_and(|name| names.iter().any(|n| name == *n)));
    files
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap()
}
