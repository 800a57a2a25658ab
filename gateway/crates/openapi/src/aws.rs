//! `AWS` and `AWS_PROXY` integrations.

use portcullis_model::{AwsTarget, AwsUri, FunctionName, Integration, PayloadFormat, Target};

use crate::context::{At, Context};
use crate::http::{connection, insecure_skip_verification, unused_by_proxy};
use crate::integration::{http_method, is_empty, of_templates};
use crate::key::{PAYLOAD_FORMAT_VERSION, TRUST_BUNDLE};
use crate::mapping::{INTEGRATION_REQUEST, mappings};
use crate::path::Path;
use crate::uri::check_stage_variables;

/// Whether it is a Lambda function that an integration of one of these types invokes.
pub(crate) fn is_function(at: &At<'_>) -> bool {
    let uri = at.member("uri").and_then(|uri| uri.node.as_str());
    uri.is_some_and(|uri| FunctionName::parse(uri).is_some())
}

/// Reads what an integration with an AWS service says; `None` after a problem.
pub(crate) fn integration<'d>(
    context: &mut Context<'d>,
    path: &Path,
    at: &At<'d>,
    proxy: bool,
) -> Option<Integration> {
    let uri = context.required_string(at, "uri");
    if let Some(uri) = uri.filter(|_| !context.keeps() && !is_function(at)) {
        if proxy {
            let what = "the integration type \"aws_proxy\" for what is no Lambda function";
            context.refuses(&at.at("type"), what);
            return None;
        }
        served(context, at, uri)?;
    }
    for key in [TRUST_BUNDLE, "tlsConfig"] {
        if let Some(member) = at
            .member(key)
            .filter(|member| !is_empty(member) && !context.keeps())
        {
            let message = format!("\"{key}\" has no effect on an \"aws\" integration");
            context.warning("unused", &member.pointer, message);
        }
    }
    let method = http_method(context, at);
    let mapped = mappings(context, at, "requestParameters", &INTEGRATION_REQUEST, Some(path));
    let connection = connection(context, at);
    let insecure = insecure_skip_verification(context, at);
    let payload_format = payload_format(context, at, proxy);
    let integration = match proxy && !context.keeps() {
        true => {
            unused_by_proxy(context, at, "aws_proxy").map(|()| Integration::of(&at.pointer, Target::Mock))
        }
        false => of_templates(context, at, Target::Mock),
    };
    let target = AwsTarget {
        uri: uri?.to_owned(),
        http_method: method?,
        connection: connection?,
        insecure_skip_verification: insecure?,
    };
    Some(Integration {
        target: match proxy {
            true => Target::AwsProxy(target),
            false => Target::Aws(target),
        },
        request_parameters: mapped?,
        payload_format: payload_format?,
        ..integration?
    })
}

/// What is wrong with the URI of an integration that is served.
fn served(context: &mut Context<'_>, at: &At<'_>, uri: &str) -> Option<()> {
    const FORM: &str =
        "it has the form arn:aws:apigateway:REGION:SERVICE:action/NAME, or :path/PATH at its end";
    if let Err(message) = check_stage_variables("the uri", uri) {
        context.error("uri", &at.at("uri"), message);
        return None;
    }
    match AwsUri::parse(uri).map(|uri| uri.service) {
        Some("lambda") => {
            context.refuses(
                &at.at("uri"),
                "the integration type \"aws\" with what is no invocation of a Lambda function",
            );
            None
        }
        Some(_) => Some(()),
        None => {
            let message = format!("the uri \"{uri}\" names no action and no path of an AWS service");
            context.error_with_hint("uri", &at.at("uri"), message, FORM);
            None
        }
    }
}

/// What the function is passed; `None` after a problem.
fn payload_format(context: &mut Context<'_>, at: &At<'_>, proxy: bool) -> Option<PayloadFormat> {
    match at.member(PAYLOAD_FORMAT_VERSION).filter(|_| proxy) {
        Some(member) => crate::payload::format(context, &member, PAYLOAD_FORMAT_VERSION),
        None => Some(PayloadFormat::V1),
    }
}
