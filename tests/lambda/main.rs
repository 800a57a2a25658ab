//! Lambda functions that answer methods: what they are passed, what their answers mean, where they run, and what comes of all
//! that can fail.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod answers;
mod asynchronous;
mod components;
mod custom;
mod emulator;
mod events;
mod faults;
mod rules;
mod streams;
mod surfaces;
mod urls;

use portcullis_testkit::{Answer, Files, Running};
use portcullis_tests::lambda::{Answers, Invocation, Lambda};
use serde_json::Value;

const BAD_GATEWAY: (u16, &str, &str) = (
    502,
    r#"{"message": "Internal server error"}"#,
    "InternalServerErrorException",
);
const INTERNAL: (u16, &str, &str) = (
    500,
    r#"{"message": "Internal server error"}"#,
    "InternalServerErrorException",
);

/// A gateway whose every path is answered by the function `f` of that server; `settings` are those of the integration.
async fn proxied(endpoint: &str, settings: &str, more: &str) -> Running {
    let toml = format!(
        r#"
        {{listener api}}
        [lambda]
        endpoint = "{endpoint}"
        [apis.api]
        binary_media_types = ["image/*"]
        [apis.api.stages.dev]
        variables = {{ colour = "blue" }}
        methods = {{ "*/*" = {{ logging = "INFO", data_trace = true }} }}
        [[apis.api.routes]]
        path = "/pets/{{id}}"
        integration = {{ type = "lambda", function = "f"{settings} }}
        [[apis.api.routes]]
        path = "/{{proxy+}}"
        integration = {{ type = "lambda", function = "f"{settings} }}
        [[apis.api.routes]]
        path = "/"
        integration = {{ type = "lambda", function = "f"{settings} }}
        {more}"#
    );
    Running::start(&toml, Files::default()).await
}

/// One with a server whose functions answer that.
async fn answering(
    settings: &str,
    answers: impl Fn(&Invocation) -> Answers + Send + Sync + 'static,
) -> (Running, Lambda) {
    let lambda = Lambda::start(answers).await;
    (proxied(&lambda.endpoint(), settings, "").await, lambda)
}

/// The answer to a GET of a function that answers this text.
async fn got(settings: &str, text: &str, headers: &[(&str, &str)]) -> Answer {
    let text = text.to_owned();
    let (gateway, _lambda) = answering(settings, move |_| Answers::Text(text.clone())).await;
    gateway.get("/dev/pets/7", headers).await
}

/// A function that answers 200 and nothing else.
fn fine(_: &Invocation) -> Answers {
    Answers::Text(r#"{"statusCode":200}"#.to_owned())
}

const SECOND: &str = ", payload_format_version = \"2.0\"";

/// What is there of a document below a pointer; null where nothing is.
fn at<'v>(document: &'v Value, pointer: &str) -> &'v Value {
    document.pointer(pointer).unwrap_or(&Value::Null)
}
