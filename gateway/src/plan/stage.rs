//! What a stage runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Method, StatusCode};
use portcullis_content::media_type::BinaryTypes;
use portcullis_model::{ApiKeySource, ContentHandling, ResponseType};
use portcullis_plugin_host as host;

use super::authorizer::{Authorize, AuthorizerPlan};
use super::aws::AwsPlan;
use super::cache::{CachePlan, StageCachePlan};
use super::check::RequestChecks;
use super::interest::InterestPlan;
use super::lambda::{FunctionUrlPlan, LambdaPlan, LambdaProxyPlan};
use super::mapping::{GatewayResponsePlan, ParameterPlan, RequestPlan, ResponsesPlan, Slots};
use super::policy::ResourcePolicy;
use super::route::Router;
use super::throttle::{Throttle, Throttles};
use super::uri::UriTemplate;
use crate::observe::access_log::AccessLog;
use crate::observe::metrics::{MethodMetrics, StageMetrics};
use crate::upstream::Backend;

/// A stage as it is live: its settings, and the deployment that it points at.
///
/// A request takes the `Arc` of this once, at its start, and owns it to the last byte of the response.
#[derive(Debug)]
pub struct StageLive {
    /// What acts at once.
    pub settings: StageSettings,
    /// What acts by deployment.
    pub base: Arc<DeploymentPlan>,
    /// Counters, the same over all swaps of the stage.
    pub metrics: Arc<StageMetrics>,
    /// The buckets of its methods, likewise.
    pub throttles: Arc<Throttles>,
    /// What a part of the requests gets instead.
    pub canary: Option<Box<CanaryPlan>>,
}

/// A canary: each request draws for itself.
#[derive(Debug)]
pub struct CanaryPlan {
    /// Of so many in 100 requests.
    pub percent: f64,
    /// What they get: another deployment, and the stage's settings with other variables.
    pub live: Arc<StageLive>,
}

impl StageLive {
    /// Forgets what the stage's authorizers decided.
    pub fn flush_authorizers(&self) {
        let keeps = self.base.authorizers.iter();
        keeps
            .filter_map(|authorizer| authorizer.keep.as_ref())
            .for_each(|keep| keep.epoch.flush());
        if let Some(canary) = &self.canary {
            canary.live.flush_authorizers();
        }
    }
}

impl StageLive {
    /// Holds the stage and its methods to their limits. To be done when the plan becomes live: its buckets are those of the plan before.
    pub fn hold_to_limits(&self, now: Duration) {
        let throttles = self
            .base
            .methods
            .iter()
            .filter_map(|method| method.throttle.as_ref());
        let all = throttles.chain(&self.settings.throttle);
        all.for_each(|throttle| throttle.hold(now));
        if let Some(canary) = &self.canary {
            canary.live.hold_to_limits(now);
        }
    }

    /// Forgets the responses that the stage has kept. What its canary keeps is in the same place.
    pub fn flush_cache(&self) {
        let canary = self
            .canary
            .as_ref()
            .and_then(|canary| canary.live.settings.cache.as_ref());
        if let Some(cache) = self.settings.cache.as_ref().or(canary) {
            cache.kept.responses.flush();
        }
    }
}

impl CanaryPlan {
    /// Whether a request is the canary's; `draw` is evenly spread from 0 to 1.
    pub fn takes(&self, draw: f64) -> bool {
        draw * 100.0 < self.percent
    }
}

/// A stage's own settings.
#[derive(Debug)]
pub struct StageSettings {
    /// The API's id.
    pub api: Arc<str>,
    /// The same, as a header for backends.
    pub api_id: HeaderValue,
    /// What a backend is told where the client does not say what it is: `AmazonAPIGateway_{api}`.
    pub user_agent: HeaderValue,
    /// The stage's name.
    pub name: Arc<str>,
    /// What ARNs of its methods begin with: `arn:aws:execute-api:{region}:{account}:{api}/{stage}/`.
    pub arn: Box<str>,
    /// How often it may be called, all methods together; as often as anybody likes where absent.
    pub throttle: Option<Throttle>,
    /// Stage variables.
    pub variables: BTreeMap<String, String>,
    /// Run before every other control, in order.
    pub filters: Vec<FilterPlan>,
    /// `$context.webaclArn`: of the web ACL that some of them are.
    pub web_acl: Option<Box<str>>,
    /// Bytes that the body of a request may have.
    pub max_request_body: u64,
    /// `$context.deploymentId`: the same for the same definition.
    pub deployment_id: Arc<str>,
    /// A line for each request.
    pub access_log: Option<AccessLog>,
    /// Where responses are kept of the methods that have it so.
    pub cache: Option<StageCachePlan>,
}

