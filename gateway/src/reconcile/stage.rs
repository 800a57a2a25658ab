//! Plans of stages: which of them are to be made anew, and what each is made from.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use portcullis_document::{Document, Problem, Severity};
use portcullis_model::RestApi;
use portcullis_plugin_host::{Plugin, PluginKey};

use crate::aws::Chains;
use crate::caches::Caches;
use crate::compile::template::{CompiledTemplates, templates_of};
use crate::config::{ApiConfig, Sources, StageConfig, WebAclConfig};
use crate::issuer::Issuers;
use crate::kept::{KeptCanary, KeptDeployment, KeptStage, Pinned};
use crate::live::{Live, StageId};
use crate::observe::metrics::StageMetrics;
use crate::observe::sink::Sinks;
use crate::plan::uri::fold_stage_variables;
use crate::plan::{CanaryPlan, StageLive, Throttles};
use crate::proxy::context::ACCOUNT_ID;
use crate::upstream::Upstream;
use crate::{background, compile};

/// What stages are compiled with.
pub(super) struct Loaded {
    pub(super) plugins: BTreeMap<String, Option<Plugin>>,
    pub(super) keys: BTreeMap<String, PluginKey>,
    pub(super) templates: CompiledTemplates,
}

/// What plans share with the node.
pub(super) struct NodeParts<'a> {
    pub(super) live: &'a Live,
    pub(super) sinks: Option<&'a Sinks>,
    pub(super) upstream: &'a Upstream,
    pub(super) issuers: &'a Issuers,
    pub(super) chains: &'a Chains,
    pub(super) caches: &'a Caches,
}

pub(super) type Compiled = (Vec<(StageId, crate::config::Hash, StageLive)>, Vec<Problem>);

/// Compiles stages, with what they share.
pub(super) struct StageCompiler<'a> {
    pub(super) sources: &'a Sources,
    pub(super) pins: &'a HashMap<StageId, Pinned>,
    pub(super) loaded: &'a Loaded,
    pub(super) node: &'a NodeParts<'a>,
}

/// What one plan is made from.
#[derive(Clone, Copy)]
struct Unit<'a> {
    api: &'a RestApi,
    document: &'a Document,
    hash: &'a crate::config::Hash,
    deployment: Option<&'a str>,
    api_config: &'a ApiConfig,
    settings: &'a StageConfig,
    made: Option<&'a compile::Made>,
}

/// What of a stage outlives its plans.
#[derive(Default)]
struct Outlives {
    metrics: Arc<StageMetrics>,
    throttles: Arc<Throttles>,
}

impl Outlives {
    fn of(plan: &StageLive) -> Self {
        Self {
            metrics: plan.metrics.clone(),
            throttles: plan.throttles.clone(),
        }
    }
}

impl<'a> StageCompiler<'a> {
    /// The stages whose definition, settings or plugins are others than those that are live.
    pub(super) fn changed(
        &self,
        kept: &HashMap<StageId, Arc<KeptStage>>,
        live: &HashMap<StageId, crate::config::Hash>,
    ) -> Compiled {
        let (mut plans, mut problems) = (Vec::new(), Vec::new());
        for (id, unit) in self.of_files() {
            let hash = self.hash(unit);
            if live.get(&id) == Some(&hash) {
                continue;
            }
            let (plan, found) = self.compile(&id, unit);
            problems.extend(found);
            plans.extend(plan.map(|plan| (id, hash, plan)));
        }
        for (index, (id, stage)) in kept.iter().enumerate() {
            background::breathe(index);
            let hash = self.hash_of_kept(stage);
            if live.get(id) == Some(&hash) {
                continue;
            }
            let (plan, found) = self.kept(stage);
            problems.extend(found.into_iter().map(as_warning));
            plans.extend(plan.map(|plan| (id.clone(), hash, plan)));
        }
        (plans, problems)
    }

    fn of_files(&self) -> impl Iterator<Item = (StageId, Unit<'a>)> {
        let apis = &self.sources.config.apis;
        let ids = apis.iter().flat_map(|(api, config)| {
            config.stages.keys().map(|stage| StageId {
                api: api.as_str().into(),
                stage: stage.as_str().into(),
            })
        });
        ids.filter_map(|id| self.unit_of_file(&id).map(|unit| (id, unit)))
    }

