//! Station 5: what may pass, and how much. API keys with their usage plans, and the buckets of methods and of all requests.

use std::borrow::Cow;

use portcullis_limit::Gate;
use portcullis_model::ApiKeySource;

use super::call::Head;
use super::exchange::Exchange;
use super::refusal::Refusal;
use crate::api_keys::{Called, Entitled, Full, Now};

const API_KEY: http::HeaderName = http::HeaderName::from_static("x-api-key");
/// Longer than any value: what is longer is hashed no more.
const LONGEST: usize = 1_024;

/// The key that a call is made with.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// What is known of it, with the plan that lets it.
    pub entitled: Entitled,
    /// `$context.identity.apiKey`.
    pub value: Box<str>,
}

/// What a request passes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The limit of all requests.
    Account,
    /// That of the stage as a whole.
    Stage,
    /// That of the method in its stage.
    Method,
    /// What a usage plan has for a key.
    Plan(Full),
}

impl Scope {
    /// All of them, in the order of their counters.
    pub const ALL: [Self; 6] = [
        Self::Account,
        Self::Stage,
        Self::Method,
        Self::Plan(Full::Plan),
        Self::Plan(Full::PlanMethod),
        Self::Plan(Full::Quota),
    ];

    /// As metrics name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Stage => "stage",
            Self::Method => "method",
            Self::Plan(Full::Plan) => "plan",
            Self::Plan(Full::PlanMethod) => "plan_method",
            Self::Plan(Full::Quota) => "quota",
        }
    }
}

/// Lets those pass whose key is in a usage plan of the stage, where the method requires one, and as many as there are tokens
/// for: a key's in its plan first, then the method's, the stage's, and those of all requests. A token is taken from all of them or from
/// none.
pub fn caller(exchange: &mut Exchange, head: &Head) -> Result<(), Refusal> {
    api_key(exchange, head)?;
    let Some(stage) = exchange.stage.as_ref() else {
        return Ok(());
    };
    let Some(method) = exchange.method_of(stage) else {
        return Ok(());
    };
    let gateway = &exchange.gateway;
    let of_method = method.throttle.as_ref().map(|throttle| &*throttle.gate);
    let of_stage = stage.settings.throttle.as_ref().map(|throttle| &*throttle.gate);
    let of_all = gateway.account.limit().map(|_| &gateway.account);
    let gates = [
        (of_method, Scope::Method),
        (of_stage, Scope::Stage),
        (of_all, Scope::Account),
    ];
    if exchange.admitted.is_none() && gates.iter().all(|(gate, _)| gate.is_none()) {
        return Ok(());
    }
    let now = Now::by(&*gateway.clock);
    let permit = match &exchange.admitted {
        None => None,
        Some(admitted) => {
            let called = Called {
                api: &stage.settings.api,
                stage: &stage.settings.name,
                path: &method.resource_path,
                verb: &method.observed.verb,
            };
            let taken = gateway.api_keys.take(&admitted.entitled, called, now);
            taken.map_err(|full| throttled(exchange, Scope::Plan(full)))?
        }
    };
    let full = |(gate, _): &(Option<&Gate>, Scope)| gate.is_some_and(|gate| !gate.take(now.monotonic));
    let Some(place) = gates.iter().position(full) else {
        return Ok(());
    };
    for (gate, _) in gates.iter().take(place) {
        if let Some(gate) = gate {
            gate.give_back(now.monotonic);
        }
    }
    if let (Some(permit), Some(admitted)) = (&permit, &exchange.admitted) {
        gateway.api_keys.give_back(&admitted.entitled, permit, now);
    }
    let scope = gates.get(place).map_or(Scope::Account, |(_, scope)| *scope);
    Err(throttled(exchange, scope))
}

/// The refusal of a request for which there is no token, or no quota.
pub fn throttled(exchange: &Exchange, scope: Scope) -> Refusal {
    if let Some(stage) = &exchange.stage {
        stage.metrics.throttled(scope);
    }
    exchange.log().info(|| match scope {
        Scope::Account => "Throttled: the limit of all requests of this gateway is reached".to_owned(),
        Scope::Stage => "Throttled: the limit of this stage is reached".to_owned(),
        Scope::Method => "Throttled: the limit of this method in its stage is reached".to_owned(),
        Scope::Plan(Full::Plan) => {
            "Throttled: the limit of this API Key in its usage plan is reached".to_owned()
        }
        Scope::Plan(Full::PlanMethod) => {
            "Throttled: the limit of this API Key for this method in its usage plan is reached".to_owned()
        }
        Scope::Plan(Full::Quota) => "The quota of this API Key in its usage plan is used up".to_owned(),
    });
    match scope {
        Scope::Plan(Full::Quota) => Refusal::quota_exceeded(),
        _ => Refusal::throttled(),
    }
}

/// Finds the key of the call, where the method requires one. An unknown key, a disabled one, one without a plan of the stage
/// and none at all are refused alike.
fn api_key(exchange: &mut Exchange, head: &Head) -> Result<(), Refusal> {
    let Some(stage) = exchange.stage.as_ref() else {
        return Ok(());
    };
    let Some(source) = exchange.method().and_then(|method| method.api_key) else {
        return Ok(());
    };
    let value = match source {
        ApiKeySource::Header => of_header(head),
        ApiKeySource::Authorizer => exchange
            .caller
            .as_ref()
            .and_then(|caller| caller.usage_key.as_deref().map(Cow::Borrowed)),
    };
    let value = value.filter(|value| value.len() <= LONGEST);
    let (api, name) = (&stage.settings.api, &stage.settings.name);
    let entitled = value
        .as_ref()
        .and_then(|value| exchange.gateway.api_keys.find(value, api, name));
    match (entitled, value) {
        (Some(entitled), Some(value)) => {
            let value = Box::from(&*value);
            exchange.admitted = Some(Box::new(Admitted { entitled, value }));
            Ok(())
        }
        (_, value) => {
            let log = exchange.log();
            log.info(|| match value {
                Some(_) => "API Key is not authorized: unknown, disabled or in no usage plan of this stage"
                    .to_owned(),
                None => "API Key is missing".to_owned(),
            });
            Err(Refusal::invalid_api_key())
        }
    }
}

/// A header that is repeated is none: who counts the call and who answers it might read different ones.
fn of_header(head: &Head) -> Option<Cow<'_, str>> {
    let mut values = head.headers.get_all(&API_KEY).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().map(Cow::Borrowed),
        _ => None,
    }
}
