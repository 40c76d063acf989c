//! Volumes and mounts.

use bulkhead_objects::{HostPath, Volume, VolumeSource};

use crate::control::Control;
use crate::subject::Pod;
use crate::verdict::Reason::{Contains, Is, Unset};
use crate::{Place, Sheet};

pub(super) const CONTROLS: &[Control] = &[
    Control::pod("host-path-writable", |pod, sheet| {
        let hosts = || host_paths(pod).map(|(_, volume, host)| (volume, host));
        if hosts().next().is_none() {
            return;
        }
        sheet.applies();
        for container in pod.containers() {
            for (index, mount) in container.body.volume_mounts.iter().enumerate() {
                let host = hosts().find(|(volume, _)| volume.name == mount.name);
                if let Some((_, host)) = host.filter(|_| !mount.read_only) {
                    sheet.fail(container.at("volumeMounts[].readOnly").at(index), Is(&host.path));
                }
            }
        }
    }),
    Control::pod("host-path-sensitive", |pod, sheet| {
        paths(pod, sheet, |path| {
            let path = path.trim_end_matches('/');
            path.is_empty() || SENSITIVE.iter().any(|folder| is_within(path, folder))
        });
    }),
    Control::pod("runtime-socket-mounted", |pod, sheet| {
        paths(pod, sheet, |path| {
            let path = path.trim_end_matches('/');
            let path = path.strip_prefix("/var").unwrap_or(path);
            SOCKETS.contains(&path)
        });
    }),
    Control::pod("cloud-credentials-mounted", |pod, sheet| {
        paths(pod, sheet, |path| {
            let path = path.trim_end_matches('/');
            CREDENTIALS.iter().any(|tail| path.ends_with(tail))
        });
    }),
    Control::container("mount-propagation-bidirectional", |container, sheet| {
        for (index, mount) in container.body.volume_mounts.iter().enumerate() {
            let shared = mount.mount_propagation.as_deref() == Some("Bidirectional");
            let place = container.at("volumeMounts[].mountPropagation").at(index);
            sheet.fail_if(shared, place, Is("Bidirectional"));
        }
    }),
    Control::pod("git-repo-volume", |pod, sheet| {
        each_source(pod, sheet, |source, _, place, sheet| {
            sheet.fail_if(source.field() == "gitRepo", place, Contains("gitRepo"));
        });
    }),
    Control::container("raw-block-device", |container, sheet| {
        sheet.applies();
        for (index, device) in container.body.volume_devices.iter().enumerate() {
            sheet.fail(container.at("volumeDevices[]").at(index), Is(device));
        }
    }),
    Control::pod("empty-dir-without-limit", |pod, sheet| {
        for (index, volume) in pod.spec.volumes.iter().enumerate() {
            for source in &volume.sources {
                if let VolumeSource::EmptyDir(folder) = source {
                    let place = pod.at("volumes[].emptyDir.sizeLimit").at(index);
                    sheet.fail_if(folder.size_limit.is_none(), place, Unset);
                }
            }
        }
    }),
    Control::container("sub-path-mount", |container, sheet| {
        for (index, mount) in container.body.volume_mounts.iter().enumerate() {
            let part = mount.sub_path.as_deref().unwrap_or_default();
            sheet.fail_if(
                !part.is_empty(),
                container.at("volumeMounts[].subPath").at(index),
                Is(part),
            );
        }
    }),
    Control::persistent_volume("persistent-volume-host-path", |volume, sheet| {
        let host = volume.body.host_path.as_ref();
        let path = host.map_or("", |host| &host.path);
        sheet.fail_if(host.is_some(), Place::of("spec.hostPath.path"), Is(path));
    }),
    Control::persistent_volume("storage-class-without-encryption", |volume, sheet| {
        let name = volume.body.storage_class_name.as_deref().unwrap_or_default();
        match volume.cluster.storage_classes.get(name) {
            Some(class) => {
                let asked = class.parameters.iter().any(|(key, value)| is_encryption(key, value));
                let encrypted = asked || ENCRYPTING.contains(&class.provisioner.as_str());
                sheet.fail_if(!encrypted, Place::of("spec.storageClassName"), Is(name));
            }
            None => sheet.not_checkable(Place::of("spec.storageClassName"), "the storage class"),
        }
    }),
];

/// Folders of a node whose content rules it.
const SENSITIVE: [&str; 14] = [
    "/boot",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/lib64",
    "/proc",
    "/root",
    "/sys",
    "/usr",
    "/var/lib/containerd",
    "/var/lib/docker",
    "/var/lib/etcd",
    "/var/lib/kubelet",
];

/// Sockets of container runtimes, and the folders that hold little else; `/var/run` is `/run`.
const SOCKETS: [&str; 9] = [
    "/run/docker.sock",
    "/run/docker",
    "/run/containerd/containerd.sock",
    "/run/containerd",
    "/run/crio/crio.sock",
    "/run/crio",
    "/run/cri-dockerd.sock",
    "/run/podman/podman.sock",
    "/run",
];

/// Ends of paths at which clouds keep credentials on nodes and for people.
const CREDENTIALS: [&str; 12] = [
    "/.aws",
    "/.aws/credentials",
    "/.aws/config",
    "/.azure",
    "/.config/gcloud",
    "/.config/gcloud/application_default_credentials.json",
    "/.oci",
    "/.aliyun",
    "/gcloud/application_default_credentials.json",
    "/etc/kubernetes/azure.json",
    "/etc/kubernetes/cloud-config",
    "/.kube/config",
];

/// Drivers of clouds that encrypt every disk.
const ENCRYPTING: [&str; 4] = [
    "disk.csi.azure.com",
    "kubernetes.io/azure-disk",
    "kubernetes.io/gce-pd",
    "pd.csi.storage.gke.io",
];

/// Parameters by which drivers of clouds are told to encrypt.
fn is_encryption(key: &str, value: &str) -> bool {
    let names_key =
        ["diskencryptionsetid", "disk-encryption-kms-key", "kmskeyid", "diskencryptionkmskey"];
    let key = key.rsplit('/').next().unwrap_or(key).to_ascii_lowercase();
    (key == "encrypted" && value == "true")
        || (names_key.contains(&key.as_str()) && !value.is_empty())
}

/// A path at or below a folder.
fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Volumes of type hostPath with their positions.
fn host_paths<'a>(
    pod: &Pod<'a>,
) -> impl Iterator<Item = (usize, &'a Volume, &'a HostPath)> + use<'a> {
    pod.spec.volumes.iter().enumerate().flat_map(|(index, volume)| {
        volume.sources.iter().filter_map(move |source| match source {
            VolumeSource::HostPath(host) => Some((index, volume, host)),
            _ => None,
        })
    })
}

/// Judges each path of the node that the pod mounts.
fn paths<'a>(pod: &Pod<'a>, sheet: &mut Sheet<'a>, wrong: impl Fn(&str) -> bool) {
    for (index, _, host) in host_paths(pod) {
        let place = pod.at("volumes[].hostPath.path").at(index);
        sheet.fail_if(wrong(&host.path), place, Is(&host.path));
    }
}

fn each_source<'a>(
    pod: &Pod<'a>,
    sheet: &mut Sheet<'a>,
    judge: impl Fn(&'a VolumeSource, &'a Volume, Place<'a>, &mut Sheet<'a>),
) {
    for (index, volume) in pod.spec.volumes.iter().enumerate() {
        for source in &volume.sources {
            judge(source, volume, pod.at("volumes[]").at(index), sheet);
        }
    }
}
