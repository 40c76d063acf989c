//! The manifest of a database in a registry (OCI image specification 1.1, `manifest.md`).

use bulkhead_model::Digest;
use serde::{Deserialize, Serialize};

/// What the artefact is; another major version of the exchange has another name.
pub const ARTEFACT_TYPE: &str = "application/vnd.bulkhead.database.v1";

/// Header and root.
const HEAD: &str = "application/vnd.bulkhead.database.head.v1";
/// A run of pages.
const PAGES: &str = "application/vnd.bulkhead.database.pages.v1";
/// The form of the manifest itself.
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// An artefact without a configuration has this one ("Guidance for an empty descriptor").
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
pub(super) const EMPTY_CONTENT: &[u8] = b"{}";

/// Bytes of a head that are fetched: the pages of some ten gigabytes stand in so much.
const HEAD_BYTES: u64 = 64 << 20;
/// Bytes of a run of pages, which has to be in memory: more than the largest page has.
const RUN_BYTES: u64 = 17 << 20;
/// Bytes of a database.
const DATABASE_BYTES: u64 = 16 << 30;

/// A database as a registry has it: its parts, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artefact {
    /// Header and root.
    pub head: Blob,
    /// Runs of pages.
    pub runs: Vec<Blob>,
}

/// A part of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// The digest of its bytes.
    pub digest: Digest,
    /// How many those are.
    pub size: u64,
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
    /// Reads a manifest. What it says is not signed: it only tells where the parts are. An error says
    /// what is wrong with it.
    pub fn decode(manifest: &[u8]) -> Result<Self, String> {
        let manifest: Manifest = serde_json::from_slice(manifest)
            .map_err(|error| format!("it is no manifest of an artefact ({error})"))?;
        if manifest.artifact_type != ARTEFACT_TYPE {
            return Err(match manifest.artifact_type.as_str() {
                "" => "it is an image or another artefact, not a database".to_owned(),
                other => format!("it is {other:?}, and this program reads {ARTEFACT_TYPE:?}"),
            });
        }
        let mut layers = manifest.layers.into_iter();
        let head = layers.next().ok_or("it has no layer")?.blob(HEAD, HEAD_BYTES)?;
        let runs: Result<Vec<Blob>, String> =
            layers.map(|layer| layer.blob(PAGES, RUN_BYTES)).collect();
        let artefact = Self { head, runs: runs? };
        match artefact.length() {
            Some(length) if length <= DATABASE_BYTES => Ok(artefact),
            _ => Err(format!("it has more than the {DATABASE_BYTES} bytes of a database")),
        }
    }

    /// The bytes of its manifest: the same for the same parts.
    pub fn encode(&self) -> Vec<u8> {
        let config = Descriptor {
            media_type: EMPTY.to_owned(),
            digest: Digest::of(EMPTY_CONTENT),
            size: EMPTY_CONTENT.len() as u64,
        };
        let of = |media_type: &str, blob: &Blob| Descriptor {
            media_type: media_type.to_owned(),
            digest: blob.digest.clone(),
            size: blob.size,
        };
        let manifest = Manifest {
            schema_version: 2,
            media_type: MANIFEST.to_owned(),
            artifact_type: ARTEFACT_TYPE.to_owned(),
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
    fn blob(self, media_type: &str, limit: u64) -> Result<Blob, String> {
        let Self { media_type: found, digest, size } = self;
        if found != media_type {
            return Err(format!("a layer of it is {found:?} instead of {media_type:?}"));
        }
        if size > limit {
            return Err(format!("a layer of it has {size} bytes, more than the {limit} of one"));
        }
        Ok(Blob { digest, size })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(text: &str) -> Blob {
        Blob { digest: Digest::of(text.as_bytes()), size: text.len() as u64 }
    }

    #[test]
    fn manifests_read_back() {
        let artefact = Artefact { head: blob("head"), runs: vec![blob("a run"), blob("another")] };
        assert_eq!(Artefact::decode(&artefact.encode()), Ok(artefact.clone()));
        assert_eq!(artefact.length(), Some(16));
    }

    #[test]
    fn others_are_refused_with_the_reason() {
        let good = Artefact { head: blob("head"), runs: vec![blob("a run")] };
        let good = String::from_utf8(good.encode()).unwrap();
        for (from, to, reason) in [
            ("{", "[", "no manifest of an artefact"),
            (ARTEFACT_TYPE, "application/vnd.bulkhead.database.v2", "database.v2"),
            (r#""artifactType""#, r#""type""#, "an image or another artefact"),
            (HEAD, PAGES, "a layer of it is"),
            (r#""size":5"#, r#""size":99999999999"#, "has 99999999999 bytes"),
            (r#""size":5"#, r#""size":-1"#, "no manifest of an artefact"),
            ("sha256:", "md5:", "no digest"),
        ] {
            let changed = good.replace(from, to);
            assert_ne!(changed, good, "{from}");
            let refused = Artefact::decode(changed.as_bytes()).unwrap_err();
            assert!(refused.contains(reason), "{from}: {refused}");
        }
        assert!(Artefact::decode(b"{}").is_err());
    }
}
