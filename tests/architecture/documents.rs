//! Documents that must keep up with the code.

use std::path::Path;

use crate::crates::{METADATA, folder};

#[test]
fn the_code_map_names_each_crate() {
    let map = read("ARCHITECTURE.md");
    for package in METADATA.workspace_packages() {
        let folder = folder(package).strip_prefix(bulkhead_testing::repository());
        let folder = folder.expect("a member lies in the repository").display().to_string();
        assert!(map.contains(&format!("`{folder}`")), "ARCHITECTURE.md does not name `{folder}`");
    }
}

#[test]
fn the_index_names_each_decision() {
    let index = read("docs/adr/README.md");
    for path in bulkhead_testing::files_below(&bulkhead_testing::repository().join("docs/adr")) {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a plain name");
        assert!(name == "README.md" || index.contains(name), "docs/adr/README.md misses {name}");
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    let root = bulkhead_testing::repository();
    let mut documents: Vec<_> = bulkhead_testing::files_below(&root.join("docs"));
    let pages = ["README", "ARCHITECTURE", "CONTRIBUTING", "STYLE", "SECURITY", "CHANGELOG"];
    documents.extend(pages.map(|page| root.join(format!("{page}.md"))));
    for document in documents.iter().filter(|path| path.extension().is_some_and(|it| it == "md")) {
        let text = fs_err::read_to_string(document).expect("a document is text");
        let folder = document.parent().unwrap_or(Path::new("."));
        for link in links(&text) {
            assert!(
                matches!(folder.join(link).try_exists(), Ok(true)),
                "{}: {link} leads nowhere",
                document.display()
            );
        }
    }
}

/// Targets of Markdown links that are files of the repository.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|link| !link.contains("://") && !link.starts_with('#'))
        .filter_map(|link| link.split('#').next())
}

fn read(relative: &str) -> String {
    fs_err::read_to_string(bulkhead_testing::repository().join(relative)).expect("a document")
}
