//! Which OpenAPI a document is written in.

use portcullis_document::Value;

use crate::context::{At, Context};

/// The versions that differ for this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// 2.0, called Swagger.
    Two,
    /// 3.0 and 3.1.
    Three,
}

/// The version that the document says; a problem where there is none that is supported.
pub(crate) fn version(context: &mut Context<'_>) -> Option<Version> {
    let root = context.root();
    context.object(&root)?;
    match (root.member("swagger"), root.member("openapi")) {
        (Some(_), Some(openapi)) => {
            context.error(
                "version",
                &openapi.pointer,
                "a document has either \"swagger\" or \"openapi\", not both",
            );
            None
        }
        (Some(swagger), None) => supported(context, &swagger, Version::Two),
        (None, Some(openapi)) => supported(context, &openapi, Version::Three),
        (None, None) => {
            let hint = "an OpenAPI document says swagger: \"2.0\", or openapi: \"3.0.1\"";
            context.error_with_hint(
                "version",
                "",
                "the document does not say its OpenAPI version",
                hint,
            );
            None
        }
    }
}

fn supported(context: &mut Context<'_>, at: &At<'_>, version: Version) -> Option<Version> {
    // An unquoted 2.0 is a number in YAML, and what is meant is plain.
    let said = match &at.node.value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => {
            context.mismatch(at, "a version such as \"2.0\" or \"3.0.1\"");
            return None;
        }
    };
    let family =
        |name: &str| said == name || said.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    let known = match version {
        Version::Two => said == "2.0",
        Version::Three => family("3.0") || family("3.1"),
    };
    if !known {
        let message = format!("OpenAPI version \"{said}\" is not supported");
        context.error_with_hint("version", &at.pointer, message, "2.0, 3.0 and 3.1 are");
    }
    known.then_some(version)
}
