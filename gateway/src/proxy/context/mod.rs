//! `$context` variables: those of mapping templates, authorizers and models
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>) and those
//! of access logs
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html>).
//!
//! docs/context.md has the table. What this gateway does not know, such as a Cognito identity, has a name and no value.

mod names;

use std::borrow::Cow;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Map, Value};

use super::authorize::claims::CLAIMS;
use super::call::Head;
use super::exchange::{Caller, Exchange};
use super::origin;
use super::trace;
use crate::clock::clf_time;
use crate::plan::interest::Selected;

use names::AT_THE_END;
pub use names::{FAMILIES, NAMES, is_known, is_of_family};

/// The account, where there are none.
pub const ACCOUNT_ID: &str = "000000000000";

/// Variables that only a request's head can tell. The head is gone when the response is made, so what is needed then is
/// kept by [`Exchange::keep`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are AWS's")]
pub enum OfHead {
    BasePath,
    DomainName,
    HttpMethod,
    Path,
    Protocol,
    Traceparent,
    Tracestate,
    UserAgent,
    XrayTraceId,
}

impl OfHead {
    /// What must be kept of the head so that the variable has its value later; nothing for the others.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "customDomain.basePathMatched" => Self::BasePath,
            "domainName" | "domainPrefix" => Self::DomainName,
            "httpMethod" => Self::HttpMethod,
            "path" => Self::Path,
            "protocol" => Self::Protocol,
            "traceparent" => Self::Traceparent,
            "tracestate" => Self::Tracestate,
            "identity.userAgent" => Self::UserAgent,
            "xrayTraceId" => Self::XrayTraceId,
            _ => return None,
        })
    }

    /// The value, while the head is there.
    pub fn value<'a>(self, exchange: &'a Exchange, head: &'a Head) -> Option<Cow<'a, str>> {
        Some(match self {
            Self::BasePath => {
                let by_domain = exchange.by_domain.as_ref()?;
                Cow::Owned(by_domain.base_path(head.target.path())?.to_owned())
            }
            Self::DomainName => Cow::Borrowed(head.host.as_deref()?),
            Self::HttpMethod => Cow::Borrowed(head.method.as_str()),
            // As the client sent it, base path and all.
            Self::Path if exchange.by_domain.is_some() => Cow::Borrowed(head.target.path()),
            Self::Path => {
                let stage = &exchange.stage.as_ref()?.settings.name;
                Cow::Owned(format!("/{stage}{}", head.path()))
            }
            Self::Protocol => Cow::Borrowed(match head.version {
                http::Version::HTTP_2 => "HTTP/2.0",
                http::Version::HTTP_10 => "HTTP/1.0",
                _ => "HTTP/1.1",
            }),
            Self::Traceparent => Cow::Borrowed(trace::traceparent(&head.headers)?),
            Self::Tracestate => Cow::Borrowed(head.header(&trace::TRACESTATE)?),
            Self::UserAgent => Cow::Borrowed(head.header(&http::header::USER_AGENT)?),
            Self::XrayTraceId => Cow::Borrowed(exchange.trace(&head.headers).root()?),
        })
    }
}

/// What the end of a request tells.
#[derive(Debug, Clone, Copy)]
pub struct End {
    /// Of the response.
    pub status: StatusCode,
    /// Of its body.
    pub bytes: u64,
    /// To its last byte.
    pub took: Duration,
}

/// The value of a variable; none where it has none for this request. Without a head, as after the integration, those of
/// [`OfHead`] have the values that were kept.
pub fn lookup<'a>(
    exchange: &'a Exchange,
    head: impl Into<Option<&'a Head>>,
    name: &str,
) -> Option<Cow<'a, str>> {
    if let Some(value) = exchange.trial.as_ref().and_then(|trial| trial.context.get(name)) {
        return Some(Cow::Borrowed(value));
    }
    match OfHead::of(name) {
        Some(variable) => {
            let value = match head.into() {
                Some(head) => variable.value(exchange, head),
                None => exchange.kept(variable).map(Cow::Borrowed),
            };
            if name == "domainPrefix" {
                value.map(first_label)
            } else {
                value
            }
        }
        None => known(exchange, name),
    }
}

