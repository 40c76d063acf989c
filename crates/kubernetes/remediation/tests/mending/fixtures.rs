//! Manifests that others wrote.

use bulkhead_posture::{Catalogue, Settings};
use bulkhead_remediation::Choice;

use crate::check::{answers, repaired};
use crate::common::unpacked;

/// Everything is answered, so that every recipe is tried.
fn check(folder: &std::path::Path) -> (usize, usize) {
    let catalogue = Catalogue::built_in().unwrap();
    let settings = Settings { complete: false, ..Settings::default() };
    let choice = Choice { answers: answers(&catalogue), ..Choice::default() };
    let (mut changed, mut steps) = (0, 0);
    for path in bulkhead_testing::files_below(folder) {
        let is_manifest = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        let Ok(text) = fs_err::read_to_string(&path) else { continue };
        if is_manifest && !text.contains("{{") {
            let (plan, _) = repaired(&text, &settings, &catalogue, &choice);
            changed += plan.files.len();
            steps += plan
                .files
                .iter()
                .flat_map(|file| &file.objects)
                .map(|object| object.steps.len())
                .sum::<usize>();
        }
    }
    (changed, steps)
}

#[test]
fn pods_of_the_standards_are_mended() {
    let Some(folder) = unpacked("fixtures/pod-security-standards.tar.gz") else { return };
    let (changed, steps) = check(folder.path());
    assert!(changed > 0 && steps > changed, "{changed} files, {steps} repairs");
}

#[test]
fn manifests_of_other_tools_are_mended() {
    let Some(folder) = bulkhead_testing::data("fixtures/posture") else { return };
    let mut all = (0, 0);
    for archive in bulkhead_testing::files_below(&folder) {
        let name = archive.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
        if name.ends_with(".tar.gz") {
            let Some(unpacked) = unpacked(&format!("fixtures/posture/{name}")) else { return };
            let (changed, steps) = check(unpacked.path());
            all = (all.0 + changed, all.1 + steps);
        }
    }
    assert!(all.0 > 0 && all.1 > all.0, "{all:?}");
}
