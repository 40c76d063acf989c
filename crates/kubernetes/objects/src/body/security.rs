//! What processes may do.

use serde::Deserialize;

use crate::name::Name;
use crate::values::given;

/// What every container of a Pod may do, unless it says otherwise.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodSecurityContext {
    /// The user of its processes.
    pub run_as_user: Option<i64>,
    /// Their group.
    pub run_as_group: Option<i64>,
    /// Refuse to start as root.
    pub run_as_non_root: Option<bool>,
    /// The group of its volumes.
    pub fs_group: Option<i64>,
    /// `OnRootMismatch` or `Always`: when the kubelet changes owners in volumes.
    pub fs_group_change_policy: Option<Name>,
    /// More groups.
    pub supplemental_groups: Box<[i64]>,
    /// System calls that it may make.
    pub seccomp_profile: Option<SeccompProfile>,
    /// Its AppArmor profile.
    pub app_armor_profile: Option<AppArmorProfile>,
    /// Its SELinux labels.
    pub se_linux_options: Option<Box<SeLinuxOptions>>,
    /// Kernel parameters that are set for it.
    pub sysctls: Box<[Sysctl]>,
    /// What counts on Windows.
    pub windows_options: Option<WindowsOptions>,
}

/// What a container may do. What is absent is the Pod's.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecurityContext {
    /// It may do what root on the node may.
    pub privileged: Option<bool>,
    /// A process may gain more than its parent has; true where it is absent.
    pub allow_privilege_escalation: Option<bool>,
    /// Its root file system may not be written.
    pub read_only_root_filesystem: Option<bool>,
    /// The user of its processes.
    pub run_as_user: Option<i64>,
    /// Their group.
    pub run_as_group: Option<i64>,
    /// Refuse to start as root.
    pub run_as_non_root: Option<bool>,
    /// Capabilities beside the runtime's default.
    pub capabilities: Option<Capabilities>,
    /// `Unmasked` shows all of `/proc`.
    pub proc_mount: Option<Name>,
    /// System calls that it may make.
    pub seccomp_profile: Option<SeccompProfile>,
    /// Its AppArmor profile.
    pub app_armor_profile: Option<AppArmorProfile>,
    /// Its SELinux labels.
    pub se_linux_options: Option<Box<SeLinuxOptions>>,
    /// What counts on Windows.
    pub windows_options: Option<WindowsOptions>,
}

/// Capabilities, as they were written: the runtime takes `CAP_` and lower case, too.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Capabilities {
    /// Added.
    pub add: Box<[Name]>,
    /// Taken away; `ALL` for every one.
    pub drop: Box<[Name]>,
}

/// A seccomp profile.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SeccompProfile {
    /// `RuntimeDefault`, `Localhost` or `Unconfined`.
    #[serde(rename = "type")]
    pub type_: Name,
    /// The file on the node.
    pub localhost_profile: Option<Box<str>>,
}

/// An AppArmor profile.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AppArmorProfile {
    /// `RuntimeDefault`, `Localhost` or `Unconfined`.
    #[serde(rename = "type")]
    pub type_: Name,
    /// Its name on the node.
    pub localhost_profile: Option<Box<str>>,
}

/// SELinux labels.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SeLinuxOptions {
    /// User.
    pub user: Name,
    /// Role.
    pub role: Name,
    /// Type.
    #[serde(rename = "type")]
    pub type_: Name,
    /// Level.
    pub level: Name,
}

/// A kernel parameter.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sysctl {
    /// Its name, with dots or slashes.
    pub name: Name,
    /// Its value.
    pub value: Box<str>,
}

/// What counts on Windows.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WindowsOptions {
    /// It runs on the node itself.
    pub host_process: Option<bool>,
    /// The user of its processes.
    pub run_as_user_name: Option<Box<str>>,
    /// It has a domain account.
    #[serde(deserialize_with = "given")]
    pub gmsa_credential_spec: bool,
}
