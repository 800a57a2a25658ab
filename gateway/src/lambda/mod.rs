//! Lambda functions, where they run: at a server that has AWS's own `Invoke`, or as a component in this process. A function
//! URL is no invocation, but a request (`url.rs`).

mod component;
mod error;
mod server;
mod stream;
mod url;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::proxy::body::Body;

pub use component::Component;
pub use error::InvokeError;
pub use server::{Server, Signer};
pub use url::FunctionUrl;

/// How a function is invoked: `RequestResponse`, `Event` or `DryRun`
/// (<https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>).
pub const INVOCATION_TYPE: HeaderName = HeaderName::from_static("x-amz-invocation-type");
/// Of an answer that is the function's failure.
pub const FUNCTION_ERROR: HeaderName = HeaderName::from_static("x-amz-function-error");

/// A function.
#[derive(Debug)]
pub struct Function {
    /// As it was named.
    pub name: Box<str>,
    /// Where it runs.
    pub place: Place,
    /// Until its answer, where that is said of the function itself.
    pub timeout: Option<Duration>,
}

/// Where a function runs.
#[derive(Debug)]
pub enum Place {
    /// At a server.
    Server(Server),
    /// Here.
    Component(Component),
}

/// One invocation.
#[derive(Debug)]
pub struct Invocation<'a> {
    /// The request's id.
    pub id: &'a str,
    /// JSON.
    pub event: Bytes,
    /// What is mapped of the invocation beside it, such as its type.
    pub headers: HeaderMap,
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
pub struct Answer<P = Bytes> {
    /// The server's: 202 where the function is only to be run some time.
    pub status: StatusCode,
    /// The server's.
    pub headers: HeaderMap,
    /// What it returned, or what is told of its failure.
    pub payload: P,
}

impl<P> Answer<P> {
    /// It failed: with an error of its own, or without answering (`X-Amz-Function-Error`).
    pub fn failed(&self) -> bool {
        self.headers.contains_key(FUNCTION_ERROR)
    }
}

impl Answer {
    fn returned(payload: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            payload: payload.into(),
        }
    }

    /// A failure as Lambda tells it.
    fn of_failure(kind: &str, message: &str) -> Self {
        let told = serde_json::json!({ "errorType": kind, "errorMessage": message });
        let mut answer = Self::returned(told.to_string());
        let unhandled = HeaderValue::from_static("Unhandled");
        answer.headers.insert(FUNCTION_ERROR, unhandled);
        answer
    }
}

impl Invocation<'_> {
    /// Whether nobody waits for the answer.
    pub fn is_event(&self) -> bool {
        let kind = self.headers.get(INVOCATION_TYPE);
        kind.is_some_and(|kind| kind == "Event")
    }
}

impl Function {
    /// Where it is invoked, for people.
    pub fn address(&self) -> &str {
        match &self.place {
            Place::Server(server) => &server.url,
            Place::Component(_) => &self.name,
        }
    }

    /// Invokes it once; nothing is tried again. `now` is the time since 1970.
    ///
    /// # Errors
    ///
    /// There is no answer.
    pub async fn invoke(
        &self,
        invocation: Invocation<'_>,
        bounds: Bounds,
        now: Duration,
    ) -> Result<Answer, InvokeError> {
        let time = self.timeout.unwrap_or(bounds.time);
        let bounds = Bounds { time, ..bounds };
        let invoked = async {
            match &self.place {
                Place::Server(server) => server.invoke(invocation, bounds, now).await,
                Place::Component(component) => component.invoke(&self.name, invocation, bounds, now).await,
            }
        };
        match tokio::time::timeout(time, invoked).await {
            Ok(invoked) => invoked,
            Err(_) => Err(InvokeError::TimedOut(time)),
        }
    }

    /// The same, with an answer that streams where the function does. A component answers all at once.
    ///
    /// # Errors
    ///
    /// There is no answer.
    pub async fn stream(
        &self,
        invocation: Invocation<'_>,
        bounds: Bounds,
        now: Duration,
    ) -> Result<Answer<Body>, InvokeError> {
        if let Place::Server(server) = &self.place {
            let time = self.timeout.unwrap_or(bounds.time);
            return server.stream(invocation, time, now).await;
        }
        let answer = self.invoke(invocation, bounds, now).await?;
        Ok(Answer {
            status: answer.status,
            headers: answer.headers,
            payload: Body::from(answer.payload),
        })
    }
}
