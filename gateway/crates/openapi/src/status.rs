//! Statuses, which documents write as texts and as numbers.

use std::ops::RangeInclusive;

use portcullis_document::Value;

use crate::context::{At, Context};

/// What a response may say. What is below is not the end of a response.
const FINAL: RangeInclusive<u16> = 200..=599;

/// The member `statusCode` as text; `None` after a problem, of which absence is one.
pub(crate) fn required(context: &mut Context<'_>, at: &At<'_>) -> Option<String> {
    let Some(member) = at.member("statusCode") else {
        context.error("missing-key", &at.pointer, "missing required key \"statusCode\"");
        return None;
    };
    status(context, &member)
}

/// A status as text; `None` after a problem.
pub(crate) fn status(context: &mut Context<'_>, at: &At<'_>) -> Option<String> {
    let text = match &at.node.value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => {
            context.mismatch(at, "a status such as \"200\"");
            return None;
        }
    };
    let status = parse(&text).filter(|status| FINAL.contains(status));
    if status.is_none() {
        let (from, to) = (FINAL.start(), FINAL.end());
        let message = format!(
            "expected a status from {from} to {to}, found {}",
            at.node.describe()
        );
        context.error("value", &at.pointer, message);
    }
    status.map(|status| status.to_string())
}

/// Three digits.
pub(crate) fn parse(text: &str) -> Option<u16> {
    let digits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}
