//! A server that has the Lambda API's `Invoke`, as its reference says it
//! (<https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>), and verifies signatures.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
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
            answered(answers(&invocation))
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
    let name = path
        .split_once("/2015-03-31/functions/")?
        .1
        .strip_suffix("/invocations")?;
    let kind = request.headers.get("x-amz-invocation-type");
    assert_eq!(kind.expect("a type of invocation"), "RequestResponse");
    assert_eq!(request.method, "POST");
    Some(Invocation {
        name: name.replace("%3A", ":"),
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
