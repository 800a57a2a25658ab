//! What an authorizer decided: ready to be used, now and for as long as it is kept.

use std::sync::Arc;

use portcullis_iam::{Context, Kind, Outcome, Policy, Principal, Request, evaluate};
use serde_json::{Map, Value};

use super::custom::Answer;
use super::policy;
use crate::clock::iso_time;
use crate::proxy::call::Head;
use crate::proxy::exchange::{Caller, Exchange};
use crate::proxy::origin;
use crate::proxy::refusal::Refusal;
use crate::proxy::view;

/// The action that a policy has to allow.
pub(super) const INVOKE: &str = "execute-api:Invoke";
/// Bytes of memory that a byte of a policy takes once it is read: most of them are characters of patterns.
const POLICY_WEIGHT: usize = 24;
/// The same of a context.
const CONTEXT_WEIGHT: usize = 4;

/// What an authorizer decided about a caller.
#[derive(Debug)]
pub struct Decision {
    /// Who calls.
    pub caller: Arc<Caller>,
    /// Bytes of memory, about.
    pub(super) bytes: usize,
    says: Says,
}

#[derive(Debug)]
enum Says {
    /// The caller may call the one method that was asked about.
    Allow,
    /// The caller may not.
    Deny,
    /// What the caller may call, whatever was asked about.
    Policy(Box<Document>),
}

#[derive(Debug)]
struct Document {
    policy: Policy,
    /// Whether it looks at more than the method.
    reads_context: bool,
}

impl Decision {
    /// What an answer means, or why it cannot be used.
    pub(super) fn of(answer: Answer) -> Result<Self, String> {
        let Answer {
            grant,
            denies,
            nested,
        } = answer;
        let policy = grant.policy_json.as_deref().unwrap_or_default();
        let bytes = policy.len() * POLICY_WEIGHT
            + grant.context_json.len() * CONTEXT_WEIGHT
            + grant.principal_id.len();
        let says = match &grant.policy_json {
            _ if denies => Says::Deny,
            Some(policy) => Says::Policy(Box::new(document(policy)?)),
            None => Says::Allow,
        };
        Ok(Self {
            caller: Arc::new(Caller {
                principal: grant.principal_id,
                context: context_object(&grant.context_json, nested)?,
                usage_key: grant.usage_key,
            }),
            bytes,
            says,
        })
    }

    /// Whether it stands for whatever the caller calls, not for one method alone.
    pub(super) fn is_for_all_methods(&self) -> bool {
        matches!(self.says, Says::Policy(_))
    }

    /// Whether the caller may call this method, beside what the API's resource policy says.
    pub(super) fn verdict(
        &self,
        exchange: &Exchange,
        head: &Head,
        arn: &str,
        resource: Option<Outcome>,
    ) -> Result<(), Refusal> {
        let outcome = match &self.says {
            Says::Allow => Outcome::Allow,
            Says::Deny => {
                exchange.log().info(|| format!("The authorizer denies {arn}"));
                Outcome::ExplicitDeny
            }
            // Nothing is called in a test of an authorizer: its policy is what is asked for, whatever it allows.
            Says::Policy(_) if exchange.trial.is_some() => Outcome::Allow,
            Says::Policy(document) => document.says(exchange, head, arn),
        };
        match policy::together(outcome, resource) {
            Outcome::Allow => Ok(()),
            Outcome::ExplicitDeny => Err(Refusal::denied()),
            Outcome::ImplicitDeny => Err(Refusal::not_allowed()),
        }
    }
}

impl Document {
    fn says(&self, exchange: &Exchange, head: &Head, arn: &str) -> Outcome {
        let context = match self.reads_context {
            true => known(exchange, head),
            false => Context::new(),
        };
        let request = Request {
            action: INVOKE,
            resource: arn,
            principal: Principal::Anonymous,
            context: &context,
        };
        let decision = evaluate(&[&self.policy], &request);
        if decision.outcome != Outcome::Allow {
            let log = exchange.log();
            log.info(|| match decision.trace {
                Some(trace) => format!(
                    "The authorizer's policy denies {arn}: statement {} {}",
                    trace.statement,
                    trace.sid.unwrap_or_default()
                ),
                None => format!("Nothing in the authorizer's policy allows {arn}"),
            });
        }
        decision.outcome
    }
}

/// The condition keys that API Gateway has for every caller
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html>).
pub(super) fn known(exchange: &Exchange, head: &Head) -> Context {
    let now = exchange.gateway.clock.wall();
    let mut context = Context::new();
    context.insert("aws:SourceIp", exchange.client_address().to_string());
    context.insert("aws:CurrentTime", iso_time(now));
    context.insert("aws:EpochTime", now.as_secs().to_string());
    origin::insert(exchange, &mut context);
    let secure = exchange.is_secure();
    context.insert("aws:SecureTransport", secure.to_string());
    for (key, header) in [
        ("aws:UserAgent", http::header::USER_AGENT),
        ("aws:Referer", http::header::REFERER),
    ] {
        if let Some(value) = head.headers.get(header) {
            context.insert(key, view::latin1(value));
        }
    }
    context
}

fn document(text: &str) -> Result<Document, String> {
    let policy = Policy::parse(text, Kind::Identity).map_err(|problems| {
        let told: Vec<String> = problems
            .iter()
            .map(|problem| problem.to_string().replace('\n', ", "))
            .collect();
        format!("its policy is no policy: {}", told.join("; "))
    })?;
    Ok(Document {
        reads_context: policy.reads_context(),
        policy,
    })
}

/// The authorizer's context: a JSON object of strings, numbers and booleans
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html>), and of
/// anything where it may be nested, as with HTTP APIs
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html>).
fn context_object(json: &str, nested: bool) -> Result<Map<String, Value>, String> {
    if json.is_empty() {
        return Ok(Map::new());
    }
    let Ok(Value::Object(object)) = serde_json::from_str(json) else {
        return Err("its context is not a JSON object".to_owned());
    };
    match object
        .iter()
        .find(|(_, value)| !nested && matches!(value, Value::Array(_) | Value::Object(_)))
    {
        Some((key, _)) => Err(format!(
            "`{key}` in its context is neither a string, a number nor a boolean"
        )),
        None => Ok(object),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authorizers_context_is_flat() {
        assert_eq!(context_object("", false).map(|object| object.len()), Ok(0));
        assert_eq!(
            context_object(r#"{"a":"x","b":1,"c":true}"#, false).map(|object| object.len()),
            Ok(3)
        );
        for bad in ["[]", "{", r#"{"a":{}}"#, r#"{"a":[1]}"#] {
            assert!(context_object(bad, false).is_err(), "{bad}");
        }
        assert!(context_object(r#"{"a":{"b":[1]}}"#, true).is_ok());
        assert!(context_object("[]", true).is_err());
    }
}
