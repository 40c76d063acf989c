//! Kubelets by their flags and configuration files, and files of nodes.

use bulkhead_objects::KubeletConfiguration;

use super::control_plane::is_strong;
use crate::Sheet;
use crate::control::Control;
use crate::subject::{Kubelet, NodeFile, NodeFileKind, Setting};
use crate::verdict::Reason::{self, Contains, Is, Number, Unset};
use crate::{Flag, Place};

pub(super) const CONTROLS: &[Control] = &[
    Control::kubelet("kubelet-anonymous", |kubelet, sheet| {
        let field = "authentication.anonymous.enabled";
        let file = |file: &KubeletConfiguration| file.authentication.anonymous.enabled;
        // The file's default is false, the flag's true.
        let by_file = kubelet.file.is_some();
        truth(kubelet.truth("anonymous-auth", field, file), !by_file, false, sheet);
    }),
    Control::kubelet("kubelet-always-allows", |kubelet, sheet| {
        let mode = kubelet.text("authorization-mode", "authorization.mode", |file| {
            file.authorization.mode.as_deref()
        });
        let default = if kubelet.file.is_some() { "Webhook" } else { "AlwaysAllow" };
        judge(mode, sheet, |mode, place, sheet| {
            let mode = mode.unwrap_or(default);
            sheet.fail_if(mode == "AlwaysAllow", place, Is("AlwaysAllow"));
        });
    }),
    Control::kubelet("kubelet-client-authority-missing", |kubelet, sheet| {
        let file = kubelet.text("client-ca-file", "authentication.x509.clientCAFile", |file| {
            file.authentication.x509.client_ca_file.as_deref()
        });
        judge(file, sheet, |file, place, sheet| sheet.fail_if(file.is_none(), place, Unset));
    }),
    Control::kubelet("kubelet-read-only-port", |kubelet, sheet| {
        let port = kubelet
            .number("read-only-port", "readOnlyPort", |file| file.read_only_port.map(i64::from));
        let default = if kubelet.file.is_some() { 0 } else { 10_255 };
        judge(port, sheet, |port, place, sheet| {
            let port = port.unwrap_or(default);
            sheet.fail_if(port != 0, place, Number(port));
        });
    }),
    Control::kubelet("kubelet-streaming-timeout", |kubelet, sheet| {
        let field = "streamingConnectionIdleTimeout";
        let timeout = kubelet.text("streaming-connection-idle-timeout", field, |file| {
            file.streaming_connection_idle_timeout.as_deref()
        });
        judge(timeout, sheet, |timeout, place, sheet| {
            let endless = timeout
                .is_some_and(|timeout| !timeout.bytes().any(|byte| (b'1'..=b'9').contains(&byte)));
            sheet.fail_if(endless, place, Is(timeout.unwrap_or_default()));
        });
    }),
    Control::kubelet("kubelet-kernel-defaults-unprotected", |kubelet, sheet| {
        let file = |file: &KubeletConfiguration| file.protect_kernel_defaults;
        truth(
            kubelet.truth("protect-kernel-defaults", "protectKernelDefaults", file),
            false,
            true,
            sheet,
        );
    }),
    Control::kubelet("kubelet-iptables-disabled", |kubelet, sheet| {
        let file = |file: &KubeletConfiguration| file.make_ip_tables_util_chains;
        truth(
            kubelet.truth("make-iptables-util-chains", "makeIPTablesUtilChains", file),
            true,
            true,
            sheet,
        );
    }),
    Control::kubelet("kubelet-hostname-overridden", |kubelet, sheet| {
        if let Some(flags) = &kubelet.flags {
            sheet.applies();
            if let Some(flag) = flags.get("hostname-override") {
                sheet.fail(Place::of("command[]").at(flag.word.position), Is(flag.value));
            }
        }
    }),
    Control::kubelet("kubelet-events-unlimited-or-lost", |kubelet, sheet| {
        let rate = kubelet
            .number("event-qps", "eventRecordQPS", |file| file.event_record_qps.map(i64::from));
        judge(rate, sheet, |rate, place, sheet| {
            let rate = rate.unwrap_or(50);
            sheet.fail_if(rate == 0, place, Number(rate));
        });
    }),
    Control::kubelet("kubelet-certificate-missing", |kubelet, sheet| {
        let bootstrap = kubelet.truth("rotate-server-certificates", "serverTLSBootstrap", |file| {
            file.server_tls_bootstrap
        });
        if matches!(bootstrap, Setting::Given(true, _)) {
            sheet.applies();
            return;
        }
        let files = [
            kubelet.text("tls-cert-file", "tlsCertFile", |file| file.tls_cert_file.as_deref()),
            kubelet.text("tls-private-key-file", "tlsPrivateKeyFile", |file| {
                file.tls_private_key_file.as_deref()
            }),
        ];
        for file in files {
            judge(file, sheet, |file, place, sheet| sheet.fail_if(file.is_none(), place, Unset));
        }
    }),
    Control::kubelet("kubelet-certificate-not-rotated", |kubelet, sheet| {
        let file = |file: &KubeletConfiguration| file.rotate_certificates;
        let rotate = kubelet.truth("rotate-certificates", "rotateCertificates", file);
        // Both defaults renew, since the version that `kubeadm` writes the file for.
        truth(rotate, true, true, sheet);
        let gate =
            kubelet.file.and_then(|file| file.feature_gates.get("RotateKubeletServerCertificate"));
        if gate == Some(&false) {
            sheet.fail(Place::of("featureGates.RotateKubeletServerCertificate"), Is("false"));
        }
        let gates = kubelet.flags.as_ref().and_then(|flags| flags.get("feature-gates"));
        if let Some(gates) = gates.filter(|gates| gates.has("RotateKubeletServerCertificate=false"))
        {
            sheet.fail(Place::of("command[]").at(gates.word.position), Is(gates.value));
        }
    }),
    Control::kubelet("kubelet-weak-ciphers", weak_ciphers),
    Control::kubelet("kubelet-process-limit-missing", |kubelet, sheet| {
        let limit = kubelet.number("pod-max-pids", "podPidsLimit", |file| file.pod_pids_limit);
        judge(limit, sheet, |limit, place, sheet| {
            let reason = limit.map_or(Unset, Number);
            sheet.fail_if(limit.is_none_or(|limit| limit <= 0), place, reason);
        });
    }),
    Control::kubelet("kubelet-seccomp-default-missing", |kubelet, sheet| {
        let file = |file: &KubeletConfiguration| file.seccomp_default;
        truth(kubelet.truth("seccomp-default", "seccompDefault", file), false, true, sheet);
    }),
    Control::kubelet("kubelet-debugging-handlers", |kubelet, sheet| {
        let file = |file: &KubeletConfiguration| file.enable_profiling_handler;
        truth(
            kubelet.truth("enable-profiling-handler", "enableProfilingHandler", file),
            true,
            false,
            sheet,
        );
    }),
    Control::kubelet("kubelet-static-pod-url", |kubelet, sheet| {
        let url =
            kubelet.text("manifest-url", "staticPodURL", |file| file.static_pod_url.as_deref());
        judge(url, sheet, |url, place, sheet| {
            sheet.fail_if(url.is_some(), place, Is(url.unwrap_or_default()));
        });
    }),
    Control::node_file("node-file-permissions", |file, sheet| {
        let excess = file.mode & 0o7777 & !file.kind.allowed();
        sheet.fail_if(excess != 0, Place::of("mode"), Reason::Mode(file.mode & 0o7777));
    }),
    Control::node_file("node-file-owner", |file, sheet| {
        // A kubeconfig of a person belongs to the person; those that are collected are the node's.
        for (name, place) in [(file.user, "user"), (file.group, "group")] {
            sheet.fail_if(!is_owner(file, name), Place::of(place), Is(name));
        }
    }),
];

