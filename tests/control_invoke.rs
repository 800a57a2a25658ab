//! `portcullis invoke`: the binary as a process, against a gateway that runs and an API that nobody deployed.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::process::Stdio;

use bytes::Bytes;
use http::Response;
use portcullis_testkit::{Files, Origin, Running};
use portcullis_tests::control::CONTROLLED;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

/// A gateway with an API whose `POST /pets/{id}` sends a rendered template to an origin.
struct Shop {
    gateway: Running,
    origin: Origin,
    api: String,
}

impl Shop {
    async fn start() -> Self {
        let origin = Origin::start(|request| {
            let body = String::from_utf8_lossy(&request.body).replace('"', "'");
            let seen = json!({"saw": format!("{} {body}", request.method)}).to_string();
            let response = Response::builder().header("x-many", "1").header("x-many", "2");
            response.body(Bytes::from(seen)).expect("a response")
        })
        .await;
        let mut shop = Self {
            gateway: Running::of(CONTROLLED).await,
            origin,
            api: String::new(),
        };
        let api = shop.call("POST", "/restapis", &json!({"name": "shop"})).await;
        shop.api = api["id"].as_str().expect("an id").to_owned();
        let root = api["rootResourceId"].as_str().expect("a root").to_owned();
        let pets = shop.child(&root, "pets").await;
        let pet = shop.child(&pets, "{id}").await;
        let mine = shop.child(&pets, "mine").await;
        for (resource, verb, integration, template) in [
            (
                &pet,
                "POST",
                json!({
                    "type": "HTTP", "uri": "http://${stageVariables.host}/", "httpMethod": "PUT",
                    "requestTemplates": {
                        "application/json": "{\n  \"id\": \"$input.params('id')\", \"name\": $input.json('$.name')\n}",
                        "text/plain": "$input.params('x-several')"
                    },
                }),
                "answer: $input.path('$.saw')",
            ),
            (
                &mine,
                "ANY",
                json!({"type": "MOCK", "requestTemplates": {"application/json": "{\"statusCode\": 200}"}}),
                "mine",
            ),
        ] {
            let at = format!("/restapis/{}/resources/{resource}/methods/{verb}", shop.api);
            shop.call("PUT", &at, &json!({"authorizationType": "AWS_IAM"}))
                .await;
            shop.call("PUT", &format!("{at}/integration"), &integration).await;
            shop.call("PUT", &format!("{at}/responses/200"), &json!({})).await;
            let templates = json!({"responseTemplates": {"application/json": template}});
            shop.call("PUT", &format!("{at}/integration/responses/200"), &templates)
                .await;
        }
        shop
    }

    async fn child(&self, parent: &str, part: &str) -> String {
        let at = format!("/restapis/{}/resources/{parent}", self.api);
        let made = self.call("POST", &at, &json!({"pathPart": part})).await;
        made["id"].as_str().expect("an id").to_owned()
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.endpoint());
        let client = self.gateway.client();
        let answer = client.send(method, &url, &[], body.to_string().as_bytes()).await;
        let answer = answer.expect("an answer");
        assert!(answer.status.is_success(), "{method} {path}: {answer:?}");
        answer.json()
    }

    fn endpoint(&self) -> String {
        let control = self.gateway.node.control_address();
        format!("http://{}", control.expect("a control listener"))
    }

    /// Status, standard output and standard error of `portcullis invoke`.
    async fn invoke(&self, arguments: &[&str], input: &str) -> (i32, String, String) {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_portcullis-under-test"));
        for name in [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SHARED_CREDENTIALS_FILE",
            "AWS_PROFILE",
        ] {
            command.env_remove(name);
        }
        command
            .arg("invoke")
            .args(arguments)
            .env("PORTCULLIS_ENDPOINT", self.endpoint());
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command.spawn().expect("the binary starts");
        let mut stdin = process.stdin.take().expect("its input");
        // It may not read it.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = process.wait_with_output().await.expect("it ends");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (
            output.status.code().expect("a status"),
            text(output.stdout),
            text(output.stderr),
        )
    }
}

