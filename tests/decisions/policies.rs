//! Policy documents, evaluated against what is called.
//!
//! Sources: "output" is apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html, "reference" is
//! api-gateway-control-access-using-iam-policies-to-invoke-api.html, "IAM" is the IAM guide's reference of policy elements and
//! its policy evaluation logic, "support" is repost.aws/knowledge-center/api-gateway-403-error-lambda-authorizer; behaviours
//! is the project's list.

use portcullis_testkit::{Answer, Running};
use portcullis_tests::gateways::*;

const TOML: &str = r#"
    {listener api}
    [control]
    address = "127.0.0.1:0"
    region = "eu-central-1"
    account = "123456789012"
    [plugins.policies]
    file = "authorizer.wasm"
    config.mode = "policy"
    [plugins.arns]
    file = "authorizer.wasm"
    config.mode = "echo"
    [apis.api.stages.dev]
    [apis.api.authorizers.policies]
    type = "request"
    plugin = "policies"
    [apis.api.authorizers.arns]
    type = "request"
    plugin = "arns"
    [[apis.api.routes]]
    path = "/"
    authorizer = "policies"
    integration = { type = "mock" }
    [[apis.api.routes]]
    path = "/{proxy+}"
    authorizer = "policies"
    integration = { type = "mock" }
    [[apis.api.routes]]
    path = "/arn/{proxy+}"
    authorizer = "arns"
    integration = { type = "plugin", plugin = "echo" }
"#;

const ALLOWED: (u16, &str, &str) = (200, "", "");

async fn gateway() -> Running {
    Running::start(&format!("{TOML}{ECHO}"), guests()).await
}

async fn asked(gateway: &Running, policy: &str, call: &str) -> Answer {
    let (method, path) = call.split_once(' ').expect("a method and a path");
    let headers = [
        ("x-policy", policy),
        ("user-agent", "tests/1"),
        ("referer", "https://shop.example/"),
    ];
    gateway.send(method, &format!("/dev{path}"), &headers, b"").await
}

fn assert_is(answer: &Answer, expected: (u16, &str, &str), name: &str) {
    if expected == ALLOWED {
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
    } else {
        assert_refused(answer, expected, name);
    }
}

/// `ARN` is what ARNs of the stage begin with.
const ARN: &str = "arn:aws:execute-api:eu-central-1:123456789012:api/dev";

