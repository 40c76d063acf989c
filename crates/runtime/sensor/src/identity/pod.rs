//! The pod in the path of a control group.
//!
//! `pod_container_manager_linux.go` and `cgroup_manager_linux.go` of the kubelet: cgroupfs writes
//! `kubepods/burstable/podUID`, systemd repeats the levels, `kubepods-burstable-podUID.slice`, and has
//! underscores in the uid, because a dash stands for a level.

/// The uid that a component names, with dashes; `parents` are the components of the same path.
pub(super) fn uid(name: &str, parents: &[&str]) -> Option<String> {
    let uid = match name.strip_suffix(".slice") {
        Some(slice) if slice.contains("kubepods") => slice.rsplit_once("-pod")?.1,
        None if parents.iter().any(|parent| parent.contains("kubepods")) => {
            name.strip_prefix("pod")?
        }
        Some(_) | None => return None,
    };
    let uid = uid.replace('_', "-");
    is_uid(&uid).then_some(uid)
}

/// A UUID, or the digest of a manifest that a static pod was made of.
fn is_uid(text: &str) -> bool {
    let hex = text.bytes().filter(u8::is_ascii_hexdigit).count();
    let dashes = text.bytes().filter(|byte| *byte == b'-').count();
    hex == 32 && hex.saturating_add(dashes) == text.len()
}
