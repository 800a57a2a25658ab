//! A server that has Lambda's `Invoke` and `InvokeWithResponseStream`, signed where there are credentials
//! (<https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>,
//! <https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html>).

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};

use super::{Answer, Bounds, INVOCATION_TYPE, Invocation, InvokeError, stream};
use crate::proxy::body::Body;
use crate::proxy::timers::SpareTimers;
use crate::signing::{Scope, signature};
use crate::upstream::{Backend, ResponseBody};

/// Bytes of what a server says when it refuses to invoke.
const REFUSAL_LIMIT: u64 = 64 * 1024;

/// A function at a server.
#[derive(Debug)]
pub struct Server {
    /// The URL of its invocation.
    pub url: Box<str>,
    /// Path and query of that.
    pub target: PathAndQuery,
    /// Path and query of an invocation whose answer streams.
    pub stream_target: PathAndQuery,
    /// The server.
    pub backend: Arc<Backend>,
    /// Who invokes it.
    pub signer: Option<Signer>,
}

/// Who invokes functions.
#[derive(Debug)]
pub struct Signer {
    /// For which region requests are signed.
    pub region: Box<str>,
    /// The key.
    pub credentials: Arc<Credentials>,
}

impl Server {
    pub(super) async fn invoke(
        &self,
        invocation: Invocation<'_>,
        bounds: Bounds,
        now: Duration,
    ) -> Result<Answer, InvokeError> {
        let response = self.send(&self.target, invocation, bounds.time, now).await?;
        let (parts, body) = response.into_parts();
        let payload = Body::bounded(body, bounds.answer, bounds.time).whole().await?;
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            payload,
        })
    }

    pub(super) async fn stream(
        &self,
        invocation: Invocation<'_>,
        time: Duration,
        now: Duration,
    ) -> Result<Answer<Body>, InvokeError> {
        let response = self.send(&self.stream_target, invocation, time, now).await?;
        let (parts, body) = response.into_parts();
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            payload: stream::decoded(body),
        })
    }

    async fn send(
        &self,
        target: &PathAndQuery,
        invocation: Invocation<'_>,
        time: Duration,
        now: Duration,
    ) -> Result<Response<ResponseBody>, InvokeError> {
        let request = self.request(target, invocation, now)?;
        let sent = self
            .backend
            .send(Box::new(request), time, &SpareTimers::default())
            .await;
        let response = sent.map_err(InvokeError::Send)?;
        if response.status().is_success() {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let told = Body::bounded(body, REFUSAL_LIMIT, time).whole().await;
        Err(InvokeError::refused(
            parts.status,
            &parts.headers,
            &told.unwrap_or_default(),
        ))
    }

    fn request(
        &self,
        target: &PathAndQuery,
        invocation: Invocation<'_>,
        now: Duration,
    ) -> Result<Request<Body>, InvokeError> {
        let mut request = Request::new(Body::Empty);
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = target.clone().into();
        let headers = request.headers_mut();
        *headers = invocation.headers;
        headers.insert(HOST, self.backend.host().clone());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers
            .entry(INVOCATION_TYPE)
            .or_insert(HeaderValue::from_static("RequestResponse"));
        if let Some(signer) = &self.signer {
            let url = self.url_of(target);
            signer.sign(("POST", &url), headers, &invocation.event, now)?;
        }
        // It is framed by hyper.
        *request.body_mut() = Body::from(invocation.event);
        Ok(request)
    }

    /// The scheme does not count for a signature.
    fn url_of(&self, target: &PathAndQuery) -> String {
        let host = String::from_utf8_lossy(self.backend.host().as_bytes());
        format!("https://{host}{target}")
    }
}

impl Signer {
    /// Adds the headers that sign a request with all the headers that it has.
    pub(super) fn sign(
        &self,
        (method, url): (&str, &str),
        headers: &mut HeaderMap,
        body: &Bytes,
        now: Duration,
    ) -> Result<(), InvokeError> {
        let texts = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()));
        let signable = SignableRequest::new(method, url, texts, SignableBody::Bytes(body));
        let scope = Scope {
            service: "lambda",
            region: &self.region,
        };
        let signed = signable
            .map_err(|error| error.to_string())
            .and_then(|signable| signature(signable, scope, &self.credentials, now))
            .map_err(InvokeError::Unsigned)?;
        for (name, value) in signed {
            let pair = name.parse::<HeaderName>().ok().zip(value.parse().ok());
            let (name, value) = pair.ok_or_else(|| InvokeError::Unsigned(format!("a bad {name}")))?;
            headers.insert(name, value);
        }
        Ok(())
    }
}
