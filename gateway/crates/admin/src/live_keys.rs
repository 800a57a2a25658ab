//! What the data plane knows of API keys and usage plans that are kept.

use std::collections::BTreeMap;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LivePlan {
    /// Its id.
    pub id: String,
    /// The APIs and stages that its keys may call.
    pub stages: Vec<(String, String)>,
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
    LivePlan {
        id: text(document, "id").to_owned(),
        stages: usage_plan::stages(document).into_iter().collect(),
    }
}
