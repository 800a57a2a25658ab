//! Plans: what the compiler makes of the model. Immutable; every decision that does not need a request is in here.

pub mod authorizer;
pub mod aws;
pub mod cache;
pub mod check;
pub mod interest;
pub mod jwt;
pub mod lambda;
pub mod mapping;
pub mod policy;
pub mod route;
pub mod stage;
pub mod throttle;
pub mod uri;

pub use authorizer::{
    Authorize, AuthorizerPlan, Decider, Epoch, EventForm, FunctionPlan, IdentityPlan, KeepPlan,
};
pub use aws::{AwsPlan, AwsSigner};
pub use cache::{CachePlan, Renewal, StageCachePlan};
pub use check::{BodyForms, RequestChecks};
pub use interest::{InterestPlan, ReadsPlan};
pub use jwt::{ClaimRule, JwtKind, JwtPlan, TrustedIssuer};
pub use lambda::{FunctionUrlPlan, LambdaPlan, LambdaProxyPlan};
pub use mapping::{
    GatewayResponsePlan, ParameterPlan, RenderedTemplate, RequestPlan, ResponsePlan, ResponsesPlan,
    SimplePart, SimpleTemplate, Slot, Slots, Source, Statuses, TemplatePlan, Templates,
};
pub use policy::{IamPlan, ResourcePolicy};
pub use route::{Captures, Found, Router, Verb};
pub use stage::{
    CanaryPlan, CorsPlan, CustomHttpPlan, DeploymentPlan, FilterPlan, GatewayResponses, HttpPlan,
    IntegrationPlan, MethodPlan, MockPlan, Observed, PluginPlan, PluginUse, ProxyParameters, StageLive,
    StageSettings, Verbosity,
};
pub use throttle::{Throttle, Throttles};
pub use uri::UriTemplate;

/// Closed lists of the model's that mean the same at run time.
pub use portcullis_model::{ContentHandling, PassthroughBehavior, ResponseType};
