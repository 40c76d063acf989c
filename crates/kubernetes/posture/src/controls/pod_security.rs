//! The controls of the Pod Security Standards. What each version of a profile asks for is
//! [`crate::Profile`]; exceptions by version are those of `pod-security-admission`, which looks at the
//! version a namespace names.

use bulkhead_objects::{SeLinuxOptions, VolumeSource};

use crate::control::Control;
use crate::subject::{Container, Pod};
use crate::verdict::Reason::{Contains, Is, Lacks, Number, Unset};
use crate::{Place, Sheet};

/// From this version on a pod that says it runs on Windows need not have what only Linux knows.
const WINDOWS_EXEMPT: u16 = 25;

pub(super) const CONTROLS: &[Control] = &[
    Control::container("privileged-container", |container, sheet| {
        let privileged = container.own(|own| own.privileged) == Some(true);
        sheet.fail_if(privileged, container.at("securityContext.privileged"), Is("true"));
    }),
    Control::pod("host-network", |pod, sheet| {
        sheet.fail_if(pod.spec.host_network, pod.at("hostNetwork"), Is("true"));
    }),
    Control::pod("host-pid", |pod, sheet| {
        sheet.fail_if(pod.spec.host_pid, pod.at("hostPID"), Is("true"));
    }),
    Control::pod("host-ipc", |pod, sheet| {
        sheet.fail_if(pod.spec.host_ipc, pod.at("hostIPC"), Is("true"));
    }),
    Control::pod("host-path-volume", |pod, sheet| {
        for (index, volume) in pod.spec.volumes.iter().enumerate() {
            sheet.applies();
            for source in &volume.sources {
                if let VolumeSource::HostPath(host) = source {
                    sheet.fail(pod.at("volumes[].hostPath").at(index), Is(&host.path));
                }
            }
        }
    }),
    Control::container("host-port", |container, sheet| {
        for (index, port) in container.body.ports.iter().enumerate() {
            let place = container.at("ports[].hostPort").at(index);
            sheet.fail_if(port.host_port != 0, place, Number(port.host_port.into()));
        }
    }),
    Control::container("capability-beyond-baseline", |container, sheet| {
        sheet.applies();
        // `pod-security-admission` compares names as they are written.
        for (index, name) in container.added().filter(|(_, name)| !BASELINE.contains(name)) {
            sheet.fail(container.at("securityContext.capabilities.add[]").at(index), Is(name));
        }
    }),
    Control::pod("apparmor-unconfined", apparmor_unconfined),
    Control::pod("selinux-type-unsafe", |pod, sheet| {
        selinux(pod, sheet, |options, place, sheet| {
            let engine = options.type_ == "container_engine_t" && pod.cluster.minor() >= 31;
            let safe = ["", "container_t", "container_init_t", "container_kvm_t"];
            let is_safe = engine || safe.contains(&options.type_.as_str());
            sheet.fail_if(!is_safe, place("type"), Is(&options.type_));
        });
    }),
    Control::pod("selinux-user-or-role", |pod, sheet| {
        selinux(pod, sheet, |options, place, sheet| {
            sheet.fail_if(!options.user.is_empty(), place("user"), Is(&options.user));
            sheet.fail_if(!options.role.is_empty(), place("role"), Is(&options.role));
        });
    }),
    Control::container("proc-mount-unmasked", |container, sheet| {
        let mount = container.own(|own| own.proc_mount.as_deref()).unwrap_or("Default");
        sheet.fail_if(mount != "Default", container.at("securityContext.procMount"), Is(mount));
    }),
    Control::pod("seccomp-unconfined", seccomp_unconfined),
    Control::pod("sysctl-unsafe", |pod, sheet| {
        let sysctls = pod.security().map_or(&[][..], |security| &security.sysctls);
        for (index, sysctl) in sysctls.iter().enumerate() {
            let since =
                SYSCTLS.iter().find(|(name, _)| sysctl.name == *name).map(|(_, since)| *since);
            let safe = since.is_some_and(|since| pod.cluster.minor() >= since);
            sheet.fail_if(
                !safe,
                pod.at("securityContext.sysctls[].name").at(index),
                Is(&sysctl.name),
            );
        }
    }),
    Control::pod("windows-host-process", |pod, sheet| {
        let inherited = pod.security().and_then(|security| security.windows_options.as_ref());
        if let Some(options) = inherited {
            let place = pod.at("securityContext.windowsOptions.hostProcess");
            sheet.fail_if(options.host_process == Some(true), place, Is("true"));
        }
        for container in pod.containers() {
            if let Some(options) = container.own(|own| own.windows_options.as_ref()) {
                let place = container.at("securityContext.windowsOptions.hostProcess");
                sheet.fail_if(options.host_process == Some(true), place, Is("true"));
            }
        }
    }),
    Control::container("probe-to-other-host", probe_to_other_host),
    Control::pod("volume-type-restricted", |pod, sheet| {
        for (index, volume) in pod.spec.volumes.iter().enumerate() {
            sheet.applies();
            for source in &volume.sources {
                if !VOLUMES.contains(&source.field()) {
                    sheet.fail(pod.at("volumes[]").at(index), Contains(source.field()));
                }
            }
        }
    }),
    Control::container("privilege-escalation-allowed", |container, sheet| {
        if linux_only(&container.pod) {
            let allowed = container.own(|own| own.allow_privilege_escalation);
            let reason = if allowed.is_some() { Is("true") } else { Unset };
            let place = container.at("securityContext.allowPrivilegeEscalation");
            sheet.fail_if(allowed != Some(false), place, reason);
        }
    }),
    Control::pod("root-user-not-excluded", root_user_not_excluded),
    Control::pod("root-user-set", |pod, sheet| {
        let inherited = pod.security().and_then(|security| security.run_as_user);
        sheet.fail_if(inherited == Some(0), pod.at("securityContext.runAsUser"), Number(0));
        for container in pod.containers() {
            let own = container.own(|own| own.run_as_user);
            sheet.fail_if(own == Some(0), container.at("securityContext.runAsUser"), Number(0));
        }
    }),
    Control::pod("seccomp-profile-missing", seccomp_profile_missing),
    Control::container("capabilities-not-dropped", |container, sheet| {
        if linux_only(&container.pod) {
            let list = container.own(|own| own.capabilities.as_ref());
            let all = list.is_some_and(|list| list.drop.iter().any(|name| name == "ALL"));
            sheet.fail_if(!all, container.at("securityContext.capabilities.drop"), Lacks("ALL"));
        }
    }),
    Control::container("capability-beyond-restricted", |container, sheet| {
        if linux_only(&container.pod) {
            sheet.applies();
            for (index, name) in container.added().filter(|(_, name)| *name != "NET_BIND_SERVICE") {
                sheet.fail(container.at("securityContext.capabilities.add[]").at(index), Is(name));
            }
        }
    }),
];

