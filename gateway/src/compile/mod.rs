//! Model to plan: everything that can be decided before a request is decided here, and every problem is collected.

mod authorizer;
mod aws;
mod cache;
mod check;
mod closed;
mod endpoint;
mod filter;
mod function;
mod integration;
mod jwt;
mod lambda;
pub(crate) mod mapping;
mod path;
mod policy;
mod response;
mod settings;
pub mod template;

pub(crate) use settings::method_key;

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis_content::media_type::BinaryTypes;
use portcullis_document::{Document, Problem};
use portcullis_model::{ApiKeySource, Authorization, AuthorizerKind, Method, Resource, RestApi};
use portcullis_plugin_host::{Plugin, PluginKey};

use crate::aws::Chains;
use crate::background;
use crate::caches::Caches;
use crate::config::{ApiConfig, Hash, StageConfig, WebAclConfig};
use crate::issuer::Issuers;
use crate::observe::metrics::StageMetrics;
use crate::observe::sink::Sinks;
use crate::plan::{
    Authorize, AuthorizerPlan, DeploymentPlan, IntegrationPlan, InterestPlan, JwtPlan, MethodPlan, Observed,
    PluginPlan, PluginUse, Router, StageCachePlan, StageLive, StageSettings, Throttles, Verb,
};
use crate::upstream::Upstream;

pub use endpoint::{Connections, Made, fingerprint, links_of};
pub use function::plugins_of;
pub use policy::of_domain;

/// The id of the deployment that a file's definition is: the same for the same definition.
pub fn deployment_id(definition: &Hash) -> Arc<str> {
    settings::short_id(&[definition])
}

/// What a stage is compiled from.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The definition.
    pub api: &'a RestApi,
    /// The document that the definition's pointers point into.
    pub document: &'a Document,
    /// The stage's name.
    pub stage: &'a str,
    /// The stage's settings.
    pub settings: &'a StageConfig,
    /// What `gateway.toml` says of the API.
    pub api_config: &'a ApiConfig,
    /// What ARNs have.
    pub arns: Arns<'a>,
    /// `gateway.toml`.
    pub config: &'a Document,
    /// The plugins that `gateway.toml` names; `None` for one that could not be loaded.
    pub plugins: &'a BTreeMap<String, Option<Plugin>>,
    /// Which plugin each of them is.
    pub keys: &'a BTreeMap<String, PluginKey>,
    /// The web access control lists that `gateway.toml` has.
    pub web_acls: &'a BTreeMap<String, WebAclConfig>,
    /// What compiling the mapping templates gave.
    pub templates: &'a template::CompiledTemplates,
    /// What `gateway.toml` has for connections to backends.
    pub connections: Connections<'a>,
    /// Where the plan takes its backends from.
    pub upstream: &'a Upstream,
    /// Where it takes its issuers of tokens from.
    pub issuers: &'a Issuers,
    /// Where it takes credentials of AWS's standard chain from.
    pub chains: &'a Chains,
    /// Where it takes what its responses are kept in from.
    pub caches: &'a Caches,
    /// Of the definition.
    pub definition: &'a Hash,
    /// The deployment's id; one made of the definition's hash where absent.
    pub deployment: Option<&'a str>,
    /// The stage's counters, the same over all its plans.
    pub metrics: &'a Arc<StageMetrics>,
    /// The buckets of its methods, likewise.
    pub throttles: &'a Arc<Throttles>,
    /// Where access logs go; nothing is opened where the plan will not be used.
    pub sinks: Option<&'a Sinks>,
}

impl Input<'_> {
    /// The deployment's id, given or made.
    fn deployment_id(&self) -> Arc<str> {
        match self.deployment {
            Some(id) => id.into(),
            None => deployment_id(self.definition),
        }
    }
}

/// Whose an API is, as ARNs say it.
#[derive(Debug, Clone, Copy)]
pub struct Arns<'a> {
    /// The region.
    pub region: &'a str,
    /// The account.
    pub account: &'a str,
    /// Whether there are access keys, which are the account's.
    pub keys: bool,
}

/// Compiles a stage. The problems are errors where there is no plan.
pub fn stage(input: Input<'_>) -> (Option<StageLive>, Vec<Problem>) {
    let mut compiler = Compiler {
        input,
        problems: Vec::new(),
        methods: settings::MethodSettings::default(),
        tokens: BTreeMap::new(),
        cache: None,
    };
    compiler.methods = compiler.method_settings();
    compiler.cache = compiler.stage_cache();
    let settings = compiler.settings();
    let base = Arc::new(compiler.deployment());
    let failed = compiler.problems.iter().any(Problem::is_error);
    (
        (!failed).then_some(StageLive {
            settings,
            base,
            metrics: input.metrics.clone(),
            throttles: input.throttles.clone(),
            canary: None,
        }),
        compiler.problems,
    )
}

