//! The one reconciler: makes what is live equal to what the files say, and touches only what changed.
//!
//! Each reading is diffed against what is live. A plugin with the same component, configuration, grants and limits is
//! the same plugin and keeps its warm instances; a stage with the same definition, settings and plugins keeps its plan.
//! At the start any error refuses everything; later what has errors keeps what it had, and the rest changes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use portcullis_document::{Document, Problem, pointer};
use portcullis_plugin_host::{
    Grants, Host, Isolation, Limits, LoadError, Plugin, PluginKey, PluginSpec, TemplateSource,
};

use crate::compile::template::{CompiledTemplates, templates_of};
use crate::config::{
    ApiConfig, ApiSource, GatewayConfig, IsolationConfig, Loader, PluginConfig, Sources, StageConfig,
};
use crate::live::{Live, StageId};
use crate::observe::sink::Sinks;
use crate::observe::text::LoadedPlugins;
use crate::plan::StageLive;
use crate::plan::uri::fold_stage_variables;
use crate::proxy::Gateway;
use crate::upstream::Upstream;
use crate::{background, compile};

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
}

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
}

impl Outcome {
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
        }
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
        let mut outcome = Outcome {
            problems: sources.problems.clone(),
            config: Some(sources.config.clone()),
            directories: sources.directories.clone(),
            document: Some(sources.document.clone()),
            ..Outcome::default()
        };
        let prepared = self.prepare(mode, Arc::new(sources), &mut outcome).await;
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
        let (plugins, known) = self.load_plugins(&sources, outcome).await;
        let keys: BTreeMap<String, PluginKey> = known
            .iter()
            .map(|(name, known)| (name.clone(), known.key))
            .collect();
        self.compile_templates(&sources, &plugins, &keys).await;
        let live: HashMap<StageId, crate::config::Hash> = self.stages.clone();
        let (gateway, upstream) = (self.gateway.clone(), self.upstream.clone());
        let loaded = Loaded {
            plugins,
            keys,
            templates: self.templates.clone(),
        };
        let compiling = background::run(move || {
            let sinks = (mode != Mode::Check).then_some(&*gateway.sinks);
            let node = NodeParts {
                live: &gateway.live,
                sinks,
                upstream: &upstream,
            };
            compile_changed(&sources, &loaded, &live, &node)
        });
        let (plans, problems) = compiling.await.unwrap_or_else(|error| {
            let problem = Problem::in_file("", "internal", format!("compiling the stages failed: {error}"));
            (Vec::new(), vec![problem])
        });
        outcome.problems.extend(problems);
        Prepared {
            plans,
            plugins: known,
        }
    }

    /// Compiles every mapping template that is not known yet, by the plugin that renders it.
    async fn compile_templates(
        &mut self,
        sources: &Sources,
        plugins: &BTreeMap<String, Option<Plugin>>,
        keys: &BTreeMap<String, PluginKey>,
    ) {
        let mut used = HashSet::new();
        for (engine, text) in sources.apis.values().flat_map(|source| templates_of(&source.api)) {
            let (Some(Some(Plugin::MappingTemplate(plugin))), Some(key)) =
                (plugins.get(engine), keys.get(engine))
            else {
                continue;
            };
            if !used.insert((*key, text)) || self.templates.get(*key, text).is_some() {
                continue;
            }
            let source = TemplateSource::new(text, Vec::new());
            let outcome = plugin.compile("deploy", &source).await;
            self.templates
                .insert(*key, text, outcome.map_err(|error| error.to_string()));
        }
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
        let config = outcome.config.as_ref();
        let wanted = |id: &StageId| {
            config.is_some_and(|config| {
                config
                    .apis
                    .get(&*id.api)
                    .is_some_and(|api| api.stages.contains_key(&*id.stage))
            })
        };
        outcome.ended = self.stages.keys().filter(|id| !wanted(id)).cloned().collect();
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
        let replaced = self.gateway.live.apply(swaps, &outcome.ended);
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

/// What stages are compiled with.
struct Loaded {
    plugins: BTreeMap<String, Option<Plugin>>,
    keys: BTreeMap<String, PluginKey>,
    templates: CompiledTemplates,
}

/// What plans share with the node.
struct NodeParts<'a> {
    live: &'a Live,
    sinks: Option<&'a Sinks>,
    upstream: &'a Upstream,
}

