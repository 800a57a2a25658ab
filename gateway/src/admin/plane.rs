//! This node as the data plane of its control plane: what is committed becomes live through the one reconciler.

use std::future::Future;
use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use portcullis_admin::file_api::{self, Back};
use portcullis_admin::invoke::{AuthorizerInvoked, Invocation, MethodInvoked};
use portcullis_admin::live::{self, LiveStage};
use portcullis_admin::web_acl::WebAcl;
use portcullis_admin::{Change, Invoking, Plane, Published, Secrets};
use portcullis_document::Problem;
use portcullis_model::{RestApi, Stage};
use portcullis_store::{HandedOver, Read, Store, StoreError};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::invoke::Invoker;
use super::usage::UsageKeeper;
use super::{api_keys, domain_tls, domains, files, made};
use crate::api_keys::{Now, SameValue};
use crate::config::{GatewayConfig, Named, Sources, web_acl_arn};
use crate::handover::{Addition, Successor};
use crate::kept::{self, KeptStage, Pinned};
use crate::live::StageId;
use crate::plan::StageLive;
use crate::proxy::Gateway;
use crate::reconcile::{Reconciler, SharedSources};
use crate::upstream::ClientCertificate;

/// The node's reconciler, shared with whoever reads its files.
pub type SharedReconciler = Arc<Mutex<Reconciler>>;

/// The directory below the store's for access logs of its stages.
const ACCESS_LOGS: &str = "access-logs";

/// This node.
#[derive(Debug)]
pub struct NodePlane {
    reconciler: SharedReconciler,
    sources: SharedSources,
    store: Store,
    invoker: Invoker,
    gateway: Arc<Gateway>,
    secrets: Secrets,
    api_keys: api_keys::Publisher,
    domains: domains::Publisher,
    domain_tls: domain_tls::Publisher,
    usage: OnceLock<Arc<UsageKeeper>>,
}

impl NodePlane {
    /// A node whose reconciler, store and request path these are; `secrets` are the store's. Test invocations run where its
    /// requests do: on the runtime that this is called on.
    pub async fn new(
        reconciler: SharedReconciler,
        store: Store,
        gateway: Arc<Gateway>,
        secrets: Secrets,
    ) -> Self {
        let sources = reconciler.lock().await.sources();
        Self {
            reconciler,
            sources,
            store,
            invoker: Invoker::new(gateway.clone(), Handle::current()),
            gateway,
            secrets,
            api_keys: api_keys::Publisher::default(),
            domains: domains::Publisher::default(),
            domain_tls: domain_tls::Publisher::default(),
            usage: OnceLock::new(),
        }
    }

    /// Goes on counting what API keys use where the store has it. To be done once all is published, before the first call.
    pub async fn resume_usage(&self) -> Result<(), StoreError> {
        let usage = UsageKeeper::resume(self.gateway.clone(), self.store.clone()).await?;
        self.usage.get_or_init(|| Arc::new(usage));
        Ok(())
    }

    /// Gives what is kept to another process, up to what was counted last. To be called when no call is under way.
    pub async fn hand_over(&self) -> Result<PlaneHandedOver, StoreError> {
        let usage = self.usage();
        if let Some(usage) = &usage {
            usage.keep().await?;
        }
        let turn = match &usage {
            Some(usage) => Some(usage.held().await),
            None => None,
        };
        let store = self.store.hand_over().await?;
        Ok(PlaneHandedOver {
            usage: usage.zip(turn),
            store,
        })
    }

    /// Counts calls that the process before this one has counted.
    pub fn counted(&self, additions: Vec<Addition>) {
        let now = Now::by(&*self.gateway.clock);
        self.gateway.api_keys.add(additions, now);
    }

    /// Who keeps what API keys use, once it goes on.
    pub(super) fn usage(&self) -> Option<Arc<UsageKeeper>> {
        self.usage.get().cloned()
    }

    /// Makes everything that is kept live, as at a start.
    pub async fn publish_all(&self) -> Vec<Problem> {
        let now = self.gateway.clock.monotonic();
        // Who may call comes before what can be called.
        let mut problems = told_of_keys(self.api_keys.all(&self.store, &self.gateway.api_keys, now).await);
        problems.extend(self.publish_tls(None).await);
        let published = self.domains.all(&self.store, &self.gateway.domains).await;
        problems.extend(told_of_domains(published));
        problems.extend(self.publish_stages().await);
        problems
    }

    /// Makes domain names, and APIs' own names, speak TLS as they say, with what the files have now: all, or one domain name that
    /// was changed.
    pub async fn publish_tls(&self, id: Option<&str>) -> Vec<Problem> {
        let Some(sources) = self.sources.load_full() else {
            return Vec::new();
        };
        let (from, names) = (self.against(&sources), &self.gateway.tls_names);
        let published = match id {
            Some(id) => self.domain_tls.one(&from, names, id).await,
            None => self.domain_tls.all(&from, names).await,
        };
        published.unwrap_or_else(|error| vec![unreadable(&error)])
    }

