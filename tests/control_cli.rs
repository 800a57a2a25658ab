//! The command line of the control plane: the binary as a process, against a gateway that runs.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::ffi::OsStr;
use std::path::Path;

use portcullis_testkit::{Answer, Files, Running};
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
async fn an_api_is_deployed_edited_compared_and_rolled_back() {
    let plane = Plane::start().await;
    let api = plane.api.as_str();
    assert_eq!(
        plane.cli(&["api", "list"]).await,
        says(format!(
            "ID          NAME  CREATED               DESCRIPTION\n{api}  shop  0000-00-00T00:00:00Z\n"
        ))
    );
    assert_eq!(
        plane.cli(&["deployments", "shop"]).await,
        Finished {
            stderr: "no deployments\n".to_owned(),
            ..says("")
        }
    );
    let deployed = plane
        .cli(&["deploy", "shop", "--stage", "prod", "--description", "the first"])
        .await;
    let (first, _) = plane.deployments("prod").await;
    assert_eq!(
        deployed,
        says(format!("deployed {api} as {first} to stage prod\n"))
    );
    assert_eq!(plane.served("prod").await, "one");
    assert_eq!(
        plane.cli(&["diff", "shop", "prod"]).await,
        Finished {
            stderr: "stage prod serves the API as it is edited\n".to_owned(),
            ..says("")
        }
    );

    plane.edit("two").await;
    assert_eq!(plane.served("prod").await, "one", "an edit is not live");
    let pointer = "/resources/~1/resourceMethods/GET/methodIntegration/integrationResponses/200/responseParameters/\
                   method.response.header.x-version";
    assert_eq!(
        plane.cli(&["diff", api, "prod"]).await,
        Finished {
            status: 1,
            stdout: format!("~ {pointer}: \"'one'\" → \"'two'\"\n"),
            stderr: "1 difference between what stage prod serves and the edited API\n".to_owned(),
        }
    );
    let differences = plane.cli(&["diff", api, "prod", "--json"]).await;
    assert_eq!(
        serde_json::from_str::<Value>(&differences.stdout).expect("JSON"),
        json!([{"path": pointer, "served": "'one'", "edited": "'two'"}])
    );

    // Of deployments of one second the order is not known: those of the first one's second are taken back.
    let place = format!("/restapis/{api}/deployments");
    let created = plane.call("GET", &format!("{place}/{first}"), &Value::Null).await["createdDate"].clone();
    let second = loop {
        let made = plane.call("POST", &place, &json!({"stageName": "prod"})).await;
        let second = text(&made, "id");
        if made["createdDate"] != created {
            break second;
        }
        assert_eq!(plane.cli(&["rollback", "shop", "prod", &first]).await.status, 0);
        plane
            .call("DELETE", &format!("{place}/{second}"), &Value::Null)
            .await;
    };
    assert_eq!(plane.served("prod").await, "two");
    assert_eq!(
        plane.cli(&["deployments", "shop"]).await,
        says(format!(
            "ID      CREATED               STAGES  DESCRIPTION\n{second}  0000-00-00T00:00:00Z  prod\n\
             {first}  0000-00-00T00:00:00Z          the first\n"
        ))
    );
    assert_eq!(
        plane.cli(&["rollback", "shop", "prod"]).await,
        says(format!(
            "stage prod runs {first} (0000-00-00T00:00:00Z, the first); before it ran {second}\n"
        ))
    );
    assert_eq!(plane.served("prod").await, "one");
    assert_eq!(
        plane.cli(&["rollback", "shop", "prod"]).await,
        fails(
            1,
            format!(
                "error: no deployment was made before the present one, {first}\n  hint: `portcullis deployments API` \
                 lists what there is\n"
            )
        )
    );
    assert_eq!(
        plane.cli(&["rollback", "shop", "prod", &second]).await,
        says(format!(
            "stage prod runs {second} (0000-00-00T00:00:00Z); before it ran {first}\n"
        ))
    );
    assert_eq!(
        plane.cli(&["api", "delete", "shop"]).await,
        says(format!("deleted the API {api}\n"))
    );
    assert_eq!(
        plane.cli(&["api", "show", "shop"]).await,
        fails(
            1,
            "error: there is no API with the id or the name `shop`\n  hint: `portcullis api list` shows the APIs of this \
             control plane\n"
        )
    );
    plane.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_is_started_moved_stopped_and_promoted() {
    let plane = Plane::start().await;
    let api = plane.api.as_str();
    let canary = async |arguments: &[&str]| {
        let arguments: Vec<&str> = ["canary", "shop", "prod"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        plane.cli(&arguments).await
    };
    plane.cli(&["deploy", "shop", "--stage", "prod"]).await;
    let (first, _) = plane.deployments("prod").await;
    assert_eq!(
        canary(&["set", "50"]).await,
        fails(
            1,
            "error: stage prod has no canary\n  hint: `portcullis canary API STAGE start PERCENT` starts one\n"
        )
    );
    plane.edit("two").await;
    let started = canary(&["start", "100", "--variable", "color=blue"]).await;
    let (_, second) = plane.deployments("prod").await;
    assert_eq!(
        started,
        says(format!(
            "stage prod runs {first}, and for 100 % its canary {second}\n"
        ))
    );
    assert_eq!(plane.served("prod").await, "two");
    assert_eq!(
        canary(&["start", "5"]).await,
        fails(
            1,
            format!(
                "error: stage prod has a canary already, which runs {second}\n  hint: `set` changes it, `promote` or \
                 `stop` ends it\n"
            )
        )
    );
    assert_eq!(
        canary(&["set", "0"]).await,
        says(format!(
            "stage prod runs {first}, and for 0 % its canary {second}\n"
        ))
    );
    assert_eq!(plane.served("prod").await, "one");
    assert_eq!(
        plane.cli(&["stage", "list", "shop"]).await,
        says(format!(
            "STAGE  DEPLOYMENT  CANARY        CHANGED               DESCRIPTION\n\
             prod   {first}      {second} (0 %)  0000-00-00T00:00:00Z\n"
        ))
    );
    assert_eq!(
        canary(&["set", "101"]).await,
        fails(
            1,
            format!(
                "error: PATCH /restapis/{api}/stages/prod: 400 BadRequestException: Invalid canary percentTraffic 101. \
                 Must be between 0.0 and 100.0\n"
            )
        )
    );
    assert_eq!(
        canary(&["stop"]).await,
        says(format!("stage prod runs {first} alone\n"))
    );
    let resumed = canary(&[
        "start",
        "12.5",
        "--deployment",
        &second,
        "--variable",
        "color=red",
    ])
    .await;
    assert_eq!(
        resumed,
        says(format!(
            "stage prod runs {first}, and for 12.5 % its canary {second}\n"
        ))
    );
    assert_eq!(
        canary(&["promote"]).await,
        says(format!("stage prod runs {second}, which was its canary's\n"))
    );
    assert_eq!(plane.served("prod").await, "two");
    let shown = plane.cli(&["stage", "show", "shop", "prod", "--json"]).await;
    let shown: Value = serde_json::from_str(&shown.stdout).expect("JSON");
    assert_eq!(shown["variables"], json!({"color": "red"}));
    assert_eq!(shown.get("canarySettings"), None);
    plane.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stages_cache_is_set_and_flushed() {
    let plane = Plane::start().await;
    plane.cli(&["deploy", "shop", "--stage", "dev"]).await;
    let settings = [
        "cache-cluster=true",
        "cache-size=1.6",
        "cache=true",
        "cache-encrypted=true",
    ];
    let arguments = [&["stage", "set", "shop", "dev", "--json"][..], &settings].concat();
    let set = plane.cli(&arguments).await;
    assert_eq!((set.status, set.stderr.as_str()), (0, ""));
    let shown: Value = serde_json::from_str(&set.stdout).expect("JSON");
    assert_eq!(shown["cacheClusterSize"], "1.6");
    assert_eq!(shown["methodSettings"]["*/*"]["cacheDataEncrypted"], true);
    let flushed = plane.cli(&["stage", "flush", "shop", "dev"]).await;
    assert_eq!(flushed, says("the stage dev has forgotten its responses\n"));
    let flushed = plane
        .cli(&["stage", "flush", "shop", "dev", "--authorizers"])
        .await;
    assert_eq!(
        flushed,
        says("the stage dev has forgotten its decisions of authorizers\n")
    );
    assert_eq!(plane.cli(&["stage", "flush", "shop", "nope"]).await.status, 1);
    plane.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_a_stage_are_set_by_names_for_people() {
    let plane = Plane::start().await;
    plane
        .cli(&["deploy", "shop", "--stage", "dev", "--variable", "a=1"])
        .await;
    let (deployment, _) = plane.deployments("dev").await;
    let arguments = [
        "stage",
        "set",
        "shop",
        "dev",
        "variables.b=x=y",
        "metrics=true",
        "/GET.logging=ERROR",
        "description=for tests",
        "--remove",
        "variables.a",
    ];
    let set = plane.cli(&arguments).await;
    let lines: Vec<String> = set
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!((set.status, set.stderr.as_str()), (0, ""));
    for line in [
        "stageName dev",
        &format!("deploymentId {deployment}"),
        "variables.b x=y",
        "methodSettings.*/*.metricsEnabled true",
        "methodSettings.~1/GET.loggingLevel ERROR",
        "description for tests",
        "createdDate 0000-00-00T00:00:00Z",
    ] {
        assert!(
            lines.iter().any(|found| found == line),
            "no `{line}` in {lines:#?}"
        );
    }
    assert!(!set.stdout.contains("variables.a"), "{}", set.stdout);
    assert_eq!(
        plane.cli(&["stage", "show", "shop", "dev"]).await.stdout,
        set.stdout
    );
    let refused = plane
        .cli(&["stage", "set", "shop", "dev", "variables.c=1", "logging=LOUD"])
        .await;
    assert_eq!((refused.status, refused.stdout.as_str()), (1, ""));
    assert!(
        refused.stderr.contains("400 BadRequestException"),
        "{}",
        refused.stderr
    );
    assert_eq!(
        plane.cli(&["stage", "show", "shop", "dev"]).await.stdout,
        set.stdout,
        "a refused patch changes nothing"
    );
    assert_eq!(
        plane.cli(&["stage", "set", "shop", "dev", "loging=INFO"]).await,
        fails(
            2,
            "error: there is no setting `loging`\n  hint: the settings are variables.NAME, description, deployment, \
             access-log.destination, access-log.format, client-certificate, documentation-version, tracing, \
             cache-cluster, cache-size, logging, data-trace, metrics, rate-limit, burst-limit, cache, cache-ttl, \
             cache-encrypted\n"
        )
    );
    assert_eq!(
        plane.cli(&["stage", "delete", "shop", "dev"]).await,
        says("deleted the stage dev\n")
    );
    let gone = fails(
        1,
        format!(
            "error: GET /restapis/{}/stages/dev: 404 NotFoundException: Invalid stage identifier specified\n",
            plane.api
        ),
    );
    assert_eq!(plane.cli(&["stage", "show", "shop", "dev"]).await, gone);
    let history = plane.cli(&["history", "--limit", "2"]).await;
    let lines: Vec<&str> = history.stdout.lines().collect();
    let (heading, newest) = (lines[0], lines[1]);
    assert_eq!(
        heading.split_whitespace().collect::<Vec<_>>(),
        ["REVISION", "AT", "WHO", "WHAT", "CHANGED"]
    );
    let expected = format!(
        "0000-00-00T00:00:00Z  anonymous  DeleteStage  -stage {}/dev",
        plane.api
    );
    assert!(newest.ends_with(&expected), "{newest}");
    assert_eq!(lines.len(), 3);
    plane.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_say_who_may_do_what() {
    let gateway = Running::of(SIGNED).await;
    let endpoint = endpoint(&gateway);
    let administrator = gateway.files.path("data/administrator.credentials");
    let with = async |file: &Path, arguments: &[&str]| {
        let file = file.to_str().expect("UTF-8");
        let common = ["--endpoint", &endpoint, "--credentials", file];
        run(&arguments.iter().chain(&common).copied().collect::<Vec<_>>(), &[]).await
    };
    assert_eq!(
        run(&["api", "list", "--endpoint", &endpoint], &[]).await,
        fails(
            1,
            "error: GET /restapis: 403 MissingAuthenticationTokenException: Missing Authentication Token\n  hint: this \
             control plane wants signed requests: name a key by --credentials FILE; the first start of a gateway leaves \
             administrator.credentials in its data directory\n"
        )
    );
    let none = Finished {
        stderr: "no APIs\n".to_owned(),
        ..says("")
    };
    assert_eq!(with(&administrator, &["api", "list"]).await, none);

    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "apigateway:GET", "Resource": "*"}],
    });
    let file = gateway.files.write("policy.json", policy.to_string());
    let file = file.to_str().expect("UTF-8");
    let made = with(&administrator, &["keys", "create", "reader", "--policy", file]).await;
    assert_eq!(
        (made.status, made.stderr.as_str()),
        (
            0,
            "note: nothing shows this secret again; keep it in a file that its owner alone can read\n"
        )
    );
    let reader = gateway.files.write("reader.credentials", &made.stdout);
    let (id, secret) = credentials(&made.stdout);
    assert_eq!(with(&reader, &["api", "list"]).await, none);
    let denied = with(&reader, &["keys", "create", "mine"]).await;
    assert_eq!(
        denied,
        fails(
            1,
            "error: POST /_portcullis/keys: 403 AccessDeniedException: User: arn:aws:iam::000000000000:user/reader is not \
             authorized to perform: apigateway:POST on resource: arn:aws:apigateway:us-east-1::/_portcullis/keys because \
             no identity-based policy allows the action\n  hint: use a key whose policy allows this, or make one by \
             `portcullis keys create`\n"
        )
    );
    // The names that the aws CLI has for it, too.
    let variables = [
        ("AWS_ACCESS_KEY_ID", OsStr::new(&id)),
        ("AWS_SECRET_ACCESS_KEY", OsStr::new(&secret)),
        ("PORTCULLIS_ENDPOINT", OsStr::new(&endpoint)),
    ];
    assert_eq!(run(&["api", "list"], &variables).await, none);
    let variables = [
        ("AWS_SHARED_CREDENTIALS_FILE", reader.as_os_str()),
        ("PORTCULLIS_ENDPOINT", OsStr::new(&endpoint)),
    ];
    assert_eq!(run(&["api", "list"], &variables).await, none);

    assert_eq!(
        with(&administrator, &["keys", "disable", &id]).await,
        says(format!("the key {id} is disabled\n"))
    );
    let refused = with(&reader, &["api", "list"]).await;
    assert_eq!((refused.status, refused.stdout.as_str()), (1, ""));
    let start = "error: GET /restapis: 403 UnrecognizedClientException: ";
    assert!(refused.stderr.starts_with(start), "{}", refused.stderr);
    let listed = with(&administrator, &["keys", "list"]).await;
    let line = listed
        .stdout
        .lines()
        .find(|line| line.starts_with(&id))
        .expect("the key");
    assert_eq!(line, format!("{id}  reader         disabled  {policy}"));
    assert!(!listed.stdout.contains(&secret), "secrets are shown once");
    assert_eq!(
        with(&administrator, &["keys", "enable", &id]).await,
        says(format!("the key {id} is enabled\n"))
    );
    assert_eq!(with(&reader, &["api", "list"]).await, none);
    let unknown = with(&administrator, &["keys", "enable", "PKNOPE"]).await;
    assert_eq!(
        unknown,
        fails(
            1,
            "error: PATCH /_portcullis/keys/PKNOPE: 404 NotFoundException: there is no access key PKNOPE\n"
        )
    );
    let history = with(&administrator, &["history", "--limit", "1", "--json"]).await;
    let history: Value = serde_json::from_str(&history.stdout).expect("JSON");
    assert_eq!(text(&history[0], "action"), "EnableAccessKey");
    assert!(
        text(&history[0], "who").starts_with("administrator (PK"),
        "{history}"
    );
    gateway.stop().await;
}

/// Id and secret of a credentials file.
fn credentials(text: &str) -> (String, String) {
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[0], lines.len()), ("[default]", 3), "{text}");
    let value = |line: &str, name: &str| {
        let value = line.strip_prefix(name).expect("a credential");
        value.to_owned()
    };
    (
        value(lines[1], "aws_access_key_id = "),
        value(lines[2], "aws_secret_access_key = "),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_backed_up_is_restored() {
    let plane = Plane::start().await;
    plane.cli(&["deploy", "shop", "--stage", "prod"]).await;
    let data = plane.gateway.files.path("data");
    let data = data.to_str().expect("UTF-8");
    let outside = Files::default();
    let backup = outside.path("shop.backup");
    let backup = backup.to_str().expect("UTF-8");
    let history = plane.cli(&["history", "--limit", "1", "--json"]).await;
    let history: Value = serde_json::from_str(&history.stdout).expect("JSON");
    let revision = &history[0]["revision"];

    // Beside the gateway that runs.
    assert_eq!(
        run(&["backup", "--data", data, backup], &[]).await,
        says(format!(
            "wrote {backup}: what {data} has at revision {revision}, or later\n"
        ))
    );
    assert_eq!(
        run(&["backup", "--data", data, backup], &[]).await,
        fails(
            3,
            format!("error: {backup} exists already\n  hint: name another file; nothing is overwritten\n")
        )
    );
    let nothing = outside.path("nothing");
    let nothing = nothing.to_str().expect("UTF-8");
    assert_eq!(
        run(&["backup", "--data", nothing, backup], &[]).await,
        fails(
            1,
            format!(
                "error: {nothing}: there is no store.db, so nothing to back up\n  hint: name the directory that \
                 gateway.toml has as `data` in its [control]\n"
            )
        )
    );
    let refused = run(&["restore", "--data", data, backup], &[]).await;
    assert_eq!((refused.status, refused.stdout.as_str()), (3, ""));
    assert!(
        refused.stderr.contains(" is in use by process "),
        "{}",
        refused.stderr
    );

    let elsewhere = Files::default();
    let restored = elsewhere.path("data");
    let restored = restored.to_str().expect("UTF-8");
    assert_eq!(
        run(&["restore", "--data", restored, backup], &[]).await,
        Finished {
            status: 0,
            stdout: format!("restored {backup} into {restored}, revision {revision}\n"),
            stderr: format!(
                "note: {restored}/store.key is missing: put the one there that belongs to this backup, or the gateway does \
                 not start\n"
            ),
        }
    );
    std::fs::copy(
        plane.gateway.files.path("data/store.key"),
        elsewhere.path("data/store.key"),
    )
    .expect("the key is copied");
    let gateway = Running::start(CONTROLLED, elsewhere).await;
    let answer = served(&gateway, &plane.api, "prod").await;
    assert_eq!((answer.status.as_u16(), answer.header("x-version")), (200, "one"));
    gateway.stop().await;
    plane.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn access_keys_of_a_backup_open_with_the_key_that_they_were_sealed_with() {
    let gateway = Running::of(SIGNED).await;
    let data = gateway.files.path("data");
    let outside = Files::default();
    let backup = outside.path("keys.backup");
    let backup = backup.to_str().expect("UTF-8");
    let written = run(&["backup", "--data", data.to_str().expect("UTF-8"), backup], &[]).await;
    assert_eq!(written.status, 0, "{written:?}");

    let elsewhere = Files::default();
    let restored = elsewhere.path("data");
    let done = run(
        &["restore", "--data", restored.to_str().expect("UTF-8"), backup],
        &[],
    )
    .await;
    assert_eq!(done.status, 0, "{done:?}");
    std::fs::copy(data.join("store.key"), restored.join("store.key")).expect("the key is copied");
    let second = Running::start(SIGNED, elsewhere).await;
    let administrator = data.join("administrator.credentials");
    let administrator = administrator.to_str().expect("UTF-8");
    let endpoint = endpoint(&second);
    let arguments = [
        "api",
        "list",
        "--endpoint",
        &endpoint,
        "--credentials",
        administrator,
    ];
    let listed = run(&arguments, &[]).await;
    assert_eq!((listed.status, listed.stderr.as_str()), (0, "no APIs\n"));
    second.stop().await;
    gateway.stop().await;
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
