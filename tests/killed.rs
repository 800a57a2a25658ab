//! A gateway that is killed in the middle of a stream of writes: what its control plane acknowledged is there after the next
//! start and live, and nothing is there by halves.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

use std::net::SocketAddr;

use portcullis_testkit::{Client, Files, Process};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

const BINARY: &str = env!("CARGO_BIN_EXE_portcullis-under-test");
const KILLS: u64 = 20;
const WRITERS: usize = 4;
const STAGE: &str = "prod";
/// Turns of the writers before each kill, and up to six more.
const TURNS: u64 = 8;

const TOML: &str = r#"
    [[listeners]]
    address = "127.0.0.1:0"
    [control]
    address = "127.0.0.1:0"
    data = "data"
    access = "anonymous-on-loopback"
"#;

/// A gateway of its own process, and how to call it.
struct Life {
    process: Process,
    control: SocketAddr,
    listener: SocketAddr,
}

impl Life {
    async fn start(files: &Files) -> Self {
        let path = files.write("gateway.toml", TOML);
        let process = Process::start(BINARY, &["run", "--no-cache", path.to_str().expect("a path")]);
        Self {
            control: process.control().await,
            listener: process.address().await,
            process,
        }
    }

    async fn killed(mut self) {
        self.process.signal(libc::SIGKILL);
        self.process.ended().await;
    }

    async fn get(&self, path: &str) -> Value {
        let answer = call(self.control, "GET", path, &Value::Null).await;
        answer.unwrap_or_else(|error| panic!("GET {path}: {error}\n{}", self.process.output()))
    }

    /// What the stage says of the two variables that are always written together.
    async fn served(&self, api: &str, stage: &str) -> String {
        let url = format!("http://{}/_aws/execute-api/{api}/{stage}/", self.listener);
        let answer = Client::default().send("GET", &url, &[], b"").await;
        answer.expect("an answer").text().to_owned()
    }
}

/// A call that the control plane answered; why it did not where the gateway was killed meanwhile.
async fn call(control: SocketAddr, verb: &str, path: &str, body: &Value) -> Result<Value, String> {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let url = format!("http://{control}{path}");
    let answer = Client::default()
        .send(
            verb,
            &url,
            &[("content-type", "application/json")],
            body.as_bytes(),
        )
        .await
        .map_err(|error| error.to_string())?;
    assert!(
        answer.status.is_success(),
        "{verb} {path}: {} {}",
        answer.status,
        answer.text()
    );
    Ok(answer.json())
}

fn replace(path: &str, value: &str) -> Value {
    json!({"op": "replace", "path": path, "value": value})
}

/// A writer: its API, and the last number of each kind of write that it was told is done.
#[derive(Debug)]
struct Writer {
    api: String,
    root: String,
    variables: u64,
    deployments: u64,
    resources: u64,
}

