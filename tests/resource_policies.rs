//! Resource policies of APIs: beside what else decides who may call, and what they know of where a call is from. Rows that
//! need access keys are in `control_plane/invoke_iam.py`.
//!
//! "flow" is apigateway/latest/developerguide/apigateway-authorization-flow.html, "keys" is
//! apigateway-resource-policies-aws-condition-keys.html, "examples" is apigateway-resource-policies-examples.html.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use portcullis_testkit::{Answer, Files, Running};
use portcullis_tests::command::{Finished, fails, run, says};
use portcullis_tests::gateways::*;

const BINARY: &str = env!("CARGO_BIN_EXE_portcullis-under-test");

/// A listener that is a VPC endpoint beside one that is not.
const LISTENERS: &str = r#"
    [[listeners]]
    address = "127.0.0.1:0"
    default_api = "api"
    [[listeners]]
    address = "127.0.0.1:0"
    default_api = "api"
    vpce = "vpce-0a1b"
    [control]
    address = "127.0.0.1:0"
    region = "eu-central-1"
    account = "123456789012"
"#;

const API: &str = r#"
    [plugins.policies]
    file = "authorizer.wasm"
    config.mode = "policy"
    [apis.api.stages.dev]
    [apis.api.authorizers.policies]
    type = "request"
    plugin = "policies"
    [[apis.api.routes]]
    path = "/{proxy+}"
    integration = { type = "mock" }
    [[apis.api.routes]]
    path = "/guarded/{proxy+}"
    authorizer = "policies"
    integration = { type = "mock" }
"#;

const MISCONFIGURED: (u16, &str, &str) = (
    500,
    r#"{"message": "Internal server error"}"#,
    "InternalServerErrorException",
);

/// `policy` is what stands in `Statement`, in TOML.
fn toml(policy: &str) -> String {
    format!("{LISTENERS}{API}[apis.api.policy]\nVersion = \"2012-10-17\"\nStatement = [{policy}]\n")
}

async fn gateway(policy: &str) -> Running {
    Running::start(&toml(policy), guests()).await
}

fn statement(effect: &str, resource: &str, condition: &str) -> String {
    format!(
        r#"{{ Effect = "{effect}", Principal = "*", Action = "execute-api:Invoke", Resource = "{resource}"{condition} }}"#
    )
}

const INVOKE: &str = "User: anonymous is not authorized to perform: execute-api:Invoke on resource: \
                      arn:aws:execute-api:eu-central-1:********9012:api/dev";

