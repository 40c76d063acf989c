//! Images: what is known of them already, else their layers in workers, then merged.

use bulkhead_image::{Image, LayerSource};
use bulkhead_inventory::Mode;
use bulkhead_model::{Digest, ImageStatement, LayerStatement, Target};

use super::assembled;
use super::notes::{Notes, promised};
use super::stored::StoredImage;
use crate::pass::{Pass, Unit};
use crate::protocol::{Reading, Selection};
use crate::results::{Assembled, Digests, Results, Stamp};
use crate::{Progress, Request, ScanError, Survey};

/// Surveys the chosen images of a source, one for each platform.
pub(super) fn survey(
    request: &Request,
    progress: &dyn Progress,
    target: &Target,
    stored: &StoredImage,
) -> Result<Vec<Survey>, ScanError> {
    let results = Results::of(request);
    let images = stored.open(request, &results)?;
    let surveyed = |image| one(&Pass::new(request, progress, &results), target, stored, image);
    let surveys = images.into_iter().map(surveyed).collect();
    results.trim();
    surveys
}

fn one(
    pass: &Pass<'_>,
    target: &Target,
    stored: &StoredImage,
    image: Image,
) -> Result<Survey, ScanError> {
    let mut notes = Notes::default();
    let stamps: Vec<Option<Stamp>> = image.layers.iter().map(|layer| stored.stamp(layer)).collect();
    let known = |(layer, stamp): (&LayerSource, &Option<Stamp>)| {
        stored.known_digests(layer, stamp.as_ref(), pass.results)
    };
    let known: Vec<Option<Digests>> = image.layers.iter().zip(&stamps).map(known).collect();
    let (digests, found) = match remembered(pass.results, &image, &known) {
        Some(found) => (known.clone(), found),
        None => read(pass, stored, &image, &known, &mut notes)?,
    };
    for ((layer, stamp), (known, digests)) in
        image.layers.iter().zip(&stamps).zip(known.iter().zip(&digests))
    {
        if let (Some(stamp), None, Some(digests)) = (stamp, known, digests) {
            stored.keep_digests(layer, stamp, digests, pass.results);
        }
    }
    notes.problems.extend(found.problems);
    notes.problems.extend(image.problems);
    notes.doubts(&image.doubts);
    let layers = image.layers.into_iter().zip(digests).map(|(source, digests)| LayerStatement {
        digest: source.digest,
        diff_id: digests.map(|digests| digests.diff_id),
        size: source.size,
        created_by: source.created_by,
    });
    let statement = ImageStatement {
        tags: image.tags,
        manifest: image.manifest,
        configuration: image.configuration,
        platform: image.platform.to_string(),
        layers: layers.collect(),
    };
    let Notes { not_assessed, problems } = notes;
    let target = Target { image: Some(statement), ..target.clone() };
    Ok(Survey { target, inventory: found.inventory, not_assessed, problems })
}

/// What an earlier scan made of the very same layers.
fn remembered(
    results: &Results<'_>,
    image: &Image,
    known: &[Option<Digests>],
) -> Option<Assembled> {
    let digests: Vec<&Digests> = known.iter().map(Option::as_ref).collect::<Option<_>>()?;
    let kept = image.layers.iter().zip(&digests).all(|(layer, digests)| keeps(layer, digests));
    let layers: Vec<&Digest> = digests.into_iter().map(|digests| &digests.diff_id).collect();
    results.assembled(&layers, Mode::Installed).filter(|_| kept)
}

/// Whether a layer is what its image promises, so far as digests of one algorithm can tell.
fn keeps(layer: &LayerSource, digests: &Digests) -> bool {
    let agrees = |promised: &Option<Digest>, computed: Option<&Digest>| match (promised, computed) {
        (Some(promised), Some(computed)) => promised == computed,
        _ => true,
    };
    agrees(&layer.diff_id, Some(&digests.diff_id)) && agrees(&layer.digest, digests.stored.as_ref())
}

/// Reads what is not known of the layers, and merges them.
fn read(
    pass: &Pass<'_>,
    stored: &StoredImage,
    image: &Image,
    known: &[Option<Digests>],
    notes: &mut Notes,
) -> Result<(Vec<Option<Digests>>, Assembled), ScanError> {
    stored.prepare(pass.request, &image.layers)?;
    let unit = |(layer, known): (&LayerSource, &Option<Digests>)| {
        let diff_id = known.as_ref().map(|digests| digests.diff_id.clone());
        Ok(Unit { source: stored.source(layer)?, promised: promised(layer), diff_id })
    };
    let mut units: Vec<Unit> =
        image.layers.iter().zip(known).map(unit).collect::<Result<_, ScanError>>()?;
    let readings = pass.read(&units, |_| Selection::Everything)?;
    let mut layers = Vec::with_capacity(readings.len());
    let mut found = Vec::with_capacity(readings.len());
    for ((index, source), reading) in (0u32..).zip(&image.layers).zip(readings) {
        let Reading { layer, stored: packed, problems, broken, .. } = reading;
        notes.layer(index, source, (packed.as_ref(), layer.diff_id.as_ref()), broken);
        notes.problems_of(index, layer.diff_id.as_ref(), problems);
        let diff_id = layer.diff_id.clone();
        found.push(diff_id.map(|diff_id| Digests { diff_id, stored: packed }));
        layers.push(layer);
    }
    for (unit, digests) in units.iter_mut().zip(&found) {
        unit.diff_id = digests.as_ref().map(|digests| digests.diff_id.clone());
    }
    let inventory = assembled(pass, &units, layers, Mode::Installed, notes)?;
    let problems = std::mem::take(&mut notes.problems);
    let diff_ids = found.iter().map(|digests| digests.as_ref().map(|digests| &digests.diff_id));
    if let Some(diff_ids) = diff_ids.collect::<Option<Vec<&Digest>>>()
        && notes.not_assessed.is_empty()
    {
        pass.results.keep_assembled(&diff_ids, Mode::Installed, &inventory, &problems);
    }
    Ok((found, Assembled { inventory, problems }))
}
