//! A control plane over a store of its own, and a data plane that only remembers.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use portcullis_admin::invoke::{AuthorizerInvoked, Invocation, MethodInvoked, NotInvoked};
use portcullis_admin::{Caller, Change, Invoking, Plane, Published, Request, Service, Settings};
use portcullis_model::RestApi;
use portcullis_store::{Key, Options, Store};
use serde_json::{Value, json};
use tokio::sync::Mutex;

/// What the data plane was told, and what it says.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    changes: Mutex<Vec<Change>>,
    /// What is wrong with every API that is deployed.
    pub(crate) problems: Mutex<Vec<String>>,
    /// How many of the next checks another writer changes the API under, and where.
    pub(crate) meanwhile: Mutex<Option<(Store, usize)>>,
}

impl Remembered {
    async fn edit(&self) {
        let mut meanwhile = self.meanwhile.lock().await;
        let Some((store, left)) = meanwhile.as_mut().filter(|(_, left)| *left > 0) else {
            return;
        };
        *left -= 1;
        let mut write = store.write("another", "edit").await.expect("a write");
        let key = Key::new("method", "abc/root", "PUT");
        let kept = write.delete(&key).await.expect("deleted");
        if !kept {
            let method = json!({"httpMethod": "PUT", "methodIntegration": {"type": "MOCK"}});
            write.insert(&key, &method).await.expect("inserted");
        }
        write.commit().await.expect("committed");
    }
}

impl Plane for Remembered {
    fn publish(&self, change: Change) -> Pin<Box<dyn Future<Output = Published> + Send + '_>> {
        Box::pin(async move {
            self.changes.lock().await.push(change);
            Ok(())
        })
    }

    fn check(&self, _: RestApi) -> Pin<Box<dyn Future<Output = Published> + Send + '_>> {
        Box::pin(async move {
            self.edit().await;
            let problems = self.problems.lock().await.clone();
            if problems.is_empty() {
                Ok(())
            } else {
                Err(problems)
            }
        })
    }

    fn invoke_method(&self, _: Invocation) -> Invoking<'_, MethodInvoked> {
        Box::pin(async { Err(NotInvoked::Plane("nothing is run here".to_owned())) })
    }

    fn invoke_authorizer(&self, _: Invocation) -> Invoking<'_, AuthorizerInvoked> {
        Box::pin(async { Err(NotInvoked::Plane("nothing is run here".to_owned())) })
    }
}

/// A control plane.
pub(crate) struct Control {
    pub(crate) service: Service,
    pub(crate) plane: Arc<Remembered>,
    clock: Arc<AtomicU64>,
    _directory: tempfile::TempDir,
}

impl Control {
    /// One with the API `abc`, which has the method GET / with a MOCK.
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(Options::new(directory.path()))
            .await
            .expect("a store");
        let plane = Arc::new(Remembered::default());
        let clock = Arc::new(AtomicU64::new(1_000));
        let now = Arc::clone(&clock);
        let service = Service::new(
            store,
            Arc::clone(&plane) as Arc<dyn Plane>,
            Settings::default(),
            move || now.load(Ordering::Relaxed),
        );
        let control = Self {
            service,
            plane,
            clock,
            _directory: directory,
        };
        control
            .keep("restapi", "", "abc", json!({"id": "abc", "name": "a"}))
            .await;
        control
            .keep("resource", "abc", "root", json!({"id": "root", "path": "/"}))
            .await;
        control.method("GET", json!({"type": "MOCK"})).await;
        control
    }

    /// Time goes on.
    pub(crate) fn at(&self, seconds: u64) {
        self.clock.store(seconds, Ordering::Relaxed);
    }

    /// Keeps a document of another kind.
    pub(crate) async fn keep(&self, kind: &'static str, parent: &str, id: &str, document: Value) {
        let mut write = self.service.store().write("test", "keep").await.expect("a write");
        let key = Key::new(kind, parent, id);
        write.delete(&key).await.expect("deleted");
        write.insert(&key, &document).await.expect("inserted");
        write.commit().await.expect("committed");
    }

    /// A method of `/`, with this integration.
    pub(crate) async fn method(&self, verb: &str, integration: Value) {
        let document = json!({
            "httpMethod": verb, "authorizationType": "AWS_IAM", "apiKeyRequired": true,
            "methodIntegration": integration,
        });
        self.keep("method", "abc/root", verb, document).await;
    }

    /// Calls below `/restapis/abc`.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let request = Request {
            method: method.parse().expect("a verb"),
            path: format!("/restapis/abc{path}"),
            query: Some(query.to_owned()),
            accept: String::new(),
            body: match body {
                Value::Null => Bytes::new(),
                body => Bytes::from(body.to_string()),
            },
        };
        let caller = Caller {
            name: "test".to_owned(),
        };
        let response = self.service.answer(&caller, request).await;
        let status = response.status().as_u16();
        let body = response.into_body();
        let body = match body.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&body).expect("JSON"),
        };
        (status, body)
    }

    /// Deploys, and gives the deployment's id.
    pub(crate) async fn deploy(&self, body: Value) -> String {
        let (status, deployment) = self.call("POST", "/deployments", body).await;
        assert_eq!(status, 201, "{deployment}");
        deployment["id"].as_str().expect("an id").to_owned()
    }

    /// A stage as it is.
    pub(crate) async fn stage(&self, name: &str) -> Value {
        let (status, stage) = self.call("GET", &format!("/stages/{name}"), Value::Null).await;
        assert_eq!(status, 200, "{stage}");
        stage
    }

    /// Patches a stage.
    pub(crate) async fn patch(&self, stage: &str, operations: Value) -> (u16, Value) {
        let body = json!({"patchOperations": operations});
        self.call("PATCH", &format!("/stages/{stage}"), body).await
    }

    /// What the data plane was told since it was last asked.
    pub(crate) async fn changes(&self) -> Vec<Change> {
        std::mem::take(&mut *self.plane.changes.lock().await)
    }
}

/// That a stage is to be made live.
pub(crate) fn published(stage: &str) -> Change {
    Change::Stage {
        api: "abc".to_owned(),
        stage: stage.to_owned(),
    }
}
