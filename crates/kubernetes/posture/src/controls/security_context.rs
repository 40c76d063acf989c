//! Users, profiles and isolation of containers, beyond the Pod Security Standards.

use bulkhead_objects::SeLinuxOptions;

use crate::control::Control;
use crate::subject::{Container, Pod, is_capability};
use crate::verdict::Reason::{Contains, Is, Lacks, Number, Repeated, Unset};
use crate::{ContainerKind, Place, Sheet};

pub(super) const CONTROLS: &[Control] = &[
    Control::container("dangerous-capability", |container, sheet| {
        sheet.applies();
        for (index, name) in container.added() {
            if DANGEROUS.iter().any(|dangerous| is_capability(name, dangerous)) {
                sheet.fail(container.at("securityContext.capabilities.add[]").at(index), Is(name));
            }
        }
    }),
    Control::container("default-capabilities-kept", |container, sheet| {
        if !container.pod.windows() {
            let kept = DEFAULT.iter().find(|name| !container.drops(name)).copied();
            let place = container.at("securityContext.capabilities.drop");
            sheet.fail_if(kept.is_some(), place, Lacks(kept.unwrap_or_default()));
        }
    }),
    Control::container("net-raw-not-dropped", |container, sheet| {
        if !container.pod.windows() {
            let place = container.at("securityContext.capabilities.drop");
            sheet.fail_if(!container.drops("NET_RAW"), place, Lacks("NET_RAW"));
        }
    }),
    Control::container("writable-root-file-system", |container, sheet| {
        if !container.pod.windows() {
            let value = container.own(|own| own.read_only_root_filesystem);
            let place = container.at("securityContext.readOnlyRootFilesystem");
            sheet.fail_if(value != Some(true), place, unset_or(value, "false"));
        }
    }),
    Control::container("user-id-low", |container, sheet| {
        let user = container.effective(|own| own.run_as_user, |pod| pod.run_as_user);
        if !container.pod.windows() && container.pod.spec.host_users != Some(false) {
            let reason = user.map_or(Unset, Number);
            let low = user.is_none_or(|user| user < 10_000);
            sheet.fail_if(low, container.at("securityContext.runAsUser"), reason);
        }
    }),
    Control::pod("group-id-root", |pod, sheet| {
        sheet.applies();
        if let Some(security) = pod.security() {
            sheet.fail_if(
                security.fs_group == Some(0),
                pod.at("securityContext.fsGroup"),
                Number(0),
            );
            let place = pod.at("securityContext.runAsGroup");
            sheet.fail_if(security.run_as_group == Some(0), place, Number(0));
            for (index, _) in
                security.supplemental_groups.iter().enumerate().filter(|(_, id)| **id == 0)
            {
                sheet.fail(pod.at("securityContext.supplementalGroups[]").at(index), Number(0));
            }
        }
        for container in pod.containers() {
            let own = container.own(|own| own.run_as_group);
            sheet.fail_if(own == Some(0), container.at("securityContext.runAsGroup"), Number(0));
        }
    }),
    Control::container("group-id-missing", |container, sheet| {
        if !container.pod.windows() {
            let group = container.effective(|own| own.run_as_group, |pod| pod.run_as_group);
            sheet.fail_if(group.is_none(), container.at("securityContext.runAsGroup"), Unset);
        }
    }),
    Control::pod("fs-group-missing", |pod, sheet| {
        pod_level(pod, sheet, "securityContext.fsGroup", |pod| {
            pod.security().is_some_and(|security| security.fs_group.is_some())
        });
    }),
    Control::pod("fs-group-change-policy-missing", |pod, sheet| {
        pod_level(pod, sheet, "securityContext.fsGroupChangePolicy", |pod| {
            pod.security().is_some_and(|security| security.fs_group_change_policy.is_some())
        });
    }),
    Control::pod("supplemental-groups-missing", |pod, sheet| {
        pod_level(pod, sheet, "securityContext.supplementalGroups", |pod| {
            pod.security().is_some_and(|security| !security.supplemental_groups.is_empty())
        });
    }),
    Control::container("apparmor-profile-missing", |container, sheet| {
        if !container.pod.windows() {
            let place = container.at("securityContext.appArmorProfile");
            sheet.fail_if(!has_apparmor(container), place, Unset);
        }
    }),
    Control::container("selinux-options-missing", |container, sheet| {
        if !container.pod.windows() {
            let place = container.at("securityContext.seLinuxOptions");
            sheet.fail_if(!has_selinux(container), place, Unset);
        }
    }),
    Control::container("kernel-hardening-missing", |container, sheet| {
        if !container.pod.windows() {
            let hardened = is_hardened(container);
            sheet.fail_if(!hardened, container.at("securityContext"), Unset);
        }
    }),
    Control::pod("user-namespace-missing", |pod, sheet| {
        let spec = pod.spec;
        // A pod in a namespace of the node cannot have users of its own.
        if !pod.windows() && !spec.host_network && !spec.host_pid && !spec.host_ipc {
            let place = pod.at("hostUsers");
            sheet.fail_if(spec.host_users != Some(false), place, unset_or(spec.host_users, "true"));
        }
    }),
    Control::pod("shared-process-namespace", |pod, sheet| {
        if pod.containers().count() > 1 {
            let shared = pod.spec.share_process_namespace == Some(true);
            sheet.fail_if(shared, pod.at("shareProcessNamespace"), Is("true"));
        }
    }),
    Control::container("windows-user-missing", |container, sheet| {
        if container.pod.windows() {
            let place = container.at("securityContext.windowsOptions.runAsUserName");
            sheet.fail_if(windows_user(container).is_none(), place, Unset);
        }
    }),
    Control::container("windows-administrator", |container, sheet| {
        if container.pod.windows() {
            let user = windows_user(container).unwrap_or_default();
            let name = user.rsplit('\\').next().unwrap_or(user);
            let administrators =
                ["containeradministrator", "administrator", "system", "local system"];
            let place = container.at("securityContext.windowsOptions.runAsUserName");
            let strong = administrators.iter().any(|strong| name.eq_ignore_ascii_case(strong));
            sheet.fail_if(strong, place, Is(user));
        }
    }),
    Control::container("interactive-container", |container, sheet| {
        if container.kind != ContainerKind::Ephemeral {
            sheet.fail_if(
                container.body.stdin && container.body.tty,
                container.at("tty"),
                Is("true"),
            );
        }
    }),
    Control::pod("debug-container-left", |pod, sheet| {
        sheet.applies();
        for container in
            pod.containers().filter(|container| container.kind == ContainerKind::Ephemeral)
        {
            sheet.fail(container.at(""), Is(&container.body.name));
        }
    }),
    Control::container("ssh-server-port", |container, sheet| {
        for (index, port) in container.body.ports.iter().enumerate() {
            let shell = |number: i32| [22, 222, 2222].contains(&number);
            let place = |field| container.at(field).at(index);
            sheet.fail_if(
                shell(port.container_port),
                place("ports[].containerPort"),
                Number(port.container_port.into()),
            );
            sheet.fail_if(
                shell(port.host_port),
                place("ports[].hostPort"),
                Number(port.host_port.into()),
            );
        }
    }),
    Control::pod("pod-pinned-to-node", |pod, sheet| {
        // The scheduler writes the field into pods that it has placed.
        if !pod.owned() {
            let node = pod.spec.node_name.as_deref().unwrap_or_default();
            sheet.fail_if(!node.is_empty(), pod.at("nodeName"), Is(node));
        }
    }),
    Control::pod("control-plane-scheduling", control_plane_scheduling),
    Control::pod("system-priority-class", |pod, sheet| {
        if pod.namespace() != "kube-system" {
            let class = pod.spec.priority_class_name.as_deref().unwrap_or_default();
            sheet.fail_if(class.starts_with("system-"), pod.at("priorityClassName"), Is(class));
        }
    }),
    Control::container("pipes-download-to-shell", |container, sheet| {
        let lists = [("command[]", &container.body.command), ("args[]", &container.body.args)];
        for (field, list) in lists {
            for (index, word) in list.iter().enumerate() {
                let place = container.at(field).at(index);
                sheet.fail_if(
                    downloads_to_shell(word),
                    place,
                    Contains("a download piped to a shell"),
                );
            }
        }
    }),
    Control::container("command-calls-sudo", |container, sheet| {
        let lists = [("command[]", &container.body.command), ("args[]", &container.body.args)];
        for (field, list) in lists {
            for (index, word) in list.iter().enumerate() {
                let place = container.at(field).at(index);
                sheet.fail_if(calls_sudo(word), place, Contains("sudo"));
            }
        }
    }),
    Control::pod("deprecated-profile-annotation", |pod, sheet| {
        sheet.applies();
        for (key, value) in pod.annotations().iter() {
            let retired = [
                "seccomp.security.alpha.kubernetes.io/",
                "container.seccomp.security.alpha.kubernetes.io/",
                "container.apparmor.security.beta.kubernetes.io/",
            ];
            if retired.iter().any(|prefix| key.starts_with(prefix)) {
                sheet.fail(pod.at_template("metadata.annotations{}").key(key), Is(value));
            }
        }
    }),
    Control::container("duplicate-environment-variable", |container, sheet| {
        for (index, variable) in container.body.env.iter().enumerate() {
            let earlier = container.body.env.iter().take(index);
            let repeated = earlier.into_iter().any(|other| other.name == variable.name);
            sheet.fail_if(repeated, container.at("env[].name").at(index), Repeated(&variable.name));
        }
    }),
];