struct Compiler<'a> {
    input: Input<'a>,
    problems: Vec<Problem>,
    methods: settings::MethodSettings,
    /// Authorizers that verify tokens, as far as methods have asked for them.
    tokens: BTreeMap<String, Option<Arc<JwtPlan>>>,
    /// Where responses are kept.
    cache: Option<StageCachePlan>,
}

type Authorizers = BTreeMap<String, Option<Arc<AuthorizerPlan>>>;

impl<'a> Compiler<'a> {
    /// A problem in the definition.
    fn error(&mut self, code: &'static str, at: &str, message: impl Into<String>) -> &mut Problem {
        let problem = self.input.document.error(code, at, message);
        self.push(problem)
    }

    fn push(&mut self, problem: Problem) -> &mut Problem {
        self.problems.push(problem);
        let last = self.problems.len() - 1;
        #[allow(clippy::indexing_slicing, reason = "it was just pushed")]
        &mut self.problems[last]
    }

    fn settings(&mut self) -> StageSettings {
        let input = self.input;
        let web_acl = self.web_acl_arn();
        let filters = self.filters();
        StageSettings {
            api: input.api.id.as_str().into(),
            api_id: header_value(&input.api.id),
            user_agent: header_value(&format!("AmazonAPIGateway_{}", input.api.id)),
            name: input.stage.into(),
            arn: self.arn(),
            throttle: self.stage_throttle(),
            variables: input.settings.variables.clone(),
            filters,
            web_acl,
            max_request_body: input.api_config.max_request_body,
            deployment_id: input.deployment_id(),
            access_log: self.access_log(),
            cache: self.cache.clone(),
        }
    }

    fn arn(&self) -> Box<str> {
        let Input { arns, api, stage, .. } = self.input;
        let (region, account) = (arns.region, arns.account);
        format!("arn:aws:execute-api:{region}:{account}:{}/{stage}/", api.id).into()
    }

    fn deployment(&mut self) -> DeploymentPlan {
        let input = self.input;
        let authorizers: Authorizers = input
            .api
            .authorizers
            .iter()
            .filter_map(|(name, authorizer)| {
                // A method whose authorizer is nothing that can be asked is closed.
                authorizer.plugin.as_deref().or(authorizer.function())?;
                let plan = self.authorizer(name, authorizer);
                Some((name.clone(), plan.map(Arc::new)))
            })
            .collect();
        let schemas = self.schemas();
        let gateway_responses = self.gateway_responses();
        let cors = self.cors();
        let compress_from = input.api.minimum_compression_size.map(u64::from);
        let binary = BinaryTypes::new(input.api.binary_media_types.iter().map(String::as_str));
        let reads_request_late = !gateway_responses.0.is_empty() || cors.is_some() || compress_from.is_some();
        let mut plan = DeploymentPlan {
            router: Router::default(),
            methods: Vec::new(),
            authorizers: authorizers.values().flatten().cloned().collect(),
            by_domain_only: input.api_config.disable_execute_api_endpoint
                || input.api.endpoint.disable_execute_api_endpoint == Some(true),
            private: self.private(),
            policy: self.policy(),
            gateway_responses,
            cors,
            binary,
            compress_from,
            reads_request_late,
        };
        let mut shapes = path::Shapes::default();
        for (index, resource) in input.api.resources.iter().enumerate() {
            background::breathe(index);
            let checked = path::parameters(&resource.path).and_then(|names| {
                shapes.add(&resource.path)?;
                Ok(names)
            });
            match checked {
                Ok(names) => self.resource(resource, &names, (&authorizers, &schemas), &mut plan),
                Err(reason) => drop(self.error("bad-path", &resource.pointer, reason)),
            }
        }
        plan
    }

    fn resource(
        &mut self,
        resource: &Resource,
        names: &[Arc<str>],
        shared: (&Authorizers, &check::Schemas),
        into: &mut DeploymentPlan,
    ) {
        let resource_path: Arc<str> = resource.path.as_str().into();
        for (name, method) in &resource.methods {
            let verb = Verb::parse(name);
            if verb.is_none() && name != "ANY" {
                let problem = self.error(
                    "bad-method",
                    &method.pointer,
                    format!("`{name}` is not a verb of API Gateway"),
                );
                problem.hint = Some("use DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT or ANY".to_owned());
                continue;
            }
            let Some(mut plan) = self.method(method, &resource_path, names, shared) else {
                continue;
            };
            plan.observed = self.observed(&resource_path, name);
            plan.throttle = self.throttle(&resource_path, name);
            match self.method_cache(method, &resource_path, name, names) {
                Some(cache) => plan.cache = cache,
                None => continue,
            }
            let index = u32::try_from(into.methods.len()).unwrap_or(u32::MAX);
            if into.router.add(&resource.path, verb, index).is_err() {
                self.error(
                    "duplicate-route",
                    &method.pointer,
                    format!("the route {name} {} stands twice", resource.path),
                );
            }
            into.methods.push(plan);
        }
    }

