//! Credentials of AWS's standard chain, as the binary finds them in its environment.

use std::ffi::OsStr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Response;
use parking_lot::Mutex;
use portcullis::clock::iso_time;
use portcullis_testkit::{Client, Files, Origin, Process};
use portcullis_tests::moto::Moto;
use serde_json::json;
use tokio::sync::Semaphore;

use super::definition;

const BINARY: &str = env!("CARGO_BIN_EXE_portcullis-under-test");
/// What this machine may have of its own.
const WITHOUT: [&str; 9] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_ENDPOINT_URL",
];

/// A gateway as a process, with these credentials and variables, in front of a service.
struct Gateway {
    _files: Files,
    process: Process,
    service: Origin,
    url: String,
}

impl Gateway {
    async fn start(credentials: &str, variables: &[(&str, &str)]) -> Self {
        let files = Files::default();
        files.write(
            "api.yaml",
            definition("arn:aws:apigateway:us-east-1:dynamodb:action/PutItem", ""),
        );
        files.write(
            "gateway.toml",
            format!(
                "[[listeners]]\naddress = \"127.0.0.1:0\"\ndefault_api = \"api\"\n[aws.credentials.default]\n{credentials}\n\
                 [apis.api]\nopenapi = \"api.yaml\"\n[apis.api.stages.dev]\n"
            ),
        );
        files.write("config", "[default]\naws_access_key_id = P\naws_secret_access_key = p\n[own]\naws_access_key_id = O\naws_secret_access_key = o\n");
        files.write("token", "a token");
        let service = Origin::echo().await;
        let endpoint = format!("http://{}", service.authority());
        let at = |name: &str| files.path(name).display().to_string();
        let (config, none, token) = (at("config"), at("none"), at("token"));
        let mut all: Vec<(&str, &OsStr)> = vec![
            ("AWS_ENDPOINT_URL_DYNAMODB", OsStr::new(&endpoint)),
            ("AWS_CONFIG_FILE", OsStr::new(&none)),
            ("AWS_SHARED_CREDENTIALS_FILE", OsStr::new(&none)),
            ("AWS_EC2_METADATA_DISABLED", OsStr::new("false")),
        ];
        for (name, value) in variables {
            let value = match *value {
                "{config}" => &config,
                "{token}" => &token,
                value => value,
            };
            all.retain(|(known, _)| known != name);
            all.push((name, OsStr::new(value)));
        }
        let path = at("gateway.toml");
        let process = Process::start_in(BINARY, &["run", "--no-cache", &path], &WITHOUT, &all);
        let url = format!("http://{}/dev/call", process.address().await);
        Self {
            _files: files,
            process,
            service,
            url,
        }
    }

    /// The status of a call, and the id of the key that signed what the service got.
    async fn call(&self) -> (u16, String) {
        self.service.forget();
        let answer = Client::default().send("POST", &self.url, &[], b"{}").await;
        let status = answer.expect("an answer").status.as_u16();
        let id = self.service.recorded().pop().and_then(|request| {
            let authorization = request.headers.get("authorization")?.to_str().ok()?;
            let id = authorization.split("Credential=").nth(1)?;
            id.split('/').next().map(str::to_owned)
        });
        (status, id.unwrap_or_default())
    }
}

#[tokio::test]
async fn the_first_source_that_has_some_counts() {
    const KEY: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "E"), ("AWS_SECRET_ACCESS_KEY", "e")];
    const PROFILE: (&str, &str) = ("AWS_SHARED_CREDENTIALS_FILE", "{config}");
    for (credentials, variables, expected) in [
        ("", vec![KEY[0], KEY[1], PROFILE], (200, "E")),
        ("", vec![PROFILE], (200, "P")),
        ("", vec![PROFILE, ("AWS_PROFILE", "own")], (200, "O")),
        ("profile = \"own\"", vec![PROFILE], (200, "O")),
        (
            "chain = [\"profile\", \"environment\"]",
            vec![KEY[0], KEY[1], PROFILE],
            (200, "P"),
        ),
        ("chain = [\"profile\"]", vec![KEY[0], KEY[1]], (500, "")),
        ("", vec![], (500, "")),
    ] {
        let gateway = Gateway::start(credentials, &variables).await;
        let (status, id) = gateway.call().await;
        assert_eq!((status, &*id), expected, "{credentials} {variables:?}");
        if status == 500 {
            gateway
                .process
                .line("the request cannot be signed: there are no credentials")
                .await;
        }
        let text = gateway.process.output();
        assert!(!text.contains("aws_secret"), "{text}");
    }
}

