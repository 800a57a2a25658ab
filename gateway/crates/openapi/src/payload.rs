//! What a function that authorizes is passed, and what it answers: settings that HTTP APIs have, and REST APIs here too.

use portcullis_model::{AuthorizerKind, PayloadFormat};

use crate::context::{At, Context};
use crate::key::{PAYLOAD_FORMAT, SIMPLE_RESPONSES};

/// The format of an authorizer's payload, and whether its answer is a simple one; `None` after a problem.
pub(crate) fn payload(
    context: &mut Context<'_>,
    at: &At<'_>,
    kind: AuthorizerKind,
) -> Option<(PayloadFormat, bool)> {
    let format = match at.member(PAYLOAD_FORMAT) {
        Some(member) => self::format(context, &member, PAYLOAD_FORMAT)?,
        None => PayloadFormat::V1,
    };
    let simple = context.flag(at, SIMPLE_RESPONSES)?;
    let of_v2 =
        |key: &str| format!("\"{key}\" is for \"request\" authorizers with \"{PAYLOAD_FORMAT}: '2.0'\"");
    if format == PayloadFormat::V2 && kind != AuthorizerKind::Request {
        let message = format!("\"{PAYLOAD_FORMAT}\" 2.0 is for \"request\" authorizers");
        context.doubtful("value", &at.at(PAYLOAD_FORMAT), &message, None)?;
        return Some((PayloadFormat::V1, false));
    }
    if simple && format != PayloadFormat::V2 {
        let message = of_v2(SIMPLE_RESPONSES);
        context.doubtful("value", &at.at(SIMPLE_RESPONSES), &message, None)?;
        return Some((format, false));
    }
    Some((format, simple))
}

/// The format that a member names; `None` after a problem.
pub(crate) fn format(context: &mut Context<'_>, member: &At<'_>, key: &str) -> Option<PayloadFormat> {
    // YAML without quotes makes a number of it.
    let said = match member.node.as_str() {
        Some(text) => text.to_owned(),
        None => member.node.to_json().to_string(),
    };
    match PayloadFormat::parse(&said) {
        Some(format) => Some(format),
        None => {
            let message = format!("expected \"{key}\" 1.0 or 2.0, found {}", member.node.describe());
            context.error("value", &member.pointer, message);
            None
        }
    }
}
