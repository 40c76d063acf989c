//! Our list of a target's packages against Syft's.

use std::collections::BTreeSet;
use std::process::Command;

use bulkhead_end_to_end::{packages_of_document, run as run_program};

use crate::bulkhead::run;

/// A difference that is right, and why.
pub(crate) struct Rule {
    pub(crate) side: Side,
    pub(crate) reason: &'static str,
    pub(crate) concerns: fn(&str) -> bool,
}

/// Whose list has what the other has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Ours,
    Syft,
}

/// Compares the lists, of which Syft's must have packages of every one of these types. Each
/// difference needs a rule, and each rule a difference. Gives the share of packages that differ.
pub(crate) fn compare(target: &str, types: &[&str], rules: &[Rule]) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let [ours, theirs] = ["ours", "theirs"].map(|name| folder.path().join(name));
    let output = run(&["sbom", target, "-o", &format!("cyclonedx={}", ours.display())]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    run_program(
        Command::new("syft")
            .args(["scan", "--quiet", target, "-o"])
            .arg(format!("cyclonedx-json={}", theirs.display()))
            .env("SYFT_CHECK_FOR_APP_UPDATE", "false"),
    )
    .expect("syft reads the target");
    let ours = packages_of_document(&ours).expect("our document");
    let theirs = packages_of_document(&theirs).expect("Syft's document");
    for name in types {
        let prefix = format!("pkg:{name}/");
        assert!(theirs.iter().any(|purl| purl.starts_with(&prefix)), "Syft lists no {name}");
    }
    differences(&ours, &theirs, rules)
}

fn differences(ours: &BTreeSet<String>, theirs: &BTreeSet<String>, rules: &[Rule]) -> f64 {
    let mut used = vec![false; rules.len()];
    let mut unexplained = Vec::new();
    let ours_only = ours.difference(theirs).map(|purl| (Side::Ours, purl));
    let theirs_only = theirs.difference(ours).map(|purl| (Side::Syft, purl));
    let differences: Vec<_> = ours_only.chain(theirs_only).collect();
    for (side, purl) in &differences {
        match rules.iter().position(|rule| rule.side == *side && (rule.concerns)(purl)) {
            Some(index) => used[index] = true,
            None => unexplained.push((side, purl)),
        }
    }
    assert!(unexplained.is_empty(), "only one side lists: {unexplained:#?}");
    for (rule, used) in rules.iter().zip(used) {
        assert!(used, "no difference needs the rule: {}", rule.reason);
    }
    let count = |number: usize| f64::from(u32::try_from(number).expect("few packages"));
    count(differences.len()) / count(theirs.len())
}
