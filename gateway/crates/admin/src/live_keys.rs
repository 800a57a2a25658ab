//! What the data plane knows of API keys and usage plans that are kept.

use std::collections::BTreeMap;

use portcullis_limit::{Limit, Period, Quota};
use portcullis_store::{Key, Read, StoreError};
use serde_json::{Map, Value};

use crate::call::members;
use crate::kind::rows::{self, text};
use crate::kind::{api_key, usage_plan};

/// An API key. Its `Debug` does not tell the value.
#[derive(Clone, PartialEq, Eq)]
pub struct LiveKey {
    /// Its id.
    pub id: String,
    /// What callers send.
    pub value: String,
    /// Whether it may be used.
    pub enabled: bool,
    /// The ids of its usage plans.
    pub plans: Vec<String>,
}

impl LiveQuota {
    /// The same, to count with; nothing where it is none.
    pub fn quota(&self) -> Option<Quota> {
        let period = match self.period.as_str() {
            "DAY" => Period::Day,
            "WEEK" => Period::Week,
            "MONTH" => Period::Month,
            _ => return None,
        };
        Quota::new(self.limit.try_into().ok()?, period, self.offset.try_into().ok()?)
    }
}

impl LiveThrottle {
    /// The limit, where it is one.
    pub fn limit(&self) -> Option<Limit> {
        let burst = self.burst.and_then(|burst| burst.try_into().ok());
        Limit::of(self.rate, burst).ok().flatten()
    }
}

/// The quota of a plan's document.
pub(crate) fn quota_of(plan: &Map<String, Value>) -> Option<LiveQuota> {
    plan.get("quota").and_then(Value::as_object).map(quota)
}

impl std::fmt::Debug for LiveKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("LiveKey")
            .field("id", &self.id)
            .field("enabled", &self.enabled)
            .field("plans", &self.plans)
            .finish_non_exhaustive()
    }
}

/// A usage plan.
#[derive(Debug, Clone, PartialEq)]
pub struct LivePlan {
    /// Its id.
    pub id: String,
    /// The stages that its keys may call.
    pub stages: Vec<LivePlanStage>,
    /// How often each of them may.
    pub throttle: LiveThrottle,
    /// And how often in a period.
    pub quota: Option<LiveQuota>,
}

/// A stage of a usage plan.
#[derive(Debug, Clone, PartialEq)]
pub struct LivePlanStage {
    /// The API's id.
    pub api: String,
    /// The stage's name.
    pub stage: String,
    /// How often each key may call a method, by path and verb such as `/pets/GET`.
    pub methods: Vec<(String, LiveThrottle)>,
}

/// A rate and a burst, as far as they are said.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LiveThrottle {
    /// Requests a second.
    pub rate: Option<f64>,
    /// Requests at once.
    pub burst: Option<i64>,
}

/// So many requests in each period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveQuota {
    /// Requests.
    pub limit: i64,
    /// `DAY`, `WEEK` or `MONTH`.
    pub period: String,
    /// The day with which a period begins.
    pub offset: i64,
}

/// A key, if it is there.
///
/// # Errors
///
/// The store's.
pub async fn key(read: &mut Read, id: &str) -> Result<Option<LiveKey>, StoreError> {
    let Some(row) = read.get(&Key::new(api_key::KIND, "", id)).await? else {
        return Ok(None);
    };
    let mut plans = Vec::new();
    for (plan, _) in rows::all(read, usage_plan::KIND, "").await? {
        if read
            .get(&Key::new(usage_plan::key::KIND, &plan, id))
            .await?
            .is_some()
        {
            plans.push(plan);
        }
    }
    Ok(Some(live(&members(row), plans)))
}

/// Every key.
///
/// # Errors
///
/// The store's.
pub async fn keys(read: &mut Read) -> Result<Vec<LiveKey>, StoreError> {
    let mut plans: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in read.all(usage_plan::key::KIND).await? {
        plans.entry(row.id).or_default().push(row.parent);
    }
    let keys = read.all(api_key::KIND).await?.into_iter().map(members);
    Ok(keys
        .map(|document| {
            let plans = plans.remove(text(&document, "id")).unwrap_or_default();
            live(&document, plans)
        })
        .collect())
}

/// A usage plan, if it is there.
///
/// # Errors
///
/// The store's.
pub async fn plan(read: &mut Read, id: &str) -> Result<Option<LivePlan>, StoreError> {
    let row = read.get(&Key::new(usage_plan::KIND, "", id)).await?;
    Ok(row.map(|row| live_plan(&members(row))))
}

/// Every usage plan.
///
/// # Errors
///
/// The store's.
pub async fn plans(read: &mut Read) -> Result<Vec<LivePlan>, StoreError> {
    let rows = read.all(usage_plan::KIND).await?;
    Ok(rows.into_iter().map(|row| live_plan(&members(row))).collect())
}

fn live(document: &Map<String, Value>, plans: Vec<String>) -> LiveKey {
    LiveKey {
        id: text(document, "id").to_owned(),
        value: text(document, "value").to_owned(),
        enabled: document.get("enabled") == Some(&Value::Bool(true)),
        plans,
    }
}

fn live_plan(document: &Map<String, Value>) -> LivePlan {
    let stages = document.get("apiStages").and_then(Value::as_array);
    LivePlan {
        id: text(document, "id").to_owned(),
        stages: stages
            .into_iter()
            .flatten()
            .filter_map(|stage| stage.as_object().map(live_stage))
            .collect(),
        throttle: throttle(document.get("throttle")),
        quota: quota_of(document),
    }
}

fn live_stage(stage: &Map<String, Value>) -> LivePlanStage {
    let methods = stage.get("throttle").and_then(Value::as_object);
    let methods = methods.into_iter().flatten();
    LivePlanStage {
        api: text(stage, "apiId").to_owned(),
        stage: text(stage, "stage").to_owned(),
        methods: methods
            .map(|(method, limit)| (method.clone(), throttle(Some(limit))))
            .collect(),
    }
}

fn throttle(settings: Option<&Value>) -> LiveThrottle {
    let of = |name: &str| settings?.get(name);
    LiveThrottle {
        rate: of("rateLimit").and_then(Value::as_f64),
        burst: of("burstLimit").and_then(Value::as_i64),
    }
}

fn quota(settings: &Map<String, Value>) -> LiveQuota {
    let number = |name: &str| settings.get(name).and_then(Value::as_i64).unwrap_or_default();
    LiveQuota {
        limit: number("limit"),
        period: text(settings, "period").to_owned(),
        offset: number("offset"),
    }
}
