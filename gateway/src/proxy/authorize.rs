//! Station 4: who may call. For now custom authorizers in plugins.

use http::HeaderMap;
use portcullis_model::IdentitySource;
use portcullis_plugin_host::{Authorizer, CallError, Decision, Grant};
use serde_json::{Map, Value};

use super::call::{Call, Head};
use super::exchange::{Caller, Exchange};
use super::refusal::{Blame, Refusal};
use super::view::{self, View};
use super::{context, percent};
use crate::plan::{AuthorizerPlan, IdentityPlan, PluginPlan, PluginUse};

/// Asks the method's authorizer, where it has one.
pub async fn caller(exchange: &mut Exchange, call: &mut Call) -> Result<(), Refusal> {
    let Some(authorizer) = exchange.method().and_then(|method| method.authorizer.clone()) else {
        return Ok(());
    };
    // Boxed: it is large, and open methods never poll it.
    exchange.authorizer_begins();
    let (log, id) = (exchange.log(), exchange.id);
    log.info(|| format!("Starting authorizer: {} for request: {id}", authorizer.name));
    let caller = Box::pin(ask(exchange, &authorizer, call)).await;
    exchange.authorizer_ends(&caller);
    exchange.caller = Some(caller?);
    let log = exchange.log();
    log.info(|| "Successfully completed authorizer execution".to_owned());
    Ok(())
}

async fn ask(exchange: &Exchange, authorizer: &AuthorizerPlan, call: &mut Call) -> Result<Caller, Refusal> {
    identified(exchange, &authorizer.identity, &call.head)?;
    let PluginPlan { plugin, interest } = ready(&authorizer.plugin)?;
    let body = view::body_for(interest, call).await?;
    let token = token(&authorizer.identity, &call.head.headers)?;
    let view = View::of(exchange, &call.head, interest);
    let fields = view.fields();
    let arn = method_arn(exchange, &call.head);
    let decision = plugin
        .authorize(&arn, token, &fields.request(body.as_ref()))
        .await;
    match decision.map_err(|error| refused(&error))? {
        Decision::Allow(grant) => allowed(exchange, authorizer, plugin.name(), grant),
        Decision::Deny(_) => Err(Refusal::denied()),
        Decision::Unauthorized => Err(Refusal::unauthorized()),
    }
}

fn ready(plugin: &PluginUse<PluginPlan<Authorizer>>) -> Result<&PluginPlan<Authorizer>, Refusal> {
    match plugin {
        PluginUse::Ready(plan) => Ok(plan),
        PluginUse::Broken { .. } => Err(Refusal::authorizer_failure(Blame::Plugin)),
    }
}

fn refused(error: &CallError) -> Refusal {
    match error {
        CallError::Busy { .. } => Refusal::overloaded(),
        _ => Refusal::authorizer_failure(Blame::Plugin),
    }
}

/// Whether the identity sources are there; else 401 without a call.
fn identified(exchange: &Exchange, identity: &IdentityPlan, head: &Head) -> Result<(), Refusal> {
    match identity {
        IdentityPlan::Token { .. } => token(identity, &head.headers).map(drop),
        IdentityPlan::Request { required } => {
            let missing = required.iter().any(|source| !is_present(exchange, source, head));
            if missing {
                Err(Refusal::unauthorized())
            } else {
                Ok(())
            }
        }
    }
}

/// There, and not empty.
fn is_present(exchange: &Exchange, source: &IdentitySource, head: &Head) -> bool {
    match source {
        IdentitySource::Header(name) => head.headers.get(name).is_some_and(|value| !value.is_empty()),
        IdentitySource::QueryString(name) => head
            .query()
            .into_iter()
            .flat_map(percent::query_pairs)
            .any(|(known, value)| known == *name && !value.is_empty()),
        IdentitySource::StageVariable(name) => exchange
            .stage
            .as_ref()
            .and_then(|stage| stage.settings.variables.get(name))
            .is_some_and(|value| !value.is_empty()),
        IdentitySource::Context(name) => {
            context::lookup(exchange, head, name).is_some_and(|value| !value.is_empty())
        }
    }
}

