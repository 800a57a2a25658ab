//! A request as Lambda functions are passed it: the members that payload formats 1.0 and 2.0 are made of
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>).

use http::{HeaderMap, header};
use serde_json::{Map, Value, json};

use super::authorize::claims::CLAIMS;
use super::call::Head;
use super::exchange::Exchange;
use super::{context, percent, view};
use crate::plan::Authorize;

/// What `requestContext` of format 1.0 has of `$context`.
const OF_REST: [&str; 12] = [
    "accountId",
    "apiId",
    "deploymentId",
    "domainName",
    "domainPrefix",
    "extendedRequestId",
    "httpMethod",
    "path",
    "protocol",
    "requestId",
    "requestTime",
    "stage",
];
/// What its `identity` has, null where it is not known.
const OF_IDENTITY: [&str; 12] = [
    "accessKey",
    "accountId",
    "caller",
    "cognitoAuthenticationProvider",
    "cognitoAuthenticationType",
    "cognitoIdentityId",
    "cognitoIdentityPoolId",
    "principalOrgId",
    "sourceIp",
    "user",
    "userAgent",
    "userArn",
];
/// What it has where there is such a thing.
const OF_KEY: [&str; 2] = ["apiKey", "apiKeyId"];

/// Each name with its last value, and with all of them.
#[derive(Debug, Default)]
pub struct Multi {
    /// `headers` or `queryStringParameters`.
    pub last: Map<String, Value>,
    /// `multiValueHeaders` or `multiValueQueryStringParameters`.
    pub all: Map<String, Value>,
}

impl Multi {
    fn of(pairs: impl Iterator<Item = (String, String)>) -> Self {
        let mut multi = Self::default();
        for (name, value) in pairs {
            let all = multi.all.entry(name.clone()).or_insert_with(|| json!([]));
            if let Value::Array(all) = all {
                all.push(value.clone().into());
            }
            multi.last.insert(name, value.into());
        }
        multi
    }

    /// Each name with its values as one text, as format 2.0 has them.
    fn joined(self, separator: &str) -> Map<String, Value> {
        let joined = self.all.into_iter().map(|(name, values)| {
            let values: Vec<&str> = values
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let joined = values.join(separator).into();
            (name, joined)
        });
        joined.collect()
    }
}

/// The headers.
pub fn headers(headers: &HeaderMap) -> Multi {
    let headers = headers.iter();
    Multi::of(headers.map(|(name, value)| (name.as_str().to_owned(), view::latin1(value).into_owned())))
}

/// The query's parameters, decoded.
pub fn query(head: &Head) -> Multi {
    let pairs = head.query().into_iter().flat_map(percent::query_pairs);
    Multi::of(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())))
}

/// The headers of format 2.0: values of the same name joined, and without cookies.
fn joined_headers(headers: &HeaderMap) -> Map<String, Value> {
    let mut headers = self::headers(headers).joined(",");
    headers.remove(header::COOKIE.as_str());
    headers
}

/// The query's parameters of format 2.0.
fn joined_query(head: &Head) -> Map<String, Value> {
    query(head).joined(",")
}

/// The cookies, each by itself.
fn cookies(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::COOKIE).iter().map(view::latin1);
    let cookies = values.flat_map(|value| {
        value
            .split(';')
            .map(|cookie| cookie.trim().to_owned())
            .collect::<Vec<_>>()
    });
    cookies.filter(|cookie| !cookie.is_empty()).collect()
}

/// The path parameters.
pub fn path_parameters(exchange: &Exchange, head: &Head) -> Map<String, Value> {
    let parameters = exchange.path_parameters(head);
    parameters
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect()
}

/// The stage's variables.
pub fn stage_variables(exchange: &Exchange) -> Map<String, Value> {
    let variables = exchange.stage.iter().flat_map(|stage| &stage.settings.variables);
    variables
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect()
}

/// `requestContext` of format 1.0.
pub fn rest_context(exchange: &Exchange, head: &Head) -> Map<String, Value> {
    let mut members = Map::new();
    for name in OF_REST {
        members.insert(name.to_owned(), said(exchange, head, name));
    }
    members.insert("requestTimeEpoch".to_owned(), epoch(exchange));
    members.insert("resourceId".to_owned(), said(exchange, head, "resourceId"));
    members.insert("resourcePath".to_owned(), said(exchange, head, "resourcePath"));
    let mut identity = Map::new();
    for name in OF_IDENTITY {
        identity.insert(name.to_owned(), said(exchange, head, &format!("identity.{name}")));
    }
    for name in OF_KEY {
        let value = said(exchange, head, &format!("identity.{name}"));
        if !value.is_null() {
            identity.insert(name.to_owned(), value);
        }
    }
    if let Some(certificate) = client_certificate(exchange, head) {
        identity.insert("clientCert".to_owned(), certificate);
    }
    members.insert("identity".to_owned(), identity.into());
    members
}

