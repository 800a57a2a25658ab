//! A control plane over a real store in a directory of its own.

#![allow(dead_code, reason = "each test uses a part")]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::needless_pass_by_value)]

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use parking_lot::Mutex;
use portcullis_admin::invoke::{AuthorizerInvoked, Invocation, MethodInvoked, NotInvoked};
use portcullis_admin::{Caller, Change, Invoking, Plane, Published, Request, Service, Settings};
use portcullis_store::{Options, Store};
use serde_json::{Value, json};

/// When everything is made.
pub(crate) const NOW: u64 = 1_700_000_000;
pub(crate) const ACCOUNT: &str = "123456789012";

/// A name; a verb, a path and a body; a type and a message.
pub(crate) type Refused<'r> = (&'r str, (&'r str, String, Value), (&'r str, &'r str));

/// Notes what is published, and says yes to all.
#[derive(Default)]
pub(crate) struct Noted(Mutex<Vec<Change>>);

impl Plane for Noted {
    fn publish(&self, change: Change) -> Pin<Box<dyn Future<Output = Published> + Send + '_>> {
        self.0.lock().push(change);
        Box::pin(async { Ok(()) })
    }

    fn check(&self, _: portcullis_model::RestApi) -> Pin<Box<dyn Future<Output = Published> + Send + '_>> {
        Box::pin(async { Ok(()) })
    }

    fn invoke_method(&self, _: Invocation) -> Invoking<'_, MethodInvoked> {
        Box::pin(async { Err(NotInvoked::Plane("nothing is run here".to_owned())) })
    }

    fn invoke_authorizer(&self, _: Invocation) -> Invoking<'_, AuthorizerInvoked> {
        Box::pin(async { Err(NotInvoked::Plane("nothing is run here".to_owned())) })
    }
}

pub(crate) struct Control {
    pub(crate) service: Service,
    plane: Arc<Noted>,
    _directory: tempfile::TempDir,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The error's type; empty where there is none.
    pub(crate) kind: String,
    /// Null where there is no body.
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.body[name].as_str().unwrap_or_default().to_owned()
    }
}

impl Control {
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(Options::new(directory.path().join("data")))
            .await
            .expect("a store");
        let plane = Arc::new(Noted::default());
        let settings = Settings {
            account: ACCOUNT.to_owned(),
            ..Settings::default()
        };
        let service = Service::new(store, plane.clone(), settings, || NOW);
        Self {
            service,
            plane,
            _directory: directory,
        }
    }

    /// One call; `body` may be null for none.
    pub(crate) async fn call(&self, method: &str, target: &str, body: Value) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.send(method, target, body).await
    }

    /// One call with any body.
    pub(crate) async fn send(&self, method: &str, target: &str, body: String) -> Answer {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        let caller = Caller {
            name: "tester".to_owned(),
        };
        let request = Request {
            method: method.parse().expect("a method"),
            path: path.to_owned(),
            query,
            accept: String::new(),
            body: body.into(),
        };
        let response = self.service.answer(&caller, request).await;
        let kind = response.headers().get("x-amzn-errortype");
        Answer {
            status: response.status().as_u16(),
            kind: kind
                .map(|kind| kind.to_str().expect("a text").to_owned())
                .unwrap_or_default(),
            body: serde_json::from_slice(response.body()).unwrap_or_default(),
        }
    }

    /// A call that must succeed; gives its body.
    pub(crate) async fn ok(&self, method: &str, target: &str, body: Value) -> Value {
        let answer = self.call(method, target, body.clone()).await;
        assert!(answer.status < 300, "{method} {target} {body}: {answer:?}");
        answer.body
    }

    pub(crate) async fn patch(&self, target: &str, operations: Value) -> Answer {
        self.call("PATCH", target, json!({ "patchOperations": operations }))
            .await
    }

    /// Calls that must be refused with a type and a message; `status` follows from the type.
    pub(crate) async fn refuses(&self, rows: Vec<Refused<'_>>) {
        for (name, (method, target, body), (kind, message)) in rows {
            let answer = self.call(method, &target, body).await;
            let status = match kind {
                "NotFoundException" => 404,
                "ConflictException" => 409,
                _ => 400,
            };
            assert_eq!(
                (answer.status, answer.kind.as_str(), answer.message()),
                (status, kind, message),
                "{name}"
            );
        }
    }

    /// An API with nothing but its root: its id and its root's.
    pub(crate) async fn api(&self) -> (String, String) {
        let api = self.ok("POST", "/restapis", json!({"name": "test"})).await;
        let text = |name: &str| api[name].as_str().expect("a text").to_owned();
        (text("id"), text("rootResourceId"))
    }

    /// A resource below another; gives its id.
    pub(crate) async fn resource(&self, api: &str, parent: &str, part: &str) -> String {
        let target = format!("/restapis/{api}/resources/{parent}");
        let resource = self.ok("POST", &target, json!({"pathPart": part})).await;
        resource["id"].as_str().expect("an id").to_owned()
    }

    pub(crate) fn published(&self) -> Vec<Change> {
        self.plane.0.lock().clone()
    }
}

pub(crate) fn replace(path: &str, value: &str) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}
