//! `MOCK` integrations.

use portcullis_model::{Integration, Target};

use crate::context::{At, Context};
use crate::integration::{http_method, is_empty, of_templates};
use crate::key::TRUST_BUNDLE;
use crate::mapping::{INTEGRATION_REQUEST, mappings};
use crate::path::Path;

/// Reads what a `MOCK` integration says; `None` after a problem.
pub(crate) fn integration<'d>(context: &mut Context<'d>, path: &Path, at: &At<'d>) -> Option<Integration> {
    let method = http_method(context, at);
    for key in ["uri", "connectionId", "tlsConfig", TRUST_BUNDLE] {
        if let Some(member) = at.member(key).filter(|member| !is_empty(member)) {
            let message = format!("a \"mock\" integration has no backend, nothing uses its \"{key}\"");
            context.warning("unused", &member.pointer, message);
        }
    }
    // They are for a backend, but what is wrong with them is wrong here too.
    let parameters = mappings(context, at, "requestParameters", &INTEGRATION_REQUEST, Some(path));
    if let Some(member) = at
        .member("requestParameters")
        .filter(|member| !is_empty(member) && !context.keeps())
    {
        let message = "a \"mock\" integration has no backend, nothing uses its \"requestParameters\"";
        context.warning("unused", &member.pointer, message);
    }
    let integration = of_templates(context, at, Target::Mock);
    method?;
    let parameters = parameters?;
    Some(Integration {
        // Of one that is served they have no effect.
        request_parameters: match context.keeps() {
            true => parameters,
            false => Default::default(),
        },
        ..integration?
    })
}