/// Capabilities that the baseline profile allows to add.
const BASELINE: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Safe kernel parameters, and the version of the baseline profile that first allowed each.
const SYSCTLS: [(&str, u16); 14] = [
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
    ("net.ipv4.tcp_notsent_lowat", 37),
];

/// Types of volumes that the restricted profile allows.
const VOLUMES: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// Whether a pod must have what only Linux knows, in the version of the settings.
pub(crate) fn linux_only(pod: &Pod<'_>) -> bool {
    !(pod.declares_windows() && pod.cluster.minor() >= WINDOWS_EXEMPT)
}

fn apparmor_unconfined<'a>(pod: &Pod<'a>, sheet: &mut Sheet<'a>) {
    sheet.applies();
    for (key, value) in pod.annotations().iter() {
        let about_it = key.starts_with("container.apparmor.security.beta.kubernetes.io/");
        let confined =
            ["", "runtime/default"].contains(&value.as_str()) || value.starts_with("localhost/");
        if about_it && !confined {
            sheet.fail(pod.at_template("metadata.annotations{}").key(key), Is(value));
        }
    }
    let confined = |profile: &str| matches!(profile, "RuntimeDefault" | "Localhost");
    let inherited = pod.security().and_then(|security| security.app_armor_profile.as_ref());
    if let Some(profile) = inherited.filter(|profile| !confined(&profile.type_)) {
        sheet.fail(pod.at("securityContext.appArmorProfile.type"), Is(&profile.type_));
    }
    for container in pod.containers() {
        let own = container.own(|own| own.app_armor_profile.as_ref());
        if let Some(profile) = own.filter(|profile| !confined(&profile.type_)) {
            sheet.fail(container.at("securityContext.appArmorProfile.type"), Is(&profile.type_));
        }
    }
}

/// Calls `judge` with each `seLinuxOptions` of the pod and the places of its fields.
fn selinux<'a>(
    pod: &Pod<'a>,
    sheet: &mut Sheet<'a>,
    judge: impl Fn(&'a SeLinuxOptions, &dyn Fn(&str) -> Place<'a>, &mut Sheet<'a>),
) {
    let field = |name: &str| match name {
        "type" => "securityContext.seLinuxOptions.type",
        "user" => "securityContext.seLinuxOptions.user",
        _ => "securityContext.seLinuxOptions.role",
    };
    if let Some(options) = pod.security().and_then(|security| security.se_linux_options.as_deref())
    {
        judge(options, &|name| pod.at(field(name)), sheet);
    }
    for container in pod.containers() {
        if let Some(options) = container.own(|own| own.se_linux_options.as_deref()) {
            judge(options, &|name| container.at(field(name)), sheet);
        }
    }
}

