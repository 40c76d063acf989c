//! What goes into a report beside the inventory.

use bulkhead_image::LayerSource;
use bulkhead_layers::Layer;
use bulkhead_model::{
    Digest, LayerReference, NotAssessed, NotAssessedReason, Problem, ProblemKind,
};

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
        let digest = source.digest.clone().or_else(|| source.diff_id.clone());
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

    /// Problems that a worker met: only the scan knows which layer they are of.
    pub(super) fn problems_of(&mut self, index: u32, layer: &Layer, problems: Vec<Problem>) {
        let reference = layer.diff_id.clone().map(|diff_id| LayerReference { index, diff_id });
        self.problems.extend(problems.into_iter().map(|mut problem| {
            match &mut problem.location {
                Some(location) => location.layer.clone_from(&reference),
                None => problem.message = format!("layer {index}: {}", problem.message),
            }
            problem
        }));
    }
}
