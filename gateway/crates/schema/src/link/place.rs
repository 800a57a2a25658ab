//! How many schemas judge one and the same value.

use std::collections::BTreeMap;

use crate::limit;

/// A schema: its model's name and a JSON pointer into it.
pub(super) type Place = (String, String);

/// From a schema to those that judge the same value as it does.
pub(super) type InPlace = BTreeMap<Place, Vec<Place>>;

/// Why a schema cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It comes back to itself without looking inside the value, so that there is no end.
    Loop,
    /// More than [`limit::SCHEMAS_IN_PLACE`] in a row.
    TooMany,
}

/// How many schemas are in a row from each on, itself included; and those that are on a loop or that too many follow.
pub(super) fn lengths(edges: &InPlace) -> (BTreeMap<&Place, usize>, Vec<(&Place, Trouble)>) {
    let mut lengths = BTreeMap::new();
    let mut troubles = Vec::new();
    for place in edges.keys() {
        match length(edges, place, &mut lengths, &mut Vec::new()) {
            Ok(_) => {}
            // Whoever only leads to a loop need not be told; the loop is.
            Err((Trouble::Loop, back_at)) if back_at != place => {}
            Err((trouble, _)) => troubles.push((place, trouble)),
        }
    }
    (lengths, troubles)
}

/// How many schemas are in a row from one on, or the trouble and where it was met. It calls itself no deeper than
/// what is allowed.
fn length<'a>(
    edges: &'a InPlace,
    place: &'a Place,
    lengths: &mut BTreeMap<&'a Place, usize>,
    path: &mut Vec<&'a Place>,
) -> Result<usize, (Trouble, &'a Place)> {
    if let Some(length) = lengths.get(place) {
        return Ok(*length);
    }
    if path.contains(&place) {
        return Err((Trouble::Loop, place));
    }
    if path.len() > limit::SCHEMAS_IN_PLACE {
        return Err((Trouble::TooMany, place));
    }
    path.push(place);
    let mut longest = Ok(0);
    for next in edges.get(place).into_iter().flatten() {
        longest = longest.and_then(|longest: usize| Ok(longest.max(length(edges, next, lengths, path)?)));
    }
    path.pop();
    let length = longest? + 1;
    if length > limit::SCHEMAS_IN_PLACE {
        return Err((Trouble::TooMany, place));
    }
    lengths.insert(place, length);
    Ok(length)
}
