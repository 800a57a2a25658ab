//! API keys and usage plans of `gateway.toml`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use portcullis_document::{Document, Problem, pointer};
use portcullis_limit::Limit;
use portcullis_store::Hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{GatewayConfig, QuotaConfig, ThrottleConfig, throttle};
use crate::api_keys::{ApiKeys, KeySpec, Origin, PlanSpec, PlanStage};
use crate::compile::method_key;
use crate::live::StageId;

/// How long a value is (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-key-file-format.html>).
const VALUE: std::ops::RangeInclusive<usize> = 20..=128;

/// An API key: exactly one of `value` and `sha256` says what it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyConfig {
    /// What clients send in `X-API-Key`: 20 to 128 characters.
    #[serde(default)]
    pub value: Option<String>,
    /// The SHA-256 of that, in hexadecimal digits, so that the value need not stand here.
    #[serde(default)]
    pub sha256: Option<String>,
    /// Whether it may be used.
    #[serde(default = "enabled")]
    pub enabled: bool,
}

const fn enabled() -> bool {
    true
}

/// A usage plan: which stages its API keys may call, and how often. Each key has its own of all limits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UsagePlanConfig {
    /// Stages as `api/stage`, also of APIs of the control plane.
    pub stages: Vec<String>,
    /// Its API keys, by their names under `api_keys`. A key is in one plan for each stage.
    pub keys: Vec<String>,
    /// How often a key may call, all stages of the plan together; more get 429.
    pub throttle: Option<ThrottleConfig>,
    /// How often a key may call single methods, by stage (`api/stage`) and by path and verb such as `/pets/{id}/GET`.
    pub methods: BTreeMap<String, BTreeMap<String, ThrottleConfig>>,
    /// How often a key may call in a day, a week or a month; more get 429. What is used is kept where the control plane keeps
    /// its data, and forgotten at a restart where it keeps none.
    pub quota: Option<QuotaConfig>,
}

impl ApiKeyConfig {
    fn hash(&self) -> Option<Hash> {
        match (&self.value, &self.sha256) {
            (Some(value), None) => Some(Hash::of(value.as_bytes())),
            (None, Some(digits)) => digits.parse().ok(),
            _ => None,
        }
    }
}

impl UsagePlanConfig {
    fn spec(&self, name: &str) -> PlanSpec {
        let stages = self.stages.iter().filter_map(|text| {
            Some(PlanStage {
                id: stage_of(text)?,
                methods: self.methods.get(text).map(methods_of).unwrap_or_default(),
            })
        });
        PlanSpec {
            id: name.into(),
            stages: stages.collect(),
            throttle: self.throttle.and_then(|throttle| throttle.limit()),
            quota: self.quota.and_then(|quota| quota.quota()),
        }
    }
}

fn methods_of(methods: &BTreeMap<String, ThrottleConfig>) -> Vec<(Arc<str>, Arc<str>, Limit)> {
    let methods = methods.iter().filter_map(|(method, throttle)| {
        let (path, verb) = method_key(method)?;
        Some((path.into(), verb.into(), throttle.limit()?))
    });
    methods.collect()
}

fn stage_of(text: &str) -> Option<StageId> {
    let (api, stage) = text.split_once('/')?;
    (!api.is_empty() && !stage.is_empty() && !stage.contains('/')).then(|| StageId {
        api: api.into(),
        stage: stage.into(),
    })
}

/// Makes the keys and plans of `gateway.toml` those that calls are made with. What breaks a rule has been told, and is left
/// out.
pub fn publish(config: &GatewayConfig, keys: &ApiKeys, now: Duration) -> Vec<String> {
    let plans: Vec<PlanSpec> = config
        .usage_plans
        .iter()
        .map(|(name, plan)| plan.spec(name))
        .collect();
    let specs: Vec<KeySpec> = config
        .api_keys
        .iter()
        .filter_map(|(name, key)| {
            let plans = config.usage_plans.iter();
            let plans = plans.filter(|(_, plan)| plan.keys.contains(name));
            Some(KeySpec {
                id: name.as_str().into(),
                value: key.hash()?,
                enabled: key.enabled,
                plans: plans.map(|(name, _)| name.as_str().into()).collect(),
            })
        })
        .collect();
    let refused = keys.replace(Origin::File, &plans, &specs, now);
    refused.iter().map(ToString::to_string).collect()
}