/// What anonymous callers of `GET path` are told.
fn assert_denied(answer: &Answer, path: &str, explicitly: bool, name: &str) {
    let end = if explicitly { " with an explicit deny" } else { "" };
    let body = format!(r#"{{"Message":"{INVOKE}/GET/{path}{end}"}}"#);
    assert_refused(answer, (403, &body, "AccessDeniedException"), name);
}

/// The same call by both listeners.
async fn by_both(gateway: &Running, path: &str) -> [Answer; 2] {
    let addresses = gateway.node.addresses();
    let client = gateway.client();
    let [public, private] = [0, 1].map(|index: usize| format!("http://{}{path}", addresses[index]));
    [
        client.send("GET", &public, &[], b"").await.expect("an answer"),
        client.send("GET", &private, &[], b"").await.expect("an answer"),
    ]
}

#[tokio::test]
async fn alone_it_must_allow() {
    // flow: "seeking an explicit allow […]. An implicit denial or any explicit denial results in denying the caller."
    for (name, statements, expected) in [
        ("allow", vec![("Allow", "execute-api:/*")], None),
        (
            "allow, in full",
            vec![(
                "Allow",
                "arn:aws:execute-api:eu-central-1:123456789012:api/dev/GET/pets",
            )],
            None,
        ),
        (
            "allow of the path",
            vec![("Allow", "execute-api:/dev/GET/pets")],
            None,
        ),
        (
            "neither",
            vec![("Allow", "execute-api:/dev/GET/dogs")],
            Some(false),
        ),
        (
            "another verb",
            vec![("Allow", "execute-api:/dev/POST/*")],
            Some(false),
        ),
        (
            "another stage",
            vec![("Allow", "execute-api:/prod/*")],
            Some(false),
        ),
        (
            "another API",
            vec![("Allow", "arn:aws:execute-api:*:*:other/*")],
            Some(false),
        ),
        ("deny", vec![("Deny", "execute-api:/*")], Some(true)),
        (
            "allow and deny",
            vec![("Allow", "execute-api:/*"), ("Deny", "execute-api:/dev/*/pets")],
            Some(true),
        ),
    ] {
        let statements: Vec<String> = statements
            .into_iter()
            .map(|(effect, resource)| statement(effect, resource, ""))
            .collect();
        let gateway = gateway(&statements.join(", ")).await;
        let answer = gateway.get("/dev/pets", &[]).await;
        match expected {
            None => assert_eq!(answer.status, 200, "{name}: {answer:?}"),
            Some(explicitly) => assert_denied(&answer, "pets", explicitly, name),
        }
        gateway.stop().await;
    }
}

#[tokio::test]
async fn beside_an_authorizer_it_is_table_a() {
    const ARN: &str = "arn:aws:execute-api:eu-central-1:123456789012:api/dev/GET";
    let of_authorizer = |effect: Option<&str>| {
        let (effect, path) = effect.map_or(("Allow", "other"), |effect| (effect, "guarded/x"));
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Action":"execute-api:Invoke","Resource":"{ARN}/{path}"}}}}"#
        )
    };
    const ALLOW: Option<&str> = Some("Allow");
    const DENY: Option<&str> = Some("Deny");
    // flow, table A: the authorizer's policy, the resource's, and what comes of them.
    for (resource, row) in [
        (ALLOW, [(ALLOW, None), (None, None), (DENY, Some(DENIED))]),
        (
            None,
            [(ALLOW, None), (None, Some(NOT_ALLOWED)), (DENY, Some(DENIED))],
        ),
        (DENY, [(ALLOW, None), (None, None), (DENY, None)]),
    ] {
        let path = if resource.is_some() { "guarded/x" } else { "other" };
        let policy = statement(
            resource.unwrap_or("Allow"),
            &format!("execute-api:/dev/GET/{path}"),
            "",
        );
        let gateway = gateway(&policy).await;
        for (authorizer, expected) in row {
            let name = format!("authorizer {authorizer:?}, resource {resource:?}");
            let policy = of_authorizer(authorizer);
            let before = calls(&gateway, "policies").await;
            let answer = gateway.get("/dev/guarded/x", &[("x-policy", &policy)]).await;
            let asked = calls(&gateway, "policies").await - before;
            match (resource, expected) {
                // flow: "checks for any explicit denials. If found, the caller is denied access immediately."
                (DENY, _) => assert_denied(&answer, "guarded/x", true, &name),
                (_, Some(expected)) => assert_refused(&answer, expected, &name),
                (_, None) => assert_eq!(answer.status, 200, "{name}: {answer:?}"),
            }
            assert_eq!(asked, if resource == DENY { 0.0 } else { 1.0 }, "{name}");
        }
        gateway.stop().await;
    }
}

#[tokio::test]
async fn where_a_call_is_from() {
    let networks = |policy: &str| {
        format!(
            "{}[networks.loopback]\ncidrs = [\"127.0.0.0/8\"]\nvpc = \"vpc-0c2d\"\n[networks.elsewhere]\ncidrs = \
             [\"192.0.2.0/24\"]\nvpc = \"vpc-0e3f\"\n",
            toml(policy)
        )
    };
    // Condition, and whether it lets callers by the listener and by the endpoint.
    for (name, condition, [public, private]) in [
        (
            "keys: SourceVpce",
            r#"StringEquals = { "aws:SourceVpce" = "vpce-0a1b" }"#,
            [false, true],
        ),
        (
            "another endpoint",
            r#"StringEquals = { "aws:SourceVpce" = "vpce-0a1c" }"#,
            [false, false],
        ),
        (
            "no endpoint",
            r#"Null = { "aws:SourceVpce" = "true" }"#,
            [true, false],
        ),
        (
            "keys: SourceVpc",
            r#"StringEquals = { "aws:SourceVpc" = "vpc-0c2d" }"#,
            [true, true],
        ),
        (
            "another VPC",
            r#"StringEquals = { "aws:SourceVpc" = "vpc-0e3f" }"#,
            [false, false],
        ),
        (
            "keys: VpcSourceIp",
            r#"IpAddress = { "aws:VpcSourceIp" = "127.0.0.0/8" }"#,
            [true, true],
        ),
        (
            "keys: SourceIp",
            r#"IpAddress = { "aws:SourceIp" = ["127.0.0.1"] }"#,
            [true, true],
        ),
        (
            "another address",
            r#"IpAddress = { "aws:SourceIp" = "192.0.2.0/24" }"#,
            [false, false],
        ),
    ] {
        let condition = format!(", Condition = {{ {condition} }}");
        let policy = statement("Allow", "execute-api:/*", &condition);
        let gateway = Running::start(&networks(&policy), guests()).await;
        let answers = by_both(&gateway, "/dev/pets").await;
        for (answer, let_in) in answers.iter().zip([public, private]) {
            if let_in {
                assert_eq!(answer.status, 200, "{name}: {answer:?}");
            } else {
                assert_denied(answer, "pets", false, name);
            }
        }
        gateway.stop().await;
    }
}

