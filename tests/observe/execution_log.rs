//! Execution logs: what each level tells, and what none does.

use bytes::Bytes;
use http::Response;
use portcullis_testkit::{Answer, Client, Origin};
use portcullis_tests::gateways::guests;
use serde_json::{Value, json};

use super::{executed, get, ids, run};

#[tokio::test]
async fn an_error_says_why_the_configuration_cannot_answer() {
    let files = guests();
    let toml = executed("127.0.0.1:1", r#"methods."*/*" = { logging = "ERROR" }"#);
    let toml = toml.replace(
        "config.mode = \"echo\"\n        [apis.api.authorizers",
        "[apis.api.authorizers",
    );
    let mut process = run(&files, &toml, &["--log-format", "json"]);
    process.address().await;
    let answer = get(&process, "/dev/guarded", &[("x-token", "bad-policy")]).await;
    process.signal(libc::SIGTERM);
    assert!(process.ended().await.success());
    assert_eq!(answer.status.as_u16(), 500);
    let start = "ERROR Execution failed due to configuration error: ";
    let told = [
        "the authorizer's answer cannot be used: its policy is no policy: /: the policy cannot be read: EOF while parsing an \
         object at line 1 column 1, hint: a policy is a JSON object",
        "AUTHORIZER_CONFIGURATION_ERROR 500 {\"message\":null}",
    ];
    assert_eq!(
        execution(&process.errors(), &answer),
        told.map(|reason| format!("{start}{reason}"))
    );
}

/// The execution log's lines of one request, without their ids.
fn execution(output: &str, answer: &Answer) -> Vec<String> {
    let (id, extended) = ids(answer);
    let start = format!("({id}) ");
    let told = output.lines().filter_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        if line["target"] != "portcullis::execution" {
            return None;
        }
        let message = line["message"].as_str()?.strip_prefix(&start)?;
        assert_eq!(
            (&line["api"], &line["stage"]),
            (&json!("api"), &json!("dev")),
            "{line}"
        );
        assert_eq!(line["requestId"], id, "{line}");
        Some(format!("{} {message}", line["level"].as_str()?))
    });
    told.map(|line| line.replace(id, "ID").replace(extended, "EXTENDED"))
        .collect()
}

/// Sends one request of each kind to a binary with these settings, and gives what it logged of each.
async fn told_of_each(origin: &Origin, methods: &str) -> [Vec<String>; 4] {
    let files = guests();
    let mut process = run(
        &files,
        &executed(&origin.authority(), methods),
        &["--log-format", "json"],
    );
    let url = format!(
        "http://{}/dev/pets/7?q=a%20b&X-Amz-Signature=0123456789abcdef",
        process.address().await
    );
    let headers = [
        ("authorization", "Bearer 0123456789abcdef0123456789"),
        ("cookie", "session=secret"),
        ("x-api-key", "key-secret"),
        ("x-token", "not-its-authorizers"),
    ];
    let post = Client::default()
        .send("POST", &url, &headers, b"{\"a\":\n1}")
        .await
        .expect("an answer");
    let offline = get(&process, "/dev/offline", &[]).await;
    let guarded = get(&process, "/dev/guarded", &[("x-token", "token-secret")]).await;
    let refused = get(&process, "/dev/guarded", &[]).await;
    process.signal(libc::SIGTERM);
    assert!(process.ended().await.success());
    let output = process.errors();
    [post, offline, guarded, refused].map(|answer| execution(&output, &answer))
}

async fn pets() -> Origin {
    Origin::start(|_| {
        let response = Response::builder()
            .header("set-cookie", "id=secret")
            .header("x-b", "2");
        response.body(Bytes::from("rex")).expect("a response")
    })
    .await
}

