//! Usage plans: the stages that their keys may call, and how often.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use portcullis_limit::{Limit, Quota, Tuning};

use super::Origin;
use crate::live::StageId;

/// A usage plan, as its origin says.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanSpec {
    /// Its id.
    pub id: Arc<str>,
    /// The stages that its keys may call.
    pub stages: Vec<PlanStage>,
    /// How often each key may call them all.
    pub throttle: Option<Limit>,
    /// And how often in a day, a week or a month.
    pub quota: Option<Quota>,
}

/// A stage of a usage plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanStage {
    /// Which.
    pub id: StageId,
    /// How often each key may call a method: resource path, verb as configured, limit.
    pub methods: Vec<(Arc<str>, Arc<str>, Limit)>,
}

/// A usage plan.
#[derive(Debug)]
pub struct UsagePlan {
    origin: Origin,
    id: Arc<str>,
    stages: ArcSwap<Stages>,
    /// How many methods have had a limit.
    limits: AtomicU32,
    /// Of the bucket that each key has.
    pub(super) tuning: Tuning,
    pub(super) quota: ArcSwapOption<Quota>,
}

/// By API and stage.
type Stages = HashMap<Arc<str>, HashMap<Arc<str>, Methods>>;
/// By resource path and verb; few have any.
type Methods = HashMap<Arc<str>, Vec<(Arc<str>, Arc<MethodLimit>)>>;

/// How often each key may call a method.
#[derive(Debug)]
pub(super) struct MethodLimit {
    /// By which each key has a bucket; it stays over changes of the plan.
    pub(super) number: u32,
    /// Of these buckets.
    pub(super) tuning: Tuning,
}

impl UsagePlan {
    /// A plan without a stage.
    pub(super) fn new(origin: Origin, id: Arc<str>) -> Self {
        Self {
            origin,
            id,
            stages: ArcSwap::default(),
            limits: AtomicU32::new(0),
            tuning: Tuning::default(),
            quota: ArcSwapOption::empty(),
        }
    }

    /// The name by which its keys' usage is kept.
    pub fn kept_as(&self) -> String {
        match self.origin {
            Origin::File => format!("{FILE}{}", self.id),
            Origin::Calls => self.id.to_string(),
        }
    }

    /// Where it is from, and its id there.
    pub(super) fn name(&self) -> (Origin, &Arc<str>) {
        (self.origin, &self.id)
    }

    pub(super) fn has(&self, api: &str, stage: &str) -> bool {
        let stages = self.stages.load();
        stages.get(api).is_some_and(|stages| stages.contains_key(stage))
    }

    /// The limit that a method of a stage has in this plan.
    pub(super) fn method(&self, called: Called<'_>) -> Option<Arc<MethodLimit>> {
        find(&self.stages.load(), called).cloned()
    }

    /// Makes it what is said. Buckets stay as full as they are.
    pub(super) fn set(&self, spec: &PlanSpec, now: Duration) {
        self.tuning.set(spec.throttle, now);
        self.quota.store(spec.quota.map(Arc::new));
        let old = self.stages.load();
        let mut stages = Stages::new();
        for PlanStage { id, methods } in &spec.stages {
            let of_api = stages.entry(id.api.clone()).or_default();
            let of_stage = of_api.entry(id.stage.clone()).or_default();
            for (path, verb, limit) in methods {
                let called = Called {
                    api: &id.api,
                    stage: &id.stage,
                    path,
                    verb,
                };
                let known = find(&old, called).cloned().unwrap_or_else(|| {
                    Arc::new(MethodLimit {
                        number: self.limits.fetch_add(1, Ordering::Relaxed),
                        tuning: Tuning::new(Some(*limit)),
                    })
                });
                known.tuning.set(Some(*limit), now);
                of_stage
                    .entry(path.clone())
                    .or_default()
                    .push((verb.clone(), known));
            }
        }
        self.stages.store(Arc::new(stages));
    }

    /// Its keys may call nothing more.
    pub(super) fn end(&self) {
        self.stages.store(Arc::default());
    }
}

/// What a call is of, as it is configured.
#[derive(Debug, Clone, Copy)]
pub struct Called<'a> {
    /// The API.
    pub api: &'a str,
    /// The stage.
    pub stage: &'a str,
    /// The resource's path.
    pub path: &'a str,
    /// The verb, `ANY` among them.
    pub verb: &'a str,
}

fn find<'s>(stages: &'s Stages, called: Called<'_>) -> Option<&'s Arc<MethodLimit>> {
    let verbs = stages.get(called.api)?.get(called.stage)?.get(called.path)?;
    let found = verbs.iter().find(|(verb, _)| **verb == *called.verb);
    found.map(|(_, limit)| limit)
}

/// What names of plans of `gateway.toml` begin with where usage is kept: ids of the control plane have no slash.
const FILE: &str = "file/";

/// The origin and the id of a plan whose usage is kept under a name.
pub(super) fn plan_of(kept_as: &str) -> (Origin, Arc<str>) {
    match kept_as.strip_prefix(FILE) {
        Some(id) => (Origin::File, id.into()),
        None => (Origin::Calls, kept_as.into()),
    }
}
