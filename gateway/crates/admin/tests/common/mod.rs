//! A control plane over a store in a directory of its own.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test's helper: each suite uses a part of it, and what fails here fails the test"
)]

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use portcullis_admin::invoke::{AuthorizerInvoked, Invocation, MethodInvoked, NotInvoked, Station, Told};
use portcullis_admin::{Caller, Change, Invoking, Plane, Published, Request, Service, Settings};
use portcullis_store::{Key, Options, Store};
use serde_json::Value;

/// A data plane that takes everything.
struct Nothing;

impl Plane for Nothing {
    fn publish(&self, _: Change) -> Pin<Box<dyn Future<Output = Published> + Send + '_>> {
        Box::pin(async { Ok(()) })
    }

    fn check(&self, _: portcullis_model::RestApi) -> Pin<Box<dyn Future<Output = Published> + Send + '_>> {
        Box::pin(async { Ok(()) })
    }

    fn has_client_certificate(&self, name: &str) -> bool {
        name == "of-the-file"
    }

    fn truststore(&self, uri: &str) -> Option<Vec<String>> {
        (uri == "s3://b/k.pem").then(|| vec!["the certificate 1 has expired".to_owned()])
    }

    fn check_certificate(&self, _: &[u8], key: &[u8]) -> Result<(), String> {
        (key == b"key")
            .then_some(())
            .ok_or_else(|| "another key".to_owned())
    }

    fn has_private_upstream(&self, name: &str) -> bool {
        name == "n"
    }

    /// Answers with what it was to run.
    fn invoke_method(&self, invocation: Invocation) -> Invoking<'_, MethodInvoked> {
        Box::pin(async move {
            let asked = asked(&invocation)?;
            let mut headers = invocation.headers;
            headers.push(("x-plane".to_owned(), "yes".to_owned()));
            Ok(MethodInvoked {
                status: 418,
                headers,
                body: asked.into(),
                told: told(),
            })
        })
    }

    fn invoke_authorizer(&self, invocation: Invocation) -> Invoking<'_, AuthorizerInvoked> {
        Box::pin(async move {
            let asked = asked(&invocation)?;
            let context = serde_json::json!({"n": 1, "asked": asked});
            Ok(AuthorizerInvoked {
                refused: (invocation.target == "/denied").then_some(403),
                principal: Some("alice".to_owned()),
                policy: None,
                context: context.as_object().cloned().unwrap_or_default(),
                told: told(),
            })
        })
    }
}

/// What a plane was to run, in one line; a target `bad` cannot be.
fn asked(invocation: &Invocation) -> Result<String, NotInvoked> {
    if invocation.target == "bad" {
        return Err(NotInvoked::Request("bad is no path".to_owned()));
    }
    let resources = invocation.api.resources.iter();
    let methods: Vec<String> = resources
        .flat_map(|resource| {
            let methods = resource.methods.iter();
            methods.map(|(verb, method)| format!("{verb} {} {:?}", resource.path, method.authorization))
        })
        .collect();
    let authorizers: Vec<&String> = invocation.api.authorizers.keys().collect();
    Ok(format!(
        "{} {} {:?} {:?} {authorizers:?} {methods:?} {:?} {:?} {:?}",
        invocation.verb,
        invocation.target,
        invocation.body,
        invocation.variables,
        invocation.secrets,
        invocation.client_certificate,
        invocation.context
    ))
}

fn told() -> Told {
    Told {
        log: "Execution log for request x\n".to_owned(),
        latency: Duration::from_micros(2_600),
        stations: vec![Station {
            name: "validate",
            took: Duration::from_nanos(7_900),
            lines: vec!["a line".to_owned()],
            rendered: Vec::new(),
        }],
    }
}

/// When everything here happens.
pub(crate) const NOW: u64 = 1_800_000_000;

pub(crate) struct Control {
    pub(crate) service: Service,
    _directory: tempfile::TempDir,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) body: Value,
}

impl Answer {
    /// The body of a success.
    pub(crate) fn ok(self) -> Value {
        assert!(self.status < 300, "{self:?}");
        self.body
    }

    /// Status and message of a refusal.
    pub(crate) fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["message"].as_str().unwrap_or_default())
    }
}

impl Control {
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(Options::new(directory.path().join("data")))
            .await
            .expect("a store");
        let seal = |row: &Key, secret: &[u8]| Some(format!("sealed {} bytes for {row}", secret.len()));
        let service = Service::sealing(
            store,
            Arc::new(Nothing),
            Settings::default(),
            || NOW,
            Box::new(seal),
        );
        Self {
            service,
            _directory: directory,
        }
    }

    pub(crate) async fn send(&self, method: &str, target: &str, body: impl Into<Bytes>) -> Answer {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        let request = Request {
            method: method.parse().expect("a verb"),
            path: path.to_owned(),
            query,
            accept: String::new(),
            body: body.into(),
        };
        let caller = Caller {
            name: "test".to_owned(),
        };
        let response = self.service.answer(&caller, request).await;
        let kind = response.headers().get("x-amzn-errortype");
        let kind = kind
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        Answer {
            status: response.status().as_u16(),
            kind,
            body: serde_json::from_slice(response.body()).unwrap_or(Value::Null),
        }
    }

    pub(crate) async fn call(&self, method: &str, target: &str, body: Value) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.send(method, target, body).await
    }

    /// Patches with (op, path, value).
    pub(crate) async fn patch(&self, target: &str, operations: &[(&str, &str, &str)]) -> Answer {
        let operations: Vec<Value> = operations
            .iter()
            .map(|(op, path, value)| serde_json::json!({"op": op, "path": path, "value": value}))
            .collect();
        let body = serde_json::json!({ "patchOperations": operations });
        self.call("PATCH", target, body).await
    }

    /// A new API's id.
    pub(crate) async fn api(&self) -> String {
        let api = self
            .call("POST", "/restapis", serde_json::json!({"name": "a"}))
            .await
            .ok();
        api["id"].as_str().expect("an id").to_owned()
    }
}
