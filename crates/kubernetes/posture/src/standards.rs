//! The profiles of the Pod Security Standards, version by version.

use bulkhead_objects::Object;

use crate::control::{Control, Judge};
use crate::controls::{control, linux_only};
use crate::subject::Pod;
use crate::{Cluster, Sheet, Verdict};

/// A profile of the Pod Security Standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// Keeps out known ways to the node.
    Baseline,
    /// Asks for what hardened workloads have.
    Restricted,
}

/// The control, the profile that asks for it, and the minor version since which it does.
const ROWS: [(&str, Profile, u16); 22] = [
    ("privileged-container", Profile::Baseline, 0),
    ("host-network", Profile::Baseline, 0),
    ("host-pid", Profile::Baseline, 0),
    ("host-ipc", Profile::Baseline, 0),
    ("host-path-volume", Profile::Baseline, 0),
    ("host-port", Profile::Baseline, 0),
    ("capability-beyond-baseline", Profile::Baseline, 0),
    ("apparmor-unconfined", Profile::Baseline, 0),
    ("selinux-type-unsafe", Profile::Baseline, 0),
    ("selinux-user-or-role", Profile::Baseline, 0),
    ("proc-mount-unmasked", Profile::Baseline, 0),
    ("seccomp-unconfined", Profile::Baseline, 0),
    ("sysctl-unsafe", Profile::Baseline, 0),
    ("windows-host-process", Profile::Baseline, 0),
    ("probe-to-other-host", Profile::Baseline, 34),
    ("volume-type-restricted", Profile::Restricted, 0),
    ("root-user-not-excluded", Profile::Restricted, 0),
    ("privilege-escalation-allowed", Profile::Restricted, 8),
    ("seccomp-profile-missing", Profile::Restricted, 19),
    ("capabilities-not-dropped", Profile::Restricted, 22),
    ("capability-beyond-restricted", Profile::Restricted, 22),
    ("root-user-set", Profile::Restricted, 23),
];

impl Profile {
    /// The controls that this profile and those below it consist of, in a minor version of Kubernetes.
    pub fn controls(self, minor: u16) -> impl Iterator<Item = &'static Control> {
        let rows =
            ROWS.iter().filter(move |(_, profile, since)| *profile <= self && *since <= minor);
        rows.filter_map(|(id, ..)| control(id))
    }

    /// The controls of the profile that the pods of an object break, in the version of the settings.
    /// None for an object that makes no pods.
    pub fn violations<'a>(
        self,
        object: &'a Object,
        cluster: &'a Cluster<'a>,
    ) -> Option<Vec<&'static Control>> {
        let pod = Pod::of(object, cluster)?;
        let mut sheet = Sheet::default();
        let broken = self.controls(cluster.minor()).filter(|control| {
            sheet.clear();
            match control.judge {
                Judge::Pod(judge) => judge(&pod, &mut sheet),
                Judge::Container(judge) => {
                    pod.containers().for_each(|container| judge(&container, &mut sheet));
                }
                _ => {}
            }
            sheet.verdict() == Verdict::Fail && !self.excuses(control, &pod)
        });
        Some(broken.collect())
    }

    /// Whether a profile takes a pod although a control of it fails. Since 1.35 a pod with users of its
    /// own may see all of `/proc` in the baseline profile, and run as root in the restricted one. In the
    /// restricted profile its own controls of seccomp and capabilities take the place of those of the
    /// baseline, and do not look at Windows pods (`OverrideCheckIDs` in `pod-security-admission`).
    fn excuses(self, control: &Control, pod: &Pod<'_>) -> bool {
        let has_own_users = pod.cluster.minor() >= 35 && pod.spec.host_users == Some(false);
        match (self, control.id) {
            (Self::Baseline, "proc-mount-unmasked")
            | (Self::Restricted, "root-user-not-excluded" | "root-user-set") => has_own_users,
            (Self::Restricted, "seccomp-unconfined" | "capability-beyond-baseline") => {
                !linux_only(pod)
            }
            _ => false,
        }
    }
}
