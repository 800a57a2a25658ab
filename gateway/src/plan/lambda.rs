//! Integrations with Lambda functions, ready to be carried out.

use std::sync::Arc;
use std::time::Duration;

use portcullis_model::PayloadFormat;

use super::mapping::{RequestPlan, ResponsesPlan, Source};
use crate::lambda::{Function, FunctionUrl};

/// `AWS_PROXY`: the request as an event, whose answer is the response.
#[derive(Debug)]
pub struct LambdaProxyPlan {
    /// The function.
    pub function: Arc<Function>,
    /// What it is passed, and how it may answer.
    pub format: PayloadFormat,
    /// Where the type of the invocation comes from: `RequestResponse` where absent.
    pub invocation_type: Option<Source>,
    /// Whether the answer streams.
    pub streams: bool,
    /// Until the answer, or its beginning where it streams.
    pub timeout: Duration,
}

/// `AWS`: event and response are made by mappings.
#[derive(Debug)]
pub struct LambdaPlan {
    /// The function.
    pub function: Arc<Function>,
    /// How the event is made. Headers are those of the invocation.
    pub request: RequestPlan,
    /// What is made of the answer, chosen by its `errorMessage`.
    pub responses: ResponsesPlan,
    /// Until the answer.
    pub timeout: Duration,
}

/// `AWS_PROXY` where the function has a URL: the request as it is.
#[derive(Debug)]
pub struct FunctionUrlPlan {
    /// The function.
    pub function: Arc<FunctionUrl>,
    /// Whether its response may be as long, and take as long, as responses that stream.
    pub streams: bool,
    /// Until the head of the response.
    pub timeout: Duration,
}
