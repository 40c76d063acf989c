//! Which of the images that were found are for the wanted platform.

use std::collections::BTreeMap;

use super::Candidate;
use crate::tags::list;
use crate::{ImageError, Platform, PlatformChoice};

/// What attestations call their operating system and architecture.
const UNKNOWN: &str = "unknown";

/// The candidates for the wanted platform: all of them, or the one that is nearest to it.
pub(super) fn choose_platform(
    mut candidates: Vec<Candidate>,
    choice: &PlatformChoice,
) -> Result<Vec<Candidate>, ImageError> {
    // Attestations without their annotation. What is for no platform is never run where there is
    // something that is for one.
    let is_known = |one: &Candidate| {
        let Platform { os, architecture, .. } = &one.platform;
        os != UNKNOWN || architecture != UNKNOWN
    };
    if candidates.iter().any(is_known) {
        candidates.retain(is_known);
    }
    if candidates.is_empty() {
        return Err(ImageError::Empty);
    }
    let host = Platform::host();
    let wanted = match choice {
        PlatformChoice::All => return Ok(candidates),
        PlatformChoice::Named(platform) => Some(platform),
        PlatformChoice::Host => {
            let first = candidates.first().map(|candidate| candidate.platform.clone());
            let is_single = candidates.iter().all(|one| Some(&one.platform) == first.as_ref());
            if is_single { None } else { Some(&host) }
        }
    };
    if let Some(wanted) = wanted {
        candidates = nearest(candidates, wanted)?;
    }
    match (candidates.as_slice(), wanted) {
        ([_], _) => Ok(candidates),
        ([first, others @ ..], Some(wanted))
            if others
                .iter()
                .all(|other| other.tags == first.tags && other.platform != first.platform) =>
        {
            let available = list(candidates.iter().map(|one| one.platform.to_string()));
            Err(ImageError::SeveralPlatforms { wanted: wanted.to_string(), available })
        }
        _ => Err(ImageError::Ambiguous { available: list(names(&candidates)) }),
    }
}

/// Of the candidates with the same names those that are nearest to what is wanted.
fn nearest(candidates: Vec<Candidate>, wanted: &Platform) -> Result<Vec<Candidate>, ImageError> {
    let mut least: BTreeMap<Vec<String>, u32> = BTreeMap::new();
    for candidate in &candidates {
        if let Some(distance) = wanted.distance(&candidate.platform) {
            let least = least.entry(candidate.tags.clone()).or_insert(distance);
            *least = distance.min(*least);
        }
    }
    if least.is_empty() {
        let available = list(candidates.iter().map(|candidate| candidate.platform.to_string()));
        return Err(ImageError::NoSuchPlatform { wanted: wanted.to_string(), available });
    }
    let is_nearest = |candidate: &Candidate| {
        let distance = wanted.distance(&candidate.platform);
        distance.is_some() && distance.as_ref() == least.get(&candidate.tags)
    };
    Ok(candidates.into_iter().filter(is_nearest).collect())
}

/// By what candidates can be told apart: a name that no other has, else the digest.
fn names(candidates: &[Candidate]) -> impl Iterator<Item = String> {
    candidates.iter().map(|candidate| {
        let is_own = |tag: &&String| {
            candidates.iter().filter(|other| other.tags.contains(*tag)).take(2).count() == 1
        };
        match candidate.tags.iter().find(is_own) {
            Some(tag) => tag.clone(),
            None => candidate.manifest.digest.to_string(),
        }
    })
}
