//! Random pods, held against the library that judges them in the API server.

use std::path::Path;
use std::process::Command;

use bulkhead_posture::{Cluster, Profile, Settings};
use serde::Deserialize;
use serde_json::Value;

use crate::common::objects;

/// The newest version that the library of `go-pod-security` knows.
const LATEST: usize = 34;

const SEED: &str = "1";
const PODS: &str = "4000";

/// A pod, and whether the library allows it, by version.
#[derive(Deserialize)]
struct Answer {
    pod: Value,
    baseline: Vec<bool>,
    restricted: Vec<bool>,
}

#[test]
fn random_pods_get_the_verdicts_of_kubernetes() {
    let Some(answers) = ask() else { return };
    let (mut allowed, mut verdicts, mut wrong) = (0_usize, 0_usize, Vec::new());
    for line in answers.lines() {
        let answer: Answer = serde_json::from_str(line).unwrap();
        let read = objects(&answer.pod.to_string());
        let [pod] = &read.objects[..] else { panic!("{line}: {:?}", read.problems) };
        let profiles =
            [(Profile::Baseline, &answer.baseline), (Profile::Restricted, &answer.restricted)];
        for (profile, expected) in profiles {
            assert_eq!(expected.len(), LATEST + 1);
            for (minor, expected) in (0..).zip(expected) {
                let settings = Settings { minor, ..Settings::default() };
                let cluster = Cluster::new(std::slice::from_ref(pod), &settings);
                let broken = profile.violations(pod, &cluster).unwrap();
                verdicts += 1;
                allowed += usize::from(*expected);
                if broken.is_empty() != *expected {
                    let broken: Vec<_> = broken.iter().map(|control| control.id).collect();
                    let pod = &answer.pod;
                    wrong.push(format!("{profile:?} 1.{minor} breaks {broken:?}: {pod}"));
                }
            }
        }
    }
    println!("{allowed} of {verdicts} verdicts allow");
    assert!(allowed * 4 > verdicts && allowed * 4 < verdicts * 3, "{allowed} of {verdicts}");
    wrong.truncate(10);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What the Go program says; none, and a recorded skip, without Go.
fn ask() -> Option<String> {
    let go = bulkhead_testing::tool("go")?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/go-pod-security");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gopodsecurity");
    let status = Command::new(go).args(["build", "-o"]).arg(&program).current_dir(folder).status();
    assert!(status.unwrap().success(), "the library does not build");
    let output = Command::new(program).args([SEED, PODS, &LATEST.to_string()]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}
