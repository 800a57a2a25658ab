//! The one reconciler: makes what is live equal to what the files say, and touches only what changed.
//!
//! Each reading is diffed against what is live. A plugin with the same component, configuration, grants and limits is
//! the same plugin and keeps its warm instances; a stage with the same definition, settings and plugins keeps its plan.
//! At the start any error refuses everything; later what has errors keeps what it had, and the rest changes.

mod kept;
mod pin;
mod stage;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use portcullis_document::{Document, Problem, pointer};
use portcullis_model::RestApi;
use portcullis_plugin_host::{
    Grants, Host, Isolation, Limits, LoadError, Plugin, PluginKey, PluginSpec, TemplateSource,
};

use crate::background;
use crate::compile::template::{CompiledTemplates, templates_of};
use crate::config::{self, GatewayConfig, IsolationConfig, ListenerTls, Loader, PluginConfig, Sources};
use crate::kept::{KeptStage, Pinned};
use crate::live::StageId;
use crate::observe::text::LoadedPlugins;
use crate::plan::StageLive;
use crate::proxy::Gateway;
use crate::upstream::Upstream;

use stage::{Compiled, Loaded, NodeParts, StageCompiler};

/// Reads, loads, compiles and swaps.
#[derive(Debug)]
pub struct Reconciler {
    gateway: Arc<Gateway>,
    host: Host,
    loader: Option<Loader>,
    plugins: HashMap<String, Known>,
    stages: HashMap<StageId, crate::config::Hash>,
    loaded: LoadedPlugins,
    upstream: Arc<Upstream>,
    templates: CompiledTemplates,
    /// What the control plane keeps.
    kept: HashMap<StageId, Arc<KeptStage>>,
    /// Stages of files that were pointed back at an earlier deployment.
    pins: HashMap<StageId, Pinned>,
    /// What was read last, for what the control plane changes between two readings.
    sources: SharedSources,
}

/// What was read last, for whoever looks into it without waiting for a reading.
pub type SharedSources = Arc<ArcSwapOption<Sources>>;

/// A plugin as it was last loaded.
#[derive(Debug)]
struct Known {
    key: PluginKey,
    plugin: Plugin,
}

/// What one reconciliation did.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Errors and warnings.
    pub problems: Vec<Problem>,
    /// Stages whose plan is new.
    pub swapped: Vec<StageId>,
    /// Stages that are gone.
    pub ended: Vec<StageId>,
    /// Stages that kept their plan.
    pub unchanged: usize,
    /// The configuration, where it could be read.
    pub config: Option<Arc<GatewayConfig>>,
    /// Directories that hold what was read.
    pub directories: Vec<PathBuf>,
    document: Option<Arc<Document>>,
    sources: Option<Arc<Sources>>,
}

impl Outcome {
    /// The TLS of the listener at that place: nothing in clear text, an error where it cannot be used, which has been told.
    pub fn tls(&self, index: usize) -> Option<Result<&Arc<ListenerTls>, ()>> {
        let tls = self.sources.as_ref()?.listeners.get(index)?.as_ref()?;
        Some(tls.as_ref().map_err(drop))
    }

    /// An error at a place of `gateway.toml`.
    pub fn problem(&self, code: &'static str, at: &str, message: String) -> Problem {
        match &self.document {
            Some(document) => document.error(code, at, message),
            None => Problem::in_file("gateway.toml", code, message),
        }
    }

    /// A warning at a place of `gateway.toml`, where that could be read.
    pub fn warning(&self, code: &'static str, at: &str, message: &str) -> Option<Problem> {
        Some(self.document.as_ref()?.warning(code, at, message))
    }

    /// Whether anything is wrong.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }
}

/// All that would become live.
struct Prepared {
    plans: Vec<(StageId, crate::config::Hash, StageLive)>,
    plugins: HashMap<String, Known>,
}

