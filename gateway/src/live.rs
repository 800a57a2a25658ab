//! What is live: one swappable plan per stage, in a table that is itself swapped.
//!
//! Changing one stage of many costs one pointer. Readers never wait.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::plan::StageLive;

/// An API's id and a stage's name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StageId {
    /// The API's id.
    pub api: Arc<str>,
    /// The stage's name.
    pub stage: Arc<str>,
}

impl std::fmt::Display for StageId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.api, self.stage)
    }
}

/// One stage: the place where its plan is swapped.
#[derive(Debug)]
pub struct StageCell {
    plan: ArcSwap<StageLive>,
}

impl StageCell {
    /// The plan to run a request on.
    pub fn plan(&self) -> Arc<StageLive> {
        self.plan.load_full()
    }
}

/// Keys are the configuration's, and requests only look up: no client can make them collide.
type Map<V> = std::collections::HashMap<Arc<str>, V, foldhash::fast::FixedState>;
type Stages = Map<Arc<StageCell>>;

/// The stages that are live.
#[derive(Debug, Default)]
pub struct Live {
    table: ArcSwap<Map<Arc<Stages>>>,
}

impl Live {
    /// The stage of that name, if it is live.
    pub fn stage(&self, api: &str, stage: &str) -> Option<Arc<StageCell>> {
        self.table.load().get(api)?.get(stage).cloned()
    }

    /// The plan of that stage, to run one request on.
    pub fn plan(&self, api: &str, stage: &str) -> Option<Arc<StageLive>> {
        Some(self.table.load().get(api)?.get(stage)?.plan())
    }

    /// Every live stage.
    pub fn stages(&self) -> Vec<(StageId, Arc<StageCell>)> {
        let table = self.table.load();
        let all = table.iter().flat_map(|(api, stages)| {
            stages.iter().map(|(stage, cell)| {
                (
                    StageId {
                        api: api.clone(),
                        stage: stage.clone(),
                    },
                    cell.clone(),
                )
            })
        });
        all.collect()
    }

    /// Makes plans live and ends stages: one pointer for a stage that is there already, one new table for all others.
    ///
    /// Only the reconciler writes, one change at a time. Requests that are under way finish on the plan they hold.
    /// `now` is the monotonic time. Gives back the plans that were replaced.
    pub fn apply(
        &self,
        plans: Vec<(StageId, StageLive)>,
        ended: &[StageId],
        now: Duration,
    ) -> Vec<Arc<StageLive>> {
        let (mut added, mut replaced) = (Vec::new(), Vec::new());
        for (id, mut plan) in plans {
            plan.hold_to_limits(now);
            match self.stage(&id.api, &id.stage) {
                Some(cell) => {
                    let before = cell.plan();
                    plan.metrics = before.metrics.clone();
                    plan.throttles = before.throttles.clone();
                    replaced.push(cell.plan.swap(Arc::new(plan)));
                }
                None => added.push((id, plan)),
            }
        }
        if added.is_empty() && ended.is_empty() {
            return replaced;
        }
        let mut table = Map::clone(&self.table.load());
        for id in ended {
            if let Some(stages) = table.get_mut(&id.api) {
                Arc::make_mut(stages).remove(&id.stage);
            }
        }
        for (id, plan) in added {
            let cell = StageCell {
                plan: ArcSwap::from_pointee(plan),
            };
            Arc::make_mut(table.entry(id.api).or_default()).insert(id.stage, Arc::new(cell));
        }
        table.retain(|_, stages| !stages.is_empty());
        self.table.store(Arc::new(table));
        replaced
    }
}
