//! `gateway.toml`: what a person writes. Every field's comment here is its documentation in the reference and in the
//! JSON Schema that `portcullis schema` prints.

mod acme;
pub mod api_keys;
mod authorizers;
mod aws;
mod backends;
mod cache;
mod certificates;
mod credentials;
mod domain_tls;
pub mod domains;
mod inline;
mod issuer;
mod lambda;
mod listener;
mod listener_limits;
mod load;
mod networks;
mod overload;
mod peers;
mod plugin;
mod private_names;
mod route;
mod routing;
mod rules;
mod stage;
mod throttle;
mod tls;
mod tracing;
mod watch;
mod web_acl;

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use acme::{AcmeChallenge, AcmeConfig, AcmeSource};
pub use api_keys::{ApiKeyConfig, UsagePlanConfig};
pub use authorizers::{AuthorizerConfig, PayloadFormatConfig};
pub use aws::{
    AwsConfig, AwsCredentialsConfig, AwsSource, ChainLink, ChainOf, ENDPOINT_URL, NamedCredentials,
};
pub use backends::{BackendConfig, BackendProtocol, protocol_of};
pub use cache::{CacheConfig, RouteCacheConfig, StageCacheConfig, UnauthorizedCacheControl};
pub use certificates::Certificates;
pub(crate) use certificates::{Pair, bundle, pair};
pub use credentials::credentials;
pub(crate) use domain_tls::check_policy;
pub use domain_tls::{CertificateConfig, DomainsTls, Named};
pub use domains::{AccessModeConfig, DomainConfig};
pub use inline::{api_of_routes, cors};
pub use issuer::{IssuerConfig, TrustedIssuerConfig, hint as issuer_hint};
pub use lambda::{CredentialsConfig, FunctionConfig, LambdaConfig, LambdaSource};
pub use listener::ListenerConfig;
pub use listener_limits::ListenerLimitsConfig;
pub use load::{ApiSource, Hash, Loader, Sources, hash};
pub(crate) use load::{directory, read_text};
pub use networks::NetworkConfig;
pub use overload::OverloadConfig;
pub use peers::{ForwardedHeader, Peers, UNIX_PEERS};
pub use plugin::{GrantsConfig, IsolationConfig, LimitsConfig, PluginConfig};
pub use private_names::PrivateNameConfig;
pub use route::{AuthorizationConfig, IntegrationConfig, RouteConfig};
pub use routing::RoutingRuleConfig;
pub(crate) use rules::bad_address;
pub use stage::{AccessLogConfig, LoggingLevel, MethodSettingsConfig, StageConfig};
pub use throttle::{PeriodConfig, QuotaConfig, ThrottleConfig};
pub(crate) use tls::of_listener as listener_tls;
pub use tls::{ClientAuthConfig, ListenerTls, ListenerTlsConfig, ListenersTls, ServerCertificateConfig};
pub use tracing::TracingConfig;
pub use watch::{DEBOUNCE, Watcher, settled};
pub use web_acl::{WebAclConfig, web_acl_arn, web_acl_name};

/// The configuration of a Portcullis node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GatewayConfig {
    /// Where clients connect. At least one.
    pub listeners: Vec<ListenerConfig>,
    /// The control listener: health, readiness and metrics. Absent: none.
    #[serde(default)]
    pub control: Option<ControlConfig>,
    /// Spans of requests, for OpenTelemetry. Absent: none.
    #[serde(default)]
    pub tracing: Option<TracingConfig>,
    /// WebAssembly components, by the name that APIs use.
    #[serde(default)]
    pub plugins: BTreeMap<String, PluginConfig>,
    /// APIs, by id: the first label of `{api}.execute-api.localhost`.
    #[serde(default)]
    pub apis: BTreeMap<String, ApiConfig>,
    /// Custom domain names, such as `api.example.com` or `*.example.com`.
    #[serde(default)]
    pub domains: BTreeMap<String, DomainConfig>,
    /// Servers of which there is more to say than their address, by the host that URIs of integrations name, in lower case:
    /// `app.internal:50051`, or `app.internal` for all of its ports.
    #[serde(default)]
    pub backends: BTreeMap<String, BackendConfig>,
    /// An authority that issues certificates for domain names (ACME). Absent: none.
    #[serde(default)]
    pub acme: Option<AcmeConfig>,
    /// Certificates that domain names of the control plane name by their ARN, by name.
    #[serde(default)]
    pub certificates: BTreeMap<String, CertificateConfig>,
    /// Trust stores of domain names of the control plane: from an address such as `s3://bucket/truststore.pem`
    /// (`truststoreUri`) to a PEM file with certificate authorities, relative to this file.
    #[serde(default)]
    pub truststores: BTreeMap<String, PathBuf>,
    /// Private upstreams, by the name that a `connectionId`, or a load balancer in the target ARN of a VPC link of the control
    /// plane, gives.
    #[serde(default)]
    pub vpc_links: BTreeMap<String, VpcLinkConfig>,
    /// Networks, by name: what resource policies know as VPCs (`aws:SourceVpc`), and where load balancers are.
    #[serde(default)]
    pub networks: BTreeMap<String, NetworkConfig>,
    /// Certificate authorities beside those of the system, by the name that integrations use.
    #[serde(default)]
    pub trust_bundles: BTreeMap<String, TrustBundleConfig>,
    /// Certificates that this gateway shows to backends, by the name that stages use.
    #[serde(default)]
    pub client_certificates: BTreeMap<String, ClientCertificateConfig>,
    /// Web access control lists, by the name that stages use: filters that go before those of the stage.
    #[serde(default)]
    pub web_acls: BTreeMap<String, WebAclConfig>,
    /// Issuers of tokens, by the name that authorizers use, for those about which there is more to say than their name.
    #[serde(default)]
    pub issuers: BTreeMap<String, IssuerConfig>,
    /// Where Lambda functions are invoked. Absent: nowhere.
    #[serde(default)]
    pub lambda: Option<LambdaConfig>,
    /// AWS's services behind integrations of type `aws`. Absent: such an integration is refused.
    #[serde(default)]
    pub aws: Option<AwsConfig>,
    /// How much all requests together may be. More get 429. An empty table, and none: as much as there is.
    #[serde(default)]
    pub throttle: ThrottleConfig,
    /// How much this node takes upon itself at once. What is more gets 503.
    #[serde(default)]
    pub overload: OverloadConfig,
    /// API keys, by the name that usage plans and logs have for them (`$context.identity.apiKeyId`).
    #[serde(default)]
    pub api_keys: BTreeMap<String, ApiKeyConfig>,
    /// Usage plans, by name: without one an API key opens nothing.
    #[serde(default)]
    pub usage_plans: BTreeMap<String, UsagePlanConfig>,
    /// What this node has for the caches of its stages.
    #[serde(default)]
    pub cache: CacheConfig,
}