/// The caller's token: there once, not empty, and of the wanted form; else 401 without a call.
///
/// A repeated header is refused, since the authorizer and the backend might read different ones.
fn token<'a>(identity: &IdentityPlan, headers: &'a HeaderMap) -> Result<Option<&'a str>, Refusal> {
    let IdentityPlan::Token { header, pattern } = identity else {
        return Ok(None);
    };
    let mut values = headers.get_all(header).iter();
    let token = values
        .next()
        .and_then(|value| value.to_str().ok())
        .filter(|token| !token.is_empty());
    let token = token.filter(|token| pattern.as_ref().is_none_or(|pattern| pattern.is_match(token)));
    match (token, values.next()) {
        (Some(token), None) => Ok(Some(token)),
        _ => Err(Refusal::unauthorized()),
    }
}

/// `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{verb}/{path}`, with AWS's placeholders for what a gateway off
/// AWS does not have.
fn method_arn(exchange: &Exchange, head: &Head) -> String {
    let (api, stage) = match &exchange.stage {
        Some(stage) => (&*stage.settings.api, &*stage.settings.name),
        None => ("", ""),
    };
    let path = head.path();
    let mut arn = String::with_capacity(64 + api.len() + stage.len() + path.len());
    for part in [
        "arn:aws:execute-api:us-east-1:000000000000:",
        api,
        "/",
        stage,
        "/",
        head.method.as_str(),
        path,
    ] {
        arn.push_str(part);
    }
    arn
}

fn allowed(
    exchange: &Exchange,
    authorizer: &AuthorizerPlan,
    plugin: &str,
    grant: Grant,
) -> Result<Caller, Refusal> {
    let unusable = |reason: &str| {
        tracing::warn!(
            requestId = %exchange.id,
            authorizer = %authorizer.name,
            plugin,
            "the authorizer's answer cannot be used: {reason}"
        );
        let log = exchange.log();
        log.error(|| format!("Execution failed due to configuration error: the authorizer's answer cannot be used: {reason}"));
        Refusal::authorizer_configuration()
    };
    if let (Some(policy), Some(trial)) = (&grant.policy_json, &exchange.trial) {
        trial.policy(policy);
    }
    if grant.policy_json.is_some() {
        return Err(unusable(
            "policies are not evaluated yet; answer without policy-json to allow the one method",
        ));
    }
    if grant.usage_key.is_some() {
        return Err(unusable(
            "usage keys are not supported yet; answer without usage-key",
        ));
    }
    let context = flat_object(&grant.context_json).map_err(|reason| unusable(&reason))?;
    Ok(Caller {
        principal: grant.principal_id,
        context,
    })
}

/// The authorizer's context: a JSON object of strings, numbers and booleans
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html>).
fn flat_object(json: &str) -> Result<Map<String, Value>, String> {
    if json.is_empty() {
        return Ok(Map::new());
    }
    let Ok(Value::Object(object)) = serde_json::from_str(json) else {
        return Err("context-json is not a JSON object".to_owned());
    };
    match object
        .iter()
        .find(|(_, value)| matches!(value, Value::Array(_) | Value::Object(_)))
    {
        Some((key, _)) => Err(format!(
            "`{key}` in context-json is neither a string, a number nor a boolean"
        )),
        None => Ok(object),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("authorization", http::HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_token_is_there_once_and_of_the_wanted_form() {
        let identity = IdentityPlan::Token {
            header: http::header::AUTHORIZATION,
            pattern: Some(regex::Regex::new("^(?:Bearer [a-z]+)$").expect("a pattern")),
        };
        assert_eq!(
            token(&identity, &headers(&["Bearer abc"])),
            Ok(Some("Bearer abc"))
        );
        for bad in [&[][..], &[""], &["Bearer abc1"], &["Bearer abc", "Bearer abc"]] {
            assert_eq!(
                token(&identity, &headers(bad)),
                Err(Refusal::unauthorized()),
                "{bad:?}"
            );
        }
        assert_eq!(
            token(&IdentityPlan::Request { required: Vec::new() }, &headers(&[])),
            Ok(None)
        );
    }

    #[test]
    fn an_authorizers_context_is_flat() {
        assert_eq!(flat_object("").map(|object| object.len()), Ok(0));
        assert_eq!(
            flat_object(r#"{"a":"x","b":1,"c":true}"#).map(|object| object.len()),
            Ok(3)
        );
        for bad in ["[]", "{", r#"{"a":{}}"#, r#"{"a":[1]}"#] {
            assert!(flat_object(bad).is_err(), "{bad}");
        }
    }
}