    /// What a stage of the files is made from, where its API could be read.
    fn unit_of_file(&self, id: &StageId) -> Option<Unit<'a>> {
        let source = self.sources.apis.get(&*id.api)?;
        let api_config = self.sources.config.apis.get(&*id.api)?;
        let unit = Unit {
            api: &source.api,
            document: &source.document,
            hash: &source.hash,
            deployment: None,
            api_config,
            settings: api_config.stages.get(&*id.stage)?,
            made: None,
        };
        let pin = self.pins.get(id).filter(|pin| pin.over == source.hash);
        Some(pin.map_or(unit, |pin| Unit {
            api: &pin.api,
            document: &pin.document,
            hash: &pin.hash,
            deployment: Some(&pin.deployment),
            ..unit
        }))
    }

    /// The plan of one stage of the files, and its hash.
    pub(super) fn of_file(
        &self,
        id: &StageId,
    ) -> Option<(Option<StageLive>, crate::config::Hash, Vec<Problem>)> {
        let unit = self.unit_of_file(id)?;
        let (plan, problems) = self.compile(id, unit);
        Some((plan, self.hash(unit), problems))
    }

    fn connections<'u>(&'u self, unit: Unit<'u>) -> compile::Connections<'u> {
        compile::Connections {
            links: &self.sources.config.vpc_links,
            backends: &self.sources.config.backends,
            certificates: &self.sources.certificates,
            issuers: &self.sources.config.issuers,
            lambda: self.sources.lambda.as_ref(),
            aws: &self.sources.aws,
            made: unit.made,
        }
    }

    fn compile(&self, id: &StageId, unit: Unit<'_>) -> (Option<StageLive>, Vec<Problem>) {
        let before = self.node.live.plan(&id.api, &id.stage);
        let outlives = before.map(|plan| Outlives::of(&plan)).unwrap_or_default();
        self.compile_with(id, unit, &outlives)
    }

    fn compile_with(
        &self,
        id: &StageId,
        unit: Unit<'_>,
        outlives: &Outlives,
    ) -> (Option<StageLive>, Vec<Problem>) {
        compile::stage(compile::Input {
            api: unit.api,
            document: unit.document,
            stage: &id.stage,
            settings: unit.settings,
            api_config: unit.api_config,
            arns: self.arns(),
            config: &self.sources.document,
            plugins: &self.loaded.plugins,
            keys: &self.loaded.keys,
            web_acls: &self.sources.config.web_acls,
            templates: &self.loaded.templates,
            connections: self.connections(unit),
            upstream: self.node.upstream,
            issuers: self.node.issuers,
            chains: self.node.chains,
            caches: self.node.caches,
            definition: unit.hash,
            deployment: unit.deployment,
            metrics: &outlives.metrics,
            throttles: &outlives.throttles,
            sinks: self.node.sinks,
        })
    }

    /// A stage of the control plane, with its canary. An error of either leaves both as they were.
    pub(super) fn kept(&self, stage: &KeptStage) -> (Option<StageLive>, Vec<Problem>) {
        let (plan, mut problems) = self.compile(&stage.id, stage.unit(&stage.base));
        let Some(mut plan) = plan else {
            return (None, problems);
        };
        if let Some(canary) = &stage.canary {
            let unit = stage.unit(&canary.deployment);
            let (live, found) = self.compile_with(&stage.id, unit, &Outlives::of(&plan));
            problems.extend(found);
            let Some(live) = live else {
                return (None, problems);
            };
            problems.extend(shares_wrongly(stage, canary));
            plan.canary = Some(Box::new(CanaryPlan {
                percent: canary.percent,
                live: Arc::new(live),
            }));
        }
        (Some(plan), problems)
    }

    /// A stage that is never live: what it counts counts for no stage.
    pub(super) fn tried(&self, stage: &KeptStage) -> (Option<StageLive>, Vec<Problem>) {
        self.compile_with(&stage.id, stage.unit(&stage.base), &Outlives::default())
    }

    pub(super) fn hash_of_kept(&self, stage: &KeptStage) -> crate::config::Hash {
        let base = self.hash(stage.unit(&stage.base));
        let canary = stage.canary.as_ref().map(|canary| {
            let hash = self.hash(stage.unit(&canary.deployment));
            (hash, canary.percent.to_be_bytes())
        });
        let (hash, percent) = canary.unwrap_or_default();
        crate::config::hash(&[b"kept", &base, &hash, &percent])
    }

    /// The control plane's region and account, and whether it has keys; AWS's placeholders where there is none.
    fn arns(&self) -> compile::Arns<'_> {
        let control = self.sources.config.control.as_ref();
        compile::Arns {
            region: control.map_or("us-east-1", |control| &control.region),
            account: control.map_or(ACCOUNT_ID, |control| &control.account),
            keys: control.is_some_and(|control| control.data.is_some()),
        }
    }

    fn hash(&self, unit: Unit<'_>) -> crate::config::Hash {
        let compile::Arns {
            region,
            account,
            keys,
        } = self.arns();
        let web_acls = &self.sources.config.web_acls;
        let web_acl = unit.settings.web_acl.as_ref().and_then(|name| web_acls.get(name));
        let stage = stage_hash(unit, self.loaded, self.connections(unit), web_acl);
        crate::config::hash(&[&stage, region.as_bytes(), account.as_bytes(), &[keys.into()]])
    }
}