/// The value of a variable of an access log, when the last byte has left.
pub fn at_end<'a>(exchange: &'a Exchange, end: &End, name: &str) -> Option<Cow<'a, str>> {
    let number = |value: u64| Some(Cow::Owned(value.to_string()));
    match name {
        "status" => number(end.status.as_u16().into()),
        "responseLength" | "dataProcessed" => number(end.bytes),
        "responseLatency" => number(milliseconds(end.took)),
        _ if MESSAGES.contains(&name) => match &exchange.refused {
            Some(refused) if refused.repeats_client => Some(Cow::Borrowed(refused.error_type)),
            _ => lookup(exchange, None, name),
        },
        _ => lookup(exchange, None, name),
    }
}

/// The message of a refusal, by its names.
const MESSAGES: [&str; 5] = [
    "authorize.error",
    "authorizer.error",
    "error.message",
    "error.messageString",
    "integrationErrorMessage",
];

fn known<'a>(exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    let settings = exchange.stage.as_ref().map(|stage| &stage.settings);
    Some(match name {
        "accountId" => Cow::Borrowed(ACCOUNT_ID),
        "apiId" => Cow::Borrowed(&*settings?.api),
        "cache.age" => Cow::Owned(exchange.cached.as_ref()?.age?.as_secs().to_string()),
        "cache.status" => Cow::Borrowed(exchange.cached.as_ref()?.status),
        "deploymentId" => Cow::Borrowed(&*settings?.deployment_id),
        "customDomain.routingRuleIdMatched" => Cow::Borrowed(exchange.by_domain.as_ref()?.rule()?),
        "extendedRequestId" => Cow::Borrowed(exchange.extended_id.as_str()),
        "identity.apiKey" => Cow::Borrowed(&*exchange.admitted.as_ref()?.value),
        "identity.apiKeyId" => Cow::Borrowed(&*exchange.admitted.as_ref()?.entitled.key.id),
        "identity.sourceIp" => Cow::Owned(exchange.client_address().to_string()),
        "isCanaryRequest" => Cow::Borrowed(if exchange.is_canary? { "true" } else { "false" }),
        "tlsVersion" => Cow::Borrowed(exchange.connection.tls.as_ref()?.version),
        "cipherSuite" => Cow::Borrowed(&exchange.connection.tls.as_ref()?.cipher),
        "requestId" => Cow::Borrowed(exchange.id.as_str()),
        "requestTime" => Cow::Owned(clf_time(exchange.began())),
        "requestTimeEpoch" => Cow::Owned(exchange.began().as_millis().to_string()),
        "resourceId" => Cow::Borrowed(&*exchange.method()?.observed.resource_id),
        "resourcePath" => Cow::Borrowed(&*exchange.method()?.resource_path),
        "stage" => Cow::Borrowed(&*settings?.name),
        "wafResponseCode" => Cow::Borrowed(filtered(exchange)?),
        "webaclArn" => Cow::Borrowed(settings?.web_acl.as_deref()?),
        _ => return of_station(exchange, name),
    })
}

/// What one station found out.
fn of_station<'a>(exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    if let Some(name) = name.strip_prefix("authorizer.") {
        return authorizer(exchange, name);
    }
    if let Some(name) = name.strip_prefix("error.") {
        return error(exchange, name);
    }
    if let Some(name) = name.strip_prefix("identity.clientCert.") {
        let certificate = exchange.connection.tls.as_ref()?.client.as_ref()?;
        return certificate.value(name).map(Cow::Borrowed);
    }
    if let Some(name) = name.strip_prefix("identity.") {
        return identity(exchange, name);
    }
    if let Some(name) = name.strip_prefix("waf.") {
        return waf(exchange, name);
    }
    let integration = &exchange.integration;
    Some(match name {
        "integration.latency" | "integrationLatency" | "integration.timeToAllHeaders" => {
            Cow::Owned(milliseconds(integration.latency?).to_string())
        }
        "integration.status" | "integration.integrationStatus" | "integrationStatus" => {
            Cow::Owned(integration.status?.as_str().to_owned())
        }
        "integration.error" | "integrationErrorMessage" if integration.failed => {
            return error(exchange, "message");
        }
        "integration.requestId" | "awsEndpointRequestId" => Cow::Borrowed(integration.request_id.as_deref()?),
        "authorize.latency" => return authorizer(exchange, "latency"),
        "authorize.status" => return authorizer(exchange, "status"),
        "authorize.error" => return authorizer(exchange, "error"),
        _ => return None,
    })
}