/// A deployment's snapshot, compiled.
#[derive(Debug)]
pub struct DeploymentPlan {
    /// Finds a method's index.
    pub router: Router,
    /// By that index.
    pub methods: Vec<MethodPlan>,
    /// The authorizers that methods have.
    pub authorizers: Vec<Arc<AuthorizerPlan>>,
    /// Whether custom domain names alone lead to it.
    pub by_domain_only: bool,
    /// The endpoints that its host names may name, where it is a private API: reached by endpoints alone.
    pub private: Option<Box<[Box<str>]>>,
    /// Who may call at all; everybody where absent.
    pub policy: Option<Box<ResourcePolicy>>,
    /// What is answered instead of the gateway's own words.
    pub gateway_responses: GatewayResponses,
    /// Cross-origin rules that the gateway keeps.
    pub cors: Option<Box<CorsPlan>>,
    /// Which bodies are bytes and not text.
    pub binary: BinaryTypes,
    /// Responses of at least so many bytes are compressed, and compressed requests are decoded.
    pub compress_from: Option<u64>,
    /// Whether something reads the request after its integration: then an HTTP_PROXY passes on a copy of the headers.
    pub reads_request_late: bool,
}

/// Customised gateway responses.
#[derive(Debug, Default)]
pub struct GatewayResponses(pub BTreeMap<ResponseType, GatewayResponsePlan>);

impl GatewayResponses {
    /// What is customised for a type: its own, else that of all of its class.
    pub fn find(&self, kind: ResponseType, status: StatusCode) -> Option<&GatewayResponsePlan> {
        // A body that is too large is refused by API Gateway before it looks at the API's own responses.
        if self.0.is_empty() || kind == ResponseType::RequestTooLarge {
            return None;
        }
        let of_class = match status.is_client_error() {
            true => ResponseType::Default4xx,
            false => ResponseType::Default5xx,
        };
        self.0.get(&kind).or_else(|| self.0.get(&of_class))
    }
}

/// What one method does.
#[derive(Debug)]
pub struct MethodPlan {
    /// The resource's path, as configured.
    pub resource_path: Arc<str>,
    /// Names of the path's parameters, in order.
    pub path_parameters: Vec<Arc<str>>,
    /// Who decides who may call.
    pub authorize: Authorize,
    /// Where the API key is that a caller must have; nowhere where the method requires none.
    pub api_key: Option<ApiKeySource>,
    /// What is checked of a request before; nothing where the method has no request validator.
    pub checks: Option<Box<RequestChecks>>,
    /// How its responses are kept; not at all where absent.
    pub cache: Option<Box<CachePlan>>,
    /// What answers.
    pub integration: IntegrationPlan,
    /// What is told of it.
    pub observed: Observed,
    /// How often it may be called; as often as anybody likes where absent.
    pub throttle: Option<Throttle>,
}

/// What is told of a method's requests.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// `$context.resourceId`: the same for the same path of the same API.
    pub resource_id: Arc<str>,
    /// The verb as configured, `ANY` among them.
    pub verb: Arc<str>,
    /// What the execution log has.
    pub verbosity: Verbosity,
    /// Counters of the method alone, where it has the setting.
    pub metrics: Option<Arc<MethodMetrics>>,
}

/// What the execution log has of a method.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verbosity {
    /// What failed.
    pub error: bool,
    /// Each step.
    pub info: bool,
    /// Headers and bodies, with secrets blanked.
    pub data: bool,
}

impl Verbosity {
    /// Everything.
    pub const ALL: Self = Self {
        error: true,
        info: true,
        data: true,
    };
}

