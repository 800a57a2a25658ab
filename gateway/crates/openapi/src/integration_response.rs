//! What is made of a backend's responses.

use portcullis_model::IntegrationResponse;

use crate::context::{At, Context};
use crate::integration::{content_handling, is_empty};
use crate::mapping::{METHOD_RESPONSE, mappings};
use crate::status;
use crate::template::templates;

/// Keys of a response.
const READ: [&str; 4] = [
    "statusCode",
    "responseParameters",
    "responseTemplates",
    "contentHandling",
];

/// Reads the `responses` of an integration in their order; `None` after a problem.
pub(crate) fn responses<'d>(context: &mut Context<'d>, at: &At<'d>) -> Option<Vec<IntegrationResponse>> {
    let mut responses = Vec::new();
    let Some(member) = at.member("responses").filter(|member| !is_empty(member)) else {
        return Some(responses);
    };
    context.object(&member)?;
    let mut right = true;
    for (pattern, at) in member.members() {
        match response(context, pattern, &at) {
            Some(response) => responses.push(response),
            None => right = false,
        }
    }
    if responses
        .iter()
        .filter(|response| response.selection_pattern.is_none())
        .count()
        > 1
    {
        let message = "there are two default responses, \"default\" and one with an empty pattern";
        context.error("value", &member.pointer, message);
        right = false;
    }
    if context.keeps() {
        same_status(context, &responses);
    }
    right.then_some(responses)
}

/// Says which responses API Gateway would lose, where they are by status.
fn same_status(context: &mut Context<'_>, responses: &[IntegrationResponse]) {
    let mut seen = std::collections::HashSet::new();
    for response in responses
        .iter()
        .filter(|response| !seen.insert(&response.status_code))
    {
        let message = format!(
            "there is another response of the status {}; API Gateway has one for each",
            response.status_code
        );
        context.warning("unused", &response.pointer, message);
    }
}

fn response<'d>(context: &mut Context<'d>, pattern: &str, at: &At<'d>) -> Option<IntegrationResponse> {
    context.object(at)?;
    for (name, member) in at.members().filter(|(name, _)| !READ.contains(name)) {
        context.setting(&member.pointer, name, &READ);
    }
    let status = status::required(context, at);
    let parameters = mappings(context, at, "responseParameters", &METHOD_RESPONSE, None);
    let templates = templates(context, at, "responseTemplates");
    let handling = content_handling(context, at);
    Some(IntegrationResponse {
        pointer: at.pointer.clone(),
        status_code: status?,
        selection_pattern: (!matches!(pattern, "default" | "")).then(|| pattern.to_owned()),
        response_parameters: parameters?,
        response_templates: templates?,
        content_handling: handling?,
    })
}

/// Says what has no effect on the responses of a proxy, which come back as they are. The bare statuses that
/// consoles write ask for nothing else.
pub(crate) fn unused<'d>(context: &mut Context<'d>, at: &At<'d>, kind: &str) -> Option<()> {
    let Some(responses) = at.member("responses").filter(|member| !is_empty(member)) else {
        return Some(());
    };
    context.object(&responses)?;
    let mut right = true;
    for (_, response) in responses.members() {
        right &= context.object(&response).is_some();
        for (name, member) in response.members().filter(|(name, _)| *name != "statusCode") {
            if !READ.contains(&name) {
                context.setting(&member.pointer, name, &READ);
            } else if !is_empty(&member) {
                let message =
                    format!("\"{name}\" has no effect on the responses of an \"{kind}\" integration");
                context.warning("unused", &member.pointer, message);
            }
        }
    }
    right.then_some(())
}
