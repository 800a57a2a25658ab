//! `MOCK` integrations, which have a status and nothing else for now.

use portcullis_document::Value;
use portcullis_model::{Integration, IntegrationResponse, Target};

use crate::context::{At, Context};
use crate::integration::{http_method, is_empty, passthrough_behavior};

/// What a response may say. What is below is not the end of a response.
const STATUS: std::ops::RangeInclusive<u16> = 200..=599;

/// Reads what a `MOCK` integration says; `None` after a problem.
pub(crate) fn integration<'d>(context: &mut Context<'d>, at: &At<'d>) -> Option<Integration> {
    let method = http_method(context, at);
    let passthrough = passthrough(context, at);
    if let Some(uri) = at.member("uri") {
        context.warning(
            "unused",
            &uri.pointer,
            "a \"mock\" integration has no backend, nothing uses its \"uri\"",
        );
    }
    let parameters = parameters(context, at);
    let template = template(context, at);
    let responses = responses(context, at);
    method?;
    passthrough?;
    parameters?;
    let (template, responses) = (template?, responses?);
    let status = responses.select(template).or(template).unwrap_or(200);
    Some(Integration {
        responses: vec![IntegrationResponse {
            status_code: status.to_string(),
            ..IntegrationResponse::default()
        }],
        ..Integration::of(&at.pointer, Target::Mock)
    })
}

/// Other behaviours refuse some bodies, which is not done yet.
fn passthrough(context: &mut Context<'_>, at: &At<'_>) -> Option<()> {
    let said = passthrough_behavior(context, at)?;
    match said.as_deref() {
        None | Some("when_no_match") => Some(()),
        Some(other) => {
            let what = format!("the passthroughBehavior \"{other}\" of a \"mock\" integration");
            context.unsupported(&at.at("passthroughBehavior"), &what);
            None
        }
    }
}

fn parameters(context: &mut Context<'_>, at: &At<'_>) -> Option<()> {
    let Some(member) = at.member("requestParameters").filter(|member| !is_empty(member)) else {
        return Some(());
    };
    context.unsupported(&member.pointer, "\"requestParameters\" of a \"mock\" integration");
    None
}

/// The status that the request template says; `None` after a problem.
fn template<'d>(context: &mut Context<'d>, at: &At<'d>) -> Option<Option<u16>> {
    let Some(templates) = at.member("requestTemplates") else {
        return Some(None);
    };
    context.object(&templates)?;
    let mut status = Some(None);
    for (content_type, member) in templates.members() {
        if content_type == "application/json" {
            let text = context.string(&member)?;
            status = literal_status(context, &member, text).map(Some);
        } else {
            context.unsupported(
                &member.pointer,
                &format!("a request template for \"{content_type}\""),
            );
            return None;
        }
    }
    status
}

/// `{"statusCode": 200}`, with or without quotes. Anything more is a template language.
fn literal_status(context: &mut Context<'_>, at: &At<'_>, text: &str) -> Option<u16> {
    if text.contains(['$', '#']) {
        context.unsupported(&at.pointer, "a request template with expressions (VTL)");
        return None;
    }
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let inner = compact
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or_default();
    let (key, value) = inner.split_once(':').unwrap_or_default();
    let quotes = ['"', '\''];
    if key.trim_matches(quotes) != "statusCode" {
        let message = format!(
            "expected the request template {{\"statusCode\": 200}}, found {}",
            at.node.describe()
        );
        context.error_with_hint(
            "unsupported",
            &at.pointer,
            message,
            "more than a status is not supported yet",
        );
        return None;
    }
    status(context, at, value.trim_matches(quotes))
}

fn status(context: &mut Context<'_>, at: &At<'_>, text: &str) -> Option<u16> {
    let status = text.parse().ok().filter(|status| STATUS.contains(status));
    if status.is_none() {
        let message = format!(
            "expected a status from {} to {}, found {text:?}",
            STATUS.start(),
            STATUS.end()
        );
        context.error("value", &at.pointer, message);
    }
    status
}

/// The statuses that `responses` map to, by what selects them.
struct Responses {
    default: Option<u16>,
    by_status: Vec<(u16, u16)>,
}

impl Responses {
    /// The status of the entry for what the template says, otherwise the default entry's.
    fn select(&self, template: Option<u16>) -> Option<u16> {
        let selected = self
            .by_status
            .iter()
            .find(|(pattern, _)| Some(*pattern) == template);
        selected.map(|(_, status)| *status).or(self.default)
    }
}

fn responses<'d>(context: &mut Context<'d>, at: &At<'d>) -> Option<Responses> {
    let mut responses = Responses {
        default: None,
        by_status: Vec::new(),
    };
    let Some(members) = at.member("responses") else {
        return Some(responses);
    };
    context.object(&members)?;
    let mut right = true;
    for (pattern, member) in members.members() {
        let status = response(context, &member);
        right &= status.is_some();
        match pattern.parse::<u16>() {
            _ if pattern == "default" => responses.default = status,
            Ok(pattern) => responses.by_status.extend(status.map(|status| (pattern, status))),
            Err(_) => {
                context.unsupported(
                    &member.pointer,
                    &format!("the pattern \"{pattern}\" for a response"),
                );
                right = false;
            }
        }
    }
    right.then_some(responses)
}

/// The status of one entry, which may have nothing else.
fn response<'d>(context: &mut Context<'d>, at: &At<'d>) -> Option<u16> {
    context.object(at)?;
    let mut right = true;
    for (name, member) in at
        .members()
        .filter(|(name, member)| *name != "statusCode" && !is_empty(member))
    {
        context.unsupported(
            &member.pointer,
            &format!("\"{name}\" of a response of a \"mock\" integration"),
        );
        right = false;
    }
    let Some(member) = at.member("statusCode") else {
        context.error("missing-key", &at.pointer, "missing required key \"statusCode\"");
        return None;
    };
    let text = match &member.node.value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => {
            context.mismatch(&member, "a status such as \"200\"");
            return None;
        }
    };
    status(context, &member, &text).filter(|_| right)
}
