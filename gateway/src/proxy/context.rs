//! `$context` variables: those of mapping templates, authorizers and models
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>) and those
//! of access logs
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html>).
//!
//! docs/context.md has the table. What this gateway does not know, such as a Cognito identity, has a name and no value.

use std::borrow::Cow;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Map, Value};

use super::call::Head;
use super::exchange::Exchange;
use super::refusal::ResponseType;
use super::trace;
use crate::plan::interest::Selected;

/// The account, where there are none.
pub const ACCOUNT_ID: &str = "000000000000";

/// Every name but those of [`FAMILIES`], in order.
pub const NAMES: &[&str] = &[
    "accountId",
    "apiId",
    "authenticate.error",
    "authenticate.latency",
    "authenticate.status",
    "authorize.error",
    "authorize.latency",
    "authorize.status",
    "authorizer.error",
    "authorizer.integrationLatency",
    "authorizer.integrationStatus",
    "authorizer.latency",
    "authorizer.principalId",
    "authorizer.requestId",
    "authorizer.status",
    "awsEndpointRequestId",
    "awsEndpointRequestId2",
    "cipherSuite",
    "customDomain.basePathMatched",
    "customDomain.routingRuleIdMatched",
    "dataProcessed",
    "deploymentId",
    "domainName",
    "domainPrefix",
    "endpointType",
    "error.message",
    "error.messageString",
    "error.responseType",
    "error.validationErrorString",
    "extendedRequestId",
    "httpMethod",
    "identity.accessKey",
    "identity.accountId",
    "identity.apiKey",
    "identity.apiKeyId",
    "identity.caller",
    "identity.clientCert.clientCertPem",
    "identity.clientCert.issuerDN",
    "identity.clientCert.serialNumber",
    "identity.clientCert.subjectDN",
    "identity.clientCert.validity.notAfter",
    "identity.clientCert.validity.notBefore",
    "identity.cognitoAuthenticationProvider",
    "identity.cognitoAuthenticationType",
    "identity.cognitoIdentityId",
    "identity.cognitoIdentityPoolId",
    "identity.principalOrgId",
    "identity.sourceIp",
    "identity.user",
    "identity.userAgent",
    "identity.userArn",
    "identity.vpcId",
    "identity.vpceId",
    "integration.error",
    "integration.integrationStatus",
    "integration.latency",
    "integration.requestId",
    "integration.responseTransferMode",
    "integration.status",
    "integration.timeToAllHeaders",
    "integration.timeToFirstContent",
    "integrationErrorMessage",
    "integrationLatency",
    "integrationStatus",
    "isCanaryRequest",
    "path",
    "protocol",
    "requestId",
    "requestTime",
    "requestTimeEpoch",
    "resourceId",
    "resourcePath",
    "responseLatency",
    "responseLength",
    "responseOverride.status",
    "stage",
    "status",
    "tlsVersion",
    "traceparent",
    "tracestate",
    "waf.error",
    "waf.latency",
    "waf.status",
    "wafResponseCode",
    "webaclArn",
    "xrayTraceId",
];

/// What names with a part of one's own begin with.
pub const FAMILIES: &[&str] = &[
    "authorizer.",
    "requestOverride.header.",
    "requestOverride.path.",
    "requestOverride.querystring.",
    "responseOverride.header.",
];

/// Names that a template never sees: they are known at the end of a request alone.
const AT_THE_END: &[&str] = &["dataProcessed", "responseLatency", "responseLength", "status"];

/// Whether there is such a variable, with a value or without.
pub fn is_known(name: &str) -> bool {
    NAMES.binary_search(&name).is_ok() || is_of_family(name)
}

/// Whether a name has a part of one's own, such as `authorizer.tenant`.
pub fn is_of_family(name: &str) -> bool {
    FAMILIES
        .iter()
        .any(|family| name.strip_prefix(family).is_some_and(|own| !own.is_empty()))
}

/// Variables that only a request's head can tell. The head is gone when the response is made, so what is needed then is
/// kept by [`Exchange::keep`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are AWS's")]
pub enum OfHead {
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
            Self::DomainName => Cow::Borrowed(head.host.as_deref()?),
            Self::HttpMethod => Cow::Borrowed(head.method.as_str()),
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
            Self::XrayTraceId => Cow::Borrowed(trace::root(exchange.trace_id(&head.headers).to_str().ok()?)?),
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
        _ => lookup(exchange, None, name),
    }
}

