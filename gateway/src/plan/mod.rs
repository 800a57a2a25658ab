//! Plans: what the compiler makes of the model. Immutable; every decision that does not need a request is in here.

pub mod authorizer;
pub mod interest;
pub mod route;
pub mod stage;
pub mod uri;

pub use authorizer::{AuthorizerPlan, IdentityPlan};
pub use interest::InterestPlan;
pub use route::{Found, Router, Verb};
pub use stage::{
    DeploymentPlan, FilterPlan, HttpPlan, IntegrationPlan, MethodPlan, Observed, PluginPlan, PluginUse,
    StageLive, StageSettings, Verbosity,
};
pub use uri::UriTemplate;
