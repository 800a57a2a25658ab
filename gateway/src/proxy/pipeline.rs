//! The request path, in order. This is the only file that knows the order; every station is a module of its own.
//!
//! | # | station | refuses with |
//! |---|---|---|
//! | 1 | resolve: host, path prefix, stage | unknown stage |
//! | 2 | filter: request filters, before every other control | WAF_FILTERED |
//! | 3 | route: verb and path; a preflight that the gateway answers itself | MISSING_AUTHENTICATION_TOKEN |
//! | 4 | authorize: resource policy, signatures, tokens, custom authorizers | UNAUTHORIZED, ACCESS_DENIED, MISSING_AUTHENTICATION_TOKEN, INVALID_SIGNATURE, AUTHORIZER_* |
//! | 5 | admit: API keys and usage plans, throttles | INVALID_API_KEY, THROTTLED, QUOTA_EXCEEDED |
//! | 6 | validate: size, parameters, the form of the body | REQUEST_TOO_LARGE, BAD_REQUEST_* |
//! | 7 | cache: what was answered before | ACCESS_DENIED |
//! | 8 | integration request: parameters, template | UNSUPPORTED_MEDIA_TYPE, BAD_REQUEST_*, API_CONFIGURATION_ERROR |
//! | 9 | integrate: http, mock, function, plugin | INTEGRATION_* |
//! | 10 | integration response: which one, headers, template | API_CONFIGURATION_ERROR |
//! | 11 | respond: gateway responses, response filters, cross-origin headers, compression, ids | never |
//!
//! The numbers are those of ARCHITECTURE.md. What cannot be admitted for want of tokens is shed before: after 1 and after 3. What is more
//! than this node takes upon itself is shed before 1.

use super::call::{Call, Reply};
use super::exchange::{Exchange, ExchangeBody};
use super::refusal::Refusal;
use super::trial::Trial;
use super::{
    admit, authorize, cache, compress, cors, filter, forwarded, integrate, mapping, resolve, respond, route,
    shed, trial, validate,
};
use crate::plan::Verbosity;

/// Answers one request.
pub async fn run(mut exchange: Box<Exchange>, call: &mut Call) -> http::Response<ExchangeBody> {
    exchange.client = forwarded::client(&exchange.connection, &call.head.headers);
    #[cfg(feature = "otel")]
    exchange.begin_span(&mut call.head);
    let outcome = stations(&mut exchange, call).await;
    let mut reply = respond::reply(&mut exchange, &call.head, outcome);
    filter::response(&mut exchange, &call.head, &mut reply).await;
    cors::response(&exchange, &call.head, &mut reply);
    compress::response(&exchange, &call.head, &mut reply);
    respond::send(exchange, reply)
}

/// Answers a test invocation on a plan that is not live. Nobody is asked whether it may: no filter and no authorizer, as
/// on AWS (<https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-test-method.html>). What an integration
/// answers is read whole at once, so that the log is in order.
pub async fn tried(exchange: &mut Exchange, call: &mut Call, trial: &Trial) -> Reply {
    let outcome = tried_stations(exchange, call, trial).await;
    trial.begin("respond");
    let mut reply = respond::reply(exchange, &call.head, outcome);
    compress::response(exchange, &call.head, &mut reply);
    reply
}

async fn tried_stations(exchange: &mut Exchange, call: &mut Call, trial: &Trial) -> Result<Reply, Refusal> {
    trial.begin("route");
    route::method(exchange, &call.head)?;
    exchange.verbosity = Verbosity::ALL;
    exchange.log().start(call);
    trial.begin("validate");
    validate::request(exchange, call).await?;
    trial.begin("integration request");
    let outgoing = mapping::request::make(exchange, call).await?;
    trial.begin("integrate");
    let reply = integrate::answer(exchange, call, outgoing).await?;
    let reply = trial::whole(exchange, reply).await?;
    trial.begin("integration response");
    mapping::response::make(exchange, &call.head, reply).await
}

async fn stations(exchange: &mut Exchange, call: &mut Call) -> Result<Reply, Refusal> {
    shed::node(exchange).await?;
    resolve::stage(exchange, call)?;
    shed::stage(exchange)?;
    if let Some(reply) = filter::request(exchange, call).await? {
        return Ok(reply);
    }
    if let Some(reply) = cors::preflight(exchange, &call.head) {
        return Ok(reply);
    }
    route::method(exchange, &call.head)?;
    exchange.log().start(call);
    shed::method(exchange)?;
    authorize::caller(exchange, call).await?;
    admit::caller(exchange, &call.head)?;
    validate::request(exchange, call).await?;
    if cache::keeps(exchange, &call.head) {
        // Boxed: what is not kept never polls it.
        return Box::pin(kept(exchange, call)).await;
    }
    integrated(exchange, call).await
}

/// What is answered from what is kept, or asked for and then kept.
async fn kept(exchange: &mut Exchange, call: &mut Call) -> Result<Reply, Refusal> {
    match cache::lookup(exchange, call).await? {
        cache::Lookup::Hit(reply) => Ok(reply),
        cache::Lookup::Stale(reply, refresh) => {
            exchange.gateway.refreshes.spawn(refreshed(*refresh));
            Ok(reply)
        }
        cache::Lookup::Miss(miss) => {
            let outcome = integrated(exchange, call).await;
            cache::land(exchange, &call.head, miss, outcome).await
        }
    }
}

/// A new response for what was answered with an older one.
async fn refreshed(refresh: cache::Refresh) {
    let cache::Refresh {
        mut exchange,
        mut call,
        miss,
    } = refresh;
    let outcome = integrated(&mut exchange, &mut call).await;
    if let Err(refusal) = cache::land(&mut exchange, &call.head, miss, outcome).await {
        respond::refuse_early(&mut exchange, refusal);
    }
}

/// What the integration answers, as the method's response.
async fn integrated(exchange: &mut Exchange, call: &mut Call) -> Result<Reply, Refusal> {
    let outgoing = mapping::request::make(exchange, call).await?;
    let reply = integrate::answer(exchange, call, outgoing).await?;
    cache::observe(exchange, &reply.headers);
    mapping::response::make(exchange, &call.head, reply).await
}
