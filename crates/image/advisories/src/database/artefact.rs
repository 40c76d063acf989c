//! The manifest of a database in a registry (OCI image specification 1.1, `manifest.md`).

use bulkhead_model::Digest;
use serde::{Deserialize, Serialize};

/// Header and root.
const HEAD: &str = "application/vnd.bulkhead.database.head.v1";
/// A run of pages.
const PAGES: &str = "application/vnd.bulkhead.database.pages.v1";
/// An artefact without a configuration has this one ("Guidance for an empty descriptor").
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// Bytes of a head that are fetched: the pages of some ten gigabytes stand in so much.
const HEAD_BYTES: u64 = 64 << 20;
/// Bytes of a run of pages, which has to be in memory: more than the largest page has.
const RUN_BYTES: u64 = 17 << 20;
/// Characters of a manifest that are shown.
const SHOWN: usize = 200;
/// Bytes of a database.
const DATABASE_BYTES: u64 = 16 << 30;

/// A database as a registry has it: its parts, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artefact {
    /// Header and root.
    pub head: ArtefactPart,
    /// Runs of pages.
    pub runs: Vec<ArtefactPart>,
}

/// A part of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtefactPart {
    /// The digest of its bytes.
    pub digest: Digest,
    /// How many those are.
    pub size: u64,
}

/// Why something in a registry is not a database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArtefactError {
    /// It does not follow the form of a manifest.
    #[error("it is no manifest of an artefact ({0})")]
    Form(String),
    /// It is an image, or an artefact of another kind or version.
    #[error("it is {}, and this program reads {}", kind(found), Artefact::TYPE)]
    Type {
        /// What it says to be; nothing where it does not say.
        found: String,
    },
    /// There is not even a head.
    #[error("it has no layer")]
    Empty,
    /// A layer is not the part of a database that should stand there.
    #[error("a layer of it is {found:?} instead of {expected}")]
    Layer {
        /// What it says to be.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A layer has more than one may have, or all of them have.
    #[error("it has a part of {size} bytes, and {limit} are the most")]
    TooLarge {
        /// Bytes.
        size: u64,
        /// Bytes that are taken.
        limit: u64,
    },
    /// The layers, one behind the other, are not the file that was signed.
    #[error("its layers are not the parts of the database that was signed")]
    Parts,
}

fn kind(found: &str) -> String {
    if found.is_empty() { "an image".to_owned() } else { format!("{found:?}") }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u32,
    #[serde(default)]
    media_type: String,
    #[serde(default)]
    artifact_type: String,
    config: Descriptor,
    layers: Vec<Descriptor>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: Digest,
    size: u64,
}

impl Artefact {
    /// What it is, as registries list it; another major version of the exchange has another name.
    pub const TYPE: &str = "application/vnd.bulkhead.database.v1";
    /// The form of its manifest.
    pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    /// The content of its configuration, which a registry must have, too.
    pub const CONFIGURATION: &[u8] = b"{}";

    /// Reads a manifest, of which the caller took no more than it can hold. What it says is not
    /// signed: it only tells where the parts are.
    pub fn decode(manifest: &[u8]) -> Result<Self, ArtefactError> {
        let manifest: Manifest = serde_json::from_slice(manifest)
            .map_err(|error| ArtefactError::Form(start(&error.to_string())))?;
        if manifest.artifact_type != Self::TYPE {
            return Err(ArtefactError::Type { found: start(&manifest.artifact_type) });
        }
        let mut layers = manifest.layers.into_iter();
        let head = layers.next().ok_or(ArtefactError::Empty)?.part(HEAD, HEAD_BYTES)?;
        let runs: Result<Vec<_>, _> = layers.map(|layer| layer.part(PAGES, RUN_BYTES)).collect();
        let artefact = Self { head, runs: runs? };
        let size = artefact.length().unwrap_or(u64::MAX);
        if size > DATABASE_BYTES {
            return Err(ArtefactError::TooLarge { size, limit: DATABASE_BYTES });
        }
        Ok(artefact)
    }

    /// The bytes of its manifest: the same for the same parts.
    pub fn encode(&self) -> Vec<u8> {
        let config = Descriptor {
            media_type: EMPTY.to_owned(),
            digest: Digest::of(Self::CONFIGURATION),
            size: Self::CONFIGURATION.len() as u64,
        };
        let of = |media_type: &str, part: &ArtefactPart| Descriptor {
            media_type: media_type.to_owned(),
            digest: part.digest.clone(),
            size: part.size,
        };
        let manifest = Manifest {
            schema_version: 2,
            media_type: Self::MANIFEST.to_owned(),
            artifact_type: Self::TYPE.to_owned(),
            config,
            layers: [of(HEAD, &self.head)]
                .into_iter()
                .chain(self.runs.iter().map(|run| of(PAGES, run)))
                .collect(),
        };
        // Texts and numbers can always be written.
        serde_json::to_vec(&manifest).unwrap_or_default()
    }

    /// Bytes of all parts; none past the largest number.
    pub fn length(&self) -> Option<u64> {
        let mut runs = self.runs.iter();
        runs.try_fold(self.head.size, |length, run| length.checked_add(run.size))
    }
}

impl Descriptor {
    fn part(self, expected: &'static str, limit: u64) -> Result<ArtefactPart, ArtefactError> {
        let Self { media_type: found, digest, size } = self;
        if found != expected {
            return Err(ArtefactError::Layer { found: start(&found), expected });
        }
        if size > limit {
            return Err(ArtefactError::TooLarge { size, limit });
        }
        Ok(ArtefactPart { digest, size })
    }
}

/// As much of a stranger's text as a message may have.
fn start(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str) -> ArtefactPart {
        ArtefactPart { digest: Digest::of(text.as_bytes()), size: text.len() as u64 }
    }

    #[test]
    fn manifests_read_back() {
        let artefact = Artefact { head: part("head"), runs: vec![part("a run"), part("another")] };
        assert_eq!(Artefact::decode(&artefact.encode()), Ok(artefact.clone()));
        assert_eq!(artefact.length(), Some(16));
    }

    #[test]
    fn others_are_refused_with_the_reason() {
        let good = Artefact { head: part("head"), runs: vec![part("a run")] };
        let good = String::from_utf8(good.encode()).unwrap();
        for (from, to, reason) in [
            ("{", "[", "no manifest of an artefact"),
            (Artefact::TYPE, "application/vnd.bulkhead.database.v2", "database.v2"),
            (r#""artifactType""#, r#""type""#, "it is an image"),
            (HEAD, PAGES, "a layer of it is"),
            (r#""size":5"#, r#""size":99999999999"#, "a part of 99999999999 bytes"),
            (r#""size":5"#, r#""size":-1"#, "no manifest of an artefact"),
            ("sha256:", "md5:", "no digest"),
        ] {
            let changed = good.replace(from, to);
            assert_ne!(changed, good, "{from}");
            let refused = Artefact::decode(changed.as_bytes()).unwrap_err().to_string();
            assert!(refused.contains(reason), "{from}: {refused}");
        }
        assert!(Artefact::decode(b"{}").is_err());
        let long = good.replace(Artefact::TYPE, &"x".repeat(1 << 20));
        assert!(Artefact::decode(long.as_bytes()).unwrap_err().to_string().len() < 400);
    }
}
