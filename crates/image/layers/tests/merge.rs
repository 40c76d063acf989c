//! Layers on top of each other, as a runtime would show them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on must fail"
)]

use bulkhead_layers::{Entry, EntryKind, Facts, FileFacts, Layer, View, merge};
use bulkhead_model::{Digest, EntryPath};

/// A layer in short: a line per entry. `d path`, `f path`, `l path -> target`, `h path -> target`;
/// every file has facts that say which layer and line it came from.
fn layer(number: usize, lines: &[&str]) -> Layer {
    let mut layer = Layer { diff_id: Some(Digest::of(&[number as u8])), ..Layer::default() };
    for (line_number, line) in lines.iter().enumerate() {
        let (kind, rest) = line.split_at(2);
        let (path, target) = rest.split_once(" -> ").unwrap_or((rest, ""));
        let kind = match kind {
            "d " => EntryKind::Directory,
            "f " => EntryKind::File,
            "l " => EntryKind::Symlink(target.as_bytes().into()),
            "h " => EntryKind::Hardlink(EntryPath::from(target)),
            _ => panic!("{line}"),
        };
        if kind == EntryKind::File {
            let facts = Facts::encode(&format!("{number}.{line_number}")).unwrap();
            let entry = line_number as u32;
            layer.facts.push(FileFacts { entry, detector: "test".into(), facts });
        }
        layer.entries.push(Entry { path: EntryPath::from(path), kind, mode: 0o644, size: 1 });
    }
    layer
}

fn merged(layers: &[&[&str]]) -> (View, Vec<String>) {
    let layers = layers.iter().enumerate().map(|(number, lines)| layer(number, lines)).collect();
    let (view, problems) = merge(layers);
    (view, problems.into_iter().map(|problem| problem.message).collect())
}

/// The visible files with their origin: `path=layer.line`.
#[track_caller]
fn check(layers: &[&[&str]], expect: &[&str]) {
    let (view, _) = merged(layers);
    let shown: Vec<String> = view
        .facts("test")
        .map(|found| format!("{}={}", found.path, found.facts.decode::<String>().unwrap()))
        .collect();
    assert_eq!(shown, expect);
}

#[test]
fn later_layers_replace_files_and_keep_folders() {
    check(&[&["d a", "f a/x", "f a/y"], &["d a", "f a/x"]], &["a/x=1.1", "a/y=0.2"]);
}

#[test]
fn a_file_replaces_a_folder_with_all_that_is_in_it() {
    check(&[&["d a", "f a/x", "f b"], &["f a"]], &["a=1.0", "b=0.2"]);
}

#[test]
fn whiteouts_hide_lower_layers_only() {
    check(&[&["f a/x", "f a/y"], &["f a/.wh.x", "f a/z"]], &["a/y=0.1", "a/z=1.1"]);
    check(&[&["f a/x"], &["f a/x", "f a/.wh.x"]], &["a/x=1.0"]);
    check(&[&["f a/x"], &["f a/.wh.x", "f a/x"]], &["a/x=1.1"]);
    check(&[&["f a/b/x", "f c"], &["f .wh.a"]], &["c=0.1"]);
    check(&[&["f a/b/x"], &["f a/new", "f .wh.a"]], &["a/new=1.0"]);
}

#[test]
fn opaque_folders_hide_what_is_below_them_wherever_the_mark_stands() {
    check(&[&["f a/x", "f b"], &["f a/new", "f a/.wh..wh..opq"]], &["a/new=1.0", "b=0.1"]);
    check(&[&["f a/x", "f b"], &["f a/.wh..wh..opq", "f a/new"]], &["a/new=1.1", "b=0.1"]);
}