/// etcd's folder may be etcd's; where etcd runs as root it is root's.
fn is_owner(file: &NodeFile<'_>, name: &str) -> bool {
    matches!(name, "root" | "0") || (file.kind == NodeFileKind::EtcdData && name == "etcd")
}

/// Calls `wrong` with the value, unless it is unknown.
fn judge<'a, T>(
    setting: Setting<'a, T>,
    sheet: &mut Sheet<'a>,
    wrong: impl FnOnce(Option<T>, Place<'a>, &mut Sheet<'a>),
) {
    match setting {
        Setting::Given(value, place) => wrong(Some(value), place, sheet),
        Setting::Absent(place) => wrong(None, place, sheet),
        Setting::Unknown(place) => sheet.not_checkable(place, "the kubelet's configuration file"),
    }
}

fn truth<'a>(setting: Setting<'a, bool>, default: bool, wanted: bool, sheet: &mut Sheet<'a>) {
    judge(setting, sheet, |value, place, sheet| {
        let reason = match value {
            Some(true) => Is("true"),
            Some(false) => Is("false"),
            None => Unset,
        };
        sheet.fail_if(value.unwrap_or(default) != wanted, place, reason);
    });
}

fn weak_ciphers<'a>(kubelet: &Kubelet<'a>, sheet: &mut Sheet<'a>) {
    let flag = kubelet.flags.as_ref().and_then(|flags| flags.get("tls-cipher-suites"));
    if let Some(flag) = flag {
        sheet.applies();
        for suite in Flag::elements(&flag).filter(|suite| !is_strong(suite)) {
            sheet.fail(Place::of("command[]").at(flag.word.position), Contains(suite));
        }
        return;
    }
    let place = Place::of("tlsCipherSuites");
    let by_flags_alone = kubelet.flags.as_ref().is_some_and(|flags| flags.get("config").is_none());
    match kubelet.file {
        Some(file) => {
            sheet.fail_if(file.tls_cipher_suites.is_empty(), place, Unset);
            for (index, suite) in file.tls_cipher_suites.iter().enumerate() {
                sheet.fail_if(
                    !is_strong(suite),
                    Place::of("tlsCipherSuites[]").at(index),
                    Is(suite),
                );
            }
        }
        None if by_flags_alone => sheet.fail(place, Unset),
        None => sheet.not_checkable(place, "the kubelet's configuration file"),
    }
}