type Compiled = (Vec<(StageId, crate::config::Hash, StageLive)>, Vec<Problem>);

/// Compiles the stages whose definition, settings or plugins are others than those that are live.
fn compile_changed(
    sources: &Sources,
    loaded: &Loaded,
    live: &HashMap<StageId, crate::config::Hash>,
    node: &NodeParts<'_>,
) -> Compiled {
    let (mut plans, mut problems) = (Vec::new(), Vec::new());
    let connections = compile::Connections {
        links: &sources.config.vpc_links,
        certificates: &sources.certificates,
    };
    for (id, source) in &sources.apis {
        let Some(api) = sources.config.apis.get(id) else {
            continue;
        };
        for (name, settings) in &api.stages {
            let stage = StageId {
                api: id.as_str().into(),
                stage: name.as_str().into(),
            };
            let hash = stage_hash(source, (api, settings), loaded, connections);
            if live.get(&stage) == Some(&hash) {
                continue;
            }
            let before = node.live.plan(&stage.api, &stage.stage);
            let metrics = before.map(|plan| plan.metrics.clone()).unwrap_or_default();
            let (plan, found) = compile::stage(compile::Input {
                api: &source.api,
                document: &source.document,
                stage: name,
                settings,
                api_config: api,
                config: &sources.document,
                plugins: &loaded.plugins,
                keys: &loaded.keys,
                templates: &loaded.templates,
                connections,
                upstream: node.upstream,
                definition: &source.hash,
                metrics: &metrics,
                sinks: node.sinks,
            });
            problems.extend(found);
            plans.extend(plan.map(|plan| (stage, hash, plan)));
        }
    }
    (plans, problems)
}

/// Of all that a stage's plan is made from.
fn stage_hash(
    source: &ApiSource,
    (api, settings): (&ApiConfig, &StageConfig),
    loaded: &Loaded,
    connections: compile::Connections<'_>,
) -> crate::config::Hash {
    let settings_json = serde_json::to_vec(&(settings, &api.cors, api.max_request_body)).unwrap_or_default();
    let mut used: Vec<String> = settings.filters.clone();
    // A name may hold stage variables; one that the stage lacks is no plugin's.
    let folded = |name: &str| {
        fold_stage_variables(name, |variable| {
            settings.variables.get(variable).map(String::as_str)
        })
    };
    used.extend(
        source
            .api
            .authorizers
            .values()
            .filter_map(|authorizer| folded(&authorizer.plugin).ok()),
    );
    let methods = source
        .api
        .resources
        .iter()
        .flat_map(|resource| resource.methods.values());
    for integration in methods.filter_map(|method| method.integration.as_ref()) {
        if let portcullis_model::Target::Plugin { plugin } = &integration.target {
            used.extend(folded(plugin).ok());
        }
    }
    used.extend(templates_of(&source.api).map(|(engine, _)| engine.to_owned()));
    used.sort_unstable();
    used.dedup();
    // A name that no plugin has, one that could not be loaded, and each version of one are all different.
    let states: Vec<String> = used
        .iter()
        .map(
            |name| match (loaded.keys.get(name), loaded.plugins.contains_key(name)) {
                (Some(key), _) => format!("{name}={key}"),
                (None, true) => format!("{name}=broken"),
                (None, false) => format!("{name}=unknown"),
            },
        )
        .collect();
    let states = states.join("\n");
    let connections = compile::fingerprint(&source.api, settings, connections);
    crate::config::hash(&[&source.hash, &settings_json, states.as_bytes(), &connections])
}

fn spec(name: &str, config: &PluginConfig, component: bytes::Bytes) -> PluginSpec {
    let limits = &config.limits;
    PluginSpec {
        name: name.to_owned(),
        component,
        config_json: serde_json::Value::Object(config.config.clone()).to_string(),
        grants: Grants {
            log: config.grants.log,
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
        isolation: match config.isolation {
            IsolationConfig::Reused => Isolation::Reused,
            IsolationConfig::Fresh => Isolation::Fresh,
        },
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