impl Reconciler {
    /// A reconciler of one `gateway.toml` for one gateway.
    pub fn new(gateway: Arc<Gateway>, host: Host, config: impl Into<PathBuf>) -> Self {
        Self {
            gateway,
            host,
            loader: Some(Loader::new(config)),
            plugins: HashMap::new(),
            stages: HashMap::new(),
            loaded: LoadedPlugins::default(),
            upstream: Arc::default(),
            templates: CompiledTemplates::default(),
            kept: HashMap::new(),
            pins: HashMap::new(),
            sources: SharedSources::default(),
        }
    }

    /// With the environment's variables that name servers of AWS's services.
    #[must_use]
    pub fn in_environment(mut self, environment: BTreeMap<String, String>) -> Self {
        if let Some(loader) = &mut self.loader {
            loader.environment = environment;
        }
        self
    }

    /// Compiles off the request threads.
    async fn compiling<T: Send + 'static>(
        &self,
        sources: Arc<Sources>,
        loaded: Loaded,
        compile: impl FnOnce(&StageCompiler<'_>) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let (gateway, upstream, pins) = (self.gateway.clone(), self.upstream.clone(), self.pins.clone());
        let compiled = background::run(move || {
            let node = NodeParts {
                live: &gateway.live,
                sinks: Some(&gateway.sinks),
                upstream: &upstream,
                issuers: &gateway.issuers,
                chains: &gateway.chains,
                caches: &gateway.caches,
            };
            compile(&StageCompiler {
                sources: &sources,
                pins: &pins,
                loaded: &loaded,
                node: &node,
            })
        });
        let failed = |error| Problem::in_file("", "internal", format!("compiling the stage failed: {error}"));
        compiled.await.map_err(failed)
    }

    /// The plugins as they are now.
    fn loaded_now(&self, sources: &Sources) -> Loaded {
        let names = sources.config.plugins.keys();
        let plugin = |name: &String| self.plugins.get(name).map(|known| known.plugin.clone());
        Loaded {
            plugins: names.map(|name| (name.clone(), plugin(name))).collect(),
            keys: self
                .plugins
                .iter()
                .map(|(name, known)| (name.clone(), known.key))
                .collect(),
            templates: CompiledTemplates::default(),
        }
    }

    /// What was read last.
    pub fn sources(&self) -> SharedSources {
        self.sources.clone()
    }

    /// The plugins that are loaded, for the metrics.
    pub fn loaded(&self) -> LoadedPlugins {
        self.loaded.clone()
    }

    /// Reads and compiles without making anything live: what `portcullis check` does.
    pub async fn check(&mut self) -> Outcome {
        self.run(Mode::Check).await
    }

    /// The first reconciliation: with any error nothing becomes live.
    pub async fn start(&mut self) -> Outcome {
        self.run(Mode::Start).await
    }

    /// A later one: what has errors keeps what it had.
    pub async fn reload(&mut self) -> Outcome {
        self.run(Mode::Reload).await
    }

    async fn run(&mut self, mode: Mode) -> Outcome {
        let sources = match self.read().await {
            Ok(sources) => sources,
            Err(mut problems) => {
                tidy(&mut problems);
                return Outcome {
                    problems,
                    unchanged: self.stages.len(),
                    ..Outcome::default()
                };
            }
        };
        let sources = Arc::new(sources);
        let mut outcome = Outcome {
            problems: sources.problems.clone(),
            sources: Some(sources.clone()),
            config: Some(sources.config.clone()),
            directories: sources.directories.clone(),
            document: Some(sources.document.clone()),
            ..Outcome::default()
        };
        let prepared = self.prepare(mode, sources, &mut outcome).await;
        tidy(&mut outcome.problems);
        if mode == Mode::Reload || (mode == Mode::Start && !outcome.has_errors()) {
            let replaced = self.apply(prepared, &mut outcome);
            // Plans are large: a worker that freed them would keep its requests waiting.
            let _ = background::run(move || drop(replaced)).await;
        }
        outcome
    }

