//! What goes into a report beside the inventory.

use std::collections::BTreeSet;

use bulkhead_image::LayerSource;
use bulkhead_model::{
    Digest, LayerReference, NotAssessed, NotAssessedReason, Problem, ProblemKind,
};

use crate::pass::{Unit, UnitSource};

/// What goes into the report beside the inventory.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) not_assessed: Vec<NotAssessed>,
    pub(super) problems: Vec<Problem>,
}

impl Notes {
    /// Documents that are not what they should be: the image is in doubt as a whole.
    pub(super) fn doubts(&mut self, doubts: &[String]) {
        for cause in doubts {
            self.not_assessed.push(NotAssessed {
                reason: NotAssessedReason::Document { cause: cause.clone() },
                count: 0,
                hint: Some(
                    "the copy was altered or damaged: write it again from its source".into(),
                ),
            });
        }
    }

    /// Holds a layer's digests against those that the image promises.
    pub(super) fn layer(
        &mut self,
        index: u32,
        source: &LayerSource,
        found: (Option<&Digest>, Option<&Digest>),
        broken: Option<String>,
    ) {
        let digest = promised(source);
        if let Some(cause) = broken {
            return self.not_assessed(index, digest, cause);
        }
        let promised = [(&source.digest, found.0), (&source.diff_id, found.1)];
        for (promised, found) in promised {
            let (Some(promised), Some(found)) = (promised, found) else { continue };
            // Only what was computed by the same algorithm can be compared.
            if promised.algorithm() == found.algorithm() && promised != found {
                let cause = format!("it should have the digest {promised} and has {found}");
                let message = format!("layer {index}: {cause}");
                self.problems.push(Problem::general(ProblemKind::Mismatch, message));
                self.not_assessed(index, digest.clone(), cause);
            }
        }
    }

    fn not_assessed(&mut self, index: u32, digest: Option<Digest>, cause: String) {
        self.unknown_rest(NotAssessedReason::Layer { index, digest, cause });
    }

    /// A part that was not read, or not to its end.
    pub(super) fn unknown_rest(&mut self, reason: NotAssessedReason) {
        self.not_assessed.push(NotAssessed {
            reason,
            count: 0,
            hint: Some("what could be read of it is reported; nothing is known of the rest".into()),
        });
    }

    /// What a second reading came to. Files that are wanted behind links may be lost in it though
    /// the first one went well.
    pub(super) fn read_again(
        &mut self,
        index: u32,
        unit: &Unit,
        broken: Option<String>,
        problems: Vec<Problem>,
    ) {
        if let Some(cause) = broken
            && !self.knows_of(index)
        {
            self.unknown_rest(match &unit.source {
                UnitSource::Tree(_) => NotAssessedReason::Folder { cause },
                _ => NotAssessedReason::Layer { index, digest: unit.promised.clone(), cause },
            });
        }
        let problems = match &unit.source {
            UnitSource::Tree(_) => problems,
            _ => in_layer(index, unit.diff_id.as_ref(), problems),
        };
        // What is odd about a layer as a whole is met by both readings.
        let known: BTreeSet<&Problem> = self.problems.iter().collect();
        let new = problems.into_iter().filter(|problem| !known.contains(problem));
        let new: Vec<Problem> = new.collect();
        self.problems.extend(new);
    }

    /// Whether it was said already that not all of this layer, or of the folder, is known.
    fn knows_of(&self, index: u32) -> bool {
        self.not_assessed.iter().any(|part| match &part.reason {
            NotAssessedReason::Layer { index: known, .. } => *known == index,
            NotAssessedReason::Folder { .. } => true,
            _ => false,
        })
    }

    /// Problems that a worker met in a layer.
    pub(super) fn problems_of(
        &mut self,
        index: u32,
        diff_id: Option<&Digest>,
        problems: Vec<Problem>,
    ) {
        self.problems.extend(in_layer(index, diff_id, problems));
    }
}

/// The same problems with the layer that they are of, which only the scan knows.
fn in_layer(index: u32, diff_id: Option<&Digest>, problems: Vec<Problem>) -> Vec<Problem> {
    let reference = diff_id.map(|diff_id| LayerReference { index, diff_id: diff_id.clone() });
    let of_layer = |mut problem: Problem| {
        match &mut problem.location {
            Some(location) => location.layer.clone_from(&reference),
            None => problem.message = format!("layer {index}: {}", problem.message),
        }
        problem
    };
    problems.into_iter().map(of_layer).collect()
}

/// The digest by which the image names a layer.
pub(super) fn promised(layer: &LayerSource) -> Option<Digest> {
    layer.digest.clone().or_else(|| layer.diff_id.clone())
}