/// Name and source, statements, call, expected.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    (u16, &'static str, &'static str),
);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("output: the method", r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"ARN/GET/pets"}"#, "GET /pets", ALLOWED),
    ("support: nothing allows it", r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"ARN/GET/pets"}"#, "GET /dogs", NOT_ALLOWED),
    ("reference: another verb", r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"ARN/GET/pets"}"#, "POST /pets", NOT_ALLOWED),
    ("behaviours: an explicit deny", r#"{"Effect":"Deny","Action":"execute-api:Invoke","Resource":"ARN/GET/pets"}"#, "GET /pets", DENIED),
    ("reference: a wildcard for verbs", r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"ARN/*/pets"}"#, "POST /pets", ALLOWED),
    ("reference: a wildcard for paths", r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"ARN/GET/pets/*"}"#, "GET /pets/1/toys", ALLOWED),
    ("IAM, Resource: ? is one character", r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"ARN/GET/pet?"}"#, "GET /pets", ALLOWED),
    ("IAM, Resource: ? is not none", r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"ARN/GET/pets?"}"#, "GET /pets", NOT_ALLOWED),
    ("reference: the root", r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"ARN/GET/"}"#, "GET /", ALLOWED),
    ("reference: everything", r#"{"Effect":"Allow","Action":"execute-api:*","Resource":"arn:aws:execute-api:*:*:*"}"#, "DELETE /a/b", ALLOWED),
    ("IAM, Resource: a star alone", r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#, "GET /pets", ALLOWED),
    ("IAM, Resource: a list", r#"{"Effect":"Allow","Action":["execute-api:Invoke"],"Resource":["ARN/GET/a","ARN/GET/b"]}"#, "GET /b", ALLOWED),
    ("reference: another stage", r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:eu-central-1:123456789012:api/prod/*"}"#, "GET /pets", NOT_ALLOWED),
    ("reference: another API", r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:eu-central-1:123456789012:other/*"}"#, "GET /pets", NOT_ALLOWED),
    ("reference: another region", r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:us-east-1:123456789012:api/*"}"#, "GET /pets", NOT_ALLOWED),
    ("reference: another account", r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:eu-central-1:000000000000:api/*"}"#, "GET /pets", NOT_ALLOWED),
    ("IAM, Action: no case", r#"{"Effect":"Allow","Action":"EXECUTE-API:invoke","Resource":"ARN/*"}"#, "GET /pets", ALLOWED),
    ("IAM, Action: another one", r#"{"Effect":"Allow","Action":"execute-api:InvalidateCache","Resource":"ARN/*"}"#, "GET /pets", NOT_ALLOWED),
    ("IAM, NotAction: all but another", r#"{"Effect":"Allow","NotAction":"execute-api:InvalidateCache","Resource":"ARN/*"}"#, "GET /pets", ALLOWED),
    ("IAM, NotAction: all but this", r#"{"Effect":"Allow","NotAction":"execute-api:Invoke","Resource":"ARN/*"}"#, "GET /pets", NOT_ALLOWED),
    ("IAM, NotResource: all but another", r#"{"Effect":"Allow","Action":"execute-api:Invoke","NotResource":"ARN/*/admin/*"}"#, "GET /pets", ALLOWED),
    ("IAM, NotResource: all but this", r#"{"Effect":"Allow","Action":"execute-api:Invoke","NotResource":"ARN/*/admin/*"}"#, "GET /admin/users", NOT_ALLOWED),
    ("IAM, evaluation: a deny wins, before", r#"{"Effect":"Deny","Action":"*","Resource":"ARN/*/admin/*"},{"Effect":"Allow","Action":"*","Resource":"*"}"#, "GET /admin/users", DENIED),
    ("IAM, evaluation: a deny wins, after", r#"{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"ARN/*/admin/*"}"#, "GET /admin/users", DENIED),
    ("IAM, evaluation: a deny of something else", r#"{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"ARN/*/admin/*"}"#, "GET /pets", ALLOWED),
    ("IAM, Condition: where from", r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}}"#, "GET /pets", ALLOWED),
    ("IAM, Condition: from elsewhere", r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}"#, "GET /pets", NOT_ALLOWED),
    ("IAM, Condition: denies elsewhere", r#"{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}"#, "GET /pets", DENIED),
    ("IAM, Condition: when", r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}}"#, "GET /pets", ALLOWED),
    ("IAM, Condition: too late", r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}}"#, "GET /pets", NOT_ALLOWED),
    ("IAM, Condition: seconds", r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericGreaterThan":{"aws:EpochTime":"1577836800"}}}"#, "GET /pets", ALLOWED),
    ("IAM, Condition: user agent", r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"aws:UserAgent":"tests/*"}}}"#, "GET /pets", ALLOWED),
    ("IAM, Condition: referer", r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:Referer":"https://shop.example/"}}}"#, "GET /pets", ALLOWED),
    ("IAM, Condition: clear text", r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#, "GET /pets", DENIED),
    ("IAM, Condition: a key that there is not", r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:username":"ann"}}}"#, "GET /pets", NOT_ALLOWED),
    ("IAM, Condition: all operators must hold", r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"},"StringEquals":{"aws:UserAgent":"other"}}}"#, "GET /pets", NOT_ALLOWED),
    ("IAM, variables: a value of the request", r#"{"Effect":"Allow","Action":"*","Resource":"ARN/GET/from/${aws:SourceIp}"}"#, "GET /from/127.0.0.1", ALLOWED),
    ("IAM, variables: another value", r#"{"Effect":"Allow","Action":"*","Resource":"ARN/GET/from/${aws:SourceIp}"}"#, "GET /from/192.0.2.1", NOT_ALLOWED),
    // Routes read these as `/admin/users`, so policies do.
    ("spelling: percent-encoded", r#"{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"ARN/*/admin/*"}"#, "GET /%61dmin/users", DENIED),
    ("spelling: slashes before", r#"{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"ARN/*/admin/*"}"#, "GET //admin/users", DENIED),
    ("spelling: slashes behind", r#"{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"ARN/*/admin"}"#, "GET /admin/", DENIED),
    // One part of a path, that routes do not read as two.
    ("spelling: an encoded slash", r#"{"Effect":"Allow","Action":"*","Resource":"ARN/GET/public/*"}"#, "GET /public%2Fsecret", NOT_ALLOWED),
    ("spelling: the query is no part", r#"{"Effect":"Allow","Action":"*","Resource":"ARN/GET/pets"}"#, "GET /pets?x=/admin", ALLOWED),
];

#[tokio::test]
async fn policies_are_evaluated_against_the_methods_arn() {
    let gateway = gateway().await;
    for (name, statements, call, expected) in ROWS {
        let statements = statements.replace("ARN", ARN);
        let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        assert_is(&asked(&gateway, &policy, call).await, *expected, name);
    }
}

#[tokio::test]
async fn what_is_no_policy_lets_nobody_in() {
    let gateway = gateway().await;
    let allow = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    // behaviours: a malformed policy is a 500 with a null message, AUTHORIZER_CONFIGURATION_ERROR.
    for (name, policy) in [
        ("empty", String::new()),
        ("no JSON", "{".to_owned()),
        ("no object", "[]".to_owned()),
        ("no statement", r#"{"Version":"2012-10-17"}"#.to_owned()),
        (
            "no such version",
            format!(r#"{{"Version":"2020-01-01","Statement":[{allow}]}}"#),
        ),
        (
            "no effect",
            r#"{"Statement":[{"Action":"*","Resource":"*"}]}"#.to_owned(),
        ),
        (
            "no such effect",
            r#"{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}"#.to_owned(),
        ),
        (
            "no action",
            r#"{"Statement":[{"Effect":"Allow","Resource":"*"}]}"#.to_owned(),
        ),
        (
            "no resource",
            r#"{"Statement":[{"Effect":"Allow","Action":"*"}]}"#.to_owned(),
        ),
        (
            "a principal",
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#.to_owned(),
        ),
        (
            "a member twice",
            r#"{"Statement":[{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}]}"#.to_owned(),
        ),
        (
            "too large",
            format!(r#"{{"Statement":[{allow}],"Id":"{}"}}"#, "x".repeat(20 * 1024)),
        ),
    ] {
        assert_refused(&asked(&gateway, &policy, "GET /pets").await, BAD_AUTHORIZER, name);
    }
}

/// An authorizer that answers with a policy for the ARN that it is asked about allows that alone: nothing of a path is a
/// wildcard or a variable in it.
#[tokio::test]
async fn an_arn_has_no_wildcards() {
    let gateway = gateway().await;
    for (path, expected) in [
        ("/arn/*", "arn/%2A"),
        ("/arn/%2a", "arn/%2A"),
        ("/arn/a%3F", "arn/a%3F"),
        ("/arn/${aws:SourceIp}", "arn/%24{aws:SourceIp}"),
        ("/arn/caf%C3%A9/", "arn/café"),
    ] {
        let path = path.replace('{', "%7B").replace('}', "%7D");
        let told = gateway.get(&format!("/dev{path}"), &[]).await.json();
        assert_eq!(
            context(&told)["authorizer.methodArn"],
            format!("{ARN}/GET/{expected}"),
            "{path}"
        );
    }
}
