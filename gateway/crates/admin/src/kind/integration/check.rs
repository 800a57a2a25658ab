//! What an integration must be, new or patched.

use portcullis_vtl::bounds::{Bounds, Limits};
use portcullis_vtl::java::regex::Regex;
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::kind::rows::{entries, text};
use crate::kind::{mapping, method};

type Document = Map<String, Value>;

/// What the service allows by quota since 2024, and with a stream
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html>).
const SHORTEST: i64 = 50;
const LONGEST: i64 = 300_000;
const LONGEST_STREAM: i64 = 900_000;

/// The largest template (<https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>).
const LARGEST_TEMPLATE: usize = 300 * 1_024;

/// A URI of this gateway's own: an integration that is a plugin.
pub(super) const PLUGIN: &str = "portcullis:plugin:";

pub(super) fn integration(method: &Document, document: &Document) -> Result<(), ApiError> {
    target(document)?;
    let streams = text(document, "responseTransferMode") == "STREAM";
    let longest = if streams { LONGEST_STREAM } else { LONGEST };
    let timeout = document.get("timeoutInMillis").and_then(Value::as_i64);
    if timeout.is_some_and(|timeout| !(SHORTEST..=longest).contains(&timeout)) {
        return Err(ApiError::bad_request(format!(
            "Timeout should be between {SHORTEST} ms and {longest} ms"
        )));
    }
    if streams && !text(document, "type").ends_with("_PROXY") {
        return Err(ApiError::bad_request(
            "Response transfer mode STREAM is only supported for integrations of type 'HTTP_PROXY' and 'AWS_PROXY'",
        ));
    }
    if !["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"].contains(&text(document, "passthroughBehavior")) {
        return Err(ApiError::bad_request("Invalid passthrough behavior specified"));
    }
    if text(document, "connectionType") == "VPC_LINK" && text(document, "connectionId").is_empty() {
        return Err(ApiError::bad_request(
            "ConnectionId should be set to the vpcLinkId or stage variable on connection type VPC_LINK",
        ));
    }
    let credentials = text(document, "credentials");
    if !credentials.is_empty() && !credentials.starts_with("arn:") {
        return Err(ApiError::bad_request("Invalid ARN specified in the request"));
    }
    templates(document, "requestTemplates")?;
    mapping::integration_request(method, document)?;
    mapping::cache_keys(method, document)
}

/// Templates by content types, none of them too large.
pub(super) fn templates(document: &Document, name: &str) -> Result<(), ApiError> {
    mapping::content_types(document, name)?;
    for (key, template) in entries(document, name) {
        if template
            .as_str()
            .is_some_and(|text| text.len() > LARGEST_TEMPLATE)
        {
            return Err(ApiError::bad_request(format!(
                "Mapping template for content type {key} exceeds the maximum size of 300 KB"
            )));
        }
    }
    Ok(())
}

/// The pattern is Java's. One that would take too long to read is none either.
pub(super) fn selection_pattern(response: &Document) -> Result<(), ApiError> {
    let mut bounds = Bounds::new(Limits::default());
    match Regex::compile_within(text(response, "selectionPattern"), &mut bounds) {
        Ok(Ok(_)) => Ok(()),
        _ => Err(ApiError::bad_request("Invalid regex pattern specified")),
    }
}

/// The verb and the URI (words recorded).
fn target(document: &Document) -> Result<(), ApiError> {
    let kind = text(document, "type");
    let verb = text(document, "httpMethod");
    if !verb.is_empty() && !method::VERBS.contains(&verb) {
        return Err(method::wrong_verb());
    }
    if kind == "MOCK" {
        return Ok(());
    }
    if verb.is_empty() {
        return Err(ApiError::bad_request(
            "Enumeration value for HttpMethod must be non-empty",
        ));
    }
    let uri = text(document, "uri");
    match kind {
        "HTTP" | "HTTP_PROXY" => {
            let plugin =
                kind == "HTTP_PROXY" && uri.strip_prefix(PLUGIN).is_some_and(|name| !name.is_empty());
            if plugin || is_http(uri) {
                Ok(())
            } else {
                Err(ApiError::bad_request("Invalid HTTP endpoint specified for URI"))
            }
        }
        _ => aws(kind, uri, text(document, "credentials")),
    }
}

/// A host must follow; what holds variables is known when it is deployed.
fn is_http(uri: &str) -> bool {
    if uri.starts_with("${stageVariables.") {
        return true;
    }
    let scheme = |scheme: &str| {
        let (start, rest) = (uri.get(..scheme.len())?, uri.get(scheme.len()..)?);
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let rest = scheme("http://").or_else(|| scheme("https://"));
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty() && !rest.contains(|letter: char| letter.is_whitespace() || letter.is_control())
    })
}

/// `arn:aws:apigateway:{region}:{subdomain.service|service}:{path|action}/{service_api}`
fn aws(kind: &str, uri: &str, credentials: &str) -> Result<(), ApiError> {
    let parts: Vec<&str> = uri.splitn(6, ':').collect();
    let [first, _, "apigateway", _, service, what] = parts.as_slice() else {
        return Err(ApiError::bad_request("Invalid ARN specified in the request"));
    };
    if *first != "arn" {
        return Err(ApiError::bad_request("Invalid ARN specified in the request"));
    }
    if !what.starts_with("path/") && !what.starts_with("action/") {
        return Err(ApiError::bad_request(
            "AWS ARN for integration must contain path or action",
        ));
    }
    if kind == "AWS_PROXY" && !["lambda", "firehose"].contains(service) {
        return Err(ApiError::bad_request(
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
        ));
    }
    if kind == "AWS" && *service != "lambda" && credentials.is_empty() {
        return Err(ApiError::bad_request(
            "Role ARN must be specified for AWS integrations",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_http_endpoints() {
        for (uri, expected) in [
            ("https://example.com/{proxy}", true),
            ("HTTP://example.com", true),
            ("http://${stageVariables.host}/x", true),
            ("${stageVariables.url}", true),
            ("https://", false),
            ("https:///x", false),
            ("https://exa mple.com", false),
            ("example.com", false),
            ("ftp://example.com", false),
            ("é", false),
            ("", false),
        ] {
            assert_eq!(is_http(uri), expected, "{uri}");
        }
    }
}