/// Capabilities with a known way to the node or into other pods.
const DANGEROUS: [&str; 13] = [
    "ALL",
    "BPF",
    "DAC_READ_SEARCH",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "NET_ADMIN",
    "PERFMON",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_MODULE",
    "SYS_PTRACE",
    "SYS_RAWIO",
];

/// Capabilities that runtimes give to every container. (containerd, `oci.WithDefaultUnixCaps`)
const DEFAULT: [&str; 14] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

fn unset_or<'a>(value: Option<bool>, name: &'static str) -> crate::Reason<'a> {
    if value.is_some() { Is(name) } else { Unset }
}

/// A field of the pod that only Linux knows and that should be set.
fn pod_level<'a>(
    pod: &Pod<'a>,
    sheet: &mut Sheet<'a>,
    field: &'static str,
    set: impl Fn(&Pod<'a>) -> bool,
) {
    if !pod.windows() {
        sheet.fail_if(!set(pod), pod.at(field), Unset);
    }
}

fn has_apparmor(container: &Container<'_>) -> bool {
    let named = container
        .effective(|own| own.app_armor_profile.as_ref(), |pod| pod.app_armor_profile.as_ref());
    named.is_some() || apparmor_annotation(container).is_some()
}

/// The profile of clusters before 1.30.
fn apparmor_annotation<'a>(container: &Container<'a>) -> Option<&'a str> {
    let mut annotations = container.pod.annotations().iter();
    annotations.find_map(|(key, profile)| {
        let name = key.strip_prefix("container.apparmor.security.beta.kubernetes.io/")?;
        (name == container.body.name.as_str()).then_some(profile.as_str())
    })
}