#[tokio::test]
async fn a_web_identity_is_exchanged() {
    let mut moto = Moto::start().await;
    // It loads a service at its first call, which is not to count.
    moto.call("sts", "get_caller_identity", json!({})).await;
    let role = "arn:aws:iam::123456789012:role/gateway";
    let gateway = Gateway::start(
        "",
        &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "{token}"),
            ("AWS_ROLE_ARN", role),
            ("AWS_ENDPOINT_URL_STS", moto.endpoint()),
        ],
    )
    .await;
    let (status, id) = gateway.call().await;
    assert_eq!(status, 200, "{}", gateway.process.output());
    assert!(id.starts_with("ASIA"), "{id}");
}

/// A container's server of credentials: what it answers, and how often it was asked.
struct Container {
    origin: Origin,
    answers: Arc<Mutex<Option<(&'static str, u64)>>>,
    asked: Arc<Semaphore>,
}

impl Container {
    async fn start() -> Self {
        let answers: Arc<Mutex<Option<(&'static str, u64)>>> = Arc::default();
        let asked = Arc::new(Semaphore::new(0));
        let (of, tell) = (answers.clone(), asked.clone());
        let origin = Origin::start(move |_| {
            tell.add_permits(1);
            let Some((id, seconds)) = *of.lock() else {
                return Response::builder().status(404).body(Bytes::new()).expect("one");
            };
            let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time");
            let end = iso_time(now + std::time::Duration::from_secs(seconds));
            let body = serde_json::json!({
                "AccessKeyId": id, "SecretAccessKey": "s", "Token": "t", "Expiration": end,
            });
            Response::new(Bytes::from(body.to_string()))
        })
        .await;
        Self {
            origin,
            answers,
            asked,
        }
    }

    fn url(&self) -> String {
        format!("http://{}/credentials", self.origin.authority())
    }

    fn answer(&self, answer: Option<(&'static str, u64)>) {
        *self.answers.lock() = answer;
    }

    async fn asked(&self) {
        let asked = tokio::time::timeout(std::time::Duration::from_secs(60), self.asked.acquire()).await;
        asked.expect("it is asked").expect("an open semaphore").forget();
    }
}

#[tokio::test]
async fn a_metadata_service_is_asked_only_where_it_is_named() {
    let container = Container::start().await;
    container.answer(Some(("C1", 3_600)));
    let url = container.url();
    let variables = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", &*url)];
    assert_eq!(Gateway::start("", &variables).await.call().await.0, 500);
    assert!(container.origin.recorded().is_empty());
    let named = Gateway::start("chain = [\"environment\", \"container\"]", &variables).await;
    for _ in 0..3 {
        assert_eq!(named.call().await, (200, "C1".to_owned()));
    }
    assert_eq!(container.origin.recorded().len(), 1, "what it gave is kept");
}

/// They are fetched again before they end, beside the requests; where that fails, they count until their end.
#[tokio::test]
async fn credentials_are_fetched_anew_before_they_end() {
    let container = Container::start().await;
    container.answer(Some(("C1", 12)));
    let url = container.url();
    let gateway = Gateway::start(
        "chain = [\"container\"]",
        &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url)],
    )
    .await;
    assert_eq!(gateway.call().await, (200, "C1".to_owned()));
    container.asked().await;
    container.answer(Some(("C2", 6)));
    container.asked().await;
    while gateway.call().await != (200, "C2".to_owned()) {}
    container.answer(None);
    container.asked().await;
    let mut status = 200;
    while status == 200 {
        let (now, id) = gateway.call().await;
        assert!(
            (now == 200 && id == "C2") || (now == 500 && id.is_empty()),
            "{now} {id}"
        );
        status = now;
    }
    gateway
        .process
        .line("the credentials have expired, and there are no others")
        .await;
    container.answer(Some(("C3", 3_600)));
    while gateway.call().await != (200, "C3".to_owned()) {}
}
