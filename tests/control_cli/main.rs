//! The command line of the control plane: the binary as a process, against a gateway that runs.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod backups;
mod deployments;
mod keys;
mod settings;

use std::ffi::OsStr;
use std::path::Path;

use portcullis_testkit::{Answer, Running};
use portcullis_tests::command::{self, Finished, fails, says};
use portcullis_tests::control::CONTROLLED;
use serde_json::{Value, json};

const SIGNED: &str = "{listener}\n[control]\naddress = \"127.0.0.1:0\"\ndata = \"data\"\n";

/// Runs the binary until it ends, in an environment without credentials but these variables.
async fn run(arguments: &[&str], variables: &[(&str, &OsStr)]) -> Finished {
    command::run(env!("CARGO_BIN_EXE_portcullis-under-test"), arguments, variables).await
}

/// A gateway with a control plane that asks nobody who he is, and an API on it that was made by its protocol.
struct Plane {
    gateway: Running,
    api: String,
    root: String,
}

impl Plane {
    async fn start() -> Self {
        let gateway = Running::of(CONTROLLED).await;
        let mut plane = Self {
            gateway,
            api: String::new(),
            root: String::new(),
        };
        let api = plane.call("POST", "/restapis", &json!({"name": "shop"})).await;
        plane.api = text(&api, "id");
        plane.root = text(&api, "rootResourceId");
        let none = json!({"authorizationType": "NONE"});
        plane.call("PUT", &plane.method(""), &none).await;
        let template = json!({"application/json": "{\"statusCode\": 200}"});
        let mock = json!({"type": "MOCK", "requestTemplates": template});
        plane.call("PUT", &plane.method("/integration"), &mock).await;
        let declared = json!({"responseParameters": {"method.response.header.x-version": true}});
        plane
            .call("PUT", &plane.method("/responses/200"), &declared)
            .await;
        let mapped = json!({"responseParameters": {"method.response.header.x-version": "'one'"}});
        let place = plane.method("/integration/responses/200");
        plane.call("PUT", &place, &mapped).await;
        plane
    }

    fn method(&self, rest: &str) -> String {
        format!("/restapis/{}/resources/{}/methods/GET{rest}", self.api, self.root)
    }

    fn endpoint(&self) -> String {
        endpoint(&self.gateway)
    }

    /// A call of the protocol that succeeds.
    async fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.endpoint());
        let client = self.gateway.client();
        let answer = client.send(method, &url, &[], body.to_string().as_bytes()).await;
        let answer = answer.expect("an answer");
        assert!(answer.status.is_success(), "{method} {path}: {answer:?}");
        if answer.body.is_empty() {
            Value::Null
        } else {
            answer.json()
        }
    }

    /// Edits what the API answers with.
    async fn edit(&self, version: &str) {
        let path = "/responseParameters/method.response.header.x-version";
        let operation = json!({"op": "replace", "path": path, "value": format!("'{version}'")});
        let place = self.method("/integration/responses/200");
        let patch = json!({"patchOperations": [operation]});
        self.call("PATCH", &place, &patch).await;
    }

    /// The version that a stage serves.
    async fn served(&self, stage: &str) -> String {
        served(&self.gateway, &self.api, stage)
            .await
            .header("x-version")
            .to_owned()
    }

    async fn cli(&self, arguments: &[&str]) -> Finished {
        let endpoint = self.endpoint();
        run(arguments, &[("PORTCULLIS_ENDPOINT", OsStr::new(&endpoint))]).await
    }

    /// What a stage runs, and what its canary runs.
    async fn deployments(&self, stage: &str) -> (String, String) {
        let path = format!("/restapis/{}/stages/{stage}", self.api);
        let stage = self.call("GET", &path, &Value::Null).await;
        (
            text(&stage, "deploymentId"),
            text(&stage["canarySettings"], "deploymentId"),
        )
    }
}

fn endpoint(gateway: &Running) -> String {
    format!(
        "http://{}",
        gateway.node.control_address().expect("a control listener")
    )
}

async fn served(gateway: &Running, api: &str, stage: &str) -> Answer {
    let host = format!("{api}.execute-api.localhost");
    gateway.get(&format!("/{stage}/"), &[("host", &host)]).await
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_of_our_own_refuse_what_they_do_not_have() {
    let plane = Plane::start().await;
    let client = plane.gateway.client();
    let not_found = |message: &str| (404, "NotFoundException".to_owned(), json!({ "message": message }));
    let invalid = |message: &str| {
        (
            400,
            "BadRequestException".to_owned(),
            json!({ "message": message }),
        )
    };
    let definition = format!("/_portcullis/definitions/{}", plane.api);
    let no_definitions = not_found("there is no such resource of definitions");
    let no_history = not_found("there is no such resource of the history");
    for (method, path, expected) in [
        ("GET", "/_portcullis/definitions", no_definitions.clone()),
        (
            "GET",
            "/_portcullis/definitions/nope",
            not_found("Invalid API identifier specified"),
        ),
        (
            "GET",
            &format!("{definition}/nope"),
            not_found("Invalid stage identifier specified"),
        ),
        (
            "GET",
            "/_portcullis/definitions/%2F/%00",
            not_found("Invalid stage identifier specified"),
        ),
        ("GET", &format!("{definition}/a/b"), no_definitions.clone()),
        ("DELETE", &definition, no_definitions.clone()),
        ("GET", "/_portcullis/history/1", no_history.clone()),
        ("POST", "/_portcullis/history", no_history.clone()),
        (
            "GET",
            "/_portcullis/history?limit=many",
            invalid("Invalid value for limit"),
        ),
        (
            "GET",
            "/_portcullis/history?before=",
            invalid("Invalid value for before"),
        ),
        (
            "GET",
            "/_portcullis/keys/nope",
            not_found("there is no such resource of access keys"),
        ),
    ] {
        let url = format!("{}{path}", plane.endpoint());
        let answer = client.send(method, &url, &[], b"").await.expect("an answer");
        let kind = answer.header("x-amzn-errortype").to_owned();
        assert_eq!(
            (answer.status.as_u16(), kind, answer.json()),
            expected,
            "{method} {path}"
        );
    }
    // A number out of its range is the nearest that is in it.
    for (limit, count) in [("-1", 1), ("0", 1), ("3", 3)] {
        let path = format!("/_portcullis/history?limit={limit}");
        let told = plane.call("GET", &path, &Value::Null).await;
        assert_eq!(told["item"].as_array().map(Vec::len), Some(count), "{limit}");
    }
    plane.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_without_a_control_plane_is_told_from_one() {
    let gateway = Running::of("{listener}\n[control]\naddress = \"127.0.0.1:0\"\n").await;
    let endpoint = endpoint(&gateway);
    assert_eq!(
        run(&["api", "list", "--endpoint", &endpoint], &[]).await,
        fails(
            1,
            format!(
                "error: GET /restapis: {endpoint} answered 404 Not Found, which no control plane does\n  hint: name the \
                 control listener of a gateway whose [control] has `data`, by --endpoint\n"
            )
        )
    );
    assert_eq!(
        run(&["api", "list", "--endpoint", "https://127.0.0.1:1"], &[]).await,
        fails(
            2,
            "error: the endpoint `https://127.0.0.1:1` is of https, and a control listener speaks http; reach one elsewhere \
             by a tunnel\n  hint: such as http://127.0.0.1:9080, which `portcullis run` prints as control\n"
        )
    );
    gateway.stop().await;
}
