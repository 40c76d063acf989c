//! The published pods of the Pod Security Standards: the folder is the answer.

use bulkhead_objects::Object;
use bulkhead_posture::{Cluster, Profile, Settings};

use crate::common::{objects, unpacked, value, wrapped};

#[test]
fn every_pod_of_every_version_gets_the_verdict_of_its_folder() {
    let Some(folder) = unpacked("fixtures/pod-security-standards.tar.gz") else { return };
    let mut wrong = Vec::new();
    let mut pods = 0;
    for path in bulkhead_testing::files_below(folder.path()) {
        let relative = path.strip_prefix(folder.path()).unwrap().to_string_lossy().into_owned();
        let parts: Vec<_> = relative.split('/').collect();
        let [profile, version, expected, name] = parts[..] else { continue };
        let profile = match profile {
            "baseline" => Profile::Baseline,
            "restricted" => Profile::Restricted,
            other => panic!("an unknown profile: {other}"),
        };
        let minor = version.strip_prefix("v1.").unwrap().parse().unwrap();
        let settings = Settings { minor, ..Settings::default() };
        let pod = value(&fs_err::read_to_string(&path).unwrap());
        for (kind, wrapped) in wrapped(&pod) {
            let read = objects(&wrapped.to_string());
            let [object] = &read.objects[..] else { panic!("{relative} as {kind}: {read:?}") };
            let broken = broken(profile, object, &settings);
            if (expected == "pass") != broken.is_empty() {
                wrong.push(format!("{relative} as {kind} ({name}): {broken:?}"));
            }
        }
        pods += 1;
    }
    assert!(pods > 0, "no pods");
    assert!(wrong.is_empty(), "{} of {pods} pods: {wrong:#?}", wrong.len());
}

fn broken(profile: Profile, object: &Object, settings: &Settings) -> Vec<&'static str> {
    let cluster = Cluster::new(std::slice::from_ref(object), settings);
    profile.violations(object, &cluster).unwrap().iter().map(|control| control.id).collect()
}
