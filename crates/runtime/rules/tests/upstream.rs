//! The rule files that Falco ships, as they are.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use bulkhead_limits::{Budget, Limits};
use bulkhead_rules::{Loaded, RuleFile, Selection, Weight, load};

/// The files with their names.
fn files() -> Vec<(String, Vec<u8>)> {
    bulkhead_testing::data_files("fixtures/falco-rules")
        .into_iter()
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs_err::read(path).unwrap())
        })
        .collect()
}

fn read(files: &[&(String, Vec<u8>)]) -> Loaded {
    let files: Vec<_> = files.iter().map(|(name, bytes)| RuleFile { name, bytes }).collect();
    let selection = Selection::everything();
    load(&files, &selection, &Budget::new(Limits::DEFAULT))
}

fn errors(loaded: &Loaded) -> Vec<String> {
    let errors = loaded.problems.iter().filter(|problem| problem.weight == Weight::Error);
    errors.map(|problem| format!("{problem} ({:?})", problem.hint)).collect()
}

/// How many items define a rule, counted without reading YAML.
fn rule_items(files: &[&(String, Vec<u8>)]) -> usize {
    let mut names = std::collections::BTreeSet::new();
    for (_, bytes) in files {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let lines = text.lines().filter_map(|line| line.strip_prefix("- rule:"));
        names.extend(lines.map(|name| name.trim().to_owned()));
    }
    names.len()
}

#[test]
fn each_file_loads_alone() {
    for file in &files() {
        let loaded = read(&[file]);
        assert_eq!(errors(&loaded), Vec::<String>::new(), "{}", file.0);
        let rules = loaded.set.unwrap().rules().len();
        assert!(rules > 0);
        assert_eq!(rules, rule_items(&[file]), "{}", file.0);
    }
}

#[test]
fn all_files_load_in_any_order() {
    let files = files();
    for order in orders(files.len()) {
        let files: Vec<_> = order.iter().map(|index| &files[*index]).collect();
        let loaded = read(&files);
        assert_eq!(errors(&loaded), Vec::<String>::new(), "{order:?}");
        assert_eq!(loaded.set.unwrap().rules().len(), rule_items(&files), "{order:?}");
    }
}

/// Every order of so many things; of more than four only turns.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count > 4 {
        return (0..count)
            .map(|turn| (0..count).map(|index| (index + turn) % count).collect())
            .collect();
    }
    let mut orders = vec![Vec::new()];
    for index in 0..count {
        orders = orders
            .into_iter()
            .flat_map(|order: Vec<usize>| {
                (0..=order.len()).map(move |place| {
                    let mut longer = order.clone();
                    longer.insert(place, index);
                    longer
                })
            })
            .collect();
    }
    orders
}

/// A rule is held against the kinds of events that it names, and not against all.
#[test]
fn rules_are_found_by_the_kind_of_event() {
    let files = files();
    let loaded = read(&files.iter().collect::<Vec<_>>());
    let Some(set) = loaded.set.filter(|set| !set.rules().is_empty()) else { return };
    for rule in set.rules() {
        let kinds = set.kinds(rule);
        assert!(!kinds.is_empty() && kinds.len() < 30, "{}: {kinds:?}", rule.name);
    }
}
