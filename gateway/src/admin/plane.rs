//! This node as the data plane of its control plane: what is committed becomes live through the one reconciler.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use portcullis_admin::file_api::{self, Back};
use portcullis_admin::invoke::{AuthorizerInvoked, Invocation, MethodInvoked};
use portcullis_admin::live::{self, LiveStage};
use portcullis_admin::{Change, Invoking, Plane, Published};
use portcullis_document::Problem;
use portcullis_model::{RestApi, Stage};
use portcullis_store::Store;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::files;
use super::invoke::Invoker;
use crate::kept::{self, KeptStage, Pinned};
use crate::live::StageId;
use crate::proxy::Gateway;
use crate::reconcile::Reconciler;

/// The node's reconciler, shared with whoever reads its files.
pub type SharedReconciler = Arc<Mutex<Reconciler>>;

/// The directory below the store's for access logs of its stages.
const ACCESS_LOGS: &str = "access-logs";

/// This node.
#[derive(Debug)]
pub struct NodePlane {
    reconciler: SharedReconciler,
    store: Store,
    invoker: Invoker,
}

impl NodePlane {
    /// A node whose reconciler, store and request path these are. Test invocations run where its requests do: on the
    /// runtime that this is called on.
    pub fn new(reconciler: SharedReconciler, store: Store, gateway: Arc<Gateway>) -> Self {
        Self {
            reconciler,
            store,
            invoker: Invoker::new(gateway, Handle::current()),
        }
    }

    /// Makes everything that is kept live, as at a start.
    pub async fn publish_all(&self) -> Vec<Problem> {
        let mut reconciler = self.reconciler.lock().await;
        match kept_stages(&self.store).await {
            Ok((stages, mut problems)) => {
                problems.extend(reconciler.publish_all(stages).await);
                problems
            }
            Err(error) => vec![unreadable(&error)],
        }
    }

    /// Records what files define, and makes stages of files that point back at an earlier deployment serve it.
    pub async fn record_files(&self, now: u64) -> Vec<Problem> {
        let mut reconciler = self.reconciler.lock().await;
        let Some(sources) = reconciler.sources() else {
            return Vec::new();
        };
        let deployments = files::deployments(&sources);
        let apis: Vec<_> = files::apis(&sources, &deployments, reconciler.live()).collect();
        let configured = sources.config.apis.keys().map(String::as_str).collect();
        match file_api::record(&self.store, &configured, &apis, now).await {
            Ok(recorded) => {
                let mut problems: Vec<Problem> = recorded
                    .taken
                    .iter()
                    .map(|id| files::taken(&sources, id))
                    .collect();
                for back in recorded.back {
                    problems.extend(pin(&mut reconciler, back).await);
                }
                problems
            }
            Err(error) => vec![unrecorded(&error)],
        }
    }

    async fn make_live(&self, change: Change) -> Published {
        // Read under the lock: of two changes of one stage the later one is what stays.
        let mut reconciler = self.reconciler.lock().await;
        let problems = match change {
            Change::Stage { api, stage } => {
                let id = stage_id(&api, &stage);
                if reconciler.is_of_a_file(&id) {
                    return match self.back(&api, &stage).await {
                        Ok(Some(back)) => told(&pin(&mut reconciler, back).await),
                        Ok(None) => told(&reconciler.pin(id, None).await),
                        Err(error) => told(&[unreadable(&error)]),
                    };
                }
                match self.kept(&api, &stage).await {
                    Ok(kept) => reconciler.publish(id, kept).await,
                    Err(error) => vec![unreadable(&error)],
                }
            }
            Change::Api { api } => reconciler.end_api(&api).await,
            // Nothing is cached yet.
            Change::FlushCache { .. } | Change::FlushAuthorizers { .. } => Vec::new(),
        };
        told(&problems)
    }

    async fn back(&self, api: &str, stage: &str) -> Result<Option<Back>, portcullis_store::StoreError> {
        file_api::back(&mut self.store.read().await?, api, stage).await
    }

