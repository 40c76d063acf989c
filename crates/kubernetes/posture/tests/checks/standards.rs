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

/// Where `pod-security-admission` does not judge what one would expect; its library was asked.
#[test]
fn what_the_library_passes_over_is_passed_over() {
    let hardened = "runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}";
    let container = "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}";
    let pod = |annotation: &str, spec: &str, own: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a, annotations: {{{annotation}}}}}\n\
             spec: {{{spec}, containers: [{{name: b, image: c, securityContext: {{{own}}}}}]}}\n"
        )
    };
    let hardened = format!("securityContext: {{{hardened}}}");
    let own_users = format!("{hardened}, hostUsers: false");
    let windows = format!("{hardened}, os: {{name: windows}}");
    let added = "capabilities: {add: [SYS_TIME]}";
    let unconfined = "seccompProfile: {type: Unconfined}";
    let alpha = "container.seccomp.security.alpha.kubernetes.io";
    let (own, others) = (format!("{alpha}/b: unconfined"), format!("{alpha}/gone: unconfined"));
    let cases = [
        // The annotation of a container that is not there says nothing.
        (pod(&own, &hardened, container), Profile::Baseline, 18, false),
        (pod(&others, &hardened, container), Profile::Baseline, 18, true),
        (pod(&own, &hardened, container), Profile::Baseline, 19, true),
        // The restricted profile's own checks replace these of the baseline, and leave out Windows.
        (pod("", &windows, added), Profile::Baseline, 25, false),
        (pod("", &windows, added), Profile::Restricted, 24, false),
        (pod("", &windows, added), Profile::Restricted, 25, true),
        (pod("", &windows, unconfined), Profile::Baseline, 34, false),
        (pod("", &windows, unconfined), Profile::Restricted, 34, true),
        (pod("", &hardened, unconfined), Profile::Restricted, 34, false),
        // Root of a user namespace is nobody on the node.
        (
            pod("", &own_users, &format!("{container}, runAsUser: 0")),
            Profile::Restricted,
            34,
            false,
        ),
        (pod("", &own_users, &format!("{container}, runAsUser: 0")), Profile::Restricted, 35, true),
        (
            pod(
                "",
                &format!("{hardened}, volumes: [{{name: a, image: {{reference: b}}}}]"),
                container,
            ),
            Profile::Restricted,
            34,
            true,
        ),
    ];
    for (text, profile, minor, passes) in cases {
        let settings = Settings { minor, ..Settings::default() };
        let read = objects(&text);
        let broken = broken(profile, &read.objects[0], &settings);
        assert_eq!(broken.is_empty(), passes, "{profile:?} 1.{minor} {broken:?}\n{text}");
    }
}

fn broken(profile: Profile, object: &Object, settings: &Settings) -> Vec<&'static str> {
    let cluster = Cluster::new(std::slice::from_ref(object), settings);
    profile.violations(object, &cluster).unwrap().iter().map(|control| control.id).collect()
}
