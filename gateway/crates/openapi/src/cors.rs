//! Cross-origin rules in one place.

use portcullis_model::Cors;

use crate::context::{At, Context};
use crate::key::{CORS, VERBS};
use crate::mapping::is_token;

/// Keys of the rules.
const READ: [&str; 6] = [
    "allowOrigins",
    "allowMethods",
    "allowHeaders",
    "exposeHeaders",
    "allowCredentials",
    "maxAge",
];

/// A day, beyond which no browser goes.
const LONGEST_AGE: u32 = 86_400;

/// Reads the rules of a document; `None` where there are none, and after a problem.
pub(crate) fn cors<'d>(context: &mut Context<'d>, root: &At<'d>) -> Option<Cors> {
    let at = root.member(CORS)?;
    context.object(&at)?;
    for (name, member) in at.members().filter(|(name, _)| !READ.contains(name)) {
        context.unknown_setting(&member.pointer, name, &READ);
    }
    let origins = context.texts(&at, "allowOrigins", origin);
    let methods = context.texts(&at, "allowMethods", method);
    let allowed = context.texts(&at, "allowHeaders", header);
    let exposed = context.texts(&at, "exposeHeaders", header);
    let credentials = context.flag(&at, "allowCredentials");
    let age = max_age(context, &at);
    let (origins, credentials) = (origins?, credentials?);
    if origins.is_empty() {
        let hint = "name the origins whose pages may call this API, or \"*\" for all";
        context.error_with_hint(
            "cors",
            &at.at("allowOrigins"),
            "\"allowOrigins\" names no origin",
            hint,
        );
        return None;
    }
    if credentials && origins.iter().any(|origin| origin == "*") {
        let message = "\"allowCredentials\" with the origin \"*\", which browsers refuse";
        context.error_with_hint("cors", &at.at("allowCredentials"), message, "name the origins");
        return None;
    }
    Some(Cors {
        pointer: at.pointer,
        allow_origins: origins,
        allow_methods: methods?
            .iter()
            .map(|method| method.to_ascii_uppercase())
            .collect(),
        allow_headers: allowed?,
        expose_headers: exposed?,
        allow_credentials: credentials,
        max_age: age?,
    })
}

/// As a browser writes it: a scheme and a host, perhaps a port.
fn origin(text: &str) -> Result<(), String> {
    let wrong =
        || format!("{text:?} is not an origin, expected one such as \"https://example.com\", or \"*\"");
    if text == "*" {
        return Ok(());
    }
    let (scheme, host) = text.split_once("://").ok_or_else(wrong)?;
    let fits = |c: char| c.is_ascii_graphic() && !"/?#@*\\,\"'".contains(c);
    let right = !scheme.is_empty()
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        && !host.is_empty()
        && host.chars().all(fits);
    if right { Ok(()) } else { Err(wrong()) }
}

fn method(text: &str) -> Result<(), String> {
    if VERBS.contains(&text.to_ascii_lowercase().as_str()) {
        return Ok(());
    }
    Err(format!(
        "unknown verb {text:?}, leave \"allowMethods\" away for those of each path"
    ))
}

fn header(text: &str) -> Result<(), String> {
    if is_token(text) {
        return Ok(());
    }
    Err(format!("{text:?} does not name a header"))
}

/// The outer option is `None` after a problem.
fn max_age(context: &mut Context<'_>, at: &At<'_>) -> Option<Option<u32>> {
    let Some(member) = at.member("maxAge") else {
        return Some(None);
    };
    context.number(&member, "maxAge", LONGEST_AGE).map(Some)
}
