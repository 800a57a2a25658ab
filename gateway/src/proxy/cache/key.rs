//! The key of a request's response.

use bytes::Bytes;
use portcullis_cache::Key;

use crate::plan::CachePlan;
use crate::proxy::body::Body;
use crate::proxy::call::{Call, Head};
use crate::proxy::exchange::Exchange;
use crate::proxy::mapping::body;
use crate::proxy::mapping::source::{Unmappable, Values};
use crate::proxy::refusal::Refusal;

/// What the plan begins, then the verb, then each parameter with all its values: none and an empty one are two.
pub(super) async fn of(exchange: &Exchange, plan: &CachePlan, call: &mut Call) -> Result<Key, Refusal> {
    let body = match plan.reads_body {
        true => body::of_request(exchange, call).await?,
        false => Bytes::new(),
    };
    let mut key = plan.prefix.clone();
    key.part(call.head.method.as_str().as_bytes());
    let values = Values::of_request(exchange, &call.head, &body);
    for source in &plan.parameters {
        let found = values.texts(source).map_err(Unmappable::from)?;
        key.list(found.iter().map(|value| value.as_bytes()));
    }
    Ok(key.finish())
}

/// The call once more; none where its body is still coming.
pub(super) fn again(call: &Call) -> Option<Call> {
    let body = match &call.body {
        Body::Empty => Body::Empty,
        Body::Whole(bytes) => Body::Whole(bytes.clone()),
        Body::Stream(_) => return None,
    };
    let Head {
        method,
        target,
        below_stage,
        host,
        version,
        headers,
    } = &call.head;
    let head = Head {
        method: method.clone(),
        target: target.clone(),
        below_stage: *below_stage,
        host: host.clone(),
        version: *version,
        headers: headers.clone(),
    };
    Some(Call { head, body })
}
