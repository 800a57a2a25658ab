//! One verb of one path.

use std::collections::BTreeMap;

use portcullis_model::{Method, MethodResponse};

use crate::body::{self, of_extension};
use crate::context::{At, Context};
use crate::extension::{extensions, is_extension};
use crate::integration::integration;
use crate::key::{AUTH, INTEGRATION, OF_OPERATION, OUR_INTEGRATION, REQUEST_MODELS, REQUEST_VALIDATOR};
use crate::model::stem;
use crate::notes::{OF_METHOD, OF_OTHERS, Place};
use crate::parameter::{Parameter, merged, parameters, request_parameters};
use crate::path::Path;
use crate::response::responses;
use crate::scope::Scope;
use crate::version::Version;

/// Extensions of an operation that are read.
const READ: [&str; 5] = [
    INTEGRATION,
    OUR_INTEGRATION,
    REQUEST_VALIDATOR,
    REQUEST_MODELS,
    AUTH,
];

/// Reads an operation; `None` where a problem with one of its parts has been reported. `of_path`: the parameters
/// of its path, `None` where they are wrong.
pub(crate) fn operation<'d>(
    context: &mut Context<'d>,
    scope: &mut Scope<'d>,
    path: &Path,
    verb: &str,
    of_path: Option<&[Parameter<'d>]>,
    at: &At<'d>,
) -> Option<Method> {
    context.object(at)?;
    keys(context, scope.version, at);
    let access = scope.inherited.of(context, at, &scope.schemes);
    let validator = scope.validators.of(context, at);
    let own = parameters(context, scope.version, path, at);
    let parameters = own.and_then(|own| Some(merged(of_path?, own)));
    let normal = path.normal();
    let place = Place { path: &normal, verb };
    let stem = stem(&normal, verb);
    notes(context, scope, place, parameters.as_deref(), at);
    let models = match of_extension(context, &scope.models, at, REQUEST_MODELS) {
        Some(models) => models,
        None => match scope.version {
            Version::Two => request_models(context, scope, parameters.as_deref(), at, &stem),
            Version::Three => body::of_request(context, &mut scope.models, at, &stem),
        },
    };
    let responses = method_responses(context, scope, at, &stem, place);
    let integration = integration(context, path, at);
    let access = access?;
    let mut extensions = extensions(at, &READ);
    scope.notes.strip(&place.part("METHOD", None), &mut extensions);
    Some(Method {
        pointer: at.pointer.clone(),
        authorization: access.authorization,
        authorization_scopes: access.scopes,
        api_key_required: access.api_key,
        operation_name: context.optional_string(at, "operationId").map(str::to_owned),
        request_parameters: request_parameters(&parameters?),
        request_models: models?,
        request_validator: validator?,
        responses: responses?,
        integration: integration?,
        extensions,
    })
}

fn request_models<'d>(
    context: &mut Context<'d>,
    scope: &mut Scope<'d>,
    parameters: Option<&[Parameter<'d>]>,
    at: &At<'d>,
    stem: &str,
) -> Option<BTreeMap<String, String>> {
    let consumed = scope.content_types.consumed(context, at);
    body::of_parameters(context, &mut scope.models, parameters?, consumed?, stem)
}

fn method_responses<'d>(
    context: &mut Context<'d>,
    scope: &mut Scope<'d>,
    at: &At<'d>,
    stem: &str,
    place: Place<'_>,
) -> Option<BTreeMap<String, MethodResponse>> {
    let produced = match scope.version {
        Version::Two => Some(scope.content_types.produced(context, at)?),
        Version::Three => None,
    };
    responses(context, scope, at, produced.as_deref(), stem, place)
}

/// Takes what the operation says for people.
fn notes<'d>(
    context: &mut Context<'d>,
    scope: &mut Scope<'d>,
    place: Place<'_>,
    parameters: Option<&[Parameter<'d>]>,
    at: &At<'d>,
) {
    scope
        .notes
        .take(context, place.part("METHOD", None), at, &OF_METHOD);
    for parameter in parameters.into_iter().flatten() {
        let (kind, name) = parameter.documented();
        scope
            .notes
            .take(context, place.part(kind, name), &parameter.at, &OF_OTHERS);
    }
    if let Some(body) = at.member("requestBody")
        && context.keeps()
        && let Some(body) = context.resolve(&body)
    {
        scope
            .notes
            .take(context, place.part("REQUEST_BODY", None), &body, &OF_OTHERS);
    }
}

fn keys(context: &mut Context<'_>, version: Version, at: &At<'_>) {
    let (others, said): (&[&str], _) = match version {
        Version::Two => (&["requestBody"], "OpenAPI 3"),
        Version::Three => (&["consumes", "produces"], "OpenAPI 2.0"),
    };
    for (name, member) in at.members() {
        if READ.contains(&name) {
            continue;
        }
        if is_extension(name) {
            context.extension(&member.pointer, name);
        } else if others.contains(&name) {
            let message = format!("\"{name}\" is a key of {said}, not of this document's version");
            context.error("unknown-key", &member.pointer, message);
        } else if !OF_OPERATION.contains(&name) && name != "servers" {
            context.unknown_key(&member.pointer, name, &OF_OPERATION);
        }
    }
}
