//! Mapping templates and bodies by content type.

use portcullis_document::Value;

use crate::context::{At, Context};
use crate::integration::is_empty;

/// What API Gateway takes for a template.
const LARGEST: usize = 300 * 1024;

/// The member `key` as texts by content type, in the document's order; `None` after a problem.
pub(crate) fn templates<'d>(
    context: &mut Context<'d>,
    at: &At<'d>,
    key: &str,
) -> Option<Vec<(String, String)>> {
    let mut templates = Vec::new();
    let Some(member) = at.member(key).filter(|member| !is_empty(member)) else {
        return Some(templates);
    };
    context.object(&member)?;
    let mut right = true;
    for (content_type, template) in member.members() {
        if matches!(template.node.value, Value::Null) {
            let message = format!("the template for \"{content_type}\" is null, which is none");
            context.warning("unused", &template.pointer, message);
            continue;
        }
        match text(context, &template) {
            Some(text) => templates.push((content_type.to_owned(), text.to_owned())),
            None => right = false,
        }
    }
    right.then_some(templates)
}

fn text<'d>(context: &mut Context<'d>, at: &At<'d>) -> Option<&'d str> {
    let text = context.string(at)?;
    if text.len() > LARGEST {
        let message = format!("the template has {} bytes, more than {LARGEST}", text.len());
        context.error("too-large", &at.pointer, message);
        return None;
    }
    Some(text)
}