/// `requestContext` of format 2.0.
fn http_context(exchange: &Exchange, head: &Head) -> Map<String, Value> {
    let said = |name: &str| said(exchange, head, name);
    let mut members = Map::new();
    for name in [
        "accountId",
        "apiId",
        "domainName",
        "domainPrefix",
        "requestId",
        "stage",
    ] {
        members.insert(name.to_owned(), said(name));
    }
    if let Some(certificate) = client_certificate(exchange, head) {
        members.insert("authentication".to_owned(), json!({ "clientCert": certificate }));
    }
    let http = json!({
        "method": said("httpMethod"),
        "path": said("path"),
        "protocol": said("protocol"),
        "sourceIp": said("identity.sourceIp"),
        "userAgent": said("identity.userAgent"),
    });
    members.insert("http".to_owned(), http);
    members.insert("routeKey".to_owned(), route_key(exchange).into());
    members.insert("time".to_owned(), said("requestTime"));
    members.insert("timeEpoch".to_owned(), epoch(exchange));
    members
}

/// What an event of format 2.0 has, whatever it is for. Members with nothing in them are absent.
pub fn http_event(exchange: &Exchange, head: &Head, headers: &HeaderMap) -> Map<String, Value> {
    let mut event = Map::new();
    for (name, value) in [
        ("version", "2.0".into()),
        ("routeKey", route_key(exchange).into()),
        ("rawPath", said(exchange, head, "path")),
        ("rawQueryString", head.query().unwrap_or_default().into()),
        ("headers", joined_headers(headers).into()),
        ("requestContext", http_context(exchange, head).into()),
    ] {
        event.insert(name.to_owned(), value);
    }
    let cookies: Value = cookies(headers).into();
    for (name, value) in [
        ("cookies", cookies),
        ("queryStringParameters", joined_query(head).into()),
        ("pathParameters", path_parameters(exchange, head).into()),
        ("stageVariables", stage_variables(exchange).into()),
    ] {
        let empty = match &value {
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            _ => false,
        };
        if !empty {
            event.insert(name.to_owned(), value);
        }
    }
    event
}

/// `requestContext.authorizer` of format 1.0: who calls, and what is said of them. All but the claims of a token is text.
pub fn rest_authorizer(exchange: &Exchange) -> Option<Map<String, Value>> {
    let caller = exchange.caller.as_ref()?;
    let mut members = Map::new();
    for (name, value) in &caller.context {
        let value = match value {
            Value::Number(_) | Value::Bool(_) => value.to_string().into(),
            value => value.clone(),
        };
        members.insert(name.clone(), value);
    }
    if !is_token(exchange) {
        members.insert("principalId".to_owned(), caller.principal.as_str().into());
        let latency = exchange.authorization.as_ref().and_then(|call| call.latency);
        let latency = latency.map_or(0, |latency| {
            u64::try_from(latency.as_millis()).unwrap_or(u64::MAX)
        });
        members.insert("integrationLatency".to_owned(), latency.into());
    }
    Some(members)
}

/// `requestContext.authorizer` of format 2.0: by what is authorized, and what is said of who calls.
pub fn http_authorizer(exchange: &Exchange) -> Option<Value> {
    if let Some(signer) = &exchange.signer {
        return Some(json!({ "iam": {
            "accessKey": signer.access_key,
            "accountId": &*signer.account,
            "callerId": signer.access_key,
            "cognitoIdentity": null,
            "principalOrgId": null,
            "userArn": signer.arn,
            "userId": signer.access_key,
        }}));
    }
    let caller = exchange.caller.as_ref()?;
    if !is_token(exchange) {
        return Some(json!({ "lambda": caller.context }));
    }
    let claims = caller.context.get(CLAIMS).cloned().unwrap_or_default();
    let scopes: Option<Vec<&str>> = match exchange.method().map(|method| &method.authorize) {
        Some(Authorize::Jwt { scopes, .. }) if !scopes.is_empty() => {
            Some(scopes.iter().map(String::as_str).collect())
        }
        _ => None,
    };
    Some(json!({ "jwt": { "claims": claims, "scopes": scopes } }))
}

/// Whether a token says who calls.
fn is_token(exchange: &Exchange) -> bool {
    exchange
        .method()
        .is_some_and(|method| matches!(method.authorize, Authorize::Jwt { .. }))
}

/// The route, as HTTP APIs name it: `GET /pets/{id}`.
fn route_key(exchange: &Exchange) -> String {
    exchange.method().map_or_else(String::new, |method| {
        format!("{} {}", method.observed.verb, method.resource_path)
    })
}

fn epoch(exchange: &Exchange) -> Value {
    u64::try_from(exchange.began().as_millis())
        .unwrap_or(u64::MAX)
        .into()
}

fn said(exchange: &Exchange, head: &Head, name: &str) -> Value {
    context::lookup(exchange, head, name).map_or(Value::Null, |value| value.into_owned().into())
}

/// The client's certificate, where it showed one.
fn client_certificate(exchange: &Exchange, head: &Head) -> Option<Value> {
    let said = |name: &str| said(exchange, head, &format!("identity.clientCert.{name}"));
    let pem = said("clientCertPem");
    (!pem.is_null()).then(|| {
        json!({
            "clientCertPem": pem,
            "subjectDN": said("subjectDN"),
            "issuerDN": said("issuerDN"),
            "serialNumber": said("serialNumber"),
            "validity": {
                "notBefore": said("validity.notBefore"),
                "notAfter": said("validity.notAfter"),
            },
        })
    })
}
