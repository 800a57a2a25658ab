//! What the gateway answers instead of its own words.

use std::collections::BTreeMap;

use portcullis_model::{GatewayResponse, ResponseType};

use crate::context::{At, Context};
use crate::integration::is_empty;
use crate::key::GATEWAY_RESPONSES;
use crate::mapping::{GATEWAY_RESPONSE, mappings};
use crate::status;
use crate::template::templates;

/// Keys of a gateway response.
const READ: [&str; 3] = ["statusCode", "responseParameters", "responseTemplates"];

/// Reads the gateway responses of a document; those that are wrong are left out.
pub(crate) fn gateway_responses<'d>(
    context: &mut Context<'d>,
    root: &At<'d>,
) -> BTreeMap<ResponseType, GatewayResponse> {
    let mut found = BTreeMap::new();
    let Some(responses) = root.member(GATEWAY_RESPONSES) else {
        return found;
    };
    context.object(&responses);
    for (name, at) in responses.members() {
        let Some(kind) = ResponseType::parse(name) else {
            let message = format!("unknown gateway response type \"{name}\"");
            let known = ResponseType::ALL.map(ResponseType::name);
            context.did_you_mean("unknown-key", &at.pointer, message, name, known);
            continue;
        };
        if let Some(response) = gateway_response(context, &at) {
            found.insert(kind, response);
        }
    }
    found
}

fn gateway_response<'d>(context: &mut Context<'d>, at: &At<'d>) -> Option<GatewayResponse> {
    context.object(at)?;
    for (name, member) in at.members().filter(|(name, _)| !READ.contains(name)) {
        context.setting(&member.pointer, name, &READ);
    }
    let status = match at.member("statusCode").filter(|member| !is_empty(member)) {
        Some(member) => status::status(context, &member).map(Some),
        None => Some(None),
    };
    let parameters = mappings(context, at, "responseParameters", &GATEWAY_RESPONSE, None);
    let templates = templates(context, at, "responseTemplates");
    Some(GatewayResponse {
        pointer: at.pointer.clone(),
        status_code: status?,
        response_parameters: parameters?,
        response_templates: templates?,
    })
}