/// Who signed, and where the request is from.
fn identity<'a>(exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    match name {
        "vpceId" => {
            return Some(Cow::Owned(origin::vpce(exchange)?.as_ref().to_owned()));
        }
        "vpcId" => return Some(Cow::Owned(origin::vpc(exchange)?.as_ref().to_owned())),
        _ => {}
    }
    let signer = exchange.signer.as_ref()?;
    Some(Cow::Borrowed(match name {
        "accessKey" | "caller" | "user" => &signer.access_key,
        "accountId" => &signer.account,
        "userArn" => &signer.arn,
        _ => return None,
    }))
}

/// An authorizer's own words come before what is known of its call.
fn authorizer<'a>(exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    if let Some(caller) = &exchange.caller {
        match caller.context.get(name) {
            _ if name == "principalId" => return Some(Cow::Borrowed(&caller.principal)),
            Some(Value::String(text)) => return Some(Cow::Borrowed(text)),
            Some(value) => return Some(Cow::Owned(value.to_string())),
            None => {}
        }
        if let Some(claim) = claim(caller, name) {
            return Some(Cow::Borrowed(claim));
        }
    }
    let call = exchange.authorization.as_ref()?;
    Some(match name {
        "latency" | "integrationLatency" => Cow::Owned(milliseconds(call.latency?).to_string()),
        "status" => Cow::Owned(call.status?.as_str().to_owned()),
        "integrationStatus" => Cow::Borrowed(if call.status?.is_server_error() {
            "500"
        } else {
            "200"
        }),
        "error" if call.status? != StatusCode::OK => return error(exchange, "message"),
        _ => return None,
    })
}

/// A claim of the caller's token, by `claims.NAME`.
fn claim<'c>(caller: &'c Caller, name: &str) -> Option<&'c str> {
    let name = name.strip_prefix(CLAIMS)?.strip_prefix('.')?;
    caller.context.get(CLAIMS)?.get(name)?.as_str()
}

fn error<'a>(exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    let refused = exchange.refused.as_ref()?;
    Some(match name {
        "message" => Cow::Owned(refused.message()?),
        // A refusal without a message has null, so that what is made of it stays JSON.
        "messageString" => Cow::Owned(Value::from(refused.message()).to_string()),
        "responseType" => Cow::Borrowed(refused.response_type?.name()),
        "validationErrorString" => Cow::Borrowed(refused.validation.as_deref()?),
        _ => return None,
    })
}

/// The stage's filters are its web access control list. One that fails is neither.
fn filtered(exchange: &Exchange) -> Option<&'static str> {
    match exchange.filtered.as_ref().and_then(|filtered| filtered.status) {
        Some(StatusCode::FORBIDDEN) => Some("WAF_BLOCK"),
        Some(_) => None,
        None => (exchange.filters_passed > 0).then_some("WAF_ALLOW"),
    }
}

fn waf<'a>(exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    let filtered = exchange.filtered.as_ref();
    let status = filtered.and_then(|filtered| filtered.status);
    Some(match name {
        "latency" => Cow::Owned(milliseconds(filtered?.latency?).to_string()),
        "status" => match status {
            Some(status) => Cow::Owned(status.as_str().to_owned()),
            None if exchange.filters_passed > 0 => Cow::Borrowed("200"),
            None => return None,
        },
        "error" => match &filtered?.reason {
            Some(reason) => Cow::Borrowed(&**reason),
            None if status.is_some() => return error(exchange, "message"),
            None => return None,
        },
        _ => return None,
    })
}