/// A private upstream: servers that are reached whatever host an integration's URI names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VpcLinkConfig {
    /// Addresses with a port, such as `10.0.0.7:8080` or `app.internal:8080`, or Unix sockets, such as
    /// `unix:/run/app.sock`. Requests go to each in turn; one that cannot be connected to is passed over for a while. With
    /// none alive the answer is 503.
    pub targets: Vec<String>,
    /// What HTTP is spoken with them.
    #[serde(default)]
    pub protocol: BackendProtocol,
}

/// Certificate authorities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrustBundleConfig {
    /// A PEM file with one certificate or more, relative to this file. They are trusted beside the system's.
    pub file: PathBuf,
}

/// A certificate with its key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientCertificateConfig {
    /// A PEM file with the certificate, and its chain behind it, relative to this file.
    pub certificate: PathBuf,
    /// A PEM file with the private key, relative to this file.
    pub key: PathBuf,
}

/// The control listener.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlConfig {
    /// IP address and port. Keep it on loopback or a private network: health, readiness and metrics ask nobody who they
    /// are. A change takes effect at a restart.
    pub address: String,
    /// A directory, relative to this file, for what the control plane keeps: with it this listener speaks API Gateway's own
    /// protocol, for the aws CLI, boto3 and Terraform. Absent: it does not. A change takes effect at a restart.
    #[serde(default)]
    pub data: Option<PathBuf>,
    /// Who may use that protocol.
    #[serde(default)]
    pub access: AccessConfig,
    /// How many changes the history keeps; the oldest go. A change takes effect at a restart.
    #[serde(default = "default_history")]
    #[schemars(range(min = 1, max = 100_000_000))]
    pub history: u32,
    /// The region in ARNs.
    #[serde(default = "default_region")]
    pub region: String,
    /// The account in ARNs and messages: 12 digits.
    #[serde(default = "default_account")]
    pub account: String,
}

/// Who may use the control plane.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AccessConfig {
    /// Requests signed (SigV4) with a key of `portcullis keys`, as its policy lets them.
    #[default]
    Signed,
    /// Everybody who reaches it; the address must be on loopback.
    AnonymousOnLoopback,
}