/// With overlayfs a container still has it.
#[test]
fn marks_behind_links_hide_nothing_and_are_reported() {
    let lower: &[&str] = &["d usr/lib", "l lib -> usr/lib", "f usr/lib/x"];
    for mark in ["f lib/.wh.x", "f lib/.wh..wh..opq"] {
        let (view, problems) = merged(&[lower, &[mark]]);
        assert_eq!(view.facts("test").count(), 1, "{mark}");
        let [problem] = &problems[..] else { panic!("{mark}: {problems:?}") };
        assert!(problem.contains("storage driver"), "{problem}");
    }
}

#[test]
fn marks_of_other_storage_drivers_are_no_files() {
    check(&[&["d .wh..wh.aufs", "f .wh..wh.plnk/1", "f a"]], &["a=0.2"]);
}

#[test]
fn parents_are_resolved_through_links() {
    let lower: &[&str] = &["d usr/bin", "l bin -> usr/bin", "l abs -> /usr/bin"];
    check(&[lower, &["f bin/sh", "f abs/env"]], &["usr/bin/env=1.1", "usr/bin/sh=1.0"]);
}

#[test]
fn links_never_lead_out_of_the_root() {
    check(&[&["l up -> ../../../../etc", "f up/passwd"]], &["etc/passwd=0.1"]);
    check(&[&["l up -> /../x", "f up/y"]], &["x/y=0.1"]);
}

#[test]
fn a_folder_replaces_a_link_of_its_name() {
    check(&[&["d real", "f real/x", "l a -> real"], &["d a", "f a/y"]], &["a/y=1.1", "real/x=0.1"]);
}

#[test]
fn loops_of_links_are_reported_and_end() {
    let (view, problems) = merged(&[&["l a -> b", "l b -> a", "f a/x", "f ok"]]);
    assert_eq!(view.facts("test").count(), 1);
    assert_eq!(problems, ["its folder lies behind a loop of links"]);
}

#[test]
fn the_last_duplicate_wins_and_is_reported() {
    let lines: &[&str] = &["f a", "f a"];
    check(&[lines], &["a=0.1"]);
    assert_eq!(merged(&[lines]).1, ["the layer has this name twice; the last entry counts"]);
    assert_eq!(merged(&[&["d a", "d a"]]).1, Vec::<String>::new());
    assert_eq!(merged(&[&["f a"], &["f a"]]).1, Vec::<String>::new());
}

#[test]
fn hard_links_show_the_content_they_name_also_of_lower_layers() {
    let (view, problems) = merged(&[&["f a"], &["h b -> a", "h c -> missing"]]);
    assert!(view.contains(&"b".into()));
    assert!(!view.contains(&"c".into()));
    assert_eq!(view.locate(&"b".into()).layer.unwrap().index, 0);
    assert_eq!(problems, ["a hard link to a name that does not exist"]);
}

#[test]
fn facts_follow_a_hard_link_when_their_own_name_is_gone() {
    check(&[&["f a", "h b -> a"], &["f .wh.a"]], &["b=0.0"]);
}

#[test]
fn files_give_way_to_folders_that_entries_need() {
    let layers: &[&[&str]] = &[&["f a", "f b", "l c -> b"], &["f a/x", "f c/y"]];
    check(layers, &["a/x=1.0", "b/y=1.1"]);
    assert_eq!(merged(layers).1.len(), 2);
}

#[test]
fn hidden_facts_say_who_hid_them() {
    let (view, _) = merged(&[&["f a/x", "f b"], &["f .wh.a"], &["f b"]]);
    let hidden: Vec<_> =
        view.hidden("test").map(|hidden| (hidden.location.path.to_string(), hidden.by)).collect();
    assert_eq!(hidden, [("a/x".to_owned(), 1), ("b".to_owned(), 2)]);
}

#[test]
fn paths_resolve_to_where_links_lead() {
    let (view, _) =
        merged(&[&["f usr/lib/os-release", "l etc/os-release -> ../usr/lib/os-release"]]);
    let resolved = view.resolve(&"etc/os-release".into()).unwrap();
    assert_eq!(resolved, "usr/lib/os-release".into());
    assert_eq!(view.resolve(&"etc/none".into()), None);
}
