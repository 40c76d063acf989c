//! What an organisation decides about controls: once for every command, since all of them judge alike.

use std::str::FromStr;

use bulkhead_objects::Quantity;
use bulkhead_posture::{AmountBounds, Settings};
use clap::Args;

const HEADING: &str = "What the organisation decides";

/// The flags of `k8s` itself, which its commands share.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Organisation {
    /// Registry, or a part of one, that images may come from; without any all of them. Repeatable
    #[arg(long, global = true, value_name = "PREFIX", value_delimiter = ',', help_heading = HEADING)]
    pub(crate) allowed_registry: Vec<String>,
    /// Registry, or a part of one, that images may not come from. Repeatable
    #[arg(long, global = true, value_name = "PREFIX", value_delimiter = ',', help_heading = HEADING)]
    pub(crate) denied_registry: Vec<String>,
    /// Registry, or a part of one, whose images need no digest. Repeatable
    #[arg(long, global = true, value_name = "PREFIX", value_delimiter = ',', help_heading = HEADING)]
    pub(crate) unpinned_registry: Vec<String>,
    /// What a container may ask for or use: limits.memory=64Mi..4Gi, requests.cpu=..2. Repeatable
    #[arg(long, global = true, value_name = "BOUNDS", value_delimiter = ',', help_heading = HEADING)]
    pub(crate) resource_bounds: Vec<ResourceBounds>,
    /// Label that marks a workload as known to the organisation, one of them being enough; without any app,
    /// tier, phase, version, owner and env. Repeatable
    #[arg(long, global = true, value_name = "LABEL", value_delimiter = ',', help_heading = HEADING)]
    pub(crate) management_label: Vec<String>,
    /// Label that every workload should have one of; without any those that Kubernetes recommends.
    /// Repeatable
    #[arg(long, global = true, value_name = "LABEL", value_delimiter = ',', help_heading = HEADING)]
    pub(crate) common_label: Vec<String>,
}

/// Bounds of one resource, as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResourceBounds {
    text: String,
    bounds: AmountBounds,
}

impl Organisation {
    /// As controls take it.
    pub(crate) fn settings(&self) -> Settings {
        let own = Settings::default();
        let or = |mine: &[String], others: Vec<String>| {
            if mine.is_empty() { others } else { mine.to_vec() }
        };
        Settings {
            allowed_registries: self.allowed_registry.clone(),
            denied_registries: self.denied_registry.clone(),
            unpinned_registries: self.unpinned_registry.clone(),
            amounts: self.resource_bounds.iter().map(|it| it.bounds.clone()).collect(),
            management_labels: or(&self.management_label, own.management_labels),
            common_labels: or(&self.common_label, own.common_labels),
            ..own
        }
    }

    /// The values of a flag by its name; empty where none was given. None where there is no such flag.
    pub(crate) fn values(&self, name: &str) -> Option<Vec<String>> {
        Some(match name {
            "allowed-registry" => self.allowed_registry.clone(),
            "denied-registry" => self.denied_registry.clone(),
            "unpinned-registry" => self.unpinned_registry.clone(),
            "resource-bounds" => self.resource_bounds.iter().map(|it| it.text.clone()).collect(),
            "management-label" => self.settings().management_labels,
            "common-label" => self.settings().common_labels,
            _ => return None,
        })
    }
}

impl FromStr for ResourceBounds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = || {
            let (name, range) = text.split_once('=')?;
            let (list, resource) = name.split_once('.')?;
            let limits = match list {
                "limits" => true,
                "requests" => false,
                _ => return None,
            };
            let (least, most) = range.split_once("..")?;
            (!resource.is_empty()).then_some((limits, resource, least, most))
        };
        let Some((limits, resource, least, most)) = parts() else {
            return Err("write it as limits.memory=64Mi..4Gi or requests.cpu=..2".to_owned());
        };
        let amount = |text: &str| match Quantity::new(text) {
            _ if text.is_empty() => Ok(None),
            amount if amount.milli().is_some() => Ok(Some(amount)),
            _ => Err(format!("{text:?} is no amount; write it as 500m, 2, 64Mi or 4Gi")),
        };
        let (least, most) = (amount(least)?, amount(most)?);
        let milli = |amount: &Option<Quantity>| amount.as_ref().and_then(Quantity::milli);
        match (milli(&least), milli(&most)) {
            (None, None) => return Err("it bounds nothing".to_owned()),
            (Some(least), Some(most)) if least > most => {
                return Err("it is more at least than at most".to_owned());
            }
            _ => {}
        }
        let bounds = AmountBounds { resource: resource.to_owned(), limits, least, most };
        Ok(Self { text: text.to_owned(), bounds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_read_or_refused_with_what_to_write() {
        let read: ResourceBounds = "limits.memory=64Mi..4Gi".parse().unwrap();
        assert!(read.bounds.limits && read.bounds.resource == "memory");
        assert_eq!(read.bounds.least, Some(Quantity::new("64Mi")));
        let read: ResourceBounds = "requests.nvidia.com/gpu=..2".parse().unwrap();
        assert_eq!((&*read.bounds.resource, read.bounds.least), ("nvidia.com/gpu", None));
        for (text, error) in [
            ("limits.memory", "write it as"),
            ("memory=1..2", "write it as"),
            ("limit.memory=1..2", "write it as"),
            ("limits.=1..2", "write it as"),
            ("limits.cpu=..", "bounds nothing"),
            ("limits.cpu=3..2", "more at least"),
            ("limits.cpu=some..2", "is no amount"),
        ] {
            let refused = text.parse::<ResourceBounds>().unwrap_err();
            assert!(refused.contains(error), "{text}: {refused}");
        }
    }
}
