//! `gateway.toml`: what a person writes. Every field's comment here is its documentation in the reference and in the
//! JSON Schema that `portcullis schema` prints.

pub mod api_keys;
mod authorizers;
mod aws;
mod cache;
mod certificates;
mod credentials;
pub mod domains;
mod inline;
mod issuer;
mod lambda;
mod load;
mod networks;
mod rules;
mod throttle;
mod tls;
mod watch;
mod web_acl;

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use api_keys::{ApiKeyConfig, UsagePlanConfig};
pub use aws::{
    AwsConfig, AwsCredentialsConfig, AwsSource, ChainLink, ChainOf, ENDPOINT_URL, NamedCredentials,
};
pub use cache::{CacheConfig, RouteCacheConfig, StageCacheConfig, UnauthorizedCacheControl};
pub use certificates::Certificates;
pub use credentials::credentials;
pub use domains::DomainConfig;
pub use inline::{api_of_routes, cors};
pub use issuer::{IssuerConfig, TrustedIssuerConfig, hint as issuer_hint};
pub use lambda::{CredentialsConfig, FunctionConfig, LambdaConfig, LambdaSource};
pub use load::{ApiSource, Hash, Loader, Sources, hash};
pub use networks::NetworkConfig;
pub use throttle::{PeriodConfig, QuotaConfig, ThrottleConfig};
pub use tls::{ClientAuthConfig, ListenerTls, ListenerTlsConfig, ListenersTls, ServerCertificateConfig};
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
    /// WebAssembly components, by the name that APIs use.
    #[serde(default)]
    pub plugins: BTreeMap<String, PluginConfig>,
    /// APIs, by id: the first label of `{api}.execute-api.localhost`.
    #[serde(default)]
    pub apis: BTreeMap<String, ApiConfig>,
    /// Custom domain names, such as `api.example.com` or `*.example.com`.
    #[serde(default)]
    pub domains: BTreeMap<String, DomainConfig>,
    /// Private upstreams, by the name that a `connectionId`, or a load balancer in the target ARN of a VPC link of the control
    /// plane, gives.
    #[serde(default)]
    pub vpc_links: BTreeMap<String, VpcLinkConfig>,
    /// Networks that resource policies know as VPCs (`aws:SourceVpc`), by name.
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
    /// Addresses with a port, such as `10.0.0.7:8080` or `app.internal:8080`. Requests go to each in turn; one that cannot
    /// be connected to is passed over for a while. With none alive the answer is 503.
    pub targets: Vec<String>,
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

/// A socket that clients connect to: HTTP/1.1 and HTTP/2, by TLS or in clear text (then HTTP/2 with prior knowledge).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListenerConfig {
    /// IP address and port, such as `127.0.0.1:8080` or `[::]:8080`. Port 0 takes a free one.
    pub address: String,
    /// The API that `http://host/{stage}/{path}` means here. Absent: only addresses that name an API are answered.
    #[serde(default)]
    pub default_api: Option<String>,
    /// The VPC endpoint that resource policies take this listener for (`aws:SourceVpce`), such as `vpce-0a1b2c3d`. Absent:
    /// none.
    #[serde(default)]
    pub vpce: Option<String>,
    /// Connections open at once; more wait to be accepted. A change takes effect at a restart.
    #[serde(default = "default_max_connections")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_connections: u32,
    /// TLS. Absent: clear text.
    #[serde(default)]
    pub tls: Option<ListenerTlsConfig>,
}

impl ListenerConfig {
    /// What its URLs begin with.
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }
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

/// A plugin: exactly one of `builtin` and `file` says which component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PluginConfig {
    /// A component that comes with Portcullis: `bearer-token`, `hello`, `hello-function`, `ip-filter`, `vtl` or
    /// `waf`.
    #[serde(default)]
    pub builtin: Option<String>,
    /// A `.wasm` file, relative to this file.
    #[serde(default)]
    pub file: Option<PathBuf>,
    /// The plugin's own configuration; it is checked by the plugin when it is loaded.
    #[serde(default)]
    pub config: serde_json::Map<String, serde_json::Value>,
    /// What the plugin may reach. Nothing is ambient.
    #[serde(default)]
    pub grants: GrantsConfig,
    /// What the plugin may use up.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// `reused` keeps instances for many calls; `fresh` makes one for each call, so that no call sees what another left. Absent:
    /// `reused`, but `fresh` for components of `wasi:http`.
    #[serde(default)]
    pub isolation: Option<IsolationConfig>,
}

