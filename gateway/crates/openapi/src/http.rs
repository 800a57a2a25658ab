//! `HTTP_PROXY` integrations.

use std::collections::BTreeMap;

use portcullis_document::escape;
use portcullis_model::{HttpTarget, Integration, Target};

use crate::context::{At, Context};
use crate::integration::{http_method, is_empty, passthrough_behavior};
use crate::path::Path;
use crate::uri::placeholders;

/// Reads what an `HTTP_PROXY` integration says; `None` after a problem.
pub(crate) fn integration<'d>(context: &mut Context<'d>, path: &Path, at: &At<'d>) -> Option<Integration> {
    let passthrough = passthrough_behavior(context, at);
    let method = http_method(context, at);
    let templates = templates(context, at);
    let responses = responses(context, at);
    let mapped = mapped(context, path, at);
    let uri = uri(context, path, at, mapped.as_ref());
    passthrough?;
    templates?;
    responses?;
    let target = HttpTarget {
        uri: uri?,
        http_method: method?,
        ..HttpTarget::default()
    };
    let mapped = mapped?.into_iter();
    let request_parameters = mapped.map(|(to, from)| {
        (
            format!("integration.request.path.{to}"),
            format!("method.request.path.{from}"),
        )
    });
    Some(Integration {
        request_parameters: request_parameters.collect(),
        ..Integration::of(&at.pointer, Target::HttpProxy(target))
    })
}

/// Checks the address against the variables of the path and the mappings; `mapped` is `None` where they are wrong.
fn uri<'d>(
    context: &mut Context<'d>,
    path: &Path,
    at: &At<'d>,
    mapped: Option<&BTreeMap<String, String>>,
) -> Option<String> {
    let uri = context.required_string(at, "uri")?;
    let pointer = at.at("uri");
    let names = match placeholders(uri) {
        Ok(names) => names,
        Err(message) => {
            context.error("uri", &pointer, message);
            return None;
        }
    };
    let mapped = mapped?;
    let undefined: Vec<&String> = names
        .iter()
        .filter(|name| !mapped.contains_key(*name) && !path.has(name))
        .collect();
    for name in &undefined {
        let message =
            format!("the uri has \"{{{name}}}\", which is no variable of the path and is not mapped");
        let problem = context.document.error("uri", &pointer, message);
        context
            .problems
            .push(problem.did_you_mean(name, path.parameters()));
    }
    let unused: Vec<&String> = mapped.keys().filter(|name| !names.contains(name)).collect();
    for name in &unused {
        let key = format!("integration.request.path.{name}");
        let pointer = format!("{}/{}", at.at("requestParameters"), escape(&key));
        context.error(
            "uri",
            &pointer,
            format!("\"{key}\" fills \"{{{name}}}\", which the uri does not have"),
        );
    }
    (undefined.is_empty() && unused.is_empty()).then(|| uri.to_owned())
}

/// From placeholders to path parameters; `None` after a problem.
fn mapped<'d>(context: &mut Context<'d>, path: &Path, at: &At<'d>) -> Option<BTreeMap<String, String>> {
    let mut mapped = BTreeMap::new();
    let Some(parameters) = at.member("requestParameters") else {
        return Some(mapped);
    };
    context.object(&parameters)?;
    let mut right = true;
    for (name, member) in parameters.members() {
        match mapping(context, path, name, &member) {
            Some((placeholder, parameter)) => {
                mapped.insert(placeholder, parameter);
            }
            None => right = false,
        }
    }
    right.then_some(mapped)
}

fn mapping<'d>(context: &mut Context<'d>, path: &Path, name: &str, at: &At<'d>) -> Option<(String, String)> {
    let source = context.string(at)?;
    let target = name
        .strip_prefix("integration.request.path.")
        .filter(|name| !name.is_empty());
    let parameter = source
        .strip_prefix("method.request.path.")
        .filter(|name| !name.is_empty());
    let (Some(target), Some(parameter)) = (target, parameter) else {
        let known = ["path", "querystring", "header"];
        let is_target = known
            .iter()
            .any(|kind| name.starts_with(&format!("integration.request.{kind}.")));
        if is_target {
            context.unsupported(
                &at.pointer,
                &format!("the mapping of \"{name}\" from \"{source}\""),
            );
        } else {
            let message = format!("\"{name}\" is not a place in an integration request");
            let hint = "write it as integration.request.path.NAME: method.request.path.NAME";
            context.error_with_hint("value", &at.pointer, message, hint);
        }
        return None;
    };
    if !path.has(parameter) {
        let problem = context.document.error(
            "value",
            &at.pointer,
            format!("\"{source}\" names no variable of the path"),
        );
        context
            .problems
            .push(problem.did_you_mean(parameter, path.parameters()));
        return None;
    }
    Some((target.to_owned(), parameter.to_owned()))
}

fn templates(context: &mut Context<'_>, at: &At<'_>) -> Option<()> {
    let Some(member) = at.member("requestTemplates").filter(|member| !is_empty(member)) else {
        return Some(());
    };
    let message = "\"requestTemplates\" have no effect on an \"http_proxy\" integration";
    context.error_with_hint(
        "unsupported",
        &member.pointer,
        message,
        "remove them; the request is passed as it is",
    );
    None
}

/// A proxy passes the response as it is. The bare status codes that consoles write ask for nothing else.
fn responses(context: &mut Context<'_>, at: &At<'_>) -> Option<()> {
    let Some(responses) = at.member("responses") else {
        return Some(());
    };
    context.object(&responses)?;
    let mut right = true;
    for (_, response) in responses.members() {
        right &= context.object(&response).is_some();
        for (name, member) in response
            .members()
            .filter(|(name, member)| *name != "statusCode" && !is_empty(member))
        {
            let message =
                format!("\"{name}\" has no effect on the responses of an \"http_proxy\" integration");
            context.error_with_hint("unsupported", &member.pointer, message, "remove it");
            right = false;
        }
    }
    right.then_some(())
}
