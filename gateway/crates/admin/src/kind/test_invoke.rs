//! Test invocations (<https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeMethod.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeAuthorizer.html>): what is edited now is run as a
//! deployment of it would be, and answered with its execution log. Nothing is written, and nothing becomes live.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis_store::{Key, Read};
use serde_json::{Map, Value, json};

use super::rows::{entries, text};
use super::{authorizer as authorizers, client_certificate, method as methods, resource};
use crate::call::{Call, Outcome, found};
use crate::definition::{self, AuthorizerPart};
use crate::error::ApiError;
use crate::invoke::{AuthorizerInvoked, Invocation, MethodInvoked, NotInvoked, Station, Told};
use crate::shape::{Form, Member, optional};

type Document = Map<String, Value>;

const OF_A_METHOD: &[Member] = &[
    optional("pathWithQueryString", Form::Text),
    optional("body", Form::Text),
    optional("headers", Form::TextMap),
    optional("multiValueHeaders", Form::ListMap),
    optional("clientCertificateId", Form::Text),
    optional("stageVariables", Form::TextMap),
];

const OF_AN_AUTHORIZER: &[Member] = &[
    optional("headers", Form::TextMap),
    optional("multiValueHeaders", Form::ListMap),
    optional("pathWithQueryString", Form::Text),
    optional("body", Form::Text),
    optional("stageVariables", Form::TextMap),
    optional("additionalContext", Form::TextMap),
];

pub(crate) async fn method(call: Call<'_>) -> Result<Outcome, ApiError> {
    let body = call.checked(OF_A_METHOD)?;
    let (resource, verb) = (call.parameter("resource_id"), call.parameter("http_method"));
    let mut read = call.read().await?;
    resource::of_call(&call, &mut read).await?;
    let snapshot = definition::snapshot(&mut read, call.api()).await?;
    let part = definition::method_part(&snapshot, resource, verb);
    let part = part.ok_or_else(|| ApiError::not_found(methods::ABSENT))?;
    if part.is_any && (verb == "ANY" || !methods::VERBS.contains(&verb)) {
        return Err(ApiError::bad_request(format!(
            "Invalid HttpMethod specified. The method is ANY: name the verb that is sent, one of {}",
            methods::VERBS.join(",").replace(",ANY", "")
        )));
    }
    let certificate = Some(text(&body, "clientCertificateId")).filter(|id| !id.is_empty());
    if let Some(id) = certificate.filter(|id| !call.service.plane.has_client_certificate(id)) {
        let key = Key::new(client_certificate::KIND, "", id);
        found(&mut read, &key, client_certificate::ABSENT).await?;
    }
    drop(read);
    let invocation = Invocation {
        target: target(text(&body, "pathWithQueryString"), &part.path),
        api: part.api,
        secrets: part.secrets,
        verb: verb.to_owned(),
        client_certificate: certificate.map(str::to_owned),
        ..request(&body)
    };
    let invoked = call.service.plane.invoke_method(invocation).await;
    Ok(method_answer(invoked.map_err(not_invoked)?).into())
}

pub(crate) async fn authorizer(call: Call<'_>) -> Result<Outcome, ApiError> {
    let body = call.checked(OF_AN_AUTHORIZER)?;
    let mut read = call.read().await?;
    let snapshot = guarded(&call, &mut read).await?;
    drop(read);
    let part = definition::authorizer_part(&snapshot, call.parameter("authorizer_id"));
    let api = match part.ok_or_else(|| ApiError::not_found(authorizers::ABSENT))? {
        AuthorizerPart::Asked(api) => *api,
        AuthorizerPart::NotAsked(what) => {
            return Err(ApiError::bad_request(format!(
                "{} is not supported by Portcullis for {what}",
                call.operation.name()
            )));
        }
    };
    let invocation = Invocation {
        api,
        target: target(text(&body, "pathWithQueryString"), "/"),
        ..request(&body)
    };
    let invoked = call.service.plane.invoke_authorizer(invocation).await;
    Ok(authorizer_answer(invoked.map_err(not_invoked)?).into())
}

/// The API of the path, with its authorizers.
async fn guarded(call: &Call<'_>, read: &mut Read) -> Result<Document, ApiError> {
    let key = Key::new(authorizers::KIND, call.api(), call.parameter("authorizer_id"));
    found(read, &key, authorizers::ABSENT).await?;
    Ok(definition::snapshot(read, call.api()).await?)
}

