//! The resources of Kubernetes by their group, as `content/api-resources.yaml` has them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::RbacError;
use crate::request::{Resource, Target};

/// Resources by their group: the empty text for the core group.
pub type Groups = BTreeMap<String, Vec<String>>;

/// What is known of the API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// What a server lists.
    pub served: Groups,
    /// What only rules of roles name: users to impersonate, signers to approve for.
    #[serde(rename = "virtual")]
    pub virtual_: Groups,
}

impl Catalogue {
    /// The one that is built in.
    ///
    /// # Errors
    /// Where the built-in file is not as its schema has it.
    pub fn embedded() -> Result<Self, RbacError> {
        let text = include_str!("../../../../content/api-resources.yaml");
        serde_saphyr::from_str(text).map_err(|error| RbacError::Content(error.to_string()))
    }

    /// What somebody means by `pods`, `deployments.apps/scale` or `/metrics`. A name without a group is
    /// looked up, in the core group first.
    ///
    /// # Errors
    /// Where no group has such a resource.
    pub fn target(&self, name: &str) -> Result<Target, RbacError> {
        if name.starts_with('/') {
            return Ok(Target::Url(name.to_owned()));
        }
        let mut resource = Resource::named(name);
        if resource.resource == "*" && resource.group.is_empty() {
            "*".clone_into(&mut resource.group);
        } else if resource.group.is_empty() {
            let unknown = || RbacError::UnknownResource(resource.resource.clone());
            resource.group = self.group_of(&resource.resource).ok_or_else(unknown)?.to_owned();
        }
        Ok(Target::Resource(resource))
    }

    fn group_of(&self, resource: &str) -> Option<&str> {
        let mut groups = self.served.iter().chain(&self.virtual_);
        let found = groups.find(|(_, names)| names.iter().any(|name| name == resource));
        found.map(|(group, _)| group.as_str())
    }
}
