//! A custom authorizer, ready to be asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::HeaderName;
use portcullis_model::IdentitySource;
use regex::Regex;

use super::jwt::JwtPlan;
use super::policy::IamPlan;
use super::stage::{PluginPlan, PluginUse};
use crate::lambda::Function;
use crate::observe::metrics::AuthorizerMetrics;

/// Who decides who may call a method.
#[derive(Debug, Clone, Default)]
pub enum Authorize {
    /// Nobody: the method is open.
    #[default]
    Nobody,
    /// A custom authorizer.
    Custom(Arc<AuthorizerPlan>),
    /// A token of a trusted issuer.
    Jwt {
        /// Whose, and where it is.
        authorizer: Arc<JwtPlan>,
        /// Of which the token must have one; none: whatever it has.
        scopes: Arc<[String]>,
    },
    /// Access keys: whoever signs with one that its policy lets.
    Iam(Arc<IamPlan>),
}

impl Authorize {
    /// The custom authorizer.
    pub fn custom(&self) -> Option<&Arc<AuthorizerPlan>> {
        match self {
            Self::Nobody | Self::Iam(_) | Self::Jwt { .. } => None,
            Self::Custom(authorizer) => Some(authorizer),
        }
    }
}

/// One authorizer of an API, shared by the methods that use it.
#[derive(Debug)]
pub struct AuthorizerPlan {
    /// Its name in the API.
    pub name: Arc<str>,
    /// Where the caller's identity is.
    pub identity: IdentityPlan,
    /// Who decides.
    pub decider: Decider,
    /// Of what is asked of it.
    pub metrics: Arc<AuthorizerMetrics>,
    /// For how long what it decides is kept; not at all where absent.
    pub keep: Option<KeepPlan>,
}

/// How an authorizer's decisions are kept.
#[derive(Debug)]
pub struct KeepPlan {
    /// At most so long.
    pub ttl: Duration,
    /// Which decisions are this plan's.
    pub epoch: Epoch,
}

/// Who decides about callers.
#[derive(Debug)]
pub enum Decider {
    /// A plugin.
    Plugin(PluginUse<PluginPlan<portcullis_plugin_host::Authorizer>>),
    /// A Lambda function.
    Function(FunctionPlan),
    /// Nobody who could be asked: every request is refused with 500.
    Nobody {
        /// Why.
        reason: Box<str>,
    },
}

impl Decider {
    /// The plugin that decides, by its name.
    pub fn plugin(&self) -> Option<&str> {
        match self {
            Self::Plugin(PluginUse::Ready(plan)) => Some(plan.plugin.name()),
            Self::Plugin(PluginUse::Broken { name }) => Some(name),
            Self::Function(_) | Self::Nobody { .. } => None,
        }
    }
}

/// A function that decides.
#[derive(Debug)]
pub struct FunctionPlan {
    /// Where it is invoked.
    pub function: Arc<Function>,
    /// What it is passed, and what it answers.
    pub event: EventForm,
}

/// What a function is passed of a request.
#[derive(Debug)]
pub enum EventForm {
    /// The token, and what is called.
    Token,
    /// Payload format 1.0: the request.
    V1,
    /// Payload format 2.0: the request as HTTP APIs have it.
    V2 {
        /// Identity sources, whose values are passed.
        sources: Vec<IdentitySource>,
        /// Whether it answers yes or no instead of a policy.
        simple: bool,
    },
}

/// A number that is part of the key of each decision: those of another plan, or from before a flush, are found no more.
#[derive(Debug)]
pub struct Epoch(AtomicU64);

impl Epoch {
    /// One that there never was.
    pub fn unused() -> Self {
        Self(AtomicU64::new(Self::next()))
    }

    /// The number.
    pub fn now(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Forgets what was decided; what is being decided is not kept.
    pub fn flush(&self) {
        self.0.store(Self::next(), Ordering::Release);
    }

    fn next() -> u64 {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed)
    }
}

/// What must be there before the authorizer is called; else 401 without a call.
#[derive(Debug)]
pub enum IdentityPlan {
    /// A token in one header, which the whole pattern must match where there is one.
    Token {
        /// The header.
        header: HeaderName,
        /// Anchored at both ends.
        pattern: Option<Regex>,
    },
    /// Parameters of the request: those that must be there and not empty. On AWS they are optional with a TTL of 0.
    Request {
        /// Where they are.
        required: Vec<IdentitySource>,
    },
}