    fn method(
        &mut self,
        method: &Method,
        resource_path: &Arc<str>,
        names: &[Arc<str>],
        (authorizers, schemas): (&Authorizers, &check::Schemas),
    ) -> Option<MethodPlan> {
        let Some(integration) = &method.integration else {
            self.error(
                "no-integration",
                &method.pointer,
                "nothing answers this method: it has no integration",
            );
            return None;
        };
        let closed = closed::closed(self.input.api, method);
        let authorize = match &closed {
            Some(_) => Some(Authorize::Nobody),
            None => self.authorize(method, authorizers),
        };
        let checks = self.checks(method, schemas);
        let integration = match closed {
            Some(what) => Some(IntegrationPlan::Misconfigured {
                reason: format!("this gateway does not run {what}").into(),
            }),
            None => self.integration(method, integration, names),
        };
        Some(MethodPlan {
            resource_path: resource_path.clone(),
            path_parameters: names.to_vec(),
            authorize: authorize?,
            api_key: method
                .api_key_required
                .then(|| self.input.api.api_key_source.unwrap_or(ApiKeySource::Header)),
            checks: checks?,
            cache: None,
            integration: integration?,
            observed: Observed::default(),
            throttle: None,
        })
    }

    /// Who decides who may call a method that is not closed; `None` after a problem.
    fn authorize(&mut self, method: &Method, authorizers: &Authorizers) -> Option<Authorize> {
        let authorizer = match &method.authorization {
            Authorization::None => return Some(Authorize::Nobody),
            Authorization::Custom { authorizer } | Authorization::Cognito { authorizer } => authorizer,
            Authorization::Iam => return Some(self.iam(method)),
            // Closed: see `closed.rs`. There is nothing that would let anybody in.
            Authorization::Unknown { .. } => return None,
        };
        let api = self.input.api;
        if let Some(known) = api.authorizers.get(authorizer)
            && matches!(known.kind, AuthorizerKind::Cognito | AuthorizerKind::Jwt)
        {
            let plan = self.token_authorizer(authorizer, known)?;
            return Some(Authorize::Jwt {
                authorizer: plan,
                scopes: method.authorization_scopes.as_slice().into(),
            });
        }
        // One that has problems of its own has told them.
        if let Some(plan) = authorizers.get(authorizer) {
            return plan.clone().map(Authorize::Custom);
        }
        let known: Vec<&str> = api.authorizers.keys().map(String::as_str).collect();
        let at = format!("{}/authorizer", method.pointer);
        let problem = self.input.document.error(
            "unknown-authorizer",
            &at,
            format!("there is no authorizer `{authorizer}`"),
        );
        self.push(problem.did_you_mean(authorizer, known));
        None
    }

    /// The use of a plugin of one world, with what it wants to see.
    fn plugin<P>(
        &mut self,
        document: &Document,
        at: &str,
        name: &str,
        world: &str,
        of_world: impl Fn(&Plugin) -> Option<Arc<P>>,
    ) -> Option<PluginUse<PluginPlan<P>>> {
        let interest = self
            .input
            .plugins
            .get(name)
            .and_then(Option::as_ref)
            .map(Plugin::interest);
        Some(match self.plugin_use(document, at, name, world, of_world)? {
            PluginUse::Ready(plugin) => PluginUse::Ready(PluginPlan {
                plugin,
                interest: InterestPlan::from(interest?),
            }),
            PluginUse::Broken { name } => PluginUse::Broken { name },
        })
    }

    /// The use of a plugin of one world.
    fn plugin_use<P>(
        &mut self,
        document: &Document,
        at: &str,
        name: &str,
        world: &str,
        of_world: impl Fn(&Plugin) -> Option<Arc<P>>,
    ) -> Option<PluginUse<Arc<P>>> {
        let plugins = self.input.plugins;
        let problem = match plugins.get(name) {
            Some(None) => return Some(PluginUse::Broken { name: name.into() }),
            Some(Some(loaded)) => match of_world(loaded) {
                Some(plugin) => return Some(PluginUse::Ready(plugin)),
                None => {
                    let message = format!(
                        "the plugin `{name}` is of world {}; here one of world {world} is needed",
                        loaded.world()
                    );
                    document.error("wrong-world", at, message)
                }
            },
            None => document
                .error("unknown-plugin", at, format!("there is no plugin `{name}`"))
                .did_you_mean(name, plugins.keys().map(String::as_str)),
        };
        self.push(problem);
        None
    }
}

/// An API's id is a label of host names; that has been checked.
fn header_value(text: &str) -> http::HeaderValue {
    http::HeaderValue::from_str(text).unwrap_or_else(|_| http::HeaderValue::from_static("unknown"))
}
