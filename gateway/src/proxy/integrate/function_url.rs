//! Functions with a URL: a request is sent, as to any HTTP backend, and its response comes back as it is.

use http::Request;

use super::http::{refused, reply};
use crate::plan::FunctionUrlPlan;
use crate::proxy::body::Body;
use crate::proxy::call::Reply;
use crate::proxy::exchange::Exchange;
use crate::proxy::refusal::Refusal;

/// Calls the function.
pub async fn answer(
    exchange: &Exchange,
    plan: &FunctionUrlPlan,
    mut request: Box<Request<Body>>,
) -> Result<Reply, Refusal> {
    let function = &plan.function;
    let log = exchange.log();
    log.endpoint_request(&function.scheme, function.backend.host(), &mut request);
    let sent = function
        .backend
        .send(request, plan.timeout, &exchange.connection.timers)
        .await;
    let response = sent.map_err(|error| refused(exchange, &function.backend, &error))?;
    reply(response, plan.streams)
}
