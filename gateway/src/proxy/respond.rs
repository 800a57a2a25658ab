//! Station 11: the one place where an outcome becomes a response.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, header};

use super::body::Body;
use super::call::{Head, Reply};
use super::exchange::{Exchange, ExchangeBody};
use super::mapping::source::Values;
use super::refusal::{Blame, Refusal};
use crate::plan::{GatewayResponsePlan, SimplePart, SimpleTemplate};

const X_AMZN_REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const X_AMZ_APIGW_ID: HeaderName = HeaderName::from_static("x-amz-apigw-id");
const X_AMZN_ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// The reply of an outcome.
pub fn reply(exchange: &mut Exchange, head: &Head, outcome: Result<Reply, Refusal>) -> Reply {
    match outcome {
        Ok(reply) => reply,
        Err(refusal) => refuse(exchange, head, refusal),
    }
}

/// A refusal as a reply, in the API's own words where it has some; counted by type and blame, logged where it is not the
/// client's doing.
pub fn refuse(exchange: &mut Exchange, head: &Head, refusal: Refusal) -> Reply {
    let stage = exchange.stage.clone();
    let mut reply = refuse_early(exchange, refusal);
    let customised = exchange.refused.as_ref().and_then(|refusal| {
        let responses = &stage.as_ref()?.base.gateway_responses;
        responses.find(refusal.response_type?, refusal.status)
    });
    if let Some(plan) = customised {
        customise(exchange, head, plan, &mut reply);
    }
    reply
}

/// A refusal before the request could be read, or before it is known whose it is.
pub fn refuse_early(exchange: &mut Exchange, refusal: Refusal) -> Reply {
    exchange.log().refused(&refusal);
    let kind = refusal.response_type.map_or("NONE", |kind| kind.name());
    if let Some(stage) = &exchange.stage {
        stage.metrics.refused(refusal.response_type, refusal.blame);
    }
    match refusal.blame {
        Blame::Client => tracing::debug!(requestId = %exchange.id, "refused: {kind} {}", refusal.status),
        _ => {
            tracing::warn!(requestId = %exchange.id, blame = ?refusal.blame, "refused: {kind} {}", refusal.status)
        }
    }
    plain(exchange.refused.insert(Box::new(refusal)))
}

/// In API Gateway's words.
fn plain(refusal: &Refusal) -> Reply {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(X_AMZN_ERROR_TYPE, HeaderValue::from_static(refusal.error_type));
    if refusal.retry {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    let body = match &refusal.body {
        Cow::Borrowed(text) => Bytes::from_static(text.as_bytes()),
        Cow::Owned(text) => Bytes::copy_from_slice(text.as_bytes()),
    };
    Reply {
        status: refusal.status,
        headers,
        body: Body::from(body),
    }
}

/// What the API says of its gateway responses
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html>).
fn customise(exchange: &Exchange, head: &Head, plan: &GatewayResponsePlan, reply: &mut Reply) {
    let values = Values::of_request(exchange, head, b"");
    if let Some((content_type, template)) = template(head, plan) {
        let text: String = template.0.iter().map(|part| rendered(part, &values)).collect();
        reply.headers.insert(header::CONTENT_TYPE, content_type.clone());
        reply.body = Body::from(Bytes::from(text));
    }
    for (name, source) in &plan.headers {
        // A value that no header can have is left out: this is the answer to an error already.
        if let Ok(Some(value)) = values.header(source) {
            reply.headers.insert(name.clone(), value);
        }
    }
    reply.status = plan.status.unwrap_or(reply.status);
}

/// The one for the first type that the client accepts, else the one for JSON, else the first.
fn template<'p>(head: &Head, plan: &'p GatewayResponsePlan) -> Option<&'p (HeaderValue, SimpleTemplate)> {
    let accept = head
        .header(&header::ACCEPT)
        .and_then(portcullis_content::media_type::first_of_accept);
    let of = |wanted: &str| {
        plan.templates
            .iter()
            .find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(wanted.as_bytes()))
    };
    accept
        .and_then(of)
        .or_else(|| of("application/json"))
        .or_else(|| plan.templates.first())
}

fn rendered<'a>(part: &'a SimplePart, values: &Values<'a>) -> Cow<'a, str> {
    match part {
        SimplePart::Text(text) => Cow::Borrowed(text),
        SimplePart::Value(source) => values.text(source).ok().flatten().unwrap_or_default(),
    }
}

/// Sends a reply, with the ids that every response carries.
pub fn send(exchange: Box<Exchange>, reply: Reply) -> Response<ExchangeBody> {
    let Reply {
        status,
        mut headers,
        body,
    } = reply;
    for (name, id) in [
        (X_AMZN_REQUEST_ID, exchange.id.as_bytes()),
        (X_AMZ_APIGW_ID, exchange.extended_id.as_bytes()),
    ] {
        if let Ok(mut id) = HeaderValue::from_bytes(id) {
            // What is new each time has no place in HTTP/2's table of headers (RFC 7541, section 7.1.3): it would only drive
            // out others, and be compared with all that came before.
            id.set_sensitive(true);
            headers.insert(name, id);
        }
    }
    // Of HTTP/1 alone: where it means nothing it is not sent.
    if exchange.connection.listener.is_left() {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let mut response = Response::new(ExchangeBody::new(exchange, status, &headers, body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;

    use http::StatusCode;

    use super::*;
    use crate::clock::SystemClock;
    use crate::proxy::Gateway;
    use crate::proxy::call::{Connection, Listener};

    #[test]
    fn what_is_new_each_time_is_never_indexed() {
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        let connection = Connection::new(address, address, Arc::<Listener>::default());
        let gateway = Gateway::new(SystemClock::shared());
        let exchange = Exchange::begin(&gateway, &Arc::new(connection));
        let mut headers = HeaderMap::new();
        exchange.trace(&HeaderMap::new()).put(&mut headers);
        let reply = Reply {
            status: StatusCode::OK,
            headers,
            body: Body::Empty,
        };
        let response = send(Box::new(exchange), reply);
        assert_eq!(response.headers().len(), 3);
        assert!(response.headers().values().all(HeaderValue::is_sensitive));
    }
}
