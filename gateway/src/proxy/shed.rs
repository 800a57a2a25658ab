//! Sheds load early: a request that cannot be admitted anyway is refused before anything is done for it. Nothing is taken
//! here; station 5 does that, once the caller is known.

use super::admit::{Scope, throttled};
use super::exchange::Exchange;
use super::refusal::Refusal;

/// Looks at the bucket of all requests.
pub fn account(exchange: &Exchange) -> Result<(), Refusal> {
    let gateway = &exchange.gateway;
    match gateway.account.has_token(exchange.started) {
        true => Ok(()),
        false => Err(throttled(exchange, Scope::Account)),
    }
}

/// Looks at the bucket of the method.
pub fn method(exchange: &Exchange) -> Result<(), Refusal> {
    let gate = exchange.method().and_then(|method| method.throttle.as_ref());
    match gate.is_none_or(|throttle| throttle.gate.has_token(exchange.started)) {
        true => Ok(()),
        false => Err(throttled(exchange, Scope::Method)),
    }
}
