//! The policy of a private domain name, before anything of the API is looked at.

use portcullis_iam::{Context, Outcome, Principal, Request, evaluate};

use super::arn;
use super::decision::{INVOKE, known};
use super::policy::ANONYMOUS;
use crate::domains::Admits;
use crate::proxy::call::Head;
use crate::proxy::exchange::Exchange;
use crate::proxy::refusal::Refusal;

/// Lets those pass whom the policy of the domain name allows: as if nobody had signed, for who did is not known yet.
pub fn admitted(exchange: &Exchange, head: &Head) -> Result<(), Refusal> {
    let domain = exchange.by_domain.as_ref().map(|by| by.domain());
    let Some(private) = domain.and_then(|domain| domain.private.as_ref()) else {
        return Ok(());
    };
    let refused = |explicitly: bool| {
        let arn = arn::of_domain(&private.arn, exchange, head);
        Err(Refusal::not_authorized(ANONYMOUS, &arn, explicitly))
    };
    let policy = match &private.admits {
        Admits::Everybody => return Ok(()),
        Admits::Nobody => return refused(false),
        Admits::Policy(policy) => policy,
    };
    let context = match policy.reads_context {
        true => known(exchange, head),
        false => Context::new(),
    };
    let request = Request {
        action: INVOKE,
        resource: &arn::of_domain(&private.arn, exchange, head),
        principal: Principal::Anonymous,
        context: &context,
    };
    match evaluate(&[&policy.policy], &request).outcome {
        Outcome::Allow => Ok(()),
        denied => refused(denied == Outcome::ExplicitDeny),
    }
}