/// What a request says of the call, alike for both.
fn request(body: &Document) -> Invocation {
    Invocation {
        api: portcullis_model::RestApi::default(),
        secrets: Vec::new(),
        verb: "GET".to_owned(),
        target: "/".to_owned(),
        headers: headers(body),
        body: text(body, "body").to_owned(),
        variables: texts(body, "stageVariables"),
        client_certificate: None,
        context: texts(body, "additionalContext"),
    }
}

/// The path and the query that are sent: without a path, that of the resource.
fn target(sent: &str, resource: &str) -> String {
    if sent.is_empty() || sent.starts_with('?') {
        format!("{resource}{sent}")
    } else {
        sent.to_owned()
    }
}

/// A header that has several values counts with all of them, whatever is its one value beside.
fn headers(body: &Document) -> Vec<(String, String)> {
    let several = entries(body, "multiValueHeaders");
    let several: Vec<(String, String)> = several
        .flat_map(|(name, values)| {
            let values = values.as_array().into_iter().flatten().filter_map(Value::as_str);
            values.map(|value| (name.clone(), value.to_owned()))
        })
        .collect();
    let has_several = |name: &str| several.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
    let single = texts(body, "headers").into_iter();
    let mut headers: Vec<_> = single.filter(|(name, _)| !has_several(name)).collect();
    headers.extend(several);
    headers
}

fn texts(body: &Document, name: &str) -> BTreeMap<String, String> {
    let pairs = entries(body, name);
    pairs
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn not_invoked(why: NotInvoked) -> ApiError {
    match why {
        NotInvoked::Request(why) => ApiError::bad_request(why),
        NotInvoked::Plane(why) => ApiError::of(
            http::StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailableException",
            why,
        ),
    }
}

fn method_answer(invoked: MethodInvoked) -> Document {
    let mut answer = Map::new();
    answer.insert("status".to_owned(), json!(invoked.status));
    // A text is what the member is; bytes that are none are told apart, so that nothing of them is lost.
    match std::str::from_utf8(&invoked.body) {
        Ok(text) => drop(answer.insert("body".to_owned(), json!(text))),
        Err(_) => {
            answer.insert("body".to_owned(), json!(STANDARD.encode(&invoked.body)));
            answer.insert("portcullis:isBase64Encoded".to_owned(), json!(true));
        }
    }
    let (mut last, mut all) = (Map::new(), Map::<String, Value>::new());
    for (name, value) in invoked.headers {
        last.insert(name.clone(), json!(value));
        let values = all.entry(name).or_insert_with(|| json!([]));
        if let Some(values) = values.as_array_mut() {
            values.push(json!(value));
        }
    }
    answer.insert("headers".to_owned(), Value::Object(last));
    answer.insert("multiValueHeaders".to_owned(), Value::Object(all));
    answer.append(&mut told(&invoked.told));
    answer
}

fn authorizer_answer(invoked: AuthorizerInvoked) -> Document {
    let mut answer = Map::new();
    answer.insert("clientStatus".to_owned(), json!(invoked.refused.unwrap_or(0)));
    for (name, value) in [("principalId", invoked.principal), ("policy", invoked.policy)] {
        if let Some(value) = value {
            answer.insert(name.to_owned(), json!(value));
        }
    }
    let mut context = invoked.context;
    // Those of a token: the context of custom authorizers is flat.
    if let Some(claims @ Value::Object(_)) = context.remove("claims") {
        answer.insert("claims".to_owned(), claims);
    }
    let context = context.into_iter().map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (name, json!([text]))
    });
    answer.insert("authorization".to_owned(), Value::Object(context.collect()));
    answer.append(&mut told(&invoked.told));
    answer
}

/// The log, the latency, and beside them what each station did: clients of the service pass over members of others.
fn told(told: &Told) -> Document {
    let latency = u64::try_from(told.latency.as_millis()).unwrap_or(u64::MAX);
    let stations: Vec<Value> = told.stations.iter().map(station).collect();
    let mut answer = Map::new();
    answer.insert("log".to_owned(), json!(told.log));
    answer.insert("latency".to_owned(), json!(latency));
    answer.insert("portcullis:stations".to_owned(), Value::Array(stations));
    answer
}

fn station(station: &Station) -> Value {
    json!({
        "name": station.name,
        "microseconds": u64::try_from(station.took.as_micros()).unwrap_or(u64::MAX),
        "lines": station.lines,
        "rendered": station.rendered,
    })
}
