//! References to recipes: `name/version@user/channel#revision%time` ("Package references" in the
//! Conan documentation).

use serde::{Deserialize, Serialize};

use crate::locked::Locked;

/// A recipe. What is not given is empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub(super) struct Reference {
    pub(super) name: String,
    pub(super) version: String,
    user: String,
    channel: String,
    revision: String,
}

impl Reference {
    /// None where it has no name, or no version but a range.
    pub(super) fn parse(text: &str) -> Option<Self> {
        // A package's own id and revision may follow, and the time of a revision.
        let text = text.split(['%', ':']).next()?.trim();
        let (text, revision) = text.split_once('#').unwrap_or((text, ""));
        let (recipe, origin) = text.split_once('@').unwrap_or((text, ""));
        let (name, version) = recipe.split_once('/')?;
        let (user, channel) = origin.split_once('/').unwrap_or((origin, ""));
        Self::new([name, version, user, channel, revision])
    }

    /// The same from its parts, in which `_` stands for nothing.
    pub(super) fn new(parts: [&str; 5]) -> Option<Self> {
        let [name, version, user, channel, revision] =
            parts.map(|part| if part == "_" { String::new() } else { part.to_owned() });
        let is_range = version.starts_with('[');
        let is_whole = !name.is_empty() && !version.is_empty() && !is_range;
        is_whole.then_some(Self { name, version, user, channel, revision })
    }
}

impl From<&Reference> for Locked {
    /// The user and the channel are qualifiers (purl type `conan`).
    fn from(reference: &Reference) -> Self {
        let Reference { name, version, user, channel, revision } = reference.clone();
        let qualifiers = [("channel", channel), ("rrev", revision), ("user", user)];
        let qualifiers = qualifiers.into_iter().filter(|(_, value)| !value.is_empty());
        let qualifiers = qualifiers.map(|(key, value)| (key.to_owned(), value)).collect();
        Self { name, version, qualifiers, ..Self::default() }
    }
}