#[tokio::test]
async fn execution_logs_tell_by_level() {
    let origin = pets().await;
    let off = told_of_each(&origin, "").await;
    assert_eq!(off, [const { Vec::<String>::new() }; 4]);
    let off = told_of_each(
        &origin,
        r#"methods."*/*" = { logging = "OFF", data_trace = true }"#,
    )
    .await;
    assert_eq!(off, [const { Vec::<String>::new() }; 4]);

    let [post, offline, guarded, refused] = told_of_each(
        &origin,
        r#"methods."*/*" = { logging = "ERROR", data_trace = true }"#,
    )
    .await;
    assert_eq!((post, guarded, refused), (vec![], vec![], vec![]));
    let failed = "ERROR Execution failed due to configuration error: INTEGRATION_FAILURE 503 \
                  {\"message\": \"Service Unavailable\"}";
    assert_eq!(offline, [failed]);

    let [post, offline, guarded, refused] =
        told_of_each(&origin, r#"methods."*/*" = { logging = "INFO" }"#).await;
    let to = format!(
        "INFO Sending request to http://{}/7?fixed=1&q=a%20b&X-Amz-Signature=************cdef",
        origin.authority()
    );
    let received = post.get(4).expect("five lines");
    assert!(
        received.starts_with("INFO Received response. Status: 200, Integration latency: "),
        "{received}"
    );
    assert!(received.ends_with(" ms"), "{received}");
    let expected = [
        "INFO Extended Request Id: EXTENDED",
        "INFO Starting execution for request: ID",
        "INFO HTTP Method: POST, Resource Path: /pets/{id}",
        &to,
        received,
        "INFO Successfully completed execution",
        "INFO Method completed with status: 200",
    ];
    assert_eq!(post, expected);
    let expected = [
        "INFO Extended Request Id: EXTENDED",
        "INFO Starting execution for request: ID",
        "INFO HTTP Method: GET, Resource Path: /offline",
        "INFO Sending request to http://127.0.0.1:1/",
        failed,
        "INFO Method completed with status: 503",
    ];
    assert_eq!(offline, expected);
    let expected = [
        "INFO Extended Request Id: EXTENDED",
        "INFO Starting execution for request: ID",
        "INFO HTTP Method: GET, Resource Path: /guarded",
        "INFO Starting authorizer: guard for request: ID",
        "INFO Successfully completed authorizer execution",
        "INFO Successfully completed execution",
        "INFO Method completed with status: 200",
    ];
    assert_eq!(guarded, expected);
    let expected = [
        "INFO Extended Request Id: EXTENDED",
        "INFO Starting execution for request: ID",
        "INFO HTTP Method: GET, Resource Path: /guarded",
        "INFO Starting authorizer: guard for request: ID",
        "INFO Unauthorized request: ID",
        "INFO Method completed with status: 401",
    ];
    assert_eq!(refused, expected);
}

#[tokio::test]
async fn data_trace_tells_headers_and_bodies_without_secrets() {
    let origin = pets().await;
    // What a method says of its own wins, field by field.
    let methods = r#"
        methods."*/*" = { logging = "INFO", data_trace = false }
        methods."/pets/{id}/POST" = { data_trace = true }
        methods."/guarded/ANY" = { data_trace = true }
        methods."/offline/ANY" = { logging = "OFF" }
    "#;
    let [post, offline, guarded, _] = told_of_each(&origin, methods).await;
    assert!(offline.is_empty(), "{offline:?}");
    let starts = |line: &str| {
        post.iter()
            .find_map(|told| told.strip_prefix(line))
            .unwrap_or_else(|| panic!("no {line} in {post:#?}"))
    };
    assert_eq!(starts("INFO Method request path: "), "{id=7}");
    assert_eq!(
        starts("INFO Method request query string: "),
        "{q=a b, X-Amz-Signature=************cdef}"
    );
    let headers = starts("INFO Method request headers: ");
    for told in [
        "authorization=***************************456789",
        "cookie=**************",
        "x-api-key=**********",
        "x-token=not-its-authorizers",
    ] {
        assert!(headers.contains(told), "no {told} in {headers}");
    }
    assert_eq!(
        starts("INFO Method request body before transformations: "),
        "{\"a\":\\n1}"
    );
    let uri = format!(
        "http://{}/7?fixed=1&q=a%20b&X-Amz-Signature=************cdef",
        origin.authority()
    );
    assert_eq!(starts("INFO Endpoint request URI: "), uri);
    assert!(starts("INFO Endpoint request headers: ").contains("x-amzn-apigateway-api-id=api"));
    assert_eq!(
        starts("INFO Endpoint request body after transformations: "),
        "{\"a\":\\n1}"
    );
    assert!(starts("INFO Endpoint response headers: ").contains("set-cookie=*********, x-b=2"));
    assert_eq!(
        starts("INFO Endpoint response body before transformations: "),
        "rex"
    );
    assert_eq!(starts("INFO Method response body after transformations: "), "rex");
    assert!(starts("INFO Method response headers: ").contains("set-cookie=*********"));
    assert_eq!(
        post.last().map(String::as_str),
        Some("INFO Method completed with status: 200")
    );
    // The header in which this method's authorizer finds who calls.
    let headers = guarded
        .iter()
        .find(|line| line.starts_with("INFO Method request headers: "));
    assert!(
        headers.is_some_and(|line| line.contains("x-token=************")),
        "{guarded:#?}"
    );
    for line in post.iter().chain(&guarded) {
        assert!(!line.contains("secret") && !line.contains("Bearer"), "{line}");
    }
}
