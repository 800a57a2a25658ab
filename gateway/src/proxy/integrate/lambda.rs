//! Lambda functions: an event is passed, and an answer comes back as the function gave it. Station 10 makes a response of
//! it.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::lambda::{Answer, Bounds, Function, Invocation, InvokeError, Place};
use crate::proxy::body::{Body, BodyError, PAYLOAD_LIMIT};
use crate::proxy::call::Reply;
use crate::proxy::exchange::Exchange;
use crate::proxy::mapping::event::Event;
use crate::proxy::refusal::{Blame, Refusal};
use crate::upstream::SendError;

/// Passes the function an event.
pub async fn answer(
    exchange: &Exchange,
    function: &Function,
    (timeout, streams): (Duration, bool),
    event: Event,
) -> Result<Reply, Refusal> {
    let log = exchange.log();
    log.endpoint_event(&event.event);
    log.info(|| format!("Sending request to {}", function.address()));
    let invocation = Invocation {
        id: exchange.id.as_str(),
        event: event.event,
        headers: event.headers,
    };
    let bounds = Bounds {
        answer: PAYLOAD_LIMIT,
        time: timeout,
    };
    let now = exchange.gateway.clock.wall();
    let invoked = match &function.place {
        Place::Component(component) if invocation.is_event() => Ok(whole(component.detach(
            &function.name,
            invocation,
            &exchange.gateway.tasks,
            now,
        ))),
        _ if streams => function.stream(invocation, bounds, now).await,
        _ => function.invoke(invocation, bounds, now).await.map(whole),
    };
    let answer = invoked.map_err(|error| refused(exchange, &error))?;
    Ok(reply(answer))
}

fn whole(answer: Answer) -> Answer<Body> {
    Answer {
        status: answer.status,
        headers: answer.headers,
        payload: Body::from(answer.payload),
    }
}

fn reply(answer: Answer<Body>) -> Reply {
    let mut headers: HeaderMap = answer.headers;
    // The payload is not as long as the messages that it came in, and JSON whatever a server calls it.
    for name in [
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::CONNECTION,
    ] {
        headers.remove(name);
    }
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    Reply {
        status: answer.status,
        headers,
        body: answer.payload,
    }
}

/// What the client is told. Where the service does not invoke the function it is a 500, whatever its reason
/// (<https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html>).
fn refused(exchange: &Exchange, error: &InvokeError) -> Refusal {
    let refusal = match error {
        InvokeError::Send(SendError::Unreachable(_)) => Refusal::unreachable(),
        InvokeError::Send(SendError::TimedOut(_)) | InvokeError::TimedOut(_) => {
            Refusal::timed_out(Blame::Upstream)
        }
        InvokeError::Send(SendError::Lost(_) | SendError::ClientBody(_))
        | InvokeError::Body(BodyError::Transport(_)) => Refusal::connection_lost(),
        InvokeError::Body(BodyError::Idle(_)) => Refusal::timed_out(Blame::Upstream),
        InvokeError::Body(_) | InvokeError::TooLarge(_) => Refusal::integration_failure(Blame::Upstream),
        InvokeError::Busy => Refusal::overloaded(),
        // The request was too large for the function.
        InvokeError::Refused { status, .. } if *status == StatusCode::PAYLOAD_TOO_LARGE => {
            Refusal::too_large()
        }
        InvokeError::Refused { .. } => Refusal::configuration(Blame::Upstream),
        InvokeError::Send(SendError::Tls(_) | SendError::BadHost(_))
        | InvokeError::Unsigned(_)
        | InvokeError::NotText => Refusal::configuration(Blame::Gateway),
    };
    tracing::warn!(requestId = %exchange.id, "{error}");
    exchange.log().error(|| format!("Execution failed: {error}"));
    refusal
}
