//! Lambda functions that authorize: what they are asked, and what their answers mean
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html>).

use std::time::Duration;

use http::HeaderMap;
use portcullis_plugin_host::Grant;
use serde_json::{Map, Value};

use super::custom::{Answer, unusable};
use super::event;
use crate::lambda::{Bounds, Invocation, InvokeError};
use crate::plan::{AuthorizerPlan, EventForm, FunctionPlan};
use crate::proxy::call::Head;
use crate::proxy::exchange::Exchange;
use crate::proxy::refusal::{Blame, Refusal};

/// What an answer may take. AWS waits for ten seconds; it documents no size, and a policy of more would be no good one.
const BOUNDS: Bounds = Bounds {
    answer: 64 * 1024,
    time: Duration::from_secs(10),
};
/// The message of an error that means 401.
const UNAUTHORIZED: &str = "Unauthorized";

/// Asks the function about a call.
pub(super) async fn ask(
    exchange: &Exchange,
    authorizer: &AuthorizerPlan,
    plan: &FunctionPlan,
    head: &Head,
    arn: &str,
) -> Result<Answer, Refusal> {
    let event = event::of(exchange, head, arn, &plan.event, &authorizer.identity)?;
    let log = exchange.log();
    log.info(|| format!("Sending request to {}", plan.function.address()));
    let now = exchange.gateway.clock.wall();
    let invocation = Invocation {
        id: exchange.id.as_str(),
        event,
        headers: HeaderMap::new(),
    };
    let invoked = plan.function.invoke(invocation, BOUNDS, now).await;
    let answer = invoked.map_err(|error| failed(exchange, authorizer, &error))?;
    log.authorizer_result(&answer.payload);
    if answer.failed() {
        return Err(errored(exchange, authorizer, &answer.payload));
    }
    let read = match &plan.event {
        EventForm::V2 { simple: true, .. } => simple(&answer.payload),
        EventForm::V2 { simple: false, .. } => policy(&answer.payload, true),
        EventForm::Token | EventForm::V1 => policy(&answer.payload, false),
    };
    read.map_err(|reason| unusable(exchange, authorizer, &reason))
}

/// There is no answer.
fn failed(exchange: &Exchange, authorizer: &AuthorizerPlan, error: &InvokeError) -> Refusal {
    exchange.log().misconfigured(format!(
        "the authorizer {} cannot be asked: {error}",
        authorizer.name
    ));
    Refusal::authorizer_failure(Blame::Authorizer)
}

/// The function failed: by the one error that says who calls is nobody, or by any other.
fn errored(exchange: &Exchange, authorizer: &AuthorizerPlan, payload: &[u8]) -> Refusal {
    let told: Value = serde_json::from_slice(payload).unwrap_or_default();
    let message = told.get("errorMessage").and_then(Value::as_str);
    if message == Some(UNAUTHORIZED) {
        return Refusal::unauthorized();
    }
    let message = message.unwrap_or_default();
    let message = message
        .get(..message.floor_char_boundary(512))
        .unwrap_or_default();
    exchange.log().misconfigured(format!(
        "the function of the authorizer {} failed: {}",
        authorizer.name,
        message.escape_debug()
    ));
    Refusal::authorizer_failure(Blame::Authorizer)
}

/// An answer with a policy, as REST APIs want it.
fn policy(payload: &[u8], nested: bool) -> Result<Answer, String> {
    let mut answer = object(payload)?;
    let Some(Value::String(principal_id)) = answer.remove("principalId") else {
        return Err("it has no principalId that is a string".to_owned());
    };
    let Some(Value::Object(policy)) = answer.remove("policyDocument") else {
        return Err("it has no policyDocument that is an object".to_owned());
    };
    let usage_key = match answer.remove("usageIdentifierKey") {
        None | Some(Value::Null) => None,
        Some(Value::String(key)) => Some(key),
        Some(_) => return Err("its usageIdentifierKey is not a string".to_owned()),
    };
    Ok(Answer {
        grant: Grant {
            principal_id,
            context_json: context(&mut answer)?,
            policy_json: Some(Value::Object(policy).to_string()),
            usage_key,
            ..Grant::default()
        },
        denies: false,
        nested,
    })
}