    async fn publish_api_tls(&self, api: &str) -> Vec<Problem> {
        let Some(sources) = self.sources.load_full() else {
            return Vec::new();
        };
        let (from, names) = (self.against(&sources), &self.gateway.tls_names);
        let published = self.domain_tls.api(&from, names, api).await;
        published.unwrap_or_else(|error| vec![unreadable(&error)])
    }

    fn against<'a>(&'a self, sources: &'a Sources) -> domain_tls::Against<'a> {
        domain_tls::Against {
            store: &self.store,
            secrets: &self.secrets,
            sources,
        }
    }

    async fn publish_stages(&self) -> Vec<Problem> {
        let mut reconciler = self.reconciler.lock().await;
        match self.all_kept().await {
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
        let Some(sources) = self.sources.load_full() else {
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
        let (keys, domains) = (&self.gateway.api_keys, &self.gateway.domains);
        let problems = match change {
            Change::Stage { api, stage } => self.make_stage_live(&api, &stage).await,
            Change::Api { api } => self.reconciler.lock().await.end_api(&api).await,
            Change::ApiTls { api } => self.publish_api_tls(&api).await,
            Change::ApiKeys { ids } => told_of_keys(self.api_keys.keys(&self.store, keys, &ids).await),
            Change::UsagePlan { id } => {
                let now = self.gateway.clock.monotonic();
                let published = self.api_keys.plan(&self.store, keys, &id, now).await;
                told_of_keys(published.map(|()| Vec::new()))
            }
            Change::Domain { id } => {
                // Who may come by a name comes before what is below it.
                let mut problems = self.publish_tls(Some(&id)).await;
                problems.extend(told_of_domains(self.domains.one(&self.store, domains, &id).await));
                problems
            }
            Change::FlushAuthorizers { api, stage } => {
                // The plan that is live now: one that comes has no decisions yet.
                if let Some(plan) = self.gateway.live.plan(&api, &stage) {
                    plan.flush_authorizers();
                }
                Vec::new()
            }
            Change::FlushCache { api, stage } => {
                if let Some(plan) = self.gateway.live.plan(&api, &stage) {
                    plan.flush_cache();
                }
                Vec::new()
            }
        };
        told(&problems)
    }

    async fn make_stage_live(&self, api: &str, stage: &str) -> Vec<Problem> {
        // Read under the lock: of two changes of one stage the later one is what stays.
        let mut reconciler = self.reconciler.lock().await;
        let id = stage_id(api, stage);
        if reconciler.is_of_a_file(&id) {
            return match self.back(api, stage).await {
                Ok(Some(back)) => pin(&mut reconciler, back).await,
                Ok(None) => reconciler.pin(id, None).await,
                Err(error) => vec![unreadable(&error)],
            };
        }
        match self.kept(api, stage).await {
            Ok(kept) => reconciler.publish(id, kept).await,
            Err(error) => vec![unreadable(&error)],
        }
    }

    async fn back(&self, api: &str, stage: &str) -> Result<Option<Back>, StoreError> {
        file_api::back(&mut self.store.read().await?, api, stage).await
    }

    async fn kept(&self, api: &str, stage: &str) -> Result<Option<KeptStage>, StoreError> {
        let mut read = self.store.read().await?;
        self.kept_of(&mut read, api, stage).await
    }

    async fn kept_of(
        &self,
        read: &mut Read,
        api: &str,
        stage: &str,
    ) -> Result<Option<KeptStage>, StoreError> {
        let Some(live) = live::stage(read, api, stage).await? else {
            return Ok(None);
        };
        let mut kept = kept(live, &self.store);
        made::complete(read, &self.secrets, &mut kept).await?;
        Ok(Some(kept))
    }

    /// Every stage that can be read, and what is wrong with the others: one that is lost keeps nothing else from being
    /// served.
    async fn all_kept(&self) -> Result<(Vec<KeptStage>, Vec<Problem>), StoreError> {
        let mut read = self.store.read().await?;
        let (mut stages, mut problems) = (Vec::new(), Vec::new());
        for (api, stage) in live::stages(&mut read).await? {
            match self.kept_of(&mut read, &api, &stage).await {
                Ok(kept) => stages.extend(kept),
                Err(error) => {
                    let message =
                        format!("the stage {stage} is not served, since it cannot be read: {error}");
                    problems.push(Problem::in_file(&format!("API {api}"), "store", message));
                }
            }
        }
        Ok((stages, problems))
    }

    /// With what calls have made for its connections.
    async fn completed(&self, mut stage: KeptStage) -> Result<KeptStage, StoreError> {
        let mut read = self.store.read().await?;
        made::complete(&mut read, &self.secrets, &mut stage).await?;
        Ok(stage)
    }

    /// The plan of a stage that never becomes live, or what is wrong with it.
    pub(super) async fn tried(&self, stage: KeptStage) -> Result<StageLive, Vec<Problem>> {
        let stage = self
            .completed(stage)
            .await
            .map_err(|error| vec![unreadable(&error)])?;
        let (plan, problems) = self.reconciler.lock().await.compile_tried(stage).await;
        plan.ok_or(problems)
    }

    async fn would_serve(&self, api: RestApi) -> Published {
        let id = api.id.clone();
        let stage = KeptStage::new(&id, &Stage::default(), (Arc::new(api), [0; 32]), None);
        let stage = match self.completed(stage).await {
            Ok(stage) => stage,
            Err(error) => return told(&[unreadable(&error)]),
        };
        let mut problems = self.reconciler.lock().await.check_kept(stage).await;
        // Which stage it will be, with which variables, is not known here.
        problems.retain(|problem| problem.code != "unknown-stage-variable");
        told(&problems)
    }

    fn has(&self, in_config: impl Fn(&GatewayConfig) -> bool) -> bool {
        let sources = self.sources.load();
        sources.as_ref().is_some_and(|sources| in_config(&sources.config))
    }
}

/// What is kept, in another process's hands; dropped, it is this one's again.
#[derive(Debug)]
pub struct PlaneHandedOver {
    usage: Option<(Arc<UsageKeeper>, OwnedMutexGuard<i64>)>,
    store: HandedOver,
}

impl PlaneHandedOver {
    /// The lock by which the other one opens the store.
    pub fn lock(&self) -> io::Result<OwnedFd> {
        self.store.lock()
    }

    /// It stays there: what is counted here is told to that process. With what keeps the store closed to this one.
    pub fn inherited(self, heir: Arc<Successor>) -> HandedOver {
        if let Some((usage, turn)) = self.usage {
            usage.inherits(heir);
            drop(turn);
        }
        self.store
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
        Box::pin(self.invoker.method(self, invocation))
    }

    fn invoke_authorizer(&self, invocation: Invocation) -> Invoking<'_, AuthorizerInvoked> {
        Box::pin(self.invoker.authorizer(self, invocation))
    }

    fn keep_usage(&self) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + '_>> {
        Box::pin(async {
            match self.usage.get() {
                Some(usage) => usage.keep().await,
                None => Ok(()),
            }
        })
    }

