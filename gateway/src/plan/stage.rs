//! What a stage runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Method};
use portcullis_plugin_host as host;

use super::authorizer::AuthorizerPlan;
use super::interest::InterestPlan;
use super::route::Router;
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
    /// Stage variables.
    pub variables: BTreeMap<String, String>,
    /// Run before every other control, in order.
    pub filters: Vec<FilterPlan>,
    /// `$context.deploymentId`: the same for the same definition.
    pub deployment_id: Arc<str>,
    /// A line for each request.
    pub access_log: Option<AccessLog>,
}

/// A deployment's snapshot, compiled.
#[derive(Debug)]
pub struct DeploymentPlan {
    /// Finds a method's index.
    pub router: Router,
    /// By that index.
    pub methods: Vec<MethodPlan>,
}

/// What one method does.
#[derive(Debug)]
pub struct MethodPlan {
    /// The resource's path, as configured.
    pub resource_path: Arc<str>,
    /// Names of the path's parameters, in order.
    pub path_parameters: Vec<Arc<str>>,
    /// Who decides who may call; nobody where the method is open.
    pub authorizer: Option<Arc<AuthorizerPlan>>,
    /// What answers.
    pub integration: IntegrationPlan,
    /// What is told of it.
    pub observed: Observed,
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

/// What answers a method.
#[derive(Debug)]
pub enum IntegrationPlan {
    /// The gateway itself.
    Mock {
        /// The response's status.
        status: http::StatusCode,
    },
    /// An HTTP endpoint.
    Http(Box<HttpPlan>),
    /// A plugin.
    Plugin {
        /// The plugin.
        plugin: PluginUse<PluginPlan<host::Integration>>,
        /// Until its response.
        timeout: Duration,
    },
}

/// An HTTP endpoint as a backend.
#[derive(Debug)]
pub struct HttpPlan {
    /// Where.
    pub uri: UriTemplate,
    /// Whom to ask there.
    pub backend: Arc<Backend>,
    /// The verb towards the backend where it is not the client's own.
    pub method: Option<Method>,
    /// Until the head of the response.
    pub timeout: Duration,
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