/// What answers a method.
#[derive(Debug)]
pub enum IntegrationPlan {
    /// The gateway itself, by mappings.
    Mock(Box<MockPlan>),
    /// An HTTP endpoint, which gets the request as it is.
    HttpProxy(Box<HttpPlan>),
    /// An HTTP endpoint, by mappings.
    Http(Box<CustomHttpPlan>),
    /// A Lambda function, which gets the request as an event.
    LambdaProxy(Box<LambdaProxyPlan>),
    /// A Lambda function, by mappings.
    Lambda(Box<LambdaPlan>),
    /// A Lambda function that has a URL, which gets the request as it is.
    FunctionUrl(Box<FunctionUrlPlan>),
    /// Nothing: what the stage or the API says cannot work. Every request is refused with 500.
    Misconfigured {
        /// Why, for the log.
        reason: Box<str>,
    },
    /// A component of `wasi:http`, which gets the request as it is.
    Handler {
        /// The component.
        plugin: Arc<host::Handler>,
        /// Until the head of its response.
        timeout: Duration,
    },
    /// A plugin.
    Plugin {
        /// The plugin.
        plugin: PluginUse<PluginPlan<host::Integration>>,
        /// Until its response.
        timeout: Duration,
    },
}

/// A MOCK integration.
#[derive(Debug)]
pub struct MockPlan {
    /// What says its status.
    pub request: RequestPlan,
    /// What is made of it.
    pub responses: ResponsesPlan,
}

/// An HTTP integration with mappings.
#[derive(Debug)]
pub struct CustomHttpPlan {
    /// The endpoint.
    pub http: HttpPlan,
    /// How its request is made.
    pub request: RequestPlan,
    /// What is made of its response.
    pub responses: ResponsesPlan,
    /// What an AWS service wants beside.
    pub aws: Option<Box<AwsPlan>>,
}

/// An HTTP endpoint as a backend.
#[derive(Debug)]
pub struct HttpPlan {
    /// Where.
    pub uri: UriTemplate,
    /// What fills the placeholders of `uri`, by their names.
    pub slots: Slots,
    /// What an HTTP_PROXY puts beside what the client sent.
    pub parameters: Option<Box<ProxyParameters>>,
    /// Whom to ask there.
    pub backend: Arc<Backend>,
    /// The verb towards the backend where it is not the client's own.
    pub method: Option<Method>,
    /// Whether its response may be as long, and take as long, as responses that stream.
    pub streams: bool,
    /// Until the head of the response.
    pub timeout: Duration,
    /// Whether its verbs say nothing of what may be sent again, so that nothing is.
    pub once: bool,
}

/// What an HTTP_PROXY puts beside what the client sent; where there is one, what mappings read of the body is at hand.
#[derive(Debug, Default)]
pub struct ProxyParameters {
    /// Query parameters and headers.
    pub mapped: ParameterPlan,
    /// Whether a header is mapped that API Gateway refuses to map: every request is a 500.
    pub illegal: bool,
    /// How the body is turned; it streams where absent.
    pub content_handling: Option<ContentHandling>,
}

/// Cross-origin rules, ready to be written.
#[derive(Debug)]
pub struct CorsPlan {
    /// Every origin.
    pub any_origin: bool,
    /// Origins in lower case.
    pub origins: Vec<Box<str>>,
    /// `Access-Control-Allow-Methods`; the resource's own verbs where absent.
    pub methods: Option<HeaderValue>,
    /// `Access-Control-Allow-Headers`; what is asked for where absent.
    pub headers: Option<HeaderValue>,
    /// `Access-Control-Expose-Headers`
    pub expose: Option<HeaderValue>,
    /// `Access-Control-Allow-Credentials: true`
    pub credentials: bool,
    /// `Access-Control-Max-Age`
    pub max_age: Option<HeaderValue>,
}

/// A filter of a stage.
#[derive(Debug)]
pub struct FilterPlan {
    /// Its configured name.
    pub name: Arc<str>,
    /// The plugin.
    pub plugin: PluginUse<PluginPlan<host::Filter>>,
}

/// A plugin of one world, with what it wants to see.
#[derive(Debug)]
pub struct PluginPlan<P> {
    /// The loaded plugin.
    pub plugin: Arc<P>,
    /// What it is shown.
    pub interest: InterestPlan,
}

/// A use of a plugin: one that could not be loaded answers for itself alone, and never lets a request pass.
#[derive(Debug)]
pub enum PluginUse<P> {
    /// Loaded.
    Ready(P),
    /// Could not be loaded; every request that needs it is refused with 500.
    Broken {
        /// The plugin's configured name.
        name: Arc<str>,
    },
}