    fn grant(&self, plan: &str, key: &str, remaining: u64) {
        let now = Now::by(&*self.gateway.clock);
        self.gateway.api_keys.grant(plan, key, remaining, now);
    }

    fn account_throttle(&self) -> Option<(f64, u64)> {
        let limit = self.gateway.account.limit()?;
        Some((limit.rate(), limit.burst()))
    }

    fn has_client_certificate(&self, name: &str) -> bool {
        self.has(|config| config.client_certificates.contains_key(name))
    }

    fn web_acls(&self) -> Vec<WebAcl> {
        let sources = self.sources.load();
        let Some(config) = sources.as_ref().map(|sources| &sources.config) else {
            return Vec::new();
        };
        let Some(control) = &config.control else {
            return Vec::new();
        };
        let acls = config.web_acls.iter();
        acls.map(|(name, acl)| WebAcl {
            name: name.clone(),
            arn: web_acl_arn(&control.region, &control.account, name),
            description: acl.description.clone(),
        })
        .collect()
    }

    fn check_certificate(&self, certificate: &[u8], key: &[u8]) -> Result<(), String> {
        let checked = ClientCertificate::from_pem(certificate, key);
        checked.map(drop).map_err(|error| error.to_string())
    }

    fn truststore(&self, uri: &str) -> Option<Vec<String>> {
        let sources = self.sources.load();
        match sources.as_ref()?.domains.truststore(uri) {
            Named::Found(trust) => {
                let now = self.gateway.clock.wall().as_secs();
                Some(domain_tls::oddities(&trust, now))
            }
            Named::Unusable => Some(vec!["the trust store cannot be read now".to_owned()]),
            Named::Absent => None,
        }
    }

    fn has_private_upstream(&self, name: &str) -> bool {
        self.has(|config| config.vpc_links.contains_key(name))
    }
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

fn told_of_keys(refused: Result<Vec<SameValue>, StoreError>) -> Vec<Problem> {
    match refused {
        Ok(refused) => {
            let told = |same: &SameValue| Problem::in_file("the store", "api-key", same.to_string());
            refused.iter().map(told).collect()
        }
        Err(error) => vec![unreadable(&error)],
    }
}

fn told_of_domains(published: Result<(), StoreError>) -> Vec<Problem> {
    published.err().iter().map(unreadable).collect()
}

fn unrecorded(error: &StoreError) -> Problem {
    let message = format!("the APIs of files cannot be shown and rolled back: {error}");
    Problem::in_file("the store", "store", message)
}

fn stage_id(api: &str, stage: &str) -> StageId {
    StageId {
        api: api.into(),
        stage: stage.into(),
    }
}

fn unreadable(error: &StoreError) -> Problem {
    Problem::in_file(
        "the store",
        "store",
        format!("what is kept cannot be read: {error}"),
    )
}

fn told(problems: &[Problem]) -> Published {
    // A call is answered with errors alone.
    for warning in problems.iter().filter(|problem| !problem.is_error()) {
        tracing::warn!("{warning}");
    }
    let errors: Vec<String> = problems
        .iter()
        .filter(|problem| problem.is_error())
        .map(ToString::to_string)
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
