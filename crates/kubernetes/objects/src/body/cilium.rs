//! Network policies of Cilium, as far as it depends on them whether Pods are held at all. (`cilium.io/v2`,
//! `pkg/policy/api`, `Rule`)

use serde::Deserialize;

use super::network::LabelSelector;

/// `CiliumNetworkPolicy` or `CiliumClusterwideNetworkPolicy`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CiliumNetworkPolicy {
    /// One rule.
    pub spec: Option<CiliumRule>,
    /// More rules.
    pub specs: Box<[CiliumRule]>,
}

impl CiliumNetworkPolicy {
    /// All its rules.
    pub fn rules(&self) -> impl Iterator<Item = &CiliumRule> {
        self.spec.iter().chain(&self.specs)
    }
}

/// What is let through to and from some Pods.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "they are fields of the API")]
pub struct CiliumRule {
    /// The Pods that it is about; none where it is about nodes. Keys of labels may have their source
    /// before them: `k8s:app`.
    pub endpoint_selector: Option<LabelSelector>,
    /// Whether it says what may reach them.
    #[serde(deserialize_with = "some")]
    pub ingress: bool,
    /// Whether it says what may not reach them.
    #[serde(deserialize_with = "some")]
    pub ingress_deny: bool,
    /// Whether it says what they may reach.
    #[serde(deserialize_with = "some")]
    pub egress: bool,
    /// Whether it says what they may not reach.
    #[serde(deserialize_with = "some")]
    pub egress_deny: bool,
    /// Whether what no rule lets through is held back, where the rule says so itself.
    pub enable_default_deny: CiliumDefault,
}

/// A choice by direction.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CiliumDefault {
    /// For what reaches the Pods.
    pub ingress: Option<bool>,
    /// For what they reach.
    pub egress: Option<bool>,
}

impl CiliumRule {
    /// Whether Cilium takes the rule: one without any direction it refuses, though the API server
    /// stores it. (`Rule.Validate`)
    pub const fn is_valid(&self) -> bool {
        self.ingress || self.ingress_deny || self.egress || self.egress_deny
    }

    /// Whether what may reach the Pods is held to rules.
    pub fn holds_ingress(&self) -> bool {
        let default = self.ingress || self.ingress_deny;
        self.is_valid() && self.enable_default_deny.ingress.unwrap_or(default)
    }

    /// Whether what they may reach is held to rules.
    pub fn holds_egress(&self) -> bool {
        let default = self.egress || self.egress_deny;
        self.is_valid() && self.enable_default_deny.egress.unwrap_or(default)
    }
}

/// Whether a list has elements: an empty one is the same as none.
fn some<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let list = Option::<Vec<serde::de::IgnoredAny>>::deserialize(deserializer)?;
    Ok(list.is_some_and(|list| !list.is_empty()))
}