    /// Files are read off the request threads.
    async fn read(&mut self) -> Result<Sources, Vec<Problem>> {
        let Some(mut loader) = self.loader.take() else {
            return Err(vec![Problem::in_file(
                "",
                "internal",
                "a reading was given up before it ended",
            )]);
        };
        let read = background::run(move || {
            let sources = loader.load();
            (loader, sources)
        });
        let (loader, sources) = read.await.map_err(|error| {
            vec![Problem::in_file(
                "",
                "internal",
                format!("reading the configuration failed: {error}"),
            )]
        })?;
        self.loader = Some(loader);
        sources
    }

    async fn prepare(&mut self, mode: Mode, sources: Arc<Sources>, outcome: &mut Outcome) -> Prepared {
        self.unpin_changed(&sources);
        match mode {
            Mode::Check => self.gateway.caches.expect(&sources.config.cache),
            Mode::Start | Mode::Reload => outcome.problems.extend(self.configure_caches(&sources)),
        }
        let (plugins, known) = self.load_plugins(&sources, outcome).await;
        let keys: BTreeMap<String, PluginKey> = known
            .iter()
            .map(|(name, known)| (name.clone(), known.key))
            .collect();
        let mut loaded = Loaded {
            plugins,
            keys,
            templates: CompiledTemplates::default(),
        };
        self.compile_templates(&sources, &loaded).await;
        loaded.templates = self.templates.clone();
        let (plans, problems) = self.compile_all(mode, sources.clone(), loaded).await;
        outcome.problems.extend(problems);
        self.sources.store(Some(sources));
        Prepared {
            plans,
            plugins: known,
        }
    }

    /// What caches may take. A directory that cannot be used keeps nothing from being served.
    fn configure_caches(&self, sources: &Sources) -> Option<Problem> {
        let document = &sources.document;
        let beside = std::path::Path::new(document.file()).parent();
        let beside = beside.unwrap_or(std::path::Path::new(""));
        let at = "/cache/directory";
        let refused = match self.gateway.caches.configure(&sources.config.cache, beside) {
            Ok(true) => return None,
            Ok(false) => {
                let message = "a changed directory for caches takes effect at a restart";
                return Some(document.warning("needs-restart", at, message));
            }
            Err(refused) => refused,
        };
        let problem = document.warning("cache-directory", at, refused.to_string());
        Some(
            problem.hint(
                "name a directory that this process may write to; until then memory alone keeps responses",
            ),
        )
    }

    /// Makes plans live, ends stages, and shares the caches out among those that are there then.
    fn make_live(&self, plans: Vec<(StageId, StageLive)>, ended: &[StageId]) -> Vec<Arc<StageLive>> {
        let replaced = self
            .gateway
            .live
            .apply(plans, ended, self.gateway.clock.monotonic());
        self.gateway.caches.share_out(&self.gateway.live);
        replaced
    }

    /// Compiles what is not live as it is.
    async fn compile_all(&self, mode: Mode, sources: Arc<Sources>, loaded: Loaded) -> Compiled {
        let (live, kept, pins) = (self.stages.clone(), self.kept.clone(), self.pins.clone());
        let (gateway, upstream) = (self.gateway.clone(), self.upstream.clone());
        let compiling = background::run(move || {
            let sinks = (mode != Mode::Check).then_some(&*gateway.sinks);
            let node = NodeParts {
                live: &gateway.live,
                sinks,
                upstream: &upstream,
                issuers: &gateway.issuers,
                chains: &gateway.chains,
                caches: &gateway.caches,
            };
            let compiler = StageCompiler {
                sources: &sources,
                pins: &pins,
                loaded: &loaded,
                node: &node,
            };
            compiler.changed(&kept, &live)
        });
        compiling.await.unwrap_or_else(|error| {
            let problem = Problem::in_file("", "internal", format!("compiling the stages failed: {error}"));
            (Vec::new(), vec![problem])
        })
    }

