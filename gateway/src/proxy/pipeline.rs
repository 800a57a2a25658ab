//! The request path, in order. This is the only file that knows the order; every station is a module of its own.
//!
//! | # | station | refuses with |
//! |---|---|---|
//! | 1 | resolve: host, path prefix, stage | unknown stage |
//! | 2 | filter: request filters, before every other control | WAF_FILTERED |
//! | 3 | route: verb and path | MISSING_AUTHENTICATION_TOKEN |
//! | 4 | authorize: custom authorizers | UNAUTHORIZED, ACCESS_DENIED, AUTHORIZER_* |
//! | 6 | validate: size | REQUEST_TOO_LARGE |
//! | 9 | integrate: http, mock, plugin | INTEGRATION_* |
//! | 11 | respond: refusals, response filters, ids | never |
//!
//! The numbers are those of ARCHITECTURE.md; the places between are for stations to come.

use std::sync::Arc;

use super::call::{Call, Connection, Reply};
use super::exchange::{Exchange, ExchangeBody};
use super::refusal::Refusal;
use super::{Gateway, authorize, filter, integrate, resolve, respond, route, validate};

/// Answers one request.
pub async fn run(
    gateway: &Arc<Gateway>,
    connection: &Arc<Connection>,
    call: Call,
) -> http::Response<ExchangeBody> {
    let mut exchange = Exchange::begin(gateway, connection);
    let outcome = stations(&mut exchange, call).await;
    let reply = respond::reply(&exchange, outcome);
    let reply = filter::response(&exchange, reply).await;
    respond::send(exchange, reply)
}

async fn stations(exchange: &mut Exchange, mut call: Call) -> Result<Reply, Refusal> {
    resolve::stage(exchange, &mut call.head)?;
    if let Some(reply) = filter::request(exchange, &mut call).await? {
        return Ok(reply);
    }
    route::method(exchange, &call.head)?;
    exchange.log().start(&mut call);
    authorize::caller(exchange, &mut call).await?;
    validate::size(&call)?;
    exchange.integration_begins();
    let mut answer = integrate::answer(exchange, call).await;
    exchange.integration_ends(&answer);
    exchange.log().endpoint_response(&mut answer);
    answer
}
