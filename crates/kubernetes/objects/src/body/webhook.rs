//! Who else decides about objects.

use serde::Deserialize;

use super::network::LabelSelector;
use crate::name::Name;
use crate::values::given;

/// `ValidatingWebhookConfiguration` or `MutatingWebhookConfiguration`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookConfiguration {
    /// Its webhooks.
    pub webhooks: Box<[Webhook]>,
}

/// A webhook.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Webhook {
    /// Its name.
    pub name: Name,
    /// Where it answers.
    pub client_config: ClientConfiguration,
    /// What it is asked about.
    pub rules: Box<[WebhookRule]>,
    /// `Fail` or `Ignore`; `Fail` where it is absent, but `Ignore` in `v1beta1`.
    pub failure_policy: Option<Name>,
    /// Namespaces that it is asked about.
    pub namespace_selector: LabelSelector,
    /// Objects that it is asked about.
    pub object_selector: LabelSelector,
    /// It is asked only where expressions hold.
    #[serde(deserialize_with = "given")]
    pub match_conditions: bool,
    /// `None` where it changes nothing elsewhere.
    pub side_effects: Option<Name>,
    /// How long it may take; 10 where it is absent.
    pub timeout_seconds: Option<i32>,
}

/// Where a webhook answers.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClientConfiguration {
    /// An address outside.
    pub url: Option<Box<str>>,
    /// A Service of the cluster.
    pub service: Option<WebhookService>,
    /// It names its certificate authorities.
    #[serde(deserialize_with = "given")]
    pub ca_bundle: bool,
}

/// The Service of a webhook.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookService {
    /// Its namespace.
    pub namespace: Name,
    /// Its name.
    pub name: Name,
    /// Its port; 443 where it is absent.
    pub port: Option<i32>,
}

/// What a webhook is asked about.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookRule {
    /// `CREATE`, `UPDATE`, `DELETE`, `CONNECT` or `*`.
    pub operations: Box<[Name]>,
    /// Groups.
    pub api_groups: Box<[Name]>,
    /// Versions.
    pub api_versions: Box<[Name]>,
    /// Resources.
    pub resources: Box<[Name]>,
    /// `Cluster`, `Namespaced` or `*`.
    pub scope: Option<Name>,
}
