//! What a real runtime's own documents tell.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use bulkhead_events::Shared;
use bulkhead_sensor::{Machine, Membership, Surroundings as _, View, membership, paths};
use serde_json::json;

use crate::container::{Container, can_run};

#[test]
fn a_container_of_runc_alone_is_found_by_its_name() {
    if !can_run() {
        return;
    }
    let container = Container::start("bulkhead.any_name", &["sleep", "60"], |spec| {
        spec["annotations"] = json!({"io.kubernetes.pod.name": "web-0"});
        let mount = json!({"destination": "/data", "type": "bind", "source": "/srv",
            "options": ["rbind", "ro", "rprivate"]});
        spec["mounts"].as_array_mut().unwrap().push(mount);
    });
    let text = fs_err::read_to_string(format!("/proc/{}/cgroup", container.process())).unwrap();
    let candidates: Vec<&str> = paths(&text)
        .flat_map(|path| match membership(path) {
            Membership::Unnamed(candidates) => candidates,
            Membership::Container(identity) => panic!("{identity:?}"),
        })
        .map(|candidate| candidate.name)
        .collect();
    assert!(candidates.contains(&container.name.as_str()), "{candidates:?} in {text}");
    let found = Machine::at(Path::new("/")).container(&container.name).unwrap();
    let metadata = found.metadata;
    assert_eq!(metadata.privileged, Some(false));
    assert_eq!(metadata.shared, Some(Shared::default()));
    assert_eq!(metadata.pod.name.as_deref(), Some("web-0"));
    let root = container.folder.path().join("rootfs");
    assert_eq!(metadata.root.as_deref(), root.to_str());
    let data = metadata.mounts.iter().find(|mount| mount.destination == "/data").unwrap();
    assert_eq!((&*data.source, data.writable, &*data.propagation), ("/srv", false, "rprivate"));
    assert!(metadata.groups.iter().any(|group| group.ends_with(&container.name)));
}

#[test]
fn a_container_with_all_rights_is_privileged() {
    if !can_run() {
        return;
    }
    let container = Container::start("bulkhead-privileged", &["sleep", "60"], |spec| {
        let all = own_capabilities();
        for set in ["bounding", "effective", "permitted"] {
            spec["process"]["capabilities"][set] = json!(all);
        }
        spec["linux"]["maskedPaths"] = json!([]);
        spec["linux"]["readonlyPaths"] = json!([]);
        let namespaces = spec["linux"]["namespaces"].as_array_mut().unwrap();
        namespaces.retain(|namespace| namespace["type"] != "network");
    });
    let found = Machine::at(Path::new("/")).container(&container.name).unwrap();
    assert_eq!(found.metadata.privileged, Some(true));
    assert_eq!(found.metadata.shared, Some(Shared { network: true, ..Shared::default() }));
}

#[test]
fn users_of_a_container_are_its_own() {
    if !can_run() {
        return;
    }
    let container = Container::start("bulkhead-users", &["sleep", "60"], |_| {});
    let process = container.process();
    let namespace = fs_err::metadata(format!("/proc/{process}/ns/mnt")).unwrap().ino();
    let namespace = u32::try_from(namespace).unwrap();
    let mut machine = Machine::at(Path::new("/"));
    let mut view = View { process, mount_namespace: namespace, root: None, has_own_numbers: true };
    let accounts = machine.accounts(&view).unwrap();
    assert_eq!(accounts.user(4711).name.unwrap(), "inside");
    assert_eq!(accounts.group(4711).name.unwrap(), "within");
    // The number may have been given to a process of another namespace meanwhile.
    view.mount_namespace += 1;
    assert!(machine.accounts(&view).is_none());
    // Or be gone: then the root is read from where it lies.
    view.root = container.folder.path().join("rootfs").to_str().map(str::to_owned);
    assert_eq!(machine.accounts(&view).unwrap().user(4711).name.unwrap(), "inside");
    let own = fs_err::metadata("/proc/self/ns/mnt").unwrap().ino();
    let mount_namespace = u32::try_from(own).unwrap();
    let process = std::process::id();
    let view = View { process, mount_namespace, root: None, has_own_numbers: false };
    let host = machine.accounts(&view).unwrap();
    assert_eq!(host.user(4711).name, None);
}

#[test]
fn names_that_are_no_names_open_nothing() {
    let mut machine = Machine::at(Path::new("/"));
    let long = "a".repeat(300);
    for name in ["", ".", "..", "../runc", "a/b", "a\0b", long.as_str(), "no-such-container"] {
        assert!(machine.container(name).is_none(), "{name:?}");
    }
}

/// The capabilities that this process has, by the names of specifications.
fn own_capabilities() -> Vec<String> {
    let sets = rustix::thread::capabilities(None).unwrap();
    let names = sets.permitted.iter_names().map(|(name, _)| format!("CAP_{name}"));
    names.collect()
}
