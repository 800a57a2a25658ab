//! API keys and usage plans of the control plane, as the data plane knows them.

use std::sync::Arc;
use std::time::Duration;

use portcullis_admin::live_keys::{self, LiveKey, LivePlan, LivePlanStage, LiveQuota};
use portcullis_store::{Hash, Store, StoreError};
use tokio::sync::Mutex;

use crate::api_keys::{ApiKeys, KeySpec, Origin, PlanSpec, PlanStage, SameValue};
use crate::compile::method_key;
use crate::live::StageId;

/// Puts what was committed into the node's directory. Of two changes the later one stays: each is read anew in turn.
#[derive(Debug, Default)]
pub(super) struct Publisher {
    turn: Mutex<()>,
}

impl Publisher {
    /// Everything, as at a start.
    pub(super) async fn all(
        &self,
        store: &Store,
        to: &ApiKeys,
        now: Duration,
    ) -> Result<Vec<SameValue>, StoreError> {
        let _turn = self.turn.lock().await;
        let mut read = store.read().await?;
        let plans: Vec<_> = live_keys::plans(&mut read).await?.iter().map(plan).collect();
        let keys: Vec<_> = live_keys::keys(&mut read).await?.iter().map(spec).collect();
        Ok(to.replace(Origin::Calls, &plans, &keys, now))
    }

    /// Keys that are new, changed or gone.
    pub(super) async fn keys(
        &self,
        store: &Store,
        to: &ApiKeys,
        ids: &[String],
    ) -> Result<Vec<SameValue>, StoreError> {
        let _turn = self.turn.lock().await;
        let mut read = store.read().await?;
        let mut refused = Vec::new();
        for id in ids {
            match live_keys::key(&mut read, id).await? {
                Some(key) => refused.extend(to.set(Origin::Calls, &spec(&key)).err()),
                None => to.remove(Origin::Calls, id),
            }
        }
        Ok(refused)
    }

    /// A plan that is new, changed or gone.
    pub(super) async fn plan(
        &self,
        store: &Store,
        to: &ApiKeys,
        id: &str,
        now: Duration,
    ) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        match live_keys::plan(&mut store.read().await?, id).await? {
            Some(found) => to.set_plan(Origin::Calls, &plan(&found), now),
            None => to.remove_plan(Origin::Calls, &Arc::from(id)),
        }
        Ok(())
    }
}

fn spec(key: &LiveKey) -> KeySpec {
    KeySpec {
        id: key.id.as_str().into(),
        value: Hash::of(key.value.as_bytes()),
        enabled: key.enabled,
        plans: key.plans.iter().map(|plan| plan.as_str().into()).collect(),
    }
}

fn plan(plan: &LivePlan) -> PlanSpec {
    PlanSpec {
        id: plan.id.as_str().into(),
        stages: plan.stages.iter().map(stage).collect(),
        throttle: plan.throttle.limit(),
        quota: plan.quota.as_ref().and_then(LiveQuota::quota),
    }
}

fn stage(stage: &LivePlanStage) -> PlanStage {
    let methods = stage.methods.iter().filter_map(|(method, throttle)| {
        let (path, verb) = method_key(method)?;
        Some((path.into(), verb.into(), throttle.limit()?))
    });
    PlanStage {
        id: StageId {
            api: stage.api.as_str().into(),
            stage: stage.stage.as_str().into(),
        },
        methods: methods.collect(),
    }
}
