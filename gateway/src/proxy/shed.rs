//! Sheds load early: a request that cannot be admitted anyway is refused before anything is done for it. Nothing is taken
//! here; station 5 does that, once the caller is known. First of all comes a place among the requests of this node.

use super::admit::{Scope, throttled};
use super::exchange::{Exchange, Place};
use super::refusal::Refusal;

/// Takes a place among the requests that this node takes upon itself, or waits for one for a moment.
pub async fn node(exchange: &mut Exchange) -> Result<(), Refusal> {
    let overload = &exchange.gateway.overload;
    // Boxed: there is room nearly always.
    let taken = overload.enter() || Box::pin(overload.wait()).await;
    exchange.place = if taken { Place::Taken } else { Place::Refused };
    if !taken {
        exchange.gateway.metrics.shed();
        return Err(Refusal::overloaded());
    }
    Ok(())
}

/// Looks at the buckets of the stage and of all requests.
pub fn stage(exchange: &Exchange) -> Result<(), Refusal> {
    let of_stage = exchange
        .stage
        .as_ref()
        .and_then(|stage| stage.settings.throttle.as_ref());
    if of_stage.is_some_and(|throttle| !throttle.gate.has_token(exchange.started)) {
        return Err(throttled(exchange, Scope::Stage));
    }
    match exchange.gateway.account.has_token(exchange.started) {
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
