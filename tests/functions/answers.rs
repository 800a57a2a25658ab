//! What the answers of functions mean.

use portcullis_tests::gateways::*;
use portcullis_tests::lambda::Answers;
use serde_json::{Value, json};

use super::{REQUEST, SIMPLE, TOKEN, answering};

fn policy(effect: &str, resource: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource},
    ]})
}

/// The answer is what the client sends as its token.
fn said(invocation: &portcullis_tests::lambda::Invocation) -> Answers {
    let token = &invocation.event["authorizationToken"];
    let token = token
        .as_str()
        .or_else(|| invocation.event["headers"]["x-answer"].as_str());
    match token.expect("an answer") {
        "unauthorized" => Answers::Error("Unauthorized"),
        "error" => Answers::Error("unauthorized"),
        text => Answers::Text(text.to_owned()),
    }
}

#[tokio::test]
async fn a_policy_decides() {
    let (gateway, lambda) = answering(TOKEN, said).await;
    let with = |policy: Value| json!({"principalId": "alice", "policyDocument": policy}).to_string();
    let all = "arn:aws:execute-api:*:*:api/dev/*/pets/*";
    // api-gateway-lambda-authorizer-output.html; behaviours for the words.
    for (name, answer, expected) in [
        ("denied", with(policy("Deny", all)), DENIED),
        (
            "something else is allowed",
            with(policy("Allow", "arn:aws:execute-api:*:*:api/dev/PUT/*")),
            NOT_ALLOWED,
        ),
        ("nobody", "unauthorized".to_owned(), UNAUTHORIZED),
        ("another error", "error".to_owned(), BAD_AUTHORIZER),
        ("no JSON", "Allow".to_owned(), BAD_AUTHORIZER),
        ("null", "null".to_owned(), BAD_AUTHORIZER),
        ("empty", "{}".to_owned(), BAD_AUTHORIZER),
        (
            "no principal",
            json!({"policyDocument": policy("Allow", "*")}).to_string(),
            BAD_AUTHORIZER,
        ),
        (
            "no policy",
            r#"{"principalId":"alice"}"#.to_owned(),
            BAD_AUTHORIZER,
        ),
        ("an empty policy", with(json!({})), BAD_AUTHORIZER),
        (
            "a policy that is none",
            with(json!({"Statement": [{"Effect": "Maybe"}]})),
            BAD_AUTHORIZER,
        ),
        (
            "a context that is not flat",
            json!({"principalId": "a", "policyDocument": policy("Allow", "*"), "context": {"a": []}})
                .to_string(),
            BAD_AUTHORIZER,
        ),
        ("yes or no", r#"{"isAuthorized":true}"#.to_owned(), BAD_AUTHORIZER),
    ] {
        let before = lambda.invocations().len();
        let answer = gateway.get("/dev/pets/7", &[("authorization", &answer)]).await;
        assert_refused(&answer, expected, name);
        assert_eq!(
            lambda.invocations().len(),
            before + 1,
            "{name}: nothing is tried again"
        );
    }
    assert_eq!(calls(&gateway, "echo").await, 0.0, "nothing is open by mistake");
    let good = json!({
        "principalId": "alice", "policyDocument": policy("Allow", all),
        "context": {"text": "x", "number": 7, "yes": true}, "usageIdentifierKey": "a-key",
    });
    let told = gateway
        .get("/dev/pets/7", &[("authorization", &good.to_string())])
        .await
        .json();
    let context = context(&told);
    for (name, expected) in [
        ("principalId", "alice"),
        ("text", "x"),
        ("number", "7"),
        ("yes", "true"),
    ] {
        assert_eq!(context[format!("authorizer.{name}")], expected);
    }
}

#[tokio::test]
async fn a_simple_answer_is_yes_or_no() {
    let (gateway, _lambda) = answering(SIMPLE, said).await;
    let send = async |answer: &str| gateway.get("/dev/pets/7", &[("x-answer", answer)]).await;
    let told = send(r#"{"isAuthorized":true,"context":{"text":"x","map":{"a":[1]}}}"#)
        .await
        .json();
    let context = context(&told);
    assert_eq!(context["authorizer.text"], "x");
    assert_eq!(context["authorizer.map"], r#"{"a":[1]}"#);
    assert_refused(&send(r#"{"isAuthorized":false}"#).await, DENIED, "no");
    assert_refused(&send("unauthorized").await, UNAUTHORIZED, "nobody");
    let with_policy = json!({"principalId": "a", "policyDocument": policy("Allow", "*")}).to_string();
    for bad in [
        r#"{"isAuthorized":"yes"}"#,
        r#"{"isAuthorized":1}"#,
        "true",
        "{}",
        &with_policy,
        "error",
    ] {
        assert_refused(&send(bad).await, BAD_AUTHORIZER, bad);
    }
    assert_eq!(calls(&gateway, "echo").await, 1.0);
}

#[tokio::test]
async fn format_2_may_answer_with_a_policy() {
    let authorizer = format!("{REQUEST}\npayload_format_version = \"2.0\"");
    let (gateway, _lambda) = answering(&authorizer, said).await;
    let send = async |answer: &str| gateway.get("/dev/pets/7", &[("x-answer", answer)]).await;
    let good = json!({"principalId": "a", "policyDocument": policy("Allow", "*"), "context": {"map": {}}});
    assert_eq!(send(&good.to_string()).await.status, 200);
    assert_refused(
        &send(r#"{"isAuthorized":true}"#).await,
        BAD_AUTHORIZER,
        "yes or no was not asked for",
    );
}
