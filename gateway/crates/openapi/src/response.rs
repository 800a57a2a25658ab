//! The responses that an operation declares.

use std::collections::BTreeMap;

use portcullis_model::MethodResponse;

use crate::body::{of_content, of_extension};
use crate::context::{At, Context};
use crate::extension::{extensions, is_extension};
use crate::key::{REQUIRED, RESPONSE_MODELS};
use crate::mapping::is_token;
use crate::model::Models;
use crate::notes::{OF_OTHERS, Place};
use crate::scope::Scope;
use crate::status;

/// Reads the `responses` of an operation. `produced`: the content types of 2.0, `None` for OpenAPI 3.
/// `None` after a problem.
pub(crate) fn responses<'d>(
    context: &mut Context<'d>,
    scope: &mut Scope<'d>,
    operation: &At<'d>,
    produced: Option<&[String]>,
    stem: &str,
    place: Place<'_>,
) -> Option<BTreeMap<String, MethodResponse>> {
    let mut found = BTreeMap::new();
    let Some(responses) = operation.member("responses") else {
        return Some(found);
    };
    context.object(&responses)?;
    let mut right = true;
    for (status, at) in responses.members() {
        match kind(status) {
            Kind::Status => {}
            // A method has responses for statuses only. That there are others says nothing about the request.
            Kind::Default => continue,
            Kind::Range => {
                let message =
                    format!("a method has responses for single statuses, nothing uses \"{status}\"");
                context.warning("unused", &at.pointer, message);
                continue;
            }
            Kind::Other if is_extension(status) => {
                context.extension(&at.pointer, status);
                continue;
            }
            Kind::Other => {
                let message = format!("\"{status}\" is no status");
                context.error_with_hint(
                    "value",
                    &at.pointer,
                    message,
                    "it is three digits, such as 200, or \"default\"",
                );
                right = false;
                continue;
            }
        }
        let wanted = format!("{stem}{status}Response");
        match response(context, scope, &at, produced, &wanted, (place, status)) {
            Some(response) => {
                found.insert(status.to_owned(), response);
            }
            None => right = false,
        }
    }
    right.then_some(found)
}

enum Kind {
    Status,
    Default,
    /// Such as `4XX`.
    Range,
    Other,
}

fn kind(key: &str) -> Kind {
    match (key, key.as_bytes()) {
        ("default", _) => Kind::Default,
        (_, [b'1'..=b'5', b'X' | b'x', b'X' | b'x']) => Kind::Range,
        _ if status::parse(key).is_some_and(|status| (100..600).contains(&status)) => Kind::Status,
        _ => Kind::Other,
    }
}

fn response<'d>(
    context: &mut Context<'d>,
    scope: &mut Scope<'d>,
    at: &At<'d>,
    produced: Option<&[String]>,
    wanted: &str,
    (place, status): (Place<'_>, &str),
) -> Option<MethodResponse> {
    let at = context.resolve_object(at)?;
    let location = place.response("RESPONSE", status, None);
    scope.notes.take(context, location.clone(), &at, &OF_OTHERS);
    for (name, header) in at
        .member("headers")
        .into_iter()
        .flat_map(|headers| headers.members())
    {
        let location = place.response("RESPONSE_HEADER", status, Some(name));
        scope.notes.take(context, location, &header, &OF_OTHERS);
    }
    let parameters = headers(context, &at);
    let models = match (
        of_extension(context, &scope.models, &at, RESPONSE_MODELS),
        produced,
    ) {
        (Some(models), _) => models,
        (None, Some(produced)) => of_schema(context, &mut scope.models, &at, produced, wanted),
        (None, None) => of_content(context, &mut scope.models, &at, wanted),
    };
    let mut extensions = extensions(&at, &[RESPONSE_MODELS]);
    scope.notes.strip(&location, &mut extensions);
    Some(MethodResponse {
        pointer: at.pointer,
        response_parameters: parameters?,
        response_models: models?,
        extensions,
    })
}

/// The model of a 2.0 response for all that is produced; `None` after a problem.
fn of_schema<'d>(
    context: &mut Context<'d>,
    models: &mut Models,
    at: &At<'d>,
    produced: &[String],
    wanted: &str,
) -> Option<BTreeMap<String, String>> {
    let Some(schema) = at.member("schema") else {
        return Some(BTreeMap::new());
    };
    let name = models.name_of(context, &schema, wanted)?;
    Some(
        produced
            .iter()
            .map(|content_type| (content_type.clone(), name.clone()))
            .collect(),
    )
}

/// From `method.response.header.NAME` to whether it is always there; `None` after a problem.
fn headers<'d>(context: &mut Context<'d>, at: &At<'d>) -> Option<BTreeMap<String, bool>> {
    let mut found = BTreeMap::new();
    let Some(headers) = at.member("headers") else {
        return Some(found);
    };
    context.object(&headers)?;
    let mut right = true;
    for (name, header) in headers.members() {
        if !is_token(name) {
            context.error(
                "value",
                &header.pointer,
                format!("{name:?} does not name a header"),
            );
            right = false;
            continue;
        }
        let required = context
            .resolve_object(&header)
            .and_then(|header| Some(context.flag(&header, "required")? | context.flag(&header, REQUIRED)?));
        match required {
            Some(required) => {
                found.insert(format!("method.response.header.{name}"), required);
            }
            None => right = false,
        }
    }
    right.then_some(found)
}