/// What a plugin may reach.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GrantsConfig {
    /// Lines in the gateway's log, by `portcullis:plugin/log`.
    pub log: bool,
    /// Counts that all instances of the plugin share, by `portcullis:plugin/counter`.
    pub counter: bool,
    /// Servers that a component of `wasi:http` may send requests to, as origins such as `https://api.example.com` or
    /// `http://10.0.0.7:8080`.
    pub http: Vec<String>,
    /// Environment variables that the plugin sees; none of the gateway's own are passed.
    pub environment: BTreeMap<String, String>,
}

/// What a plugin may use up. A breach costs the one request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Milliseconds of CPU for one call.
    #[schemars(range(min = 1, max = 60_000))]
    pub cpu_ms: u32,
    /// Milliseconds from the call to its answer, waiting included.
    #[schemars(range(min = 1, max = 900_000))]
    pub wall_ms: u32,
    /// MiB of memory for one instance.
    #[schemars(range(min = 1, max = 4096))]
    pub memory_mib: u32,
    /// KiB of one answer.
    #[schemars(range(min = 1, max = 1_048_576))]
    pub output_kib: u32,
    /// Calls that run at once.
    #[schemars(range(min = 1, max = 10_000))]
    pub concurrency: u32,
    /// Calls that wait for one to end; more are refused with 503.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub queue: u32,
    /// Calls that one instance serves before another takes its place.
    #[schemars(range(min = 1))]
    pub calls_per_instance: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            cpu_ms: 50,
            wall_ms: 10_000,
            memory_mib: 64,
            output_kib: 10 * 1024,
            concurrency: 64,
            queue: 1024,
            calls_per_instance: 10_000,
        }
    }
}

/// Whether instances are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IsolationConfig {
    /// An instance serves many calls.
    Reused,
    /// An instance serves one call.
    Fresh,
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
            cors: None,
            max_request_body: default_max_request_body(),
            binary_media_types: Vec::new(),
            minimum_compression_size: None,
            api_key_source: None,
            gateway_responses: BTreeMap::new(),
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

/// A route of an API without a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteConfig {
    /// Such as `/pets`, `/pets/{id}` or `/files/{proxy+}`.
    pub path: String,
    /// A verb in upper case, or `ANY`.
    #[serde(default = "any")]
    pub method: String,
    /// One of the API's authorizers. Absent: everybody may call.
    #[serde(default)]
    pub authorizer: Option<String>,
    /// Of which a caller's token must have one, where the authorizer verifies tokens. With `cognito_user_pools` an access
    /// token is wanted then, without any an ID token.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// `AWS_IAM`: whoever signs with an access key whose policy lets it. Absent: as `authorizer` says.
    #[serde(default)]
    pub authorization: Option<AuthorizationConfig>,
    /// Only callers with an API key of a usage plan that has the stage.
    #[serde(default)]
    pub api_key_required: bool,
    /// How its responses are told apart and kept, where the stage caches them.
    #[serde(default)]
    pub cache: RouteCacheConfig,
    /// What answers.
    pub integration: IntegrationConfig,
}

/// Who may call a route, where it is no authorizer that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AuthorizationConfig {
    /// Whoever signs (SigV4, service `execute-api`) with a key of `portcullis keys` whose policy lets it.
    #[serde(rename = "AWS_IAM")]
    AwsIam,
}