/// An API: exactly one of `openapi` and `routes` says what it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiConfig {
    /// An OpenAPI 2.0 or 3.0 document in JSON or YAML, relative to this file.
    #[serde(default)]
    pub openapi: Option<PathBuf>,
    /// Routes, for a one-file start.
    #[serde(default)]
    pub routes: Vec<RouteConfig>,
    /// Authorizers that `routes` name. (A document has its own.)
    #[serde(default)]
    pub authorizers: BTreeMap<String, AuthorizerConfig>,
    /// The resource policy of an API without a document: an IAM policy with `Principal`s that says who may call. Absent:
    /// everybody, as far as the methods let them.
    #[serde(default)]
    pub policy: Option<serde_json::Map<String, serde_json::Value>>,
    /// Stages, by name. At least one: without a stage an API has no address.
    pub stages: BTreeMap<String, StageConfig>,
    /// Whether the API is served below custom domain names alone, and by none of its own addresses.
    #[serde(default)]
    pub disable_execute_api_endpoint: bool,
    /// How an API without a document is reached. Absent: as `regional`.
    #[serde(default)]
    pub endpoint_type: Option<EndpointType>,
    /// Versions of TLS and cipher suites for clients that name `{api}.execute-api.…` in their handshake, by API Gateway's name for
    /// them, of an API without a document. Absent: the listener's.
    #[serde(default)]
    pub security_policy: Option<String>,
    /// How requests by the own addresses of an API without a document must come. With `STRICT` it has those of its own hosts alone;
    /// where `endpoint_type` is `edge` through points of presence, where it is another not through them.
    #[serde(default)]
    pub endpoint_access_mode: AccessModeConfig,
    /// VPC endpoints, which listeners and networks are by their `vpce`, whose hosts `{api}-{vpce}.execute-api.…` lead to this private API.
    #[serde(default)]
    pub vpc_endpoint_ids: Vec<String>,
    /// Cross-origin rules for all of the API: preflights are answered, and every response carries the headers.
    #[serde(default)]
    pub cors: Option<CorsConfig>,
    /// Bytes that the body of a request may have; more are a 413.
    #[serde(default = "default_max_request_body")]
    #[schemars(range(min = 0, max = 1_073_741_824))]
    pub max_request_body: u64,
    /// Media types of bodies that are bytes, not text, such as `image/png` or `image/*`, of an API without a document.
    #[serde(default)]
    pub binary_media_types: Vec<String>,
    /// Compress responses of at least so many bytes, of an API without a document. Absent: never.
    #[serde(default)]
    #[schemars(range(min = 0, max = 10_485_760))]
    pub minimum_compression_size: Option<u32>,
    /// Where callers' API keys are, of an API without a document.
    #[serde(default)]
    pub api_key_source: Option<ApiKeySourceConfig>,
    /// What the gateway answers instead of its own words, by gateway response type, of an API without a document.
    #[serde(default)]
    pub gateway_responses: BTreeMap<String, GatewayResponseConfig>,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            openapi: None,
            routes: Vec::new(),
            authorizers: BTreeMap::new(),
            policy: None,
            stages: BTreeMap::new(),
            disable_execute_api_endpoint: false,
            endpoint_type: None,
            security_policy: None,
            endpoint_access_mode: AccessModeConfig::default(),
            vpc_endpoint_ids: Vec::new(),
            cors: None,
            max_request_body: default_max_request_body(),
            binary_media_types: Vec::new(),
            minimum_compression_size: None,
            api_key_source: None,
            gateway_responses: BTreeMap::new(),
        }
    }
}

/// How an API is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndpointType {
    /// By every listener.
    Regional,
    /// By every listener, points of presence among them.
    Edge,
    /// By listeners and networks with a `vpce` alone, and by whom its policy lets.
    Private,
}

impl EndpointType {
    /// AWS's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Regional => "REGIONAL",
            Self::Edge => "EDGE",
            Self::Private => "PRIVATE",
        }
    }
}

/// Where callers' API keys are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApiKeySourceConfig {
    /// In the header `X-API-Key`; so where nothing is said.
    Header,
    /// In what the route's authorizer answers (its usage key).
    Authorizer,
}

/// Cross-origin rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorsConfig {
    /// Origins such as `https://example.com`, or `*`.
    pub allow_origins: Vec<String>,
    /// Verbs. Absent: those that the resource has.
    #[serde(default)]
    pub allow_methods: Vec<String>,
    /// Request headers, or `*`. Absent: those that API Gateway's console writes.
    #[serde(default)]
    pub allow_headers: Vec<String>,
    /// Response headers that a page may read.
    #[serde(default)]
    pub expose_headers: Vec<String>,
    /// Whether cookies and the like may be sent. Not with the origin `*`.
    #[serde(default)]
    pub allow_credentials: bool,
    /// For how many seconds a browser may keep the answer to a preflight.
    #[serde(default)]
    #[schemars(range(min = 0, max = 86_400))]
    pub max_age: Option<u32>,
}

/// What the gateway answers for one gateway response type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GatewayResponseConfig {
    /// Another status.
    #[schemars(range(min = 200, max = 599))]
    pub status: Option<u16>,
    /// Headers, from name to a text in single quotes or to `method.request.…`, `context.…`, `stageVariables.…`.
    pub headers: BTreeMap<String, String>,
    /// Bodies by content type, with `$context` variables.
    pub templates: BTreeMap<String, String>,
}

fn default_history() -> u32 {
    10_000
}

fn default_region() -> String {
    "us-east-1".to_owned()
}

fn default_account() -> String {
    "000000000000".to_owned()
}

fn default_max_request_body() -> u64 {
    10 * 1024 * 1024
}

/// The JSON Schema of `gateway.toml`, made from the structs above.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(GatewayConfig).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.insert("title".to_owned(), "gateway.toml".into());
    }
    schema
}