impl KeptStage {
    fn unit<'a>(&'a self, deployment: &'a KeptDeployment) -> Unit<'a> {
        Unit {
            api: &deployment.api,
            document: &self.document,
            hash: &deployment.hash,
            deployment: Some(&deployment.id),
            api_config: &self.api_config,
            settings: &deployment.settings,
            made: Some(&self.made),
        }
    }

    /// Every deployment that it serves.
    pub(super) fn deployments(&self) -> impl Iterator<Item = &KeptDeployment> {
        std::iter::once(&self.base).chain(self.canary.as_ref().map(|canary| &canary.deployment))
    }
}

/// A canary on its stage's own deployment shares what is kept with it, as on AWS; with other variables its answers may be
/// others.
fn shares_wrongly(stage: &KeptStage, canary: &KeptCanary) -> Option<Problem> {
    let (base, other) = (&stage.base, &canary.deployment);
    let caches = |deployment: &KeptDeployment| {
        let methods = &deployment.settings.methods;
        deployment.settings.cache.is_some() && methods.values().any(|method| method.caching == Some(true))
    };
    let doubtful = base.id == other.id
        && base.settings.variables != other.settings.variables
        && caches(base)
        && caches(other);
    doubtful.then(|| {
        let message = format!(
            "the canary of the stage {} runs the stage's own deployment with other stage variables, and both share one \
             cache: each may get what was answered to the other",
            stage.id
        );
        let problem = stage.document.warning("cache-canary", "", message);
        problem.hint("set useStageCache to false, or deploy to the canary")
    })
}

/// What is wrong with a kept stage keeps nothing else from starting.
fn as_warning(mut problem: Problem) -> Problem {
    problem.severity = Severity::Warning;
    problem
}

/// Of all that a stage's plan is made from.
fn stage_hash(
    unit: Unit<'_>,
    loaded: &Loaded,
    connections: compile::Connections<'_>,
    web_acl: Option<&WebAclConfig>,
) -> crate::config::Hash {
    let Unit {
        api,
        settings,
        api_config,
        ..
    } = unit;
    let own = (
        settings,
        &api_config.cors,
        api_config.max_request_body,
        api_config.disable_execute_api_endpoint,
        unit.deployment,
        web_acl.map(|acl| &acl.filters),
    );
    let settings_json = serde_json::to_vec(&own).unwrap_or_default();
    let filters = web_acl.iter().flat_map(|acl| &acl.filters);
    let mut used: Vec<String> = filters.chain(&settings.filters).cloned().collect();
    // A name may hold stage variables; one that the stage lacks is no plugin's.
    let folded = |name: &str| {
        fold_stage_variables(name, |variable| {
            settings.variables.get(variable).map(String::as_str)
        })
    };
    for authorizer in api.authorizers.values() {
        used.extend(authorizer.plugin.as_deref().and_then(|name| folded(name).ok()));
        // A stage variable may name a plugin, too.
        let uri = authorizer.function().and_then(|uri| folded(uri).ok());
        let named = uri.as_deref().and_then(portcullis_model::Authorizer::plugin_of);
        used.extend(named.map(str::to_owned));
    }
    let methods = api
        .resources
        .iter()
        .flat_map(|resource| resource.methods.values());
    for integration in methods.filter_map(|method| method.integration.as_ref()) {
        if let portcullis_model::Target::Plugin { plugin } = &integration.target {
            used.extend(folded(plugin).ok());
        }
    }
    used.extend(compile::plugins_of(api, &settings.variables, connections.lambda));
    used.extend(templates_of(api).map(|(engine, _)| engine.to_owned()));
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
    let connections = compile::fingerprint(api, settings, connections);
    crate::config::hash(&[unit.hash, &settings_json, states.as_bytes(), &connections])
}