fn known<'a>(exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    let settings = exchange.stage.as_ref().map(|stage| &stage.settings);
    Some(match name {
        "accountId" => Cow::Borrowed(ACCOUNT_ID),
        "apiId" => Cow::Borrowed(&*settings?.api),
        "deploymentId" => Cow::Borrowed(&*settings?.deployment_id),
        "extendedRequestId" => Cow::Borrowed(exchange.extended_id.as_str()),
        "identity.sourceIp" => Cow::Owned(exchange.connection.peer.ip().to_canonical().to_string()),
        "requestId" => Cow::Borrowed(exchange.id.as_str()),
        "requestTime" => Cow::Owned(clf_time(exchange.began())),
        "requestTimeEpoch" => Cow::Owned(exchange.began().as_millis().to_string()),
        "resourceId" => Cow::Borrowed(&*exchange.method()?.observed.resource_id),
        "resourcePath" => Cow::Borrowed(&*exchange.method()?.resource_path),
        "stage" => Cow::Borrowed(&*settings?.name),
        "wafResponseCode" => Cow::Borrowed(filtered(exchange)?),
        "waf.status" => Cow::Borrowed(match filtered(exchange)? {
            "WAF_BLOCK" => "403",
            _ => "200",
        }),
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

/// An authorizer's own words come before what is known of its call.
fn authorizer<'a>(exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    if let Some(caller) = &exchange.caller {
        match caller.context.get(name) {
            _ if name == "principalId" => return Some(Cow::Borrowed(&caller.principal)),
            Some(Value::String(text)) => return Some(Cow::Borrowed(text)),
            Some(value) => return Some(Cow::Owned(value.to_string())),
            None => {}
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

fn error<'a>(exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    let refused = exchange.refused.as_ref()?;
    Some(match name {
        "message" => Cow::Owned(refused.message()?),
        "messageString" => Cow::Owned(Value::from(refused.message()?).to_string()),
        "responseType" => Cow::Borrowed(refused.response_type?.name()),
        "validationErrorString" => Cow::Borrowed(refused.validation.as_deref()?),
        _ => return None,
    })
}

/// The stage's filters are its web access control list.
fn filtered(exchange: &Exchange) -> Option<&'static str> {
    let kind = exchange
        .refused
        .as_ref()
        .and_then(|refused| refused.response_type);
    match kind {
        Some(ResponseType::WafFiltered) => Some("WAF_BLOCK"),
        _ => (exchange.filters_passed > 0).then_some("WAF_ALLOW"),
    }
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

/// `dd/MMM/yyyy:HH:mm:ss +0000` of a time since 1970.
pub fn clf_time(time: Duration) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let seconds = time.as_secs();
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let month = MONTHS.get(month - 1).copied().unwrap_or("Jan");
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{day:02}/{month}/{year:04}:{hour:02}:{minute:02}:{second:02} +0000")
}

/// Year, month (1 to 12) and day (1 to 31) of a number of days since 1970. Years are counted from March, so that the leap
/// day is a year's last.
fn civil(days: u64) -> (u64, usize, u64) {
    // 1970-01-01 is 719,468 days after 0000-03-01; 400 years have 146,097 days.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months from March have 31, 30, 31, 30, 31 days, and again.
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, usize::try_from(month).unwrap_or(1), day)
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
    let context = exchange.caller.iter().flat_map(|caller| caller.context.keys());
    let more = context.filter_map(|key| {
        Some((
            Cow::Owned(format!("authorizer.{key}")),
            authorizer(exchange, key)?,
        ))
    });
    known.chain(more).collect()
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
        if is_wanted(&format!("authorizer.{key}")) && !value.is_null() {
            // A dot in a key of the authorizer's is no nesting.
            let Some(authorizer) = child(&mut object, "authorizer") else {
                continue;
            };
            authorizer.insert(key.clone(), value.clone());
        }
    }
    Value::Object(object).to_string()
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
    use crate::proxy::exchange::Caller;
    use crate::proxy::{Gateway, Refusal};

    fn exchange() -> Exchange {
        let clock = Arc::new(ManualClock::default());
        let address = SocketAddr::from(([192, 0, 2, 1], 80));
        let connection = Connection::new(address, address, Arc::new(Listener::default()));
        let mut exchange = Exchange::begin(&Gateway::new(clock.clone()), &Arc::new(connection));
        clock.advance(Duration::from_secs(5));
        let context = serde_json::json!({"n": 1, "b": true, "s": "x", "a.b": "c", "null": null});
        exchange.caller = Some(Caller {
            principal: "alice".to_owned(),
            context: context.as_object().cloned().unwrap_or_default(),
        });
        exchange
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
            host: Some("shop.example.com:80".to_owned()),
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
            let quoted = message.map(|message| format!("\"{message}\""));
            for (name, expected) in [
                ("error.message", message),
                ("error.messageString", quoted.as_deref()),
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
    fn names_are_in_order_and_none_stands_twice() {
        assert!(NAMES.is_sorted_by(|one, other| one < other));
        for name in AT_THE_END {
            assert!(is_known(name), "{name}");
        }
        for unknown in [
            "",
            "nope",
            "identity",
            "authorizer",
            "authorizer.",
            "requestOverride.header.",
        ] {
            assert!(!is_known(unknown), "{unknown}");
        }
        assert!(is_known("authorizer.tenant") && is_known("requestOverride.header.x-id"));
    }

    /// Source: the mapping template reference, `requestTime`: `dd/MMM/yyyy:HH:mm:ss +-hhmm`. Epochs by `date -u`.
    #[test]
    fn request_times_are_those_of_common_log_format() {
        for (seconds, expected) in [
            (0, "01/Jan/1970:00:00:00 +0000"),
            (951_782_399, "28/Feb/2000:23:59:59 +0000"),
            (951_782_400, "29/Feb/2000:00:00:00 +0000"),
            (1_767_225_600, "01/Jan/2026:00:00:00 +0000"),
            (1_772_323_200, "01/Mar/2026:00:00:00 +0000"),
            (4_107_542_400, "01/Mar/2100:00:00:00 +0000"),
            (4_107_542_399, "28/Feb/2100:23:59:59 +0000"),
        ] {
            assert_eq!(clf_time(Duration::from_secs(seconds)), expected, "{seconds}");
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
