//! A server that has the Lambda API's `Invoke` and `InvokeWithResponseStream`, as its reference says it
//! (<https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>,
//! <https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html>), and verifies signatures.

use std::sync::Arc;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;
use http::{HeaderMap, Response};
use parking_lot::Mutex;
use portcullis_testkit::{Origin, Recorded};
use serde_json::{Value, json};

use crate::signed::verified;

/// The key that a server which verifies knows.
pub const KEY: (&str, &str) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");

/// What a function answers.
#[derive(Debug, Clone)]
pub enum Answers {
    /// This text.
    Text(String),
    /// An error with this message.
    Error(&'static str),
    /// It is not invoked: a status, and the kind of error.
    Refused(u16, &'static str),
    /// It streams this, and ends well, or with that code.
    Stream(Vec<&'static str>, Option<&'static str>),
}

/// A message of an event stream.
pub fn message(kind: &str, payload: impl Into<Bytes>) -> Vec<u8> {
    let header =
        |name: &'static str, value: &str| Header::new(name, HeaderValue::String(value.to_owned().into()));
    let message = Message::new_from_parts(
        vec![header(":message-type", "event"), header(":event-type", kind)],
        payload,
    );
    let mut bytes = Vec::new();
    write_message_to(&message, &mut bytes).expect("a message");
    bytes
}

/// The message that ends a stream.
pub fn complete(code: Option<&str>) -> Vec<u8> {
    let told = code.map_or_else(
        || json!({}),
        |code| json!({"ErrorCode": code, "ErrorDetails": "x"}),
    );
    message("InvokeComplete", told.to_string())
}

/// One invocation.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The function, as the path names it, decoded.
    pub name: String,
    /// The query.
    pub query: String,
    /// What the function was passed.
    pub event: Value,
    /// The region of the signature, where one is verified.
    pub region: Option<String>,
    /// `X-Amz-Invocation-Type`.
    pub kind: String,
    /// Whether its answer may stream.
    pub streams: bool,
    /// The headers.
    pub headers: HeaderMap,
}

/// The server.
#[derive(Debug)]
pub struct Lambda {
    origin: Origin,
    invocations: Arc<Mutex<Vec<Invocation>>>,
}

impl Lambda {
    /// One whose functions answer what a function says of an invocation.
    pub async fn start(answers: impl Fn(&Invocation) -> Answers + Send + Sync + 'static) -> Self {
        Self::of(false, answers).await
    }

    /// The same, for requests that are signed with [`KEY`] alone.
    pub async fn verifying(answers: impl Fn(&Invocation) -> Answers + Send + Sync + 'static) -> Self {
        Self::of(true, answers).await
    }

    async fn of(verifies: bool, answers: impl Fn(&Invocation) -> Answers + Send + Sync + 'static) -> Self {
        let invocations: Arc<Mutex<Vec<Invocation>>> = Arc::default();
        let log = invocations.clone();
        let origin = Origin::start(move |request| {
            let region = match verifies.then(|| verified(request, "lambda", KEY)) {
                Some(Err(message)) => {
                    return refusal(403, "InvalidSignatureException", &message);
                }
                Some(Ok(region)) => Some(region),
                None => None,
            };
            let Some(invocation) = invocation(request, region) else {
                return refusal(404, "ResourceNotFoundException", "Function not found");
            };
            log.lock().push(invocation.clone());
            let answer = answers(&invocation);
            if invocation.kind == "Event" {
                return Response::builder()
                    .status(202)
                    .body(Bytes::new())
                    .expect("a response");
            }
            answered(answer)
        })
        .await;
        Self { origin, invocations }
    }

    /// Where it is.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.origin.authority())
    }

    /// The invocations so far.
    pub fn invocations(&self) -> Vec<Invocation> {
        self.invocations.lock().clone()
    }

    /// The last of them.
    pub fn last(&self) -> Invocation {
        self.invocations().pop().expect("an invocation")
    }
}

fn invocation(request: &Recorded, region: Option<String>) -> Option<Invocation> {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let whole = path
        .split_once("/2015-03-31/functions/")
        .and_then(|(_, rest)| rest.strip_suffix("/invocations"));
    let streamed = path
        .split_once("/2021-11-15/functions/")
        .and_then(|(_, rest)| rest.strip_suffix("/response-streaming-invocations"));
    let kind = request.headers.get("x-amz-invocation-type");
    let kind = kind.expect("a type of invocation").to_str().expect("text");
    assert_eq!(request.method, "POST");
    Some(Invocation {
        name: whole.or(streamed)?.replace("%3A", ":"),
        kind: kind.to_owned(),
        streams: streamed.is_some(),
        headers: request.headers.clone(),
        query: query.to_owned(),
        event: serde_json::from_slice(&request.body).expect("JSON"),
        region,
    })
}

fn answered(answers: Answers) -> Response<Bytes> {
    let response = Response::builder().header("x-amz-executed-version", "$LATEST");
    let response = match &answers {
        Answers::Error(_) => response.header("x-amz-function-error", "Unhandled"),
        _ => response,
    };
    let body = match answers {
        Answers::Text(text) => text,
        Answers::Error(message) => json!({"errorMessage": message, "errorType": "Error"}).to_string(),
        Answers::Stream(chunks, code) => {
            let chunks = chunks.into_iter().map(|chunk| message("PayloadChunk", chunk));
            let body = chunks.chain([complete(code)]).collect::<Vec<_>>().concat();
            let kind = "application/vnd.amazon.eventstream";
            let response = response.header("content-type", kind);
            return response.body(Bytes::from(body)).expect("a response");
        }
        Answers::Refused(status, kind) => return refusal(status, kind, "not now"),
    };
    response.body(Bytes::from(body)).expect("a response")
}

fn refusal(status: u16, kind: &str, message: &str) -> Response<Bytes> {
    let response = Response::builder()
        .status(status)
        .header("x-amzn-errortype", kind);
    let body = json!({"Type": "User", "Message": message}).to_string();
    response.body(Bytes::from(body)).expect("a response")
}