/// An API whose only method answers with two variables of its stage. Each writer has its own: edits of one beside a deployment
/// would have the latter tried anew.
async fn make(life: &Life) -> Writer {
    let send = async |verb: &str, path: String, body: Value| {
        call(life.control, verb, &path, &body).await.expect("an answer")
    };
    let api = send("POST", "/restapis".into(), json!({"name": "shop"})).await;
    let (api, root) = (text(&api["id"]), text(&api["rootResourceId"]));
    let method = format!("/restapis/{api}/resources/{root}/methods/GET");
    let template = json!({"application/json": "$stageVariables.one $stageVariables.other"});
    send("PUT", method.clone(), json!({"authorizationType": "NONE"})).await;
    let integration =
        json!({"type": "MOCK", "requestTemplates": {"application/json": "{\"statusCode\": 200}"}});
    send("PUT", format!("{method}/integration"), integration).await;
    send("PUT", format!("{method}/responses/200"), json!({})).await;
    let response = json!({"responseTemplates": template});
    send("PUT", format!("{method}/integration/responses/200"), response).await;
    let variables = json!({"one": "0", "other": "0"});
    let body = json!({"stageName": STAGE, "variables": variables, "stageDescription": "0"});
    send("POST", format!("/restapis/{api}/deployments"), body).await;
    Writer {
        api,
        root,
        variables: 0,
        deployments: 0,
        resources: 0,
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

impl Writer {
    /// Writes until the gateway is gone: two variables in one patch, a deployment with its stage, and a resource, in turn.
    async fn write(mut self, control: SocketAddr, tell: UnboundedSender<()>) -> Self {
        // Why it ended is the kill.
        let _: Result<(), String> = async {
            loop {
                self.turn(control).await?;
                let _ = tell.send(());
            }
        }
        .await;
        self
    }

    async fn turn(&mut self, control: SocketAddr) -> Result<(), String> {
        let api = format!("/restapis/{}", self.api);
        let value = (self.variables + 1).to_string();
        let both = [
            replace("/variables/one", &value),
            replace("/variables/other", &value),
        ];
        let patch = json!({"patchOperations": both});
        call(control, "PATCH", &format!("{api}/stages/{STAGE}"), &patch).await?;
        self.variables += 1;

        let value = (self.deployments + 1).to_string();
        let body = json!({"stageName": STAGE, "description": value, "stageDescription": value});
        call(control, "POST", &format!("{api}/deployments"), &body).await?;
        self.deployments += 1;

        let body = json!({"pathPart": format!("n{}", self.resources + 1)});
        call(control, "POST", &format!("{api}/resources/{}", self.root), &body).await?;
        self.resources += 1;
        Ok(())
    }

    /// What is there after the next start.
    async fn check(&mut self, life: &Life) {
        let stage = life.get(&format!("/restapis/{}/stages/{STAGE}", self.api)).await;
        let one = number(&stage["variables"]["one"]);
        assert_eq!(one, number(&stage["variables"]["other"]), "half a patch");
        one_more_at_most("variables", one, &mut self.variables);
        assert_eq!(
            life.served(&self.api, STAGE).await,
            format!("{one} {one}"),
            "live"
        );

        let deployment = text(&stage["deploymentId"]);
        let path = format!("/restapis/{}/deployments/{deployment}?embed=apisummary", self.api);
        let deployed = life.get(&path).await;
        assert_eq!(deployed["description"], stage["description"], "half a deployment");
        assert!(
            deployed["apiSummary"]["/"]["GET"].is_object(),
            "its snapshot: {deployed}"
        );
        one_more_at_most(
            "deployments",
            number(&stage["description"]),
            &mut self.deployments,
        );

        let paths = paths(life.control, &self.api).await.expect("an answer");
        // All but the root are of this writer.
        let found = paths.len() as u64 - 1;
        one_more_at_most("resources", found, &mut self.resources);
        assert!(
            (1..=found).all(|number| paths.contains(&format!("/n{number}"))),
            "{paths:?}"
        );
    }
}

fn number(value: &Value) -> u64 {
    text(value).parse().expect("a number")
}

async fn paths(control: SocketAddr, api: &str) -> Result<Vec<String>, String> {
    let mut paths = Vec::new();
    let mut position = String::new();
    loop {
        let path = format!("/restapis/{api}/resources?limit=500{position}");
        let page = call(control, "GET", &path, &Value::Null).await?;
        let items = page["item"].as_array().cloned().unwrap_or_default();
        paths.extend(items.iter().map(|item| text(&item["path"])));
        match page["position"].as_str() {
            Some(next) => position = format!("&position={next}"),
            None => return Ok(paths),
        }
    }
}

/// At most one write more than was acknowledged may be there, and none less.
fn one_more_at_most(what: &str, found: u64, acknowledged: &mut u64) {
    let may_be = *acknowledged..=*acknowledged + 1;
    assert!(
        may_be.contains(&found),
        "{what}: found {found}, acknowledged {acknowledged}"
    );
    *acknowledged = found;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_lose_nothing_that_was_acknowledged() {
    let files = Files::in_memory();
    let mut life = Life::start(&files).await;
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        writers.push(make(&life).await);
    }
    for kill in 0..KILLS {
        let (tell, mut told) = unbounded_channel();
        let writing = writers
            .drain(..)
            .map(|writer| tokio::spawn(writer.write(life.control, tell.clone())));
        let writing: Vec<_> = writing.collect();
        drop(tell);
        for _ in 0..TURNS + kill % 7 {
            assert!(told.recv().await.is_some(), "{}", life.process.output());
        }
        life.killed().await;
        life = Life::start(&files).await;
        for writer in writing {
            let mut writer = writer
                .await
                .expect("a writer that sees only what the kill explains");
            writer.check(&life).await;
            writers.push(writer);
        }
    }
    life.killed().await;
}