/// An answer of yes or no, as HTTP APIs may want it.
fn simple(payload: &[u8]) -> Result<Answer, String> {
    let mut answer = object(payload)?;
    let Some(Value::Bool(allows)) = answer.remove("isAuthorized") else {
        return Err("it has no isAuthorized that is true or false".to_owned());
    };
    Ok(Answer {
        grant: Grant {
            context_json: context(&mut answer)?,
            ..Grant::default()
        },
        denies: !allows,
        nested: true,
    })
}

fn object(payload: &[u8]) -> Result<Map<String, Value>, String> {
    match serde_json::from_slice(payload) {
        Ok(Value::Object(answer)) => Ok(answer),
        Ok(_) => Err("it is not a JSON object".to_owned()),
        Err(error) => Err(format!("it is not JSON: {error}")),
    }
}

/// What it says of the caller, as JSON text: an object, which may be absent.
fn context(answer: &mut Map<String, Value>) -> Result<String, String> {
    match answer.remove("context") {
        None | Some(Value::Null) => Ok(String::new()),
        Some(context @ Value::Object(_)) => Ok(context.to_string()),
        Some(_) => Err("its context is not an object".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_a_principal_and_a_policy() {
        let good = r#"{"principalId":"a","policyDocument":{"Statement":[]},"context":{"n":1},"usageIdentifierKey":"k"}"#;
        let answer = policy(good.as_bytes(), false).expect("an answer");
        let grant = answer.grant;
        assert_eq!(
            (grant.principal_id.as_str(), grant.usage_key.as_deref()),
            ("a", Some("k"))
        );
        assert_eq!(grant.policy_json.as_deref(), Some(r#"{"Statement":[]}"#));
        assert_eq!(grant.context_json, r#"{"n":1}"#);
        assert!(!answer.denies && !answer.nested);
        for (bad, expected) in [
            ("", "it is not JSON: EOF while parsing a value at line 1 column 0"),
            ("null", "it is not a JSON object"),
            ("[]", "it is not a JSON object"),
            (
                r#"{"policyDocument":{}}"#,
                "it has no principalId that is a string",
            ),
            (
                r#"{"principalId":null,"policyDocument":{}}"#,
                "it has no principalId that is a string",
            ),
            (
                r#"{"principalId":"a"}"#,
                "it has no policyDocument that is an object",
            ),
            (
                r#"{"principalId":"a","policyDocument":"{}"}"#,
                "it has no policyDocument that is an object",
            ),
            (
                r#"{"principalId":"a","policyDocument":{},"context":[]}"#,
                "its context is not an object",
            ),
            (
                r#"{"principalId":"a","policyDocument":{},"usageIdentifierKey":1}"#,
                "its usageIdentifierKey is not a string",
            ),
            (
                r#"{"isAuthorized":true}"#,
                "it has no principalId that is a string",
            ),
        ] {
            assert_eq!(
                policy(bad.as_bytes(), false).map(drop),
                Err(expected.to_owned()),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_simple_answer_is_yes_or_no() {
        for (text, denies) in [
            (r#"{"isAuthorized":true}"#, Ok(false)),
            (r#"{"isAuthorized":false,"context":{"a":{}}}"#, Ok(true)),
            (r#"{"isAuthorized":"true"}"#, Err(())),
            (r#"{"isAuthorized":1}"#, Err(())),
            (r#"{"principalId":"a","policyDocument":{}}"#, Err(())),
            ("true", Err(())),
        ] {
            let answer = simple(text.as_bytes()).map(|answer| answer.denies);
            assert_eq!(answer.map_err(drop), denies, "{text}");
        }
    }
}