fn first_label(domain: Cow<'_, str>) -> Cow<'_, str> {
    let end = domain.find(['.', ':']).unwrap_or(domain.len());
    match domain {
        Cow::Borrowed(domain) => Cow::Borrowed(domain.get(..end).unwrap_or(domain)),
        Cow::Owned(mut domain) => {
            domain.truncate(end);
            Cow::Owned(domain)
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Every variable that has a value for this request, with its name.
pub fn all<'a>(exchange: &'a Exchange, head: &'a Head) -> Vec<(Cow<'a, str>, Cow<'a, str>)> {
    let of_caller = |name: &str| match name.strip_prefix("authorizer.") {
        Some(own) => exchange
            .caller
            .as_ref()
            .is_some_and(|caller| caller.context.contains_key(own)),
        None => false,
    };
    let known = NAMES.iter().filter(|name| !of_caller(name));
    let known = known.filter_map(|name| Some((Cow::Borrowed(*name), lookup(exchange, head, name)?)));
    let context = exchange.caller.iter().flat_map(|caller| &caller.context);
    let keys = context.flat_map(|(key, value)| match value {
        Value::Object(claims) if key == CLAIMS => claims.keys().map(|name| format!("{key}.{name}")).collect(),
        _ => vec![key.clone()],
    });
    let more = keys.filter_map(|key| {
        let value = authorizer(exchange, &key)?;
        Some((Cow::Owned(format!("authorizer.{key}")), value))
    });
    let of_trial = exchange.trial.iter().flat_map(|trial| &trial.context);
    let of_trial = of_trial.filter(|(name, _)| !NAMES.contains(&name.as_str()));
    let of_trial =
        of_trial.map(|(name, value)| (Cow::Borrowed(name.as_str()), Cow::Borrowed(value.as_str())));
    known.chain(more).chain(of_trial).collect()
}

/// The selected variables as a JSON object, nested as `$context` is: strings, but for the numbers and booleans of an
/// authorizer. A name stands for all below it too.
pub fn json<'a>(
    exchange: &'a Exchange,
    head: impl Into<Option<&'a Head>>,
    names: &Selected<String>,
) -> String {
    let head = head.into();
    let is_wanted = |name: &str| match names {
        Selected::None => false,
        Selected::All => true,
        Selected::Only(names) => names.iter().any(|wanted| {
            let below = name.strip_prefix(&**wanted);
            below.is_some_and(|below| below.is_empty() || below.starts_with('.'))
        }),
    };
    let mut object = Map::new();
    if names.is_none() {
        return "{}".to_owned();
    }
    for name in NAMES
        .iter()
        .filter(|name| !AT_THE_END.contains(name) && is_wanted(name))
    {
        if let Some(value) = lookup(exchange, head, name) {
            put(&mut object, name, Value::String(value.into_owned()));
        }
    }
    for (key, value) in exchange.caller.iter().flat_map(|caller| &caller.context) {
        if let Value::Object(claims) = value
            && key == CLAIMS
        {
            let wanted = claims
                .iter()
                .filter(|(name, _)| is_wanted(&format!("authorizer.{key}.{name}")));
            for (name, claim) in wanted {
                let authorizer = child(&mut object, "authorizer");
                if let Some(object) = authorizer.and_then(|authorizer| child(authorizer, key)) {
                    object.insert(name.clone(), claim.clone());
                }
            }
        } else if is_wanted(&format!("authorizer.{key}")) && !value.is_null() {
            // A dot in a key of the authorizer's is no nesting.
            let Some(authorizer) = child(&mut object, "authorizer") else {
                continue;
            };
            authorizer.insert(key.clone(), value.clone());
        }
    }
    for (name, value) in overrides(exchange).filter(|(name, _)| is_wanted(name)) {
        // A dot in a header's name is no nesting.
        let mut parts = name.splitn(3, '.');
        let (of, kind, name) = (parts.next(), parts.next(), parts.next());
        let of = child(&mut object, of.unwrap_or_default());
        if let (Some(of), Some(kind), Some(name)) = (of, kind, name)
            && let Some(kind) = child(of, kind)
        {
            kind.insert(name.to_owned(), Value::String(value.to_owned()));
        }
    }
    Value::Object(object).to_string()
}

/// What the request's template has overridden, by `$context`'s names.
fn overrides(exchange: &Exchange) -> impl Iterator<Item = (String, &str)> {
    let request = exchange.request_override.as_deref().into_iter();
    let of_request = request.flat_map(|request| {
        let kinds = [
            ("header", &request.headers),
            ("querystring", &request.query),
            ("path", &request.path),
        ];
        kinds.into_iter().flat_map(|(kind, pairs)| {
            let pairs = pairs.iter();
            pairs.map(move |(name, value)| (format!("requestOverride.{kind}.{name}"), value.as_str()))
        })
    });
    let response = exchange.response_override.as_deref().into_iter();
    let of_response = response.flat_map(|response| {
        let headers = response.headers.iter();
        headers.map(|(name, value)| (format!("responseOverride.header.{name}"), value.as_str()))
    });
    of_request.chain(of_response)
}

fn put(object: &mut Map<String, Value>, name: &str, value: Value) {
    match name.split_once('.') {
        Some((first, rest)) => {
            if let Some(object) = child(object, first) {
                put(object, rest, value);
            }
        }
        None => drop(object.insert(name.to_owned(), value)),
    }
}

fn child<'a>(object: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Map<String, Value>> {
    let child = object.entry(name).or_insert_with(|| Value::Object(Map::new()));
    child.as_object_mut()
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;

    use super::*;
    use crate::clock::ManualClock;
    use crate::proxy::call::{Connection, Listener};
    use crate::proxy::host::Host;
    use crate::proxy::refusal::ResponseType;
    use crate::proxy::{Gateway, Refusal};

    fn exchange() -> Exchange {
        let clock = Arc::new(ManualClock::default());
        let address = SocketAddr::from(([192, 0, 2, 1], 80));
        let connection = Connection::new(address, address, Arc::new(Listener::default()));
        let mut exchange = Exchange::begin(&Gateway::new(clock.clone()), &Arc::new(connection));
        clock.advance(Duration::from_secs(5));
        let context = serde_json::json!({"n": 1, "b": true, "s": "x", "a.b": "c", "null": null});
        exchange.caller = Some(Arc::new(Caller {
            principal: "alice".to_owned(),
            context: context.as_object().cloned().unwrap_or_default(),
            usage_key: None,
        }));
        exchange
    }

    #[test]
    fn no_log_has_what_a_client_took_for_a_signature() {
        let mut exchange = exchange();
        let kind = ResponseType::InvalidSignature;
        let refusal =
            Refusal::unauthenticated(kind, "IncompleteSignatureException", "'secret' is no signature");
        exchange.refused = Some(Box::new(refusal));
        let end = End {
            status: StatusCode::FORBIDDEN,
            bytes: 0,
            took: Duration::ZERO,
        };
        for name in ["error.message", "error.messageString"] {
            let logged = at_end(&exchange, &end, name);
            assert_eq!(logged.as_deref(), Some("IncompleteSignatureException"), "{name}");
            let told = lookup(&exchange, None, name).expect("a message");
            assert!(told.contains("secret"), "the client is told: {told}");
        }
    }

    const DENIED: &str =
        "User is not authorized to access this resource with an explicit deny in an identity-based policy";

    fn head() -> Head {
        let mut headers = http::HeaderMap::new();
        headers.insert("user-agent", http::HeaderValue::from_static("tests"));
        Head {
            method: http::Method::GET,
            target: http::uri::PathAndQuery::from_static("/dev/x"),
            below_stage: 4,
            host: Some(Host::from_static("shop.example.com:80")),
            version: http::Version::HTTP_10,
            headers,
        }
    }

    /// Source: the mapping template reference; `authorizer.numKey` of a context of numbers.
    #[test]
    fn json_is_nested_and_keeps_an_authorizers_types() {
        let (exchange, head) = (exchange(), head());
        let only = |names: &[&str]| Selected::Only(names.iter().map(|name| (*name).to_owned()).collect());
        for (names, expected) in [
            (Selected::None, "{}"),
            (
                only(&["nope", "status", "responseLength", "identity.source"]),
                "{}",
            ),
            (
                only(&["identity", "requestTime", "protocol", "domainPrefix"]),
                concat!(
                    r#"{"domainPrefix":"shop","identity":{"sourceIp":"192.0.2.1","userAgent":"tests"},"#,
                    r#""protocol":"HTTP/1.0","requestTime":"01/Jan/2026:00:00:00 +0000"}"#,
                ),
            ),
            (
                only(&["authorizer"]),
                r#"{"authorizer":{"principalId":"alice","n":1,"b":true,"s":"x","a.b":"c"}}"#,
            ),
            (only(&["authorizer.n"]), r#"{"authorizer":{"n":1}}"#),
        ] {
            assert_eq!(json(&exchange, &head, &names), expected, "{names:?}");
        }
        let all: Value = serde_json::from_str(&json(&exchange, &head, &Selected::All)).expect("JSON");
        assert_eq!(all["requestId"], exchange.id.as_str());
        assert_eq!(all["requestTimeEpoch"], "1767225600000");
        assert_eq!(all["authorizer"]["n"], 1);
    }

    #[test]
    fn what_was_kept_of_a_head_is_known_without_it() {
        let (mut exchange, head) = (exchange(), head());
        assert_eq!(lookup(&exchange, None, "domainName"), None);
        exchange.keep(
            &head,
            &[OfHead::DomainName, OfHead::UserAgent, OfHead::Traceparent],
        );
        assert_eq!(
            lookup(&exchange, None, "domainName").as_deref(),
            Some("shop.example.com:80")
        );
        assert_eq!(lookup(&exchange, None, "domainPrefix").as_deref(), Some("shop"));
        assert_eq!(
            lookup(&exchange, None, "identity.userAgent").as_deref(),
            Some("tests")
        );
        assert_eq!(lookup(&exchange, None, "httpMethod"), None);
        assert_eq!(lookup(&exchange, &head, "httpMethod").as_deref(), Some("GET"));
    }

    #[test]
    fn the_last_refusal_is_the_error() {
        let mut exchange = exchange();
        assert_eq!(lookup(&exchange, None, "error.message"), None);
        let reasons = ["object has missing required properties ([\"a\"])".to_owned()];
        let why = "[object has missing required properties ([\"a\"])]";
        for (refusal, message, kind, validation) in [
            (Refusal::denied(), Some(DENIED), Some("ACCESS_DENIED"), None),
            (
                Refusal::invalid_body(&reasons),
                Some("Invalid request body"),
                Some("BAD_REQUEST_BODY"),
                Some(why),
            ),
            (
                Refusal::unauthorized(),
                Some("Unauthorized"),
                Some("UNAUTHORIZED"),
                None,
            ),
            // A message that is null is none.
            (
                Refusal::authorizer_configuration(),
                None,
                Some("AUTHORIZER_CONFIGURATION_ERROR"),
                None,
            ),
            (Refusal::overloaded(), Some("Service Unavailable"), None, None),
        ] {
            exchange.refused = Some(Box::new(refusal));
            // Null as JSON, so that what is made of it stays JSON.
            let quoted = message.map_or("null".to_owned(), |message| format!("\"{message}\""));
            for (name, expected) in [
                ("error.message", message),
                ("error.messageString", Some(&*quoted)),
                ("error.responseType", kind),
                ("error.validationErrorString", validation),
            ] {
                assert_eq!(
                    lookup(&exchange, None, name).as_deref(),
                    expected,
                    "{name} {message:?}"
                );
            }
        }
    }

    #[test]
    fn a_domain_prefix_is_the_first_label() {
        for (domain, expected) in [
            ("shop.example.com:80", "shop"),
            ("localhost:80", "localhost"),
            ("", ""),
        ] {
            assert_eq!(first_label(Cow::Borrowed(domain)), expected);
            assert_eq!(first_label(Cow::Owned(domain.to_owned())), expected);
        }
    }

    #[test]
    fn nested_names_become_nested_objects() {
        let mut object = Map::new();
        put(&mut object, "identity.sourceIp", "a".into());
        put(&mut object, "identity.userAgent", "b".into());
        put(&mut object, "stage", "c".into());
        let expected = r#"{"identity":{"sourceIp":"a","userAgent":"b"},"stage":"c"}"#;
        assert_eq!(Value::Object(object).to_string(), expected);
    }
}
