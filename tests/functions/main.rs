//! Lambda functions that authorize: what they are passed, what their answers mean, where they run, and what comes of all
//! that can fail.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod answers;
mod events;
mod faults;
mod kept;
mod places;
mod rules;

use portcullis_testkit::Running;
use portcullis_tests::gateways::*;
use portcullis_tests::lambda::{Answers, Invocation, Lambda};
use serde_json::json;

/// Lets everybody call everything, and says what it was passed.
fn allow(invocation: &Invocation) -> Answers {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"},
    ]});
    let context = json!({"function": invocation.name});
    let answer = json!({"principalId": "alice", "policyDocument": policy, "context": context});
    Answers::Text(answer.to_string())
}

/// A gateway whose every path below `/{id}` asks an authorizer of these settings, at that server.
async fn guarded(lambda: &str, authorizer: &str) -> Running {
    let toml = format!(
        r#"
        {{listener api}}
        [control]
        address = "127.0.0.1:0"
        [lambda]
        endpoint = "{lambda}"
        [apis.api.stages.dev]
        variables = {{ colour = "blue", check = "by-variable" }}
        [apis.api.authorizers.guard]
        {authorizer}
        [[apis.api.routes]]
        path = "/pets/{{id}}"
        authorizer = "guard"
        integration = {{ type = "plugin", plugin = "echo" }}
        {ECHO}"#
    );
    Running::start(&toml, guests()).await
}

/// One with a server whose functions answer that.
async fn answering(
    authorizer: &str,
    answers: impl Fn(&Invocation) -> Answers + Send + Sync + 'static,
) -> (Running, Lambda) {
    let lambda = Lambda::start(answers).await;
    (guarded(&lambda.endpoint(), authorizer).await, lambda)
}

const TOKEN: &str = "type = \"token\"\nfunction = \"check\"";
const REQUEST: &str = "type = \"request\"\nfunction = \"check\"";
const SIMPLE: &str =
    "type = \"request\"\nfunction = \"check\"\npayload_format_version = \"2.0\"\nsimple_responses = true";