fn seccomp_unconfined<'a>(pod: &Pod<'a>, sheet: &mut Sheet<'a>) {
    sheet.applies();
    // Before the field there were annotations, and the profile's older versions judge them alone.
    if pod.cluster.minor() < 19 {
        for (key, value) in pod.annotations().iter() {
            let container = key.strip_prefix("container.seccomp.security.alpha.kubernetes.io/");
            let about_it = key == "seccomp.security.alpha.kubernetes.io/pod"
                || pod.containers().any(|own| container == Some(own.body.name.as_str()));
            let confined = ["runtime/default", "docker/default"].contains(&value.as_str())
                || value.starts_with("localhost/");
            if about_it && !confined {
                sheet.fail(pod.at_template("metadata.annotations{}").key(key), Is(value));
            }
        }
        return;
    }
    let inherited = pod.security().and_then(|security| security.seccomp_profile.as_ref());
    if let Some(profile) = inherited.filter(|profile| !confines(&profile.type_)) {
        sheet.fail(pod.at("securityContext.seccompProfile.type"), Is(&profile.type_));
    }
    for container in pod.containers() {
        let own = container.own(|own| own.seccomp_profile.as_ref());
        if let Some(profile) = own.filter(|profile| !confines(&profile.type_)) {
            sheet.fail(container.at("securityContext.seccompProfile.type"), Is(&profile.type_));
        }
    }
}

fn seccomp_profile_missing<'a>(pod: &Pod<'a>, sheet: &mut Sheet<'a>) {
    if !linux_only(pod) {
        return;
    }
    let inherited = pod.security().and_then(|security| security.seccomp_profile.as_ref());
    if let Some(profile) = inherited {
        let place = pod.at("securityContext.seccompProfile.type");
        sheet.fail_if(!confines(&profile.type_), place, Is(&profile.type_));
    }
    for container in pod.containers() {
        if let Some(profile) = container.own(|own| own.seccomp_profile.as_ref()) {
            let place = container.at("securityContext.seccompProfile.type");
            sheet.fail_if(!confines(&profile.type_), place, Is(&profile.type_));
        } else {
            let place = container.at("securityContext.seccompProfile");
            sheet.fail_if(inherited.is_none(), place, Unset);
        }
    }
}

fn confines(profile: &str) -> bool {
    matches!(profile, "RuntimeDefault" | "Localhost")
}

fn probe_to_other_host<'a>(container: &Container<'a>, sheet: &mut Sheet<'a>) {
    let body = container.body;
    let lifecycle = body.lifecycle.as_deref();
    let probes = [
        (
            body.liveness_probe.as_deref(),
            "livenessProbe.httpGet.host",
            "livenessProbe.tcpSocket.host",
        ),
        (
            body.readiness_probe.as_deref(),
            "readinessProbe.httpGet.host",
            "readinessProbe.tcpSocket.host",
        ),
        (body.startup_probe.as_deref(), "startupProbe.httpGet.host", "startupProbe.tcpSocket.host"),
        (
            lifecycle.and_then(|lifecycle| lifecycle.post_start.as_ref()),
            "lifecycle.postStart.httpGet.host",
            "lifecycle.postStart.tcpSocket.host",
        ),
        (
            lifecycle.and_then(|lifecycle| lifecycle.pre_stop.as_ref()),
            "lifecycle.preStop.httpGet.host",
            "lifecycle.preStop.tcpSocket.host",
        ),
    ];
    for (probe, http, tcp) in probes {
        let Some(probe) = probe else { continue };
        sheet.applies();
        let hosts = [
            (probe.http_get.as_ref().and_then(|get| get.host.as_deref()), http),
            (probe.tcp_socket.as_ref().and_then(|socket| socket.host.as_deref()), tcp),
        ];
        for (host, field) in hosts {
            if let Some(host) = host.filter(|host| !host.is_empty()) {
                sheet.fail(container.at(field), Is(host));
            }
        }
    }
}

fn root_user_not_excluded<'a>(pod: &Pod<'a>, sheet: &mut Sheet<'a>) {
    let inherited = pod.security().and_then(|security| security.run_as_non_root);
    sheet.fail_if(inherited == Some(false), pod.at("securityContext.runAsNonRoot"), Is("false"));
    for container in pod.containers() {
        let place = container.at("securityContext.runAsNonRoot");
        match container.own(|own| own.run_as_non_root) {
            Some(own) => sheet.fail_if(!own, place, Is("false")),
            None => sheet.fail_if(inherited.is_none(), place, Unset),
        }
    }
}
