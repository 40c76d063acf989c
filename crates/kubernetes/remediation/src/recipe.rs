//! Recipes of controls, made into edits of one object.

use bulkhead_objects::{FieldPath, Step};
use bulkhead_posture::Recipe;
use serde_json::Value;

use crate::edit::{Change, Edit, at};
use crate::flag;
use crate::site::{Site, path_of};

/// The edits of a recipe at a place; none where it does not fit the object.
pub(crate) fn edits(recipe: &Recipe, site: &Site<'_>) -> Option<Vec<Edit>> {
    Some(match recipe {
        Recipe::Set { at, given: Some(given), .. } if site.look(at).is_some() != *given => {
            Vec::new()
        }
        Recipe::Set { at, to, in_annotation, .. } => {
            let path = site.path(at)?;
            let is_annotation =
                |step: &Step| matches!(step, Step::Key(key) if &**key == "annotations");
            let own = in_annotation.as_ref().filter(|_| path.steps().iter().any(is_annotation));
            vec![Edit::set(path, site.value(own.unwrap_or(to))?)]
        }
        Recipe::Remove(path) => remove(site, &site.path(path)?).into_iter().collect(),
        Recipe::Append { at, value } => append(site, &site.path(at)?, site.value(value)?),
        Recipe::Prepend { at, value } => {
            let path = site.path(at)?.index(0);
            vec![Edit { path, change: Change::Insert(site.value(value)?) }]
        }
        Recipe::MoveTo(path) => {
            let mut edits = Vec::new();
            if site.look(path).is_none_or(|value| value.as_str() == Some("")) {
                edits.push(Edit::set(site.path(path)?, site.here()?.clone()));
            }
            edits.push(Edit { path: site.place.clone(), change: Change::Remove });
            edits
        }
        Recipe::ReplacePrefix { from, to } => {
            let text = format!("{to}{}", site.here()?.as_str()?.strip_prefix(from.as_str())?);
            vec![Edit::set(site.place.clone(), text.into())]
        }
        Recipe::QualifyImage => {
            let image = site.here()?.as_str()?;
            let library = if image.contains('/') { "" } else { "library/" };
            let text = format!("docker.io/{library}{image}");
            vec![Edit::set(site.place.clone(), text.into())]
        }
        Recipe::DropEarlier => drop_earlier(site)?,
        Recipe::Flag { name, to, with, without } => {
            let to = match to.as_deref() {
                Some("$value") => Some(site.answer?.as_str()?),
                to => to,
            };
            let wish = flag::Wish { to, with: with.as_deref(), without: without.as_deref() };
            flag::edits(site, name.as_deref(), &wish)?
        }
    })
}

/// Takes a field away with the collections that would be left empty, as far as these stand in maps.
fn remove(site: &Site<'_>, path: &FieldPath) -> Option<Edit> {
    let steps = path.steps();
    at(site.root, steps)?;
    let mut length = steps.len();
    while length > 1 {
        let around = at(site.root, &steps[..length - 1])?;
        let single = match around {
            Value::Object(map) => map.len() == 1,
            Value::Array(list) => list.len() == 1,
            _ => false,
        };
        let kept = match &steps[length - 2] {
            Step::Key(key) => ["metadata", "spec", "template"].contains(&&**key),
            Step::Index(_) => true,
        };
        if !single || kept {
            break;
        }
        length -= 1;
    }
    Some(Edit { path: path_of(&steps[..length]), change: Change::Remove })
}

fn append(site: &Site<'_>, path: &FieldPath, value: Value) -> Vec<Edit> {
    let list = at(site.root, path.steps()).and_then(Value::as_array);
    if list.is_some_and(|list| list.contains(&value)) {
        return Vec::new();
    }
    let end = list.map_or(0, Vec::len);
    vec![Edit::set(path.clone().index(end), value)]
}

/// Elements of the same name before the one that the place is in.
fn drop_earlier(site: &Site<'_>) -> Option<Vec<Edit>> {
    let name = site.here()?;
    let [list @ .., Step::Index(index), Step::Key(key)] = site.place.steps() else { return None };
    let elements = at(site.root, list)?.as_array()?;
    let earlier = (0..*index).rev().filter(|at| elements[*at].get(&**key) == Some(name));
    let path = path_of(list);
    Some(earlier.map(|at| Edit { path: path.clone().index(at), change: Change::Remove }).collect())
}