    async fn kept(&self, api: &str, stage: &str) -> Result<Option<KeptStage>, portcullis_store::StoreError> {
        let mut read = self.store.read().await?;
        let live = live::stage(&mut read, api, stage).await?;
        Ok(live.map(|live| kept(live, &self.store)))
    }

    async fn would_serve(&self, api: RestApi) -> Published {
        let id = api.id.clone();
        let stage = KeptStage::new(&id, &Stage::default(), (Arc::new(api), [0; 32]), None);
        let problems = self.reconciler.lock().await.check_kept(stage).await;
        told(&problems)
    }
}

impl Plane for NodePlane {
    fn publish(&self, change: Change) -> Pin<Box<dyn Future<Output = Published> + Send + '_>> {
        Box::pin(self.make_live(change))
    }

    fn check(&self, api: RestApi) -> Pin<Box<dyn Future<Output = Published> + Send + '_>> {
        Box::pin(self.would_serve(api))
    }

    fn invoke_method(&self, invocation: Invocation) -> Invoking<'_, MethodInvoked> {
        Box::pin(self.invoker.method(&self.reconciler, invocation))
    }

    fn invoke_authorizer(&self, invocation: Invocation) -> Invoking<'_, AuthorizerInvoked> {
        Box::pin(self.invoker.authorizer(&self.reconciler, invocation))
    }
}

/// Every stage that can be read, and what is wrong with the others: one that is lost keeps nothing else from being served.
async fn kept_stages(store: &Store) -> Result<(Vec<KeptStage>, Vec<Problem>), portcullis_store::StoreError> {
    let mut read = store.read().await?;
    let (mut stages, mut problems) = (Vec::new(), Vec::new());
    for (api, stage) in live::stages(&mut read).await? {
        match live::stage(&mut read, &api, &stage).await {
            Ok(live) => stages.extend(live.map(|live| kept(live, store))),
            Err(error) => {
                let message = format!("the stage {stage} is not served, since it cannot be read: {error}");
                problems.push(Problem::in_file(&format!("API {api}"), "store", message));
            }
        }
    }
    Ok((stages, problems))
}

fn kept(mut live: LiveStage, store: &Store) -> KeptStage {
    if let Some(log) = &mut live.stage.access_log {
        let logs = store.directory().join(ACCESS_LOGS);
        let logs = std::path::absolute(&logs).unwrap_or(logs);
        // Where it cannot be made, neither can the file: that is told with the stage.
        let _ = std::fs::create_dir_all(&logs);
        log.destination = kept::access_log(&log.destination, &logs);
    }
    let canary = live.canary.map(|canary| (canary.api, canary.hash));
    KeptStage::new(&live.api, &live.stage, (live.base.api, live.base.hash), canary)
}

async fn pin(reconciler: &mut Reconciler, back: Back) -> Vec<Problem> {
    let Some(file) = reconciler.file(&back.api) else {
        // A file that cannot be read: its stages keep what they serve.
        return Vec::new();
    };
    let pinned = Pinned {
        deployment: back.deployment,
        api: back.definition.api,
        hash: back.definition.hash,
        over: file.hash,
        document: kept::document(&back.api),
    };
    reconciler
        .pin(stage_id(&back.api, &back.stage), Some(pinned))
        .await
}

fn unrecorded(error: &portcullis_store::StoreError) -> Problem {
    let message = format!("the APIs of files cannot be shown and rolled back: {error}");
    Problem::in_file("the store", "store", message)
}

fn stage_id(api: &str, stage: &str) -> StageId {
    StageId {
        api: api.into(),
        stage: stage.into(),
    }
}

fn unreadable(error: &portcullis_store::StoreError) -> Problem {
    Problem::in_file(
        "the store",
        "store",
        format!("what is kept cannot be read: {error}"),
    )
}

fn told(problems: &[Problem]) -> Published {
    let errors: Vec<String> = problems
        .iter()
        .filter(|problem| problem.is_error())
        .map(ToString::to_string)
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