    /// Compiles every mapping template that is not known yet, by the plugin that renders it, and forgets those that nothing
    /// has any more.
    async fn compile_templates(&mut self, sources: &Sources, loaded: &Loaded) {
        let kept: Vec<Arc<RestApi>> = self
            .kept
            .values()
            .flat_map(|stage| stage.deployments().map(|deployment| deployment.api.clone()))
            .chain(self.pins.values().map(|pin| pin.api.clone()))
            .collect();
        let apis = sources.apis.values().map(|source| &source.api);
        let apis = apis.chain(kept.iter().map(|api| &**api));
        let all: Vec<(&str, &str)> = apis.flat_map(templates_of).collect();
        compile_missing(&mut self.templates, all.iter().copied(), loaded).await;
        let used: HashSet<(PluginKey, &str)> = all
            .into_iter()
            .filter_map(|(engine, text)| Some((*loaded.keys.get(engine)?, text)))
            .collect();
        self.templates.retain(|key, text| used.contains(&(*key, text)));
    }

    /// Every plugin that the configuration names: as it is, loaded anew, as it last was where the new one cannot be
    /// loaded, or `None` where there never was one.
    async fn load_plugins(
        &self,
        sources: &Sources,
        outcome: &mut Outcome,
    ) -> (BTreeMap<String, Option<Plugin>>, HashMap<String, Known>) {
        let mut plugins = BTreeMap::new();
        let mut known = HashMap::new();
        for (name, config) in &sources.config.plugins {
            let before = self.plugins.get(name);
            let loaded = match sources.components.get(name) {
                Some(component) => {
                    self.load_plugin(name, config, component.clone(), before, sources)
                        .await
                }
                // That it cannot be read has been told.
                None => Err(Vec::new()),
            };
            let entry = match loaded {
                Ok(entry) => Some(entry),
                Err(problems) => {
                    outcome.problems.extend(problems);
                    before.map(|before| Known {
                        key: before.key,
                        plugin: before.plugin.clone(),
                    })
                }
            };
            plugins.insert(name.clone(), entry.as_ref().map(|entry| entry.plugin.clone()));
            known.extend(entry.map(|entry| (name.clone(), entry)));
        }
        (plugins, known)
    }

    async fn load_plugin(
        &self,
        name: &str,
        config: &PluginConfig,
        component: bytes::Bytes,
        before: Option<&Known>,
        sources: &Sources,
    ) -> Result<Known, Vec<Problem>> {
        let spec = spec(name, config, component);
        let key = spec.key();
        if let Some(before) = before.filter(|before| before.key == key) {
            return Ok(Known {
                key,
                plugin: before.plugin.clone(),
            });
        }
        match self.host.load(spec).await {
            Ok(plugin) => Ok(Known { key, plugin }),
            Err(error) => Err(problems_of(name, &error, sources)),
        }
    }

