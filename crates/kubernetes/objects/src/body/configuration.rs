//! Configuration files of the control plane and the kubelet: no objects of the API.

use serde::Deserialize;

use crate::name::Name;
use crate::values::{Table, given};

/// A configuration file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ControlPlaneFile {
    /// `KubeletConfiguration` of `kubelet.config.k8s.io`.
    Kubelet(KubeletConfiguration),
    /// `EncryptionConfiguration` of `apiserver.config.k8s.io`.
    Encryption(EncryptionConfiguration),
    /// `Policy` of `audit.k8s.io`.
    Audit(AuditPolicy),
    /// `AdmissionConfiguration` of `apiserver.config.k8s.io`.
    Admission(AdmissionConfiguration),
}

/// The kubelet's configuration. An absent field has the kubelet's default, which is not repeated here.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KubeletConfiguration {
    /// Who is asking.
    pub authentication: KubeletAuthentication,
    /// Who may ask.
    pub authorization: KubeletAuthorization,
    /// The port without any question of who is asking.
    pub read_only_port: Option<i32>,
    /// Refuse to start where kernel parameters differ.
    pub protect_kernel_defaults: Option<bool>,
    /// Keep the basic rules of the firewall.
    #[serde(rename = "makeIPTablesUtilChains")]
    pub make_ip_tables_util_chains: Option<bool>,
    /// Events a second.
    #[serde(rename = "eventRecordQPS")]
    pub event_record_qps: Option<i32>,
    /// The certificate.
    pub tls_cert_file: Option<Box<str>>,
    /// Its key.
    pub tls_private_key_file: Option<Box<str>>,
    /// Cipher suites.
    pub tls_cipher_suites: Box<[Name]>,
    /// The lowest version of TLS.
    pub tls_min_version: Option<Name>,
    /// Renew the certificate for the API server.
    pub rotate_certificates: Option<bool>,
    /// Ask the API server for the serving certificate.
    #[serde(rename = "serverTLSBootstrap")]
    pub server_tls_bootstrap: Option<bool>,
    /// Features that are switched.
    pub feature_gates: Table<bool>,
    /// When idle streams end: `4h`.
    pub streaming_connection_idle_timeout: Option<Box<str>>,
    /// Processes of a Pod.
    pub pod_pids_limit: Option<i64>,
    /// `RuntimeDefault` where a Pod names no profile.
    pub seccomp_default: Option<bool>,
    /// Logs and commands through the kubelet.
    pub enable_debugging_handlers: Option<bool>,
    /// Profiles through the kubelet.
    pub enable_profiling_handler: Option<bool>,
    /// Kernel parameters beyond the safe ones.
    pub allowed_unsafe_sysctls: Box<[Name]>,
    /// Where static Pods lie.
    pub static_pod_path: Option<Box<str>>,
    /// The address that static Pods are fetched from.
    #[serde(rename = "staticPodURL")]
    pub static_pod_url: Option<Box<str>>,
}

/// Who asks the kubelet.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KubeletAuthentication {
    /// People without a name.
    pub anonymous: Switch,
    /// Tokens, by asking the API server.
    pub webhook: Switch,
    /// Certificates.
    pub x509: KubeletCertificates,
}

/// Whether something is on.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Switch {
    /// On or off.
    pub enabled: Option<bool>,
}

/// Certificates of those who ask the kubelet.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KubeletCertificates {
    /// Their authority.
    #[serde(rename = "clientCAFile")]
    pub client_ca_file: Option<Box<str>>,
}

/// Who may ask the kubelet.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KubeletAuthorization {
    /// `AlwaysAllow` or `Webhook`.
    pub mode: Option<Name>,
}

/// How the API server encrypts what it stores. Keys are not kept.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EncryptionConfiguration {
    /// Rules in their order.
    pub resources: Box<[EncryptionRule]>,
}

/// How some resources are encrypted.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EncryptionRule {
    /// Resources: `secrets`, `*.*`.
    pub resources: Box<[Name]>,
    /// Providers in their order; the first writes.
    pub providers: Box<[EncryptionProvider]>,
}

/// How values are encrypted: one of these is given.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "they are fields of the API")]
pub struct EncryptionProvider {
    /// Not at all.
    #[serde(deserialize_with = "given")]
    pub identity: bool,
    /// AES-CBC.
    #[serde(deserialize_with = "given")]
    pub aescbc: bool,
    /// AES-GCM.
    #[serde(deserialize_with = "given")]
    pub aesgcm: bool,
    /// XSalsa20-Poly1305.
    #[serde(deserialize_with = "given")]
    pub secretbox: bool,
    /// A key service.
    #[serde(deserialize_with = "given")]
    pub kms: bool,
}

/// What the API server records.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuditPolicy {
    /// Rules in their order; the first that fits counts.
    pub rules: Box<[AuditRule]>,
    /// Stages that are left out.
    pub omit_stages: Box<[Name]>,
}

/// What is recorded of some requests.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuditRule {
    /// `None`, `Metadata`, `Request` or `RequestResponse`.
    pub level: Name,
    /// Users; every one where it is empty.
    pub users: Box<[Name]>,
    /// Groups of users; every one where it is empty.
    pub user_groups: Box<[Name]>,
    /// Verbs; every one where it is empty.
    pub verbs: Box<[Name]>,
    /// Namespaces; every one where it is empty.
    pub namespaces: Box<[Name]>,
    /// Resources; every one where it is empty.
    pub resources: Box<[AuditResources]>,
    /// Paths that are no resources.
    #[serde(rename = "nonResourceURLs")]
    pub non_resource_urls: Box<[Name]>,
    /// Stages that are left out.
    pub omit_stages: Box<[Name]>,
}

/// Resources of a group.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuditResources {
    /// The group.
    pub group: Name,
    /// Resources; every one where it is empty.
    pub resources: Box<[Name]>,
    /// Only objects of these names.
    pub resource_names: Box<[Name]>,
}

/// Configuration of the admission plugins.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdmissionConfiguration {
    /// The plugins.
    pub plugins: Box<[AdmissionPlugin]>,
}

/// Configuration of one admission plugin.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdmissionPlugin {
    /// Its name.
    pub name: Name,
    /// The file with its configuration.
    pub path: Option<Box<str>>,
    /// Its configuration stands here.
    #[serde(deserialize_with = "given")]
    pub configuration: bool,
}
