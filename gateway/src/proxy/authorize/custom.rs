//! Custom authorizers: whoever is asked, and what is kept of the answers.

use std::sync::Arc;
use std::time::Duration;

use portcullis_plugin_host::{Authorizer, CallError, Decision as PluginDecision, Grant};

use super::cache::{Claim, Keys};
use super::decision::Decision;
use super::{arn, function, identity, policy};
use crate::plan::{AuthorizerPlan, Decider, KeepPlan, PluginPlan, PluginUse};
use crate::proxy::call::Call;
use crate::proxy::exchange::Exchange;
use crate::proxy::refusal::{Blame, Refusal};
use crate::proxy::view::{self, View};

/// What whoever decides answered.
pub(super) struct Answer {
    pub(super) grant: Grant,
    /// The caller may not call, whatever the grant's policy is.
    pub(super) denies: bool,
    /// Whether the context may have more than strings, numbers and booleans.
    pub(super) nested: bool,
}

/// Asks the authorizer, and does what it says.
pub(super) async fn caller(
    exchange: &mut Exchange,
    authorizer: &AuthorizerPlan,
    call: &mut Call,
) -> Result<(), Refusal> {
    exchange.authorizer_begins();
    let (log, id) = (exchange.log(), exchange.id);
    log.info(|| format!("Starting authorizer: {} for request: {id}", authorizer.name));
    let outcome = match policy::before(exchange, &call.head) {
        Ok(resource) => decided(exchange, authorizer, call)
            .await
            .map(|decided| (decided, resource)),
        Err(refusal) => Err(refusal),
    };
    let outcome = outcome.and_then(|((arn, decision), resource)| {
        // Those who are denied have a principal and a context, too: gateway responses and logs tell them.
        exchange.caller = Some(decision.caller.clone());
        decision.verdict(exchange, &call.head, &arn, resource)
    });
    exchange.authorizer_ends(&outcome);
    let refused = outcome.as_ref().err().map(|refusal| refusal.status);
    authorizer.metrics.decided(refused);
    outcome?;
    let log = exchange.log();
    log.info(|| "Successfully completed authorizer execution".to_owned());
    Ok(())
}

/// What the authorizer decided, now or before, and the ARN that it is about.
async fn decided(
    exchange: &Exchange,
    authorizer: &AuthorizerPlan,
    call: &mut Call,
) -> Result<(String, Arc<Decision>), Refusal> {
    identity::is_there(exchange, &authorizer.identity, &call.head)?;
    let arn = arn::of(exchange, &call.head);
    // A test invocation asks each time.
    let keep = authorizer.keep.as_ref().filter(|_| exchange.trial.is_none());
    // Boxed: these are large, and neither open methods nor decisions that are kept poll them.
    let decision = match keep {
        None => Box::pin(ask(exchange, authorizer, call, &arn)).await?.0,
        Some(keep) => {
            let decisions = &exchange.gateway.decisions;
            let now = exchange.gateway.clock.monotonic();
            let keys = decisions.keys(
                |hasher| identity::write(exchange, authorizer, keep, &call.head, hasher),
                &arn,
            );
            match decisions.find(&keys, now) {
                Some(decision) => {
                    authorizer.metrics.cache.asked(true);
                    let log = exchange.log();
                    log.info(|| format!("Using a decision that is kept of authorizer: {}", authorizer.name));
                    decision
                }
                None => Box::pin(first(exchange, authorizer, keep, call, (&arn, &keys))).await?,
            }
        }
    };
    Ok((arn, decision))
}

/// Asks, once for all that wait for the same, and keeps the answer.
async fn first(
    exchange: &Exchange,
    authorizer: &AuthorizerPlan,
    keep: &KeepPlan,
    call: &mut Call,
    (arn, keys): (&str, &Keys),
) -> Result<Arc<Decision>, Refusal> {
    let clock = &*exchange.gateway.clock;
    let claim = exchange.gateway.decisions.claim(keys, clock).await;
    authorizer.metrics.cache.asked(matches!(claim, Claim::Decided(_)));
    let flight = match claim {
        Claim::Decided(decision) => return Ok(decision),
        Claim::Alone => None,
        Claim::Flight(flight) => Some(flight),
    };
    let answer = ask(exchange, authorizer, call, arn).await;
    if let Some(flight) = flight {
        let kept = answer
            .as_ref()
            .ok()
            .map(|(decision, ttl)| (decision, ttl.unwrap_or(keep.ttl).min(keep.ttl)));
        flight.land(kept, clock.monotonic());
    }
    Ok(answer?.0)
}

/// What was answered, and for how long it may be kept where that is said.
async fn ask(
    exchange: &Exchange,
    authorizer: &AuthorizerPlan,
    call: &mut Call,
    arn: &str,
) -> Result<(Arc<Decision>, Option<Duration>), Refusal> {
    let clock = &exchange.gateway.clock;
    let asked = clock.monotonic();
    let answer = match &authorizer.decider {
        Decider::Plugin(plugin) => by_plugin(exchange, authorizer, plugin, call, arn).await,
        Decider::Function(plan) => function::ask(exchange, authorizer, plan, &call.head, arn).await,
        Decider::Nobody { reason } => {
            exchange.log().misconfigured(reason);
            Err(Refusal::authorizer_failure(Blame::Gateway))
        }
    };
    authorizer.metrics.asked(clock.monotonic().saturating_sub(asked));
    let answer = answer?;
    if let (Some(policy), Some(trial)) = (&answer.grant.policy_json, &exchange.trial) {
        trial.policy(policy);
    }
    let ttl = answer.grant.ttl_seconds;
    let ttl = ttl.map(|seconds| Duration::from_secs(seconds.into()));
    match Decision::of(answer) {
        Ok(decision) => {
            if let Decider::Function(_) = authorizer.decider {
                exchange.log().authorizer_policy(&decision.caller.principal);
            }
            Ok((Arc::new(decision), ttl))
        }
        Err(reason) => Err(unusable(exchange, authorizer, &reason)),
    }
}

async fn by_plugin(
    exchange: &Exchange,
    authorizer: &AuthorizerPlan,
    plugin: &PluginUse<PluginPlan<Authorizer>>,
    call: &mut Call,
    arn: &str,
) -> Result<Answer, Refusal> {
    let PluginPlan { plugin, interest } = ready(plugin)?;
    let body = view::body_for(exchange, interest, call).await?;
    let token = identity::token(&authorizer.identity, &call.head.headers)?;
    let view = View::of(exchange, &call.head, interest);
    let fields = view.fields();
    let answer = plugin.authorize(arn, token, &fields.request(body.as_ref())).await;
    let (grant, denies) = match answer.map_err(|error| refused(&error))? {
        PluginDecision::Allow(grant) => (grant, false),
        PluginDecision::Deny(grant) => (grant, true),
        PluginDecision::Unauthorized => return Err(Refusal::unauthorized()),
    };
    Ok(Answer {
        grant,
        denies,
        nested: false,
    })
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

/// The answer means nothing.
pub(super) fn unusable(exchange: &Exchange, authorizer: &AuthorizerPlan, reason: &str) -> Refusal {
    tracing::warn!(
        requestId = %exchange.id,
        authorizer = %authorizer.name,
        plugin = authorizer.decider.plugin(),
        "the authorizer's answer cannot be used: {reason}"
    );
    let log = exchange.log();
    log.error(|| {
        format!(
            "Execution failed due to configuration error: the authorizer's answer cannot be used: {reason}"
        )
    });
    Refusal::authorizer_configuration()
}
