//! The resource policy of an API, and what it comes to beside what else decides
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>).

use portcullis_iam::{Account, Context, Outcome, Principal, Request, combine, evaluate};

use super::decision::{INVOKE, known};
use super::{arn, iam};
use crate::proxy::call::Head;
use crate::proxy::exchange::{Exchange, Signer};
use crate::proxy::refusal::Refusal;

/// The words for who has not said who he is.
pub(super) const ANONYMOUS: &str = "anonymous";

/// Where nobody else decides, or somebody who knows no policies: the policy must allow the call.
pub(super) fn alone(exchange: &Exchange, head: &Head) -> Result<(), Refusal> {
    let Some(outcome) = outcome(exchange, head, None, INVOKE) else {
        return Ok(());
    };
    allowed(exchange, head, ANONYMOUS, outcome)
}

/// What it says before an authorizer is asked: whom it denies is refused at once; the rest counts beside the authorizer's
/// answer.
pub(super) fn before(exchange: &Exchange, head: &Head) -> Result<Option<Outcome>, Refusal> {
    let outcome = outcome(exchange, head, None, INVOKE);
    if outcome == Some(Outcome::ExplicitDeny) {
        allowed(exchange, head, ANONYMOUS, Outcome::ExplicitDeny)?;
    }
    Ok(outcome)
}

/// What an authorizer's answer and the API's policy come to: table A. Authorizers are of the API's own account.
pub(super) fn together(authorizer: Outcome, resource: Option<Outcome>) -> Outcome {
    resource.map_or(authorizer, |resource| {
        combine(authorizer, resource, Account::Same)
    })
}

/// What it says of whoever wants to do something; nothing where the API has none.
pub(super) fn outcome(
    exchange: &Exchange,
    head: &Head,
    signer: Option<&Signer>,
    action: &str,
) -> Option<Outcome> {
    let stage = exchange.stage.as_ref()?;
    let policy = stage.base.policy.as_deref()?;
    // A test asks the authorizer alone.
    if exchange.trial.is_some() {
        return None;
    }
    let context = match policy.reads_context {
        true => iam::known_of(known(exchange, head), signer),
        false => Context::new(),
    };
    let arns: [&str; 1] = [signer.map_or("", |signer| &signer.arn)];
    let principal = match signer {
        Some(signer) => Principal::Aws {
            account: &signer.account,
            arns: &arns,
        },
        None => Principal::Anonymous,
    };
    let arn = arn::of(exchange, head);
    let request = Request {
        action,
        resource: &arn,
        principal,
        context: &context,
    };
    let decision = evaluate(&[&policy.policy], &request);
    let log = exchange.log();
    log.info(|| match decision.trace {
        Some(trace) => format!(
            "The API's resource policy says {:?} of {arn}: statement {} {}",
            decision.outcome,
            trace.statement,
            trace.sid.unwrap_or_default()
        ),
        None => format!("Nothing in the API's resource policy is about {arn}"),
    });
    Some(decision.outcome)
}

/// Lets those pass who are allowed; `user` is who is told that he is not.
pub(super) fn allowed(exchange: &Exchange, head: &Head, user: &str, outcome: Outcome) -> Result<(), Refusal> {
    match outcome {
        Outcome::Allow => Ok(()),
        denied => Err(Refusal::not_authorized(
            user,
            &arn::of(exchange, head),
            denied == Outcome::ExplicitDeny,
        )),
    }
}
