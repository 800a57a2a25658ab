//! Integrations of type AWS: with the services that moto has, with servers that verify signatures, and with all that can fail.
//!
//! URLs are AWS's documentation.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod chain;
mod faults;
mod kept;
mod places;
mod real;
mod signed;

use portcullis_testkit::{Answer, Files, Running};

/// Credentials as moto and the servers of these tests take them.
const KEY: (&str, &str) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");

/// The files of a gateway: a definition, and credentials.
fn files(definition: &str) -> Files {
    let files = Files::default();
    files.write("api.yaml", definition);
    let (id, secret) = KEY;
    files.write(
        "aws.credentials",
        format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"),
    );
    files
}

/// A definition with one integration, at `/call` and, where its URI has a `{key}`, at `/call/{key}`; `more` is more of it.
fn definition(uri: &str, more: &str) -> String {
    let path = if uri.contains("{key}") {
        "/call/{key}"
    } else {
        "/call"
    };
    let responses = match more.contains("responses:") {
        true => "",
        false => "\n          responses: {default: {statusCode: '200'}, '403': {statusCode: '403'}}",
    };
    format!(
        "openapi: 3.0.3
info: {{ title: one, version: '1' }}
paths:
  {path}:
    x-amazon-apigateway-any-method:
      x-amazon-apigateway-integration:
          type: aws
          httpMethod: ANY
          uri: {uri}
          credentials: arn:aws:iam::123456789012:role/orders{more}{responses}
      responses: {{}}
"
    )
}

/// A gateway of a definition, whose services are all at one server.
async fn gateway(definition: &str, endpoint: &str, more: &str) -> Running {
    let toml = format!(
        r#"
        {{listener api}}
        [control]
        address = "127.0.0.1:0"
        [aws]
        endpoint = "{endpoint}"
        [aws.credentials.default]
        file = "aws.credentials"
        [apis.api]
        openapi = "api.yaml"
        [apis.api.stages.dev]
        variables = {{ table = "items" }}
        {more}"#
    );
    Running::start(&toml, files(definition)).await
}

async fn post(gateway: &Running, path: &str, body: &str) -> Answer {
    gateway
        .send(
            "POST",
            path,
            &[("content-type", "application/json")],
            body.as_bytes(),
        )
        .await
}

/// Status and body.
fn told(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.text())
}
