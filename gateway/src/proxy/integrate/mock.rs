//! MOCK: a status, answered here.

use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::proxy::body::Body;
use crate::proxy::call::Reply;

/// The response of a MOCK integration without templates: no bytes, as JSON.
pub fn answer(status: StatusCode) -> Reply {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Reply {
        status,
        headers,
        body: Body::Empty,
    }
}
