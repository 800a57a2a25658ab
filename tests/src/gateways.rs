//! What the suites of the request path share: a gateway of guests that tell what they got, and what refusals look like.
//!
//! "behaviours" is the project's list of facts about API Gateway, recorded from the service.

use portcullis_testkit::{Answer, Files, Running};

use serde_json::Value;

use crate::guest;

pub const FORBIDDEN: (u16, &str, &str) = (403, r#"{"message":"Forbidden"}"#, "ForbiddenException");
pub const NO_TOKEN: (u16, &str, &str) = (
    403,
    r#"{"message":"Missing Authentication Token"}"#,
    "MissingAuthenticationTokenException",
);
pub const UNAUTHORIZED: (u16, &str, &str) = (401, r#"{"message":"Unauthorized"}"#, "UnauthorizedException");
pub const DENIED: (u16, &str, &str) = (
    403,
    r#"{"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}"#,
    "AccessDeniedException",
);
pub const NOT_ALLOWED: (u16, &str, &str) = (
    403,
    r#"{"Message":"User is not authorized to access this resource"}"#,
    "AccessDeniedException",
);
pub const BAD_AUTHORIZER: (u16, &str, &str) =
    (500, r#"{"message":null}"#, "AuthorizerConfigurationException");

/// The files of a gateway with the guests that tell what they got.
pub fn guests() -> Files {
    let files = Files::default();
    for name in ["integration", "authorizer", "filter"] {
        files.write(&format!("{name}.wasm"), guest(&format!("faults-{name}")));
    }
    files
}

/// A plugin of world integration that answers with all that it was passed.
pub const ECHO: &str = r#"
    [plugins.echo]
    file = "integration.wasm"
    config.mode = "echo"
"#;

/// `GET` of a path at one of a gateway's listeners, by their order, under a host.
pub async fn by_listener(
    gateway: &Running,
    listener: usize,
    (host, path): (&str, &str),
    headers: &[(&str, &str)],
) -> Answer {
    let address = gateway.node.addresses()[listener];
    let headers: Vec<(&str, &str)> = [("host", host)].iter().chain(headers).copied().collect();
    let url = format!("http://{address}{path}");
    let answer = gateway.client().send("GET", &url, &headers, b"").await;
    answer.expect("an answer")
}

pub fn assert_refused(answer: &Answer, (status, body, error_type): (u16, &str, &str), name: &str) {
    assert_eq!(
        (
            answer.status.as_u16(),
            answer.text(),
            answer.header("x-amzn-errortype")
        ),
        (status, body, error_type),
        "{name}"
    );
    assert_eq!(answer.header("content-type"), "application/json", "{name}");
    assert_ids(answer, name);
}

/// behaviours: every response carries `x-amzn-RequestId` (a UUID) and `x-amz-apigw-id`.
pub fn assert_ids(answer: &Answer, name: &str) {
    let id = answer.header("x-amzn-requestid");
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12], "{name}: {id}");
    let hex = |byte: u8| byte == b'-' || byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    assert!(id.bytes().all(hex), "{name}: {id}");
    assert_eq!(id.as_bytes()[14], b'4', "{name}: {id} is a random UUID");
    let extended = answer.header("x-amz-apigw-id");
    assert!(
        extended.len() == 16 && extended.ends_with('='),
        "{name}: {extended}"
    );
}

/// A gateway whose every path is answered by the plugin `echo`.
pub async fn echoing(more: &str) -> Running {
    let toml = r#"
        {listener api}
        [control]
        address = "127.0.0.1:0"
        [apis.api.stages.dev]
        variables = { colour = "blue", "with-dash" = "1" }
        [[apis.api.routes]]
        path = "/one/{id}"
        integration = { type = "plugin", plugin = "echo" }
        [[apis.api.routes]]
        path = "/{proxy+}"
        integration = { type = "plugin", plugin = "echo" }
    "#;
    Running::start(&format!("{toml}{ECHO}{more}"), guests()).await
}

/// `$context` as the guest got it.
pub fn context(told: &Value) -> Value {
    let pairs = told["context"].as_array().expect("a list of pairs");
    let pair = |pair: &Value| (pair[0].as_str().unwrap_or_default().to_owned(), pair[1].clone());
    Value::Object(pairs.iter().map(pair).collect())
}

/// How often an authorizer plugin was called, whatever came of it.
pub async fn calls(gateway: &Running, plugin: &str) -> f64 {
    let metrics = gateway.control("/_portcullis/metrics").await;
    let prefix = format!("portcullis_plugin_calls_total{{plugin=\"{plugin}\",");
    let lines = metrics.text().lines().filter(|line| line.starts_with(&prefix));
    lines
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}
