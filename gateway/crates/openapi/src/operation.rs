//! One verb of one path.

use portcullis_model::Method;

use crate::context::{At, Context};
use crate::extension::is_extension;
use crate::integration::{AMAZON, PORTCULLIS, integration};
use crate::key::OF_OPERATION;
use crate::path::Path;
use crate::security::{Inherited, Schemes};

/// Reads an operation; `None` where a problem with its integration or its security has been reported.
pub(crate) fn operation<'d>(
    context: &mut Context<'d>,
    path: &Path,
    at: &At<'d>,
    schemes: &Schemes,
    inherited: &Inherited,
) -> Option<Method> {
    context.object(at)?;
    keys(context, at);
    let authorization = inherited.of(context, at, schemes);
    let integration = integration(context, path, at);
    Some(Method {
        pointer: at.pointer.clone(),
        authorization: authorization?,
        integration: Some(integration?),
        ..Method::default()
    })
}

fn keys(context: &mut Context<'_>, at: &At<'_>) {
    for (name, member) in at.members() {
        if matches!(name, AMAZON | PORTCULLIS) {
            continue;
        }
        if is_extension(name) {
            context.extension(&member.pointer, name);
        } else if !OF_OPERATION.contains(&name) && name != "servers" {
            context.unknown_key(&member.pointer, name, &OF_OPERATION);
        }
    }
}