#[tokio::test]
async fn the_examples_of_the_documentation() {
    // examples: "Deny API traffic based on source IP address or range".
    let denies = |addresses: &str| {
        let condition = format!(r#", Condition = {{ IpAddress = {{ "aws:SourceIp" = [{addresses}] }} }}"#);
        let (allow, deny) = (
            statement("Allow", "execute-api:/*", ""),
            statement("Deny", "execute-api:/*", &condition),
        );
        format!("{allow}, {deny}")
    };
    let mut gateway = gateway(&denies(r#""192.0.2.0/24", "198.51.100.0/24""#)).await;
    assert_eq!(gateway.get("/dev/pets", &[]).await.status, 200);
    let outcome = gateway.rewrite(&toml(&denies(r#""127.0.0.0/24""#))).await;
    assert!(!outcome.has_errors(), "{:?}", outcome.problems);
    assert_denied(
        &gateway.get("/dev/pets", &[]).await,
        "pets",
        true,
        "denied by address",
    );
    // examples: "Allow private API traffic based on source VPC or VPC endpoint".
    let endpoint = format!(
        "{}, {}",
        statement("Allow", "execute-api:/*", ""),
        statement(
            "Deny",
            "execute-api:/*",
            r#", Condition = { StringNotEquals = { "aws:SourceVpce" = "vpce-0a1b" } }"#
        )
    );
    let outcome = gateway.rewrite(&toml(&endpoint)).await;
    assert!(!outcome.has_errors(), "{:?}", outcome.problems);
    let [public, private] = by_both(&gateway, "/dev/pets").await;
    assert_denied(&public, "pets", true, "not by the endpoint");
    assert_eq!(private.status, 200, "{private:?}");
    // Another endpoint and another network act at a reload, without the API being anything new.
    let other = toml(&endpoint).replace("vpce = \"vpce-0a1b\"", "vpce = \"vpce-0a1c\"");
    let outcome = gateway.rewrite(&other).await;
    assert!(!outcome.has_errors() && outcome.swapped.is_empty(), "{outcome:?}");
    let [_, private] = by_both(&gateway, "/dev/pets").await;
    assert_denied(&private, "pets", true, "by another endpoint");
    gateway.stop().await;
}

#[tokio::test]
async fn templates_and_logs_know_where_a_call_is_from() {
    let more = r#"
        [networks.loopback]
        cidrs = ["127.0.0.1"]
        vpc = "vpc-0c2d"
    "#;
    let toml = format!("{LISTENERS}{more}{ECHO}").to_owned()
        + r#"
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/{proxy+}"
        integration = { type = "plugin", plugin = "echo" }
    "#;
    let gateway = Running::start(&toml, guests()).await;
    let [public, private] = by_both(&gateway, "/dev/x")
        .await
        .map(|answer| context(&answer.json()));
    assert_eq!(public["identity.vpcId"], "vpc-0c2d");
    assert_eq!(public.get("identity.vpceId"), None);
    assert_eq!(private["identity.vpcId"], "vpc-0c2d");
    assert_eq!(private["identity.vpceId"], "vpce-0a1b");
    gateway.stop().await;
}

#[tokio::test]
async fn a_document_has_its_own() {
    let files = Files::default();
    files.write(
        "api.yaml",
        "openapi: 3.0.1
info: { title: T, version: '1' }
x-amazon-apigateway-policy:
  Version: '2012-10-17'
  Statement: [{ Effect: Allow, Principal: '*', Action: execute-api:Invoke, Resource: execute-api:/dev/GET/open }]
paths:
  /open: { get: { x-amazon-apigateway-integration: { type: http_proxy, httpMethod: GET, uri: 'http://127.0.0.1:9/' } } }
  /closed: { get: { x-amazon-apigateway-integration: { type: http_proxy, httpMethod: GET, uri: 'http://127.0.0.1:9/' } } }
",
    );
    let toml = format!("{LISTENERS}[apis.api]\nopenapi = \"api.yaml\"\n[apis.api.stages.dev]\n");
    let gateway = Running::start(&toml, files).await;
    // Nobody is at port 9.
    assert_eq!(gateway.get("/dev/open", &[]).await.status, 503);
    assert_denied(
        &gateway.get("/dev/closed", &[]).await,
        "closed",
        false,
        "a document's",
    );
    gateway.stop().await;
}

#[tokio::test]
async fn a_method_of_aws_iam_without_keys_is_closed() {
    let toml = format!("{LISTENERS}{API}").replace(
        "path = \"/{proxy+}\"\n",
        "path = \"/{proxy+}\"\n    authorization = \"AWS_IAM\"\n",
    );
    let mut gateway = Running::start(&toml, guests()).await;
    let answer = gateway
        .get("/dev/pets", &[("authorization", "AWS4-HMAC-SHA256 x")])
        .await;
    assert_refused(&answer, MISCONFIGURED, "no keys");
    let outcome = gateway.rewrite(&format!("{toml}\n")).await;
    assert!(
        outcome.problems.is_empty(),
        "told when it is compiled: {:?}",
        outcome.problems
    );
    gateway.stop().await;
}

/// What `check` says of a `gateway.toml`, the file without its directory.
async fn checked(toml: &str) -> Finished {
    let files = Files::default();
    let path = files.write("gateway.toml", toml);
    let path = path.to_str().expect("a path");
    let mut told = run(BINARY, &["check", path], &[]).await;
    for text in [&mut told.stdout, &mut told.stderr] {
        *text = text.replace(path, "gateway.toml");
    }
    told
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_place() {
    let told = checked(
        r#"[[listeners]]
address = "127.0.0.1:0"
vpce = "endpoint"
[networks.office]
cidrs = ["10.0.0.0/33"]
vpc = "vpc-"
[networks.empty]
cidrs = []
vpc = "vpc-1"
[apis.a.stages.dev]
[apis.a.authorizers.tokens]
type = "token"
plugin = "tokens"
[[apis.a.routes]]
path = "/"
authorizer = "tokens"
authorization = "AWS_IAM"
integration = { type = "mock" }
"#,
    )
    .await;
    let expected = "gateway.toml:3:1: error: `endpoint` is no id such as vpce-0a1b2c3d
  hint: vpce- and then a-z, 0-9 and -, 64 at most
gateway.toml:5:10: error: `10.0.0.0/33` is no range of addresses
  hint: such as 10.0.0.0/8, 2001:db8::/32 or 10.0.0.7
gateway.toml:6:1: error: `vpc-` is no id such as vpc-0a1b2c3d
  hint: vpc- and then a-z, 0-9 and -, 64 at most
gateway.toml:8:1: error: the network `empty` has no addresses
gateway.toml:17:1: error: the route has an authorizer as well
  hint: keep authorization or authorizer: one of them decides
5 errors, 0 warnings
";
    assert_eq!(told, fails(1, expected));
    let told = checked(
        r#"[[listeners]]
address = "127.0.0.1:0"
[apis.a.stages.dev]
[apis.a.policy]
Version = "2012-10-17"
[[apis.a.policy.Statement]]
Effect = "Permit"
Action = "execute-api:Invoke"
Resource = "execute-api:/*"
[[apis.a.routes]]
path = "/"
integration = { type = "mock" }
"#,
    )
    .await;
    let expected =
        "gateway.toml:6:1: error: /Statement/0 of the resource policy: has neither Principal nor NotPrincipal
gateway.toml:7:1: error: /Statement/0/Effect of the resource policy: no such effect: \"Permit\"
  hint: \"Allow\" or \"Deny\", in this case
2 errors, 0 warnings
";
    assert_eq!(told, fails(1, expected));
}

#[tokio::test]
async fn a_check_warns_of_methods_that_nobody_can_call() {
    let told = checked(
        r#"[[listeners]]
address = "127.0.0.1:0"
[apis.a.stages.dev]
[[apis.a.routes]]
path = "/"
authorization = "AWS_IAM"
integration = { type = "mock" }
"#,
    )
    .await;
    let warning =
        "gateway.toml:4:1: warning: nobody can call this method of AWS_IAM: this gateway keeps no access keys
  hint: add data = \"data\" to [control], and make keys with `portcullis keys create`
0 errors, 1 warning
";
    let expected = Finished {
        stderr: warning.to_owned(),
        ..says("gateway.toml: ok: 1 API, 1 stage\n")
    };
    assert_eq!(told, expected);
}
