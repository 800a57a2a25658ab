//! Lambda functions, invoked as AWS's own API has it: `Invoke`, synchronously, signed where there are credentials
//! (<https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>).

mod error;

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest};
use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Request, Response, header};

use crate::proxy::body::Body;
use crate::signing::{Scope, signature};
use crate::upstream::{Backend, ResponseBody};

pub use error::InvokeError;

const INVOCATION_TYPE: HeaderName = HeaderName::from_static("x-amz-invocation-type");
const FUNCTION_ERROR: HeaderName = HeaderName::from_static("x-amz-function-error");
/// Bytes of what a server says when it refuses to invoke.
const REFUSAL_LIMIT: u64 = 64 * 1024;

/// A function where it is invoked.
#[derive(Debug)]
pub struct Function {
    /// The URL of its invocation.
    pub url: Box<str>,
    /// Path and query of that.
    pub target: PathAndQuery,
    /// The server.
    pub backend: Arc<Backend>,
    /// Who invokes it.
    pub signer: Option<Signer>,
    /// Until its answer, where that is said of the function itself.
    pub timeout: Option<Duration>,
}

/// Who invokes functions.
#[derive(Debug)]
pub struct Signer {
    /// For which region requests are signed.
    pub region: Box<str>,
    /// The key.
    pub credentials: Arc<Credentials>,
}

/// What an invocation may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Bytes of the answer.
    pub answer: u64,
    /// Until all of the answer is there, where nothing is said of the function itself.
    pub time: Duration,
}

/// What a function answered.
#[derive(Debug)]
pub struct Answer {
    /// What it returned, or what is told of its failure.
    pub payload: Bytes,
    /// It failed: with an error of its own, or without answering (`X-Amz-Function-Error`).
    pub failed: bool,
}

impl Function {
    /// Invokes it once; nothing is tried again. `now` is the time since 1970.
    ///
    /// # Errors
    ///
    /// There is no answer.
    pub async fn invoke(&self, event: Bytes, bounds: Bounds, now: Duration) -> Result<Answer, InvokeError> {
        let request = self.request(event, now)?;
        let time = self.timeout.unwrap_or(bounds.time);
        let invoked = async {
            let response = self
                .backend
                .send(request, time)
                .await
                .map_err(InvokeError::Send)?;
            answer(response, bounds.answer, time).await
        };
        match tokio::time::timeout(time, invoked).await {
            Ok(invoked) => invoked,
            Err(_) => Err(InvokeError::TimedOut(time)),
        }
    }

    fn request(&self, event: Bytes, now: Duration) -> Result<Request<Body>, InvokeError> {
        let mut request = Request::new(Body::Empty);
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.target.clone().into();
        let headers = request.headers_mut();
        headers.insert(header::HOST, self.backend.host().clone());
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(INVOCATION_TYPE, HeaderValue::from_static("RequestResponse"));
        if let Some(signer) = &self.signer {
            let texts = headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()));
            let signable = SignableRequest::new("POST", &*self.url, texts, SignableBody::Bytes(&event));
            let signed = signable
                .map_err(|error| error.to_string())
                .and_then(|signable| signer.sign(signable, now))
                .map_err(InvokeError::Unsigned)?;
            for (name, value) in signed {
                let pair = name.parse::<HeaderName>().ok().zip(value.parse().ok());
                let (name, value) = pair.ok_or_else(|| InvokeError::Unsigned(format!("a bad {name}")))?;
                headers.insert(name, value);
            }
        }
        // It is framed by hyper.
        *request.body_mut() = Body::from(event);
        Ok(request)
    }
}

impl Signer {
    fn sign(&self, request: SignableRequest<'_>, now: Duration) -> Result<Vec<(String, String)>, String> {
        let scope = Scope {
            service: "lambda",
            region: &self.region,
        };
        signature(request, scope, &self.credentials, now)
    }
}

async fn answer(response: Response<ResponseBody>, limit: u64, idle: Duration) -> Result<Answer, InvokeError> {
    let (parts, body) = response.into_parts();
    if parts.status.is_success() {
        let payload = Body::bounded(body, limit, idle).whole().await?;
        let failed = parts.headers.contains_key(FUNCTION_ERROR);
        return Ok(Answer { payload, failed });
    }
    let told = Body::bounded(body, REFUSAL_LIMIT, idle)
        .whole()
        .await
        .unwrap_or_default();
    Err(InvokeError::refused(parts.status, &parts.headers, &told))
}
