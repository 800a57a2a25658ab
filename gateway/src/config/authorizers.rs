//! What the authorizers of an API without a document must keep to beyond their schema.

use portcullis_document::{Document, Problem, pointer};
use portcullis_model::FunctionName;

use super::lambda::HINT;
use super::{ApiConfig, AuthorizerConfig, PayloadFormatConfig};

/// Every breach of a rule.
pub(super) fn check(document: &Document, at: &str, api: &ApiConfig, problems: &mut Vec<Problem>) {
    for (name, authorizer) in &api.authorizers {
        let at = format!("{at}{}", pointer(["authorizers", name]));
        let Some((plugin, function)) = authorizer.decides() else {
            continue;
        };
        if plugin.is_some() == function.is_some() {
            let message = format!("the authorizer `{name}` needs exactly one of plugin and function");
            problems.push(document.error("authorizer-decides", &at, message));
        }
        if let Some(function) = function.filter(|function| FunctionName::parse(function).is_none()) {
            let message = format!("`{function}` names no Lambda function");
            let problem = document.error("bad-function", &format!("{at}/function"), message);
            problems.push(problem.hint(HINT));
        }
        payload(document, &at, authorizer, problems);
    }
}

fn payload(document: &Document, at: &str, authorizer: &AuthorizerConfig, problems: &mut Vec<Problem>) {
    let AuthorizerConfig::Request {
        function,
        payload_format_version,
        simple_responses,
        ..
    } = authorizer
    else {
        return;
    };
    let is_v2 = *payload_format_version == PayloadFormatConfig::V2;
    let (key, message) = match (function, is_v2, simple_responses) {
        (None, true, _) => (
            "payload_format_version",
            "plugins have one form of request: a payload format is for functions",
        ),
        (_, false, true) => (
            "simple_responses",
            "simple responses are those of payload_format_version = \"2.0\"",
        ),
        _ => return,
    };
    problems.push(document.error("authorizer-payload", &format!("{at}/{key}"), message));
}