fn keeps(config: &GatewayConfig) -> bool {
    config
        .control
        .as_ref()
        .is_some_and(|control| control.data.is_some())
}

/// Every breach of a rule.
pub(super) fn check(document: &Document, config: &GatewayConfig, problems: &mut Vec<Problem>) {
    let mut values = BTreeMap::new();
    for (name, key) in &config.api_keys {
        check_key(document, name, key, problems);
        if let Some(other) = key.hash().and_then(|hash| values.insert(hash, name)) {
            let message = format!("the API keys `{other}` and `{name}` have one value");
            problems.push(document.error("api-key", &pointer(["api_keys", name]), message));
        }
    }
    // Which plan a key of a stage is in.
    let mut taken = HashMap::new();
    for (name, plan) in &config.usage_plans {
        for (index, text) in plan.stages.iter().enumerate() {
            let at = pointer(["usage_plans", name, "stages", &index.to_string()]);
            if stage_of(text).is_none() {
                let problem = document.error("usage-plan", &at, format!("`{text}` names no stage"));
                problems.push(problem.hint("an API's id and a stage's name, such as pets/prod"));
            }
        }
        throttle::check_plan(document, name, plan, problems);
        if plan.quota.is_some() && !keeps(config) {
            let at = pointer(["usage_plans", name, "quota"]);
            let message = "what is used of this quota is forgotten at a restart";
            let problem = document.warning("quota-not-kept", &at, message);
            problems.push(problem.hint("give [control] a directory for what it keeps: data = \"data\""));
        }
        for (index, key) in plan.keys.iter().enumerate() {
            let at = pointer(["usage_plans", name, "keys", &index.to_string()]);
            if !config.api_keys.contains_key(key) {
                let problem = document.error("usage-plan", &at, format!("there is no API key `{key}`"));
                problems.push(problem.did_you_mean(key, config.api_keys.keys()));
            }
            for stage in &plan.stages {
                if let Some(other) = taken.insert((key, stage), name) {
                    let message = match other == name {
                        true => format!(
                            "the API key `{key}` or the stage {stage} stands twice in the usage plan `{name}`"
                        ),
                        false => format!(
                            "the API key `{key}` is in the usage plans `{other}` and `{name}` for the same stage {stage}"
                        ),
                    };
                    problems.push(document.error("usage-plan", &at, message));
                }
            }
        }
    }
}

fn check_key(document: &Document, name: &str, key: &ApiKeyConfig, problems: &mut Vec<Problem>) {
    let at = pointer(["api_keys", name]);
    match (&key.value, &key.sha256) {
        (Some(value), None) if !VALUE.contains(&value.chars().count()) => {
            // The value is a secret: it is not told.
            let message = format!(
                "the value of the API key `{name}` must have {} to {} characters",
                VALUE.start(),
                VALUE.end()
            );
            problems.push(document.error("api-key", &format!("{at}/value"), message));
        }
        (None, Some(digits)) if digits.parse::<Hash>().is_err() => {
            let message = format!("the sha256 of the API key `{name}` must have 64 hexadecimal digits");
            let problem = document.error("api-key", &format!("{at}/sha256"), message);
            problems.push(problem.hint("printf %s VALUE | sha256sum"));
        }
        (Some(_), None) | (None, Some(_)) => {}
        (Some(_), Some(_)) | (None, None) => {
            let message = format!("the API key `{name}` needs exactly one of value and sha256");
            problems.push(document.error("api-key", &at, message));
        }
    }
}