/// What answers a route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum IntegrationConfig {
    /// The gateway itself, with a status.
    Mock {
        /// 200 to 599.
        #[serde(default = "ok")]
        #[schemars(range(min = 200, max = 599))]
        status: u16,
        /// Headers of the response, from name to a text in single quotes, `context.…` or `stageVariables.…`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// A mapping template for the body of the response. Absent: no body.
        #[serde(default)]
        template: Option<String>,
    },
    /// An HTTP endpoint, which gets the request as it is.
    HttpProxy {
        /// May hold `{name}` for path parameters and `${stageVariables.name}`.
        uri: String,
        /// The verb towards the endpoint. Absent: the client's.
        #[serde(default)]
        http_method: Option<String>,
        /// From `integration.request.{path,querystring,header}.NAME` to where its value comes from.
        #[serde(default)]
        parameters: BTreeMap<String, String>,
        /// One of `vpc_links`: the private upstream that is asked, whatever host `uri` names.
        #[serde(default)]
        vpc_link: Option<String>,
        /// One of `trust_bundles`, for an `https` endpoint.
        #[serde(default)]
        trust_bundle: Option<String>,
        /// Accept certificates that no known authority has signed.
        #[serde(default)]
        insecure_skip_verification: bool,
        /// Milliseconds until the response must begin.
        #[serde(default = "default_timeout")]
        #[schemars(range(min = 50, max = 300_000))]
        timeout_ms: u32,
    },
    /// A Lambda function, which gets the request as an event, and whose answer is the response (`AWS_PROXY`).
    Lambda {
        /// Its name or its ARN, an alias or a version behind it. May hold `${stageVariables.name}`. A plugin of world `function`
        /// of that name runs it, or what `lambda` says.
        function: String,
        /// What it is passed: `1.0` as functions of REST APIs are, `2.0` as those of HTTP APIs.
        #[serde(default)]
        payload_format_version: PayloadFormatConfig,
        /// Whether its answer is sent on as it comes (`responseTransferMode: STREAM`): the function then writes the metadata of
        /// its response, eight bytes of zero, and the body.
        #[serde(default)]
        stream: bool,
        /// Milliseconds until the answer must be there, or begin where it streams.
        #[serde(default = "default_timeout")]
        #[schemars(range(min = 50, max = 900_000))]
        timeout_ms: u32,
    },
    /// A plugin of world `integration`, or a standard component of `wasi:http`.
    Plugin {
        /// Its name under `plugins`.
        plugin: String,
        /// Milliseconds until the response must be there.
        #[serde(default = "default_timeout")]
        #[schemars(range(min = 50, max = 300_000))]
        timeout_ms: u32,
    },
}

/// An authorizer. Of `token` and `request` exactly one of `plugin` and `function` says who decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum AuthorizerConfig {
    /// Decides by a token in one header.
    Token {
        /// A plugin of world `authorizer`, by its name under `plugins`.
        #[serde(default)]
        plugin: Option<String>,
        /// A Lambda function, by its name or its ARN, an alias or a version behind it. `lambda` says where it runs.
        #[serde(default)]
        function: Option<String>,
        /// The header with the token.
        #[serde(default = "authorization")]
        header: String,
        /// A regular expression that the whole token must match; others get 401 without a call.
        #[serde(default)]
        pattern: Option<String>,
        /// For how many seconds a decision about a token is kept. 0: who decides is asked for every request.
        #[serde(default)]
        #[schemars(range(min = 0, max = 3600))]
        ttl_seconds: u32,
    },
    /// Decides by the request.
    Request {
        /// A plugin of world `authorizer`, by its name under `plugins`.
        #[serde(default)]
        plugin: Option<String>,
        /// A Lambda function, by its name or its ARN, an alias or a version behind it. `lambda` says where it runs.
        #[serde(default)]
        function: Option<String>,
        /// What a function is passed: `1.0` as authorizers of REST APIs are, `2.0` as those of HTTP APIs.
        #[serde(default)]
        payload_format_version: PayloadFormatConfig,
        /// Whether a function answers `{"isAuthorized": true}` instead of a policy; with payload format 2.0.
        #[serde(default)]
        simple_responses: bool,
        /// What tells callers apart, such as `method.request.header.X-Key`, `method.request.querystring.key`,
        /// `stageVariables.name` or `context.identity.sourceIp`. One that is absent or empty gets 401 without a call.
        #[serde(default)]
        identity_sources: Vec<String>,
        /// For how many seconds a decision is kept about requests with the same identity sources, of which there must be one
        /// then. 0: who decides is asked for every request, and no identity source must be there.
        #[serde(default)]
        #[schemars(range(min = 0, max = 3600))]
        ttl_seconds: u32,
    },
    /// Verifies tokens of Cognito's user pools.
    CognitoUserPools {
        /// User pools, as `arn:aws:cognito-idp:REGION:ACCOUNT:userpool/ID`. Where their keys are can be said under `issuers`
        /// by the name `https://cognito-idp.REGION.amazonaws.com/ID`.
        provider_arns: Vec<String>,
        /// The header with the token, with or without `Bearer`.
        #[serde(default = "authorization")]
        header: String,
        /// A regular expression that the whole audience of a token must match.
        #[serde(default)]
        audience_pattern: Option<String>,
    },
    /// Verifies tokens of any issuer.
    Jwt {
        /// Whose tokens count.
        issuers: Vec<TrustedIssuerConfig>,
        /// By what they may be signed: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA.
        #[serde(default = "rs256")]
        algorithms: Vec<String>,
        /// The header with the token, with or without `Bearer`.
        #[serde(default = "authorization")]
        header: String,
    },
}