/// Lines with zeros for what changes from run to run.
fn steady(output: &str) -> Vec<String> {
    let ids = regex::Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
        .expect("a pattern");
    let traces = regex::Regex::new("Root=1-[0-9a-f]{8}-[0-9a-f]{24}").expect("a pattern");
    let times = regex::Regex::new(r" *[0-9]+(\.[0-9]{3})? ms").expect("a pattern");
    let lines = output.lines().map(|line| {
        let line = ids.replace_all(line, "ID");
        let line = traces.replace_all(&line, "ROOT");
        times.replace_all(&line, " N ms").into_owned()
    });
    lines.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_station_is_told_with_what_its_templates_rendered_to() {
    let shop = Shop::start().await;
    let host = format!("host={}", shop.origin.authority());
    let (status, told, errors) = shop
        .invoke(
            &[
                "shop",
                "post",
                "/pets/3?q=1",
                "--body",
                "{\"name\": \"rex\"}",
                "--header",
                "X-A: b",
                "--variable",
                &host,
            ],
            "",
        )
        .await;
    assert_eq!((status, errors.as_str()), (0, ""), "{told}");
    let lines = steady(&told);
    let told = |line: &str| lines.iter().any(|known| known == line);
    let uri = format!("http://{}/", shop.origin.authority());
    let expected = [
        "method POST /pets/{id}",
        "",
        "route N ms",
        "  Starting execution for request: ID",
        "  HTTP Method: POST, Resource Path: /pets/{id}",
        "  Method request path: {id=3}",
        "  Method request query string: {q=1}",
        "  Method request headers: {x-a=b}",
        "  Method request body before transformations: {\"name\": \"rex\"}",
        "",
        "validate N ms",
        "",
        "integration request N ms",
        "  the template rendered to",
        "    {",
        "      \"id\": \"3\", \"name\": \"rex\"",
        "    }",
        "",
        "integrate N ms",
        &format!("  Endpoint request URI: {uri}"),
    ];
    assert_eq!(lines[..expected.len()], expected);
    for line in [
        &*format!("  Sending request to {uri}"),
        "  Endpoint request body after transformations: {\\n  \"id\": \"3\", \"name\": \"rex\"\\n}",
        "  Received response. Status: 200, Integration latency: N ms",
    ] {
        assert!(told(line), "{line}: {lines:#?}");
    }
    let body = "answer: PUT {\n  'id': '3', 'name': 'rex'\n}";
    let last = [
        "integration response N ms",
        "  the template rendered to",
        "    answer: PUT {",
        "      'id': '3', 'name': 'rex'",
        "    }",
        "",
        "respond N ms",
        &format!(
            "  Method response body after transformations: {}",
            body.replace('\n', "\\n")
        ),
        "  Method response headers: {content-type=application/json, x-amzn-trace-id=ROOT}",
        "  Successfully completed execution",
        "  Method completed with status: 200",
        "",
        "status 200 after N ms",
        "content-type: application/json",
        "x-amzn-trace-id: ROOT",
        "",
        "answer: PUT {",
        "  'id': '3', 'name': 'rex'",
        "}",
    ];
    assert_eq!(lines[lines.len() - last.len()..], last, "{lines:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_what_the_control_plane_answered() {
    let shop = Shop::start().await;
    let host = format!("host={}", shop.origin.authority());
    let files = Files::default();
    let file = files.write("body.txt", "anything");
    let at = format!("@{}", file.display());
    let several = [
        "--header",
        "X-Several: a",
        "--header",
        "x-several: b",
        "--header",
        "content-type: text/plain",
    ];
    for (body, input) in [(&*at, ""), ("@-", "anything"), ("anything", "")] {
        let arguments = [
            &[
                "shop",
                "POST",
                "/pets/3",
                "--json",
                "--variable",
                &host,
                "--body",
                body,
            ],
            &several[..],
        ];
        let (status, told, errors) = shop.invoke(&arguments.concat(), input).await;
        assert_eq!((status, errors.as_str()), (0, ""));
        let answer: Value = serde_json::from_str(&told).expect("JSON");
        assert_eq!(
            (&answer["status"], &answer["body"]),
            (&json!(200), &json!("answer: PUT b"))
        );
        assert!(
            answer["log"]
                .as_str()
                .is_some_and(|log| log.contains("transformations: anything") && log.contains("x-several=a,b"))
        );
        assert_eq!(answer["portcullis:stations"][3]["name"], "integrate");
    }
    // The literal before the parameter, and its ANY.
    let (_, told, _) = shop.invoke(&["shop", "POST", "/pets/mine", "--json"], "").await;
    let answer: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(answer["body"], "mine");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_with_what_to_do() {
    let shop = Shop::start().await;
    let api = &shop.api;
    // A 500 of the API is an answer too.
    let (status, told, _) = shop.invoke(&["shop", "POST", "/pets/3"], "").await;
    assert_eq!(status, 0);
    assert!(told.contains("has no variable `host`"), "{told}");
    assert!(
        steady(&told).iter().any(|line| line == "status 500 after N ms"),
        "{told}"
    );
    let nothing = format!(
        "error: no method of the API {api} answers GET /pets/3\n  hint: `portcullis api show {api}` lists its methods; the \
         path begins below the stage\n"
    );
    let (status, told, errors) = shop.invoke(&["shop", "GET", "/pets/3"], "").await;
    assert_eq!((status, told.as_str(), errors), (1, "", nothing));
    let (status, _, errors) = shop
        .invoke(&["shop", "POST", "/pets/3", "--body", "@/nothing/there"], "")
        .await;
    assert_eq!(status, 1);
    assert!(
        errors.starts_with("error: /nothing/there: cannot read the body: "),
        "{errors}"
    );
    for arguments in [
        ["shop", "BREW", "/", "--json"],
        ["shop", "GET", "pets", "--json"],
        ["shop", "GET", "/", "--header=x"],
        ["shop", "GET", "/", "--variable=x"],
    ] {
        let (status, _, errors) = shop.invoke(&arguments, "").await;
        assert_eq!(status, 2, "{errors}");
        assert!(errors.contains("it has to be"), "{errors}");
    }
    let refused = ["shop", "POST", "/pets/3", "--client-certificate", "nothere"];
    let (status, _, errors) = shop.invoke(&refused, "").await;
    assert_eq!(status, 1);
    assert!(
        errors.contains("404 NotFoundException: Invalid Client Certificate"),
        "{errors}"
    );
}