    /// Makes it live, and gives back the plans that were replaced.
    fn apply(&mut self, prepared: Prepared, outcome: &mut Outcome) -> Vec<Arc<StageLive>> {
        let Prepared { plans, plugins } = prepared;
        // Who may call comes before what can be called.
        if let Some(config) = &outcome.config {
            if let Some(sources) = &outcome.sources {
                match &sources.acme {
                    // Told; what there was stays.
                    Some(Err(_)) => {}
                    Some(Ok(acme)) => self.gateway.acme.want(Some(acme.clone())),
                    None => self.gateway.acme.want(None),
                }
                let (names, acme) = (&self.gateway.tls_names, &self.gateway.acme);
                sources.domains.publish(names, acme);
            }
            config::domains::publish(config, &self.gateway.domains);
            let now = self.gateway.clock.monotonic();
            self.gateway.account.set(config.throttle.limit(), now);
            self.gateway.overload.set(&config.overload);
            self.gateway.buffered.set(&config.overload);
            let refused = config::api_keys::publish(config, &self.gateway.api_keys, now);
            let told = refused
                .into_iter()
                .map(|message| outcome.problem("api-key", "/api_keys", message));
            let told: Vec<Problem> = told.collect();
            outcome.problems.extend(told);
        }
        let config = outcome.config.as_ref();
        let wanted = |id: &StageId| {
            config.is_some_and(|config| {
                config
                    .apis
                    .get(&*id.api)
                    .is_some_and(|api| api.stages.contains_key(&*id.stage))
            })
        };
        let gone = |id: &&StageId| !wanted(id) && !self.kept.contains_key(*id);
        outcome.ended = self.stages.keys().filter(gone).cloned().collect();
        outcome.swapped = plans.iter().map(|(id, ..)| id.clone()).collect();
        for id in &outcome.ended {
            self.stages.remove(id);
        }
        let mut swaps = Vec::with_capacity(plans.len());
        for (id, hash, plan) in plans {
            self.stages.insert(id.clone(), hash);
            swaps.push((id, plan));
        }
        // Those of an API that cannot be read among them.
        outcome.unchanged = self.stages.len().saturating_sub(outcome.swapped.len());
        let replaced = self.make_live(swaps, &outcome.ended);
        *self.loaded.write() = plugins.values().map(|known| known.plugin.clone()).collect();
        self.plugins = plugins;
        replaced
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Check,
    Start,
    Reload,
}

/// Has templates compiled that are not known.
async fn compile_missing(
    known: &mut CompiledTemplates,
    all: impl Iterator<Item = (&str, &str)>,
    loaded: &Loaded,
) {
    for (engine, text) in all {
        let (Some(Some(Plugin::MappingTemplate(plugin))), Some(key)) =
            (loaded.plugins.get(engine), loaded.keys.get(engine))
        else {
            continue;
        };
        if known.get(*key, text).is_some() {
            continue;
        }
        let source = TemplateSource::new(text, Vec::new());
        let outcome = plugin.compile("deploy", &source).await;
        known.insert(*key, text, outcome.map_err(|error| error.to_string()));
    }
}

fn spec(name: &str, config: &PluginConfig, component: bytes::Bytes) -> PluginSpec {
    let limits = &config.limits;
    PluginSpec {
        name: name.to_owned(),
        component,
        config_json: serde_json::Value::Object(config.config.clone()).to_string(),
        grants: Grants {
            log: config.grants.log,
            counter: config.grants.counter,
            http: config.grants.http.clone(),
            environment: config.grants.environment.clone(),
        },
        limits: Limits {
            cpu: Duration::from_millis(limits.cpu_ms.into()),
            wall: Duration::from_millis(limits.wall_ms.into()),
            memory_bytes: limits.memory_mib as usize * 1024 * 1024,
            output_bytes: limits.output_kib as usize * 1024,
            concurrency: limits.concurrency,
            queue: limits.queue,
            calls_per_instance: limits.calls_per_instance,
        },
        isolation: config.isolation.map(|isolation| match isolation {
            IsolationConfig::Reused => Isolation::Reused,
            IsolationConfig::Fresh => Isolation::Fresh,
        }),
    }
}

/// What is wrong with a plugin, where `gateway.toml` names it; its own configuration's problems where they are.
fn problems_of(name: &str, error: &LoadError, sources: &Sources) -> Vec<Problem> {
    let at = pointer(["plugins", name]);
    if let LoadError::Config { problems, .. } = error {
        let told = problems.iter().map(|told| {
            let problem = sources.document.error(
                "plugin-config",
                &format!("{at}/config{}", told.pointer),
                told.message.clone(),
            );
            match &told.hint {
                Some(hint) => problem.hint(hint.clone()),
                None => problem,
            }
        });
        return told.collect();
    }
    let problem = sources.document.error(
        "plugin",
        &at,
        format!("the plugin `{name}` cannot be loaded: {error}"),
    );
    vec![match error.hint() {
        Some(hint) => problem.hint(hint),
        None => problem,
    }]
}

/// Stages of one API tell the same problems of it; each is told once, file by file from the top.
fn tidy(problems: &mut Vec<Problem>) {
    let mut seen = HashSet::new();
    problems.retain(|problem| seen.insert(problem.to_string()));
    let mut files: Vec<Arc<str>> = problems.iter().map(|problem| problem.file.clone()).collect();
    let mut known = HashSet::new();
    files.retain(|file| known.insert(file.clone()));
    let place = |problem: &Problem| files.iter().position(|file| *file == problem.file);
    problems.sort_by_key(|problem| (place(problem), problem.position));
}
