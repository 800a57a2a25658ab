//! The parameters of an operation and of its path.

use std::collections::{BTreeMap, HashSet};

use crate::context::{At, Context};
use crate::mapping::is_token;
use crate::path::Path;
use crate::version::Version;

/// Where a parameter is in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    /// The whole body (2.0).
    Body,
}

/// One parameter.
#[derive(Debug, Clone)]
pub(crate) struct Parameter<'d> {
    pub(crate) place: Place,
    name: String,
    required: bool,
    pub(crate) at: At<'d>,
}

impl Parameter<'_> {
    /// What a parameter of an operation replaces of its path.
    fn identity(&self) -> (Place, String) {
        match self.place {
            Place::Header => (self.place, self.name.to_ascii_lowercase()),
            // There is one body, whatever it is called.
            Place::Body => (self.place, String::new()),
            Place::Path | Place::Query => (self.place, self.name.clone()),
        }
    }

    /// As what part it is documented, and under which name.
    pub(crate) fn documented(&self) -> (&'static str, Option<&str>) {
        match self.place {
            Place::Path => ("PATH_PARAMETER", Some(&self.name)),
            Place::Query => ("QUERY_PARAMETER", Some(&self.name)),
            Place::Header => ("REQUEST_HEADER", Some(&self.name)),
            Place::Body => ("REQUEST_BODY", None),
        }
    }

    fn key(&self) -> Option<String> {
        let place = match self.place {
            Place::Path => "path",
            Place::Query => "querystring",
            Place::Header => "header",
            Place::Body => return None,
        };
        Some(format!("method.request.{place}.{}", self.name))
    }
}

/// Reads the `parameters` of a path or an operation; `None` after a problem.
pub(crate) fn parameters<'d>(
    context: &mut Context<'d>,
    version: Version,
    path: &Path,
    at: &At<'d>,
) -> Option<Vec<Parameter<'d>>> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut right = true;
    for element in context.elements(at, "parameters")? {
        match parameter(context, version, path, &element) {
            Some(Some(parameter)) if seen.insert(parameter.identity()) => found.push(parameter),
            Some(Some(parameter)) => {
                let message = match parameter.place {
                    Place::Body => "there is a second \"body\" parameter".to_owned(),
                    _ => format!("the parameter \"{}\" is there twice", parameter.name),
                };
                context.error("parameter", &element.pointer, message);
                right = false;
            }
            Some(None) => {}
            None => right = false,
        }
    }
    right.then_some(found)
}

/// The outer option is `None` after a problem, the inner where nothing uses the parameter.
fn parameter<'d>(
    context: &mut Context<'d>,
    version: Version,
    path: &Path,
    element: &At<'d>,
) -> Option<Option<Parameter<'d>>> {
    let at = context.resolve_object(element)?;
    let name = context.required_string(&at, "name");
    let place = place(context, version, &at);
    let required = context.flag(&at, "required");
    let (name, Some(place), required) = (name?, place?, required?) else {
        return Some(None);
    };
    if place == Place::Path && !path.has(name) {
        let message = format!("the parameter \"{name}\" is no variable of the path, nothing uses it");
        let problem = context.document.warning("unused", &element.pointer, message);
        context
            .problems
            .push(problem.did_you_mean(name, path.parameters()));
        return Some(None);
    }
    let fits = match place {
        Place::Header => is_token(name),
        Place::Query => !name.contains(|c: char| c.is_whitespace() || c.is_control()),
        Place::Path | Place::Body => true,
    };
    if !fits {
        let message = format!("the parameter {name:?} has a name that no request can have there");
        context.error("parameter", &at.at("name"), message);
        return None;
    }
    Some(Some(Parameter {
        place,
        name: name.to_owned(),
        required: required || place == Place::Path,
        at,
    }))
}

/// The outer option is `None` after a problem, the inner where nothing uses what is there.
fn place(context: &mut Context<'_>, version: Version, at: &At<'_>) -> Option<Option<Place>> {
    let said = context.required_string(at, "in")?;
    let (place, unused) = match (said, version) {
        ("path", _) => (Some(Place::Path), ""),
        ("query", _) => (Some(Place::Query), ""),
        ("header", _) => (Some(Place::Header), ""),
        ("body", Version::Two) => (Some(Place::Body), ""),
        ("formData", Version::Two) => (None, "form fields are not looked at, nothing uses the parameter"),
        ("cookie", Version::Three) => (None, "cookies are not looked at, nothing uses the parameter"),
        _ => {
            let known: &[&str] = match version {
                Version::Two => &["path", "query", "header", "body", "formData"],
                Version::Three => &["path", "query", "header", "cookie"],
            };
            let message = format!(
                "unknown place \"{said}\" of a parameter, expected one of {}",
                known.join(", ")
            );
            context.did_you_mean("value", &at.at("in"), message, said, known);
            return None;
        }
    };
    if place.is_none() {
        context.warning("unused", &at.at("in"), unused);
    }
    Some(place)
}

/// The parameters that hold for an operation: its own, and those of its path that it has not replaced.
pub(crate) fn merged<'d>(of_path: &[Parameter<'d>], own: Vec<Parameter<'d>>) -> Vec<Parameter<'d>> {
    let replaced: HashSet<(Place, String)> = own.iter().map(Parameter::identity).collect();
    let mut merged = own;
    let others = of_path
        .iter()
        .filter(|parameter| !replaced.contains(&parameter.identity()));
    merged.extend(others.cloned());
    merged
}

/// From `method.request.{path,querystring,header}.NAME` to whether it must be there.
pub(crate) fn request_parameters(parameters: &[Parameter<'_>]) -> BTreeMap<String, bool> {
    parameters
        .iter()
        .filter_map(|parameter| Some((parameter.key()?, parameter.required)))
        .collect()
}
