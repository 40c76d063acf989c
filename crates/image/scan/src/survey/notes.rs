//! What goes into a report beside the inventory.

use std::collections::BTreeSet;

use bulkhead_image::LayerSource;
use bulkhead_model::{
    Digest, LayerReference, NotAssessed, NotAssessedReason, Problem, ProblemKind,
};

use crate::broken::{Broken, BrokenKind};
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
        broken: Option<Broken>,
    ) {
        let digest = promised(source);
        if let Some(broken) = broken {
            return self.unknown_layer(index, digest, &broken);
        }
        let promised = [(&source.digest, found.0), (&source.diff_id, found.1)];
        for (promised, found) in promised {
            let (Some(promised), Some(found)) = (promised, found) else { continue };
            // Only what was computed by the same algorithm can be compared.
            if promised.algorithm() == found.algorithm() && promised != found {
                let cause = format!("it should have the digest {promised} and has {found}");
                let message = format!("layer {index}: {cause}");
                self.problems.push(Problem::general(ProblemKind::Mismatch, message));
                let broken = Broken::new(BrokenKind::Foreign, cause);
                self.unknown_layer(index, digest.clone(), &broken);
            }
        }
    }

    fn unknown_layer(&mut self, index: u32, digest: Option<Digest>, broken: &Broken) {
        let cause = broken.cause.clone();
        self.unknown(NotAssessedReason::Layer { index, digest, cause }, broken);
    }

    /// A folder that was not read to its end.
    pub(super) fn folder(&mut self, broken: &Broken) {
        self.unknown(NotAssessedReason::Folder { cause: broken.cause.clone() }, broken);
    }

    fn unknown(&mut self, reason: NotAssessedReason, broken: &Broken) {
        let hint = Some(broken.hint().to_owned());
        self.not_assessed.push(NotAssessed { reason, count: 0, hint });
    }

    /// What a second reading came to. Files that are wanted behind links may be lost in it though
    /// the first one went well.
    pub(super) fn read_again(
        &mut self,
        index: u32,
        unit: &Unit,
        broken: Option<Broken>,
        problems: Vec<Problem>,
    ) {
        if let Some(broken) = broken
            && !self.knows_of(index)
        {
            match &unit.source {
                UnitSource::Tree(_) => self.folder(&broken),
                _ => self.unknown_layer(index, unit.promised.clone(), &broken),
            }
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
