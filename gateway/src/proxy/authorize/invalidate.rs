//! Who may have a cached response made anew: the IAM permission `execute-api:InvalidateCache`
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html#invalidate-method-caching>).

use portcullis_iam::{Account, Outcome, combine};

use super::{arn, iam, policy};
use crate::proxy::call::Head;
use crate::proxy::exchange::Exchange;
use crate::proxy::refusal::Refusal;

/// The action that a policy has to allow.
const INVALIDATE: &str = "execute-api:InvalidateCache";

/// Whether the policy of the caller's access key, or the API's, lets the caller. Whoever has signed nothing is let by the
/// API's policy alone.
pub fn may_invalidate(exchange: &Exchange, head: &Head) -> bool {
    let signer = exchange.signer.as_deref();
    let resource = policy::outcome(exchange, head, signer, INVALIDATE);
    let identity = signer.and_then(|signer| {
        let key = exchange.gateway.keys.get()?.known(&signer.access_key)?;
        Some(iam::says(exchange, head, signer, &key, INVALIDATE))
    });
    let outcome = match (identity, resource) {
        (Some(identity), Some(resource)) => combine(identity, resource, Account::Same),
        (Some(alone), None) | (None, Some(alone)) => alone,
        (None, None) => return false,
    };
    outcome == Outcome::Allow
}

/// What a caller is told who may not.
pub fn may_not_invalidate(exchange: &Exchange, head: &Head) -> Refusal {
    let user = exchange
        .signer
        .as_ref()
        .map_or(policy::ANONYMOUS, |signer| &signer.arn);
    Refusal::not_authorized_to(INVALIDATE, user, &arn::of(exchange, head), false)
}
