//! Flags of the API server, the controller manager, the scheduler, etcd and kube-proxy, by the command
//! lines of their static pods.

use crate::Sheet;
use crate::control::{Control, Expect};
use crate::subject::Component;
use crate::subject::Which::{ApiServer, ControllerManager, Core, Etcd, Local, Proxy};
use crate::verdict::Reason::{Contains, Is, Lacks, Unset};

use Expect::{AtLeast, Contained, False, NotContained, NotFalse, NotSet, NotTrue, Set, True};

pub(super) const CONTROLS: &[Control] = &[
    Control::flag("api-server-anonymous", ApiServer, &["anonymous-auth"], False),
    Control::flag(
        "api-server-static-passwords",
        ApiServer,
        &["token-auth-file", "basic-auth-file"],
        NotSet,
    ),
    Control::flag(
        "api-server-external-ips-allowed",
        ApiServer,
        &["enable-admission-plugins"],
        Contained("DenyServiceExternalIPs"),
    ),
    Control::flag(
        "api-server-kubelet-client-certificate-missing",
        ApiServer,
        &["kubelet-client-certificate", "kubelet-client-key"],
        Set,
    ),
    Control::flag(
        "api-server-kubelet-authority-missing",
        ApiServer,
        &["kubelet-certificate-authority"],
        Set,
    ),
    Control::component("api-server-always-allows", ApiServer, |server, sheet| {
        let modes = server.flag("authorization-mode");
        // AlwaysAllow is the default, unless a configuration file takes the flag's place.
        let always = modes.is_none_or(|modes| modes.has("AlwaysAllow"));
        let configured = server.flag("authorization-config").is_some();
        let reason = modes.map_or(Unset, |modes| Is(modes.value));
        sheet.fail_if(always && !(modes.is_none() && configured), server.place(modes), reason);
    }),
    Control::component("api-server-node-authorization-missing", ApiServer, |server, sheet| {
        authorization_mode(server, sheet, "Node");
    }),
    Control::component("api-server-rbac-missing", ApiServer, |server, sheet| {
        authorization_mode(server, sheet, "RBAC");
    }),
    Control::flag(
        "api-server-event-rate-unlimited",
        ApiServer,
        &["enable-admission-plugins"],
        Contained("EventRateLimit"),
    ),
    Control::flag(
        "api-server-always-admits",
        ApiServer,
        &["enable-admission-plugins"],
        NotContained("AlwaysAdmit"),
    ),
    Control::flag(
        "api-server-images-not-pulled",
        ApiServer,
        &["enable-admission-plugins"],
        Contained("AlwaysPullImages"),
    ),
    Control::flag(
        "api-server-service-account-plugin-disabled",
        ApiServer,
        &["disable-admission-plugins"],
        NotContained("ServiceAccount"),
    ),
    Control::flag(
        "api-server-namespace-plugin-disabled",
        ApiServer,
        &["disable-admission-plugins"],
        NotContained("NamespaceLifecycle"),
    ),
    Control::flag(
        "api-server-node-restriction-missing",
        ApiServer,
        &["enable-admission-plugins"],
        Contained("NodeRestriction"),
    ),
    Control::flag(
        "api-server-pod-security-disabled",
        ApiServer,
        &["disable-admission-plugins"],
        NotContained("PodSecurity"),
    ),
    Control::component("api-server-insecure-port", ApiServer, |server, sheet| {
        sheet.applies();
        let wrong = |name: &str, value: &str| match name {
            "insecure-port" => value != "0",
            "secure-port" => value == "0",
            _ => true,
        };
        for name in ["insecure-port", "insecure-bind-address", "secure-port"] {
            if let Some(flag) = server.flag(name).filter(|flag| wrong(name, flag.value)) {
                sheet.fail(server.place(Some(flag)), Is(flag.value));
            }
        }
    }),
    Control::component("api-server-audit-log-missing", ApiServer, |server, sheet| {
        let log =
            server.flag("audit-log-path").or_else(|| server.flag("audit-webhook-config-file"));
        sheet.fail_if(log.is_none(), server.place(None), Lacks("--audit-log-path"));
    }),
    Control::flag("api-server-audit-policy-missing", ApiServer, &["audit-policy-file"], Set),
    Control::flag("api-server-audit-log-age", ApiServer, &["audit-log-maxage"], AtLeast(30)),
    Control::flag("api-server-audit-log-backups", ApiServer, &["audit-log-maxbackup"], AtLeast(10)),
    Control::flag("api-server-audit-log-size", ApiServer, &["audit-log-maxsize"], AtLeast(100)),
    Control::component("api-server-request-timeout", ApiServer, |server, sheet| {
        sheet.applies();
        if let Some(timeout) = server.flag("request-timeout") {
            let default = ["60s", "1m", "1m0s"].contains(&timeout.value);
            sheet.fail_if(!default, server.place(Some(timeout)), Is(timeout.value));
        }
    }),
    Control::flag(
        "api-server-service-account-lookup-disabled",
        ApiServer,
        &["service-account-lookup"],
        NotFalse,
    ),
    Control::flag(
        "api-server-service-account-key-missing",
        ApiServer,
        &["service-account-key-file"],
        Set,
    ),
    Control::flag(
        "api-server-tokens-extended",
        ApiServer,
        &["service-account-extend-token-expiration"],
        False,
    ),
    Control::flag(
        "api-server-etcd-certificate-missing",
        ApiServer,
        &["etcd-certfile", "etcd-keyfile"],
        Set,
    ),
    Control::flag("api-server-etcd-authority-missing", ApiServer, &["etcd-cafile"], Set),
    Control::flag(
        "api-server-certificate-missing",
        ApiServer,
        &["tls-cert-file", "tls-private-key-file"],
        Set,
    ),
    Control::flag("api-server-client-authority-missing", ApiServer, &["client-ca-file"], Set),
    Control::flag("api-server-encryption-missing", ApiServer, &["encryption-provider-config"], Set),
    Control::component("api-server-weak-ciphers", ApiServer, |server, sheet| {
        let suites = server.flag("tls-cipher-suites");
        sheet.fail_if(suites.is_none(), server.place(None), Lacks("--tls-cipher-suites"));
        if let Some(suites) = suites {
            for suite in suites.elements().filter(|suite| !is_strong(suite)) {
                sheet.fail(server.place(Some(suites)), Contains(suite));
            }
        }
    }),
    Control::component("api-server-old-tls", ApiServer, |server, sheet| {
        let version = server.flag("tls-min-version");
        // TLS 1.2 is the default.
        let old = version
            .is_some_and(|version| ["VersionTLS10", "VersionTLS11"].contains(&version.value));
        sheet.fail_if(old, server.place(version), Is(server.value("tls-min-version")));
    }),
    Control::flag("profiling-enabled", Core, &["profiling"], False),
    Control::component("component-listens-everywhere", Local, |component, sheet| {
        let address = component.flag("bind-address");
        let local =
            address.is_some_and(|flag| ["127.0.0.1", "::1", "localhost"].contains(&flag.value));
        let reason = address.map_or(Lacks("--bind-address"), |flag| Is(flag.value));
        sheet.fail_if(!local, component.place(address), reason);
    }),
    Control::flag(
        "controller-manager-pod-collection",
        ControllerManager,
        &["terminated-pod-gc-threshold"],
        Set,
    ),
    Control::flag(
        "controller-manager-shared-credentials",
        ControllerManager,
        &["use-service-account-credentials"],
        True,
    ),
    Control::flag(
        "controller-manager-key-missing",
        ControllerManager,
        &["service-account-private-key-file"],
        Set,
    ),
    Control::flag(
        "controller-manager-root-authority-missing",
        ControllerManager,
        &["root-ca-file"],
        Set,
    ),
    Control::flag(
        "controller-manager-kubelet-rotation-disabled",
        ControllerManager,
        &["feature-gates"],
        NotContained("RotateKubeletServerCertificate=false"),
    ),
    Control::component("etcd-without-tls", Etcd, |etcd, sheet| {
        sheet.applies();
        for name in ["cert-file", "key-file"] {
            let missing = etcd.value(name).is_empty() && etcd.flag("auto-tls").is_none();
            sheet.fail_if(missing, etcd.place(None), Lacks(name));
        }
        for name in ["listen-client-urls", "advertise-client-urls"] {
            if let Some(urls) = etcd.flag(name) {
                for url in urls.elements().filter(|url| url.starts_with("http://")) {
                    sheet.fail(etcd.place(Some(urls)), Contains(url));
                }
            }
        }
    }),
    Control::flag("etcd-clients-not-authenticated", Etcd, &["client-cert-auth"], True),
    Control::flag("etcd-self-signed", Etcd, &["auto-tls", "peer-auto-tls"], NotTrue),
    Control::flag("etcd-peers-without-tls", Etcd, &["peer-cert-file", "peer-key-file"], Set),
    Control::flag("etcd-peers-not-authenticated", Etcd, &["peer-client-cert-auth"], True),
    Control::component("etcd-shares-authority", Etcd, |etcd, sheet| {
        let cluster = etcd.container.pod.cluster;
        let own = etcd.flag("trusted-ca-file");
        match cluster.client_authority() {
            None => sheet.not_checkable(etcd.place(own), "the command line of the API server"),
            Some(shared) => {
                let same = own.is_some_and(|own| own.value == shared);
                sheet.fail_if(same, etcd.place(own), Is(shared));
            }
        }
    }),
    Control::component("proxy-metrics-open", Proxy, |proxy, sheet| {
        match proxy.flag("metrics-bind-address") {
            Some(flag) => {
                let local = ["127.0.0.1", "[::1]", "localhost"]
                    .iter()
                    .any(|host| flag.value.starts_with(host));
                sheet.fail_if(!local, proxy.place(Some(flag)), Is(flag.value));
            }
            None if proxy.flag("config").is_some() => {
                sheet.not_checkable(proxy.place(None), "the configuration file of kube-proxy");
            }
            None => sheet.applies(),
        }
    }),
];