/// Whether anything narrows what the container may ask of the kernel. A profile that confines nothing does
/// not; nor does dropping beside an added `ALL`, of which runtimes make different things.
fn is_hardened(container: &Container<'_>) -> bool {
    let confines = |kind: &str| !matches!(kind, "" | "Unconfined");
    let seccomp =
        container.effective(|own| own.seccomp_profile.as_ref(), |pod| pod.seccomp_profile.as_ref());
    let apparmor = container
        .effective(|own| own.app_armor_profile.as_ref(), |pod| pod.app_armor_profile.as_ref());
    let apparmor = match apparmor {
        Some(profile) => confines(&profile.type_),
        None => apparmor_annotation(container).is_some_and(|profile| profile != "unconfined"),
    };
    let selinux = container
        .effective(|own| own.se_linux_options.as_deref(), |pod| pod.se_linux_options.as_deref());
    let list = container.own(|own| own.capabilities.as_ref());
    let adds_all = container.added().any(|(_, name)| is_capability(name, "ALL"));
    seccomp.is_some_and(|profile| confines(&profile.type_))
        || apparmor
        || selinux.is_some_and(|options| *options != SeLinuxOptions::default())
        || (!adds_all && list.is_some_and(|list| !list.drop.is_empty()))
}

fn has_selinux(container: &Container<'_>) -> bool {
    let options = container
        .effective(|own| own.se_linux_options.as_deref(), |pod| pod.se_linux_options.as_deref());
    options.is_some()
}

fn windows_user<'a>(container: &Container<'a>) -> Option<&'a str> {
    let user = container.effective(
        |own| own.windows_options.as_ref().and_then(|options| options.run_as_user_name.as_deref()),
        |pod| pod.windows_options.as_ref().and_then(|options| options.run_as_user_name.as_deref()),
    );
    user.filter(|user| !user.is_empty())
}

fn control_plane_scheduling<'a>(pod: &Pod<'a>, sheet: &mut Sheet<'a>) {
    if pod.namespace() == "kube-system" {
        return;
    }
    sheet.applies();
    let control_plane = |key: &str| {
        matches!(key, "node-role.kubernetes.io/control-plane" | "node-role.kubernetes.io/master")
    };
    for (index, toleration) in pod.spec.tolerations.iter().enumerate() {
        let key = toleration.key.as_deref().unwrap_or_default();
        let everything = key.is_empty() && toleration.operator.as_deref() == Some("Exists");
        // What only drives pods out later does not let them in.
        let lets_in = toleration.effect.as_deref().is_none_or(|effect| effect != "NoExecute");
        let place: Place<'a> = pod.at("tolerations[].key").at(index);
        if lets_in && everything {
            sheet.fail(place, Unset);
        } else if lets_in && control_plane(key) {
            sheet.fail(place, Is(key));
        }
    }
    for (key, _) in pod.spec.node_selector.iter().filter(|(key, _)| control_plane(key)) {
        sheet.fail(pod.at("nodeSelector{}").key(key), Contains(key));
    }
}

/// Whether a word, or a command line in one, names `sudo` as a program.
fn calls_sudo(text: &str) -> bool {
    let ends = |character: char| character.is_whitespace() || "|&;()`$".contains(character);
    text.split(ends).any(|word| word.rsplit('/').next() == Some("sudo"))
}

/// `curl … | sh` and the like.
fn downloads_to_shell(text: &str) -> bool {
    let mut parts = text.split('|');
    let mut downloads = false;
    parts.any(|part| {
        let mut words = part.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
        let first = words.by_ref().find(|word| *word != "sudo").unwrap_or_default();
        let runs = downloads
            && ["sh", "bash", "ash", "dash", "zsh", "python", "python3", "perl"].contains(&first);
        downloads |= part
            .split_whitespace()
            .any(|word| ["curl", "wget"].contains(&word.rsplit('/').next().unwrap_or(word)));
        runs
    })
}