impl AuthorizerConfig {
    /// The plugin and the function, one of which decides; nothing of those that verify tokens themselves.
    fn decides(&self) -> Option<(Option<&str>, Option<&str>)> {
        match self {
            Self::Token { plugin, function, .. } | Self::Request { plugin, function, .. } => {
                Some((plugin.as_deref(), function.as_deref()))
            }
            Self::CognitoUserPools { .. } | Self::Jwt { .. } => None,
        }
    }
}

/// What a function is passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PayloadFormatConfig {
    /// As authorizers of REST APIs are passed.
    #[default]
    #[serde(rename = "1.0")]
    V1,
    /// As authorizers of HTTP APIs are passed.
    #[serde(rename = "2.0")]
    V2,
}

/// A stage of an API.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StageConfig {
    /// How much all its requests together may be; more get 429. (`methods` are held one by one.)
    pub throttle: Option<ThrottleConfig>,
    /// Stage variables.
    pub variables: BTreeMap<String, String>,
    /// Plugins of world `filter`, in the order in which they see a request.
    pub filters: Vec<String>,
    /// One of `web_acls`, whose filters see a request before those of the stage.
    pub web_acl: Option<String>,
    /// One of `client_certificates`, shown to `https` backends that ask for one.
    pub client_certificate: Option<String>,
    /// A line for each request. Absent: none.
    pub access_log: Option<AccessLogConfig>,
    /// What it has to keep responses in, of methods whose settings have `caching`. Absent: none is kept.
    pub cache: Option<StageCacheConfig>,
    /// Settings of methods, by `*/*` for all or by path and verb such as `/pets/{id}/GET`; what a method says of its own
    /// wins.
    pub methods: BTreeMap<String, MethodSettingsConfig>,
}

/// Access logs of a stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessLogConfig {
    /// `stdout`, or a file relative to this file. A file is opened anew at SIGHUP, so that it can be rotated.
    pub destination: String,
    /// One line with `$context` variables; `$context.requestId` or `$context.extendedRequestId` must be among them.
    /// `json`, `clf`, `xml` and `csv` stand for the formats that API Gateway's console offers.
    #[serde(default = "json")]
    pub format: String,
}

/// Settings of methods.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MethodSettingsConfig {
    /// What is told of each request in the execution log.
    pub logging: Option<LoggingLevel>,
    /// Whether headers and bodies are among it, with secrets blanked.
    pub data_trace: Option<bool>,
    /// Whether requests are counted by method too.
    pub metrics: Option<bool>,
    /// How often a method may be called; more get 429. `*/*` gives each method a bucket of its own. An empty table: as often
    /// as anybody likes.
    pub throttle: Option<ThrottleConfig>,
    /// Whether responses are kept in the stage's `cache`. Of `*/*` it is about `GET` alone; other verbs have it of their own.
    pub caching: Option<bool>,
    /// Seconds that a response is kept: 300 where nothing is said, 0 for not at all.
    #[schemars(range(min = 0, max = 3_600))]
    pub cache_ttl_seconds: Option<u32>,
    /// Whether what is kept is encrypted, in memory and on disk.
    pub cache_encrypted: Option<bool>,
    /// Whether a request must have `execute-api:InvalidateCache` to have its response made anew by
    /// `Cache-Control: max-age=0`; so where nothing is said.
    pub require_authorization_for_cache_control: Option<bool>,
    /// What becomes of one that does not.
    pub unauthorized_cache_control: Option<UnauthorizedCacheControl>,
}

/// What is told of each request in the execution log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum LoggingLevel {
    /// Nothing.
    #[default]
    Off,
    /// What failed.
    Error,
    /// Each step.
    Info,
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

fn default_max_connections() -> u32 {
    10_000
}

fn any() -> String {
    "ANY".to_owned()
}

fn ok() -> u16 {
    200
}

fn default_timeout() -> u32 {
    29_000
}

fn default_max_request_body() -> u64 {
    10 * 1024 * 1024
}

fn json() -> String {
    "json".to_owned()
}

fn rs256() -> Vec<String> {
    vec!["RS256".to_owned()]
}

fn authorization() -> String {
    "Authorization".to_owned()
}

/// The JSON Schema of `gateway.toml`, made from the structs above.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(GatewayConfig).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.insert("title".to_owned(), "gateway.toml".into());
    }
    schema
}