fn authorization_mode<'a>(server: &Component<'a>, sheet: &mut Sheet<'a>, mode: &'static str) {
    let modes = server.flag("authorization-mode");
    if modes.is_none() && server.flag("authorization-config").is_some() {
        sheet.not_checkable(server.place(None), "the authorisation configuration file");
        return;
    }
    sheet.fail_if(!modes.is_some_and(|modes| modes.has(mode)), server.place(modes), Lacks(mode));
}

/// Suites with forward secrecy and authenticated encryption. (RFC 9325, section 4.2; TLS 1.3's own)
pub(super) fn is_strong(suite: &str) -> bool {
    let forward = suite.starts_with("TLS_ECDHE_") || suite.starts_with("TLS_DHE_");
    let one_three = suite.starts_with("TLS_AES_") || suite.starts_with("TLS_CHACHA20_");
    (forward || one_three) && (suite.contains("_GCM_") || suite.contains("CHACHA20_POLY1305"))
}

/// Judges one row of the table: the flags of a component against what is expected.
pub(crate) fn judge_flags<'a>(
    component: &Component<'a>,
    names: &'static [&'static str],
    expect: Expect,
    sheet: &mut Sheet<'a>,
) {
    sheet.applies();
    for name in names {
        let flag = component.flag(name);
        let wrong = match (expect, flag) {
            (True, flag) => flag.and_then(|flag| flag.truth()) != Some(true),
            (False, flag) => flag.and_then(|flag| flag.truth()) != Some(false),
            (NotFalse, flag) => flag.and_then(|flag| flag.truth()) == Some(false),
            (NotTrue, flag) => flag.and_then(|flag| flag.truth()) == Some(true),
            (Set, flag) => flag.is_none_or(|flag| flag.value.is_empty()),
            (NotSet, flag) => flag.is_some(),
            (AtLeast(least), flag) => {
                flag.and_then(|flag| flag.number()).is_none_or(|number| number < least)
            }
            (Contained(element), flag) => !flag.is_some_and(|flag| flag.has(element)),
            (NotContained(element), flag) => flag.is_some_and(|flag| flag.has(element)),
        };
        let reason = match (flag, expect) {
            (_, Contained(element)) => Lacks(element),
            (Some(_), NotContained(element)) => Contains(element),
            (Some(flag), _) => Is(flag.value),
            (None, _) => Lacks(name),
        };
        sheet.fail_if(wrong, component.place(flag), reason);
    }
}
