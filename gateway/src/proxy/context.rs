//! `$context` variables
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>).

use std::borrow::Cow;

use super::call::Head;
use super::exchange::Exchange;

/// The names that [`lookup`] knows, but for `authorizer.*`.
pub const NAMES: &[&str] = &[
    "apiId",
    "authorizer.principalId",
    "domainName",
    "httpMethod",
    "identity.sourceIp",
    "identity.userAgent",
    "path",
    "protocol",
    "requestId",
    "requestTimeEpoch",
    "resourcePath",
    "stage",
];

/// The value of a variable; none where it has none for this request.
pub fn lookup<'a>(exchange: &'a Exchange, head: &'a Head, name: &str) -> Option<Cow<'a, str>> {
    let settings = exchange.stage.as_ref().map(|stage| &stage.settings);
    Some(match name {
        "apiId" => Cow::Borrowed(&*settings?.api),
        "domainName" => Cow::Borrowed(head.host.as_deref()?),
        "httpMethod" => Cow::Borrowed(head.method.as_str()),
        "identity.sourceIp" => Cow::Owned(exchange.connection.peer.ip().to_canonical().to_string()),
        "identity.userAgent" => Cow::Borrowed(head.header(&http::header::USER_AGENT)?),
        "path" => Cow::Owned(format!("/{}{}", settings?.name, head.path())),
        "protocol" => Cow::Borrowed(if head.version == http::Version::HTTP_2 {
            "HTTP/2.0"
        } else {
            "HTTP/1.1"
        }),
        "requestId" => Cow::Borrowed(exchange.id.as_str()),
        "requestTimeEpoch" => Cow::Owned(exchange.gateway.clock.wall().as_millis().to_string()),
        "resourcePath" => Cow::Borrowed(&*exchange.method()?.resource_path),
        "stage" => Cow::Borrowed(&*settings?.name),
        name if name.starts_with("error.") => return error(exchange, name),
        _ => return authorizer(exchange, name.strip_prefix("authorizer.")?),
    })
}

/// `$context.error.*`, once a request is refused.
fn error<'a>(exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    let refused = exchange.refused.as_ref()?;
    match name {
        "error.message" => Some(Cow::Owned(refused.message())),
        "error.messageString" => Some(Cow::Owned(serde_json::Value::from(refused.message()).to_string())),
        "error.responseType" => Some(Cow::Borrowed(refused.response_type?.name())),
        "error.validationErrorString" => refused.validation.as_deref().map(Cow::Borrowed),
        _ => None,
    }
}

fn authorizer<'a>(exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    let caller = exchange.caller.as_ref()?;
    match caller.context.get(name) {
        _ if name == "principalId" => Some(Cow::Borrowed(&caller.principal)),
        Some(serde_json::Value::String(text)) => Some(Cow::Borrowed(text)),
        Some(value) => Some(Cow::Owned(value.to_string())),
        None => None,
    }
}

/// Every variable that has a value for this request, with its name.
pub fn all<'a>(exchange: &'a Exchange, head: &'a Head) -> Vec<(Cow<'a, str>, Cow<'a, str>)> {
    let known = NAMES
        .iter()
        .filter_map(|name| Some((Cow::Borrowed(*name), lookup(exchange, head, name)?)));
    let context = exchange.caller.iter().flat_map(|caller| caller.context.keys());
    let more = context.filter_map(|key| {
        Some((
            Cow::Owned(format!("authorizer.{key}")),
            authorizer(exchange, key)?,
        ))
    });
    known.chain(more).collect()
}
