//! What is kept of usage, so that a restart does not forget it.

use std::sync::Arc;

use portcullis_limit::DayCount;
use portcullis_store as store;

use super::plan::plan_of;
use super::usage::Usage;
use super::{ApiKeys, Entitled, Now, Origin};
use crate::handover::Addition;

/// Usage that is to be kept.
#[derive(Debug)]
pub struct Due {
    of: Entitled,
    days: Vec<DayCount>,
    unkept: i32,
}

impl Due {
    /// The rows that it is kept as.
    pub fn rows(&self) -> impl Iterator<Item = store::Usage> {
        let plan = self.of.of().map(|of| of.plan.kept_as()).unwrap_or_default();
        self.days.iter().map(move |day| store::Usage {
            plan: plan.clone(),
            key: self.of.key.id.to_string(),
            day: day.day,
            count: i64::try_from(day.count).unwrap_or(i64::MAX),
            used: day.used,
        })
    }

    /// What another process adds to its own, where that one keeps it.
    pub fn addition(&self) -> Option<Addition> {
        let plan = self.of.of()?.plan.kept_as();
        (self.unkept != 0).then(|| (plan, self.of.key.id.to_string(), self.unkept.into()))
    }
}

impl ApiKeys {
    /// Some of what has changed since it was last kept, at most so many keys; nothing where there is no more.
    pub fn due(&self, limit: usize) -> Vec<Due> {
        let queue = self.queue.lock();
        let queued = queue.try_iter().take(limit);
        queued
            .map(|of| {
                let (days, unkept) = of.of().map_or_else(Default::default, |of| of.usage.days());
                Due { of, days, unkept }
            })
            .collect()
    }

    /// It could not be kept: it is to be kept later.
    pub fn not_kept(&self, due: Vec<Due>) {
        for Due { of, days, unkept } in due {
            let due = of.of().is_some_and(|of| of.usage.not_kept(days, unkept));
            self.keep_later(&of, due);
        }
    }

    /// Goes on with what was kept: the latest day of each key of each plan. To be done before the first call.
    pub fn resume(&self, kept: Vec<store::Usage>) {
        let mut known = self.known.lock();
        for row in kept {
            let (origin, id) = plan_of(&row.plan);
            let day = DayCount {
                day: row.day,
                count: u64::try_from(row.count).unwrap_or(0),
                used: row.used,
            };
            let plan = known.plan(origin, &id);
            let quota = plan.quota.load();
            let key = known.key(origin, &row.key);
            let of = key.and_then(|key| key.plans.iter().find(|of| Arc::ptr_eq(&of.plan, &plan)));
            match of {
                Some(of) => of.usage.resume(day, quota.as_deref()),
                None if origin == Origin::File => {
                    let usage = Arc::new(Usage::of(day, quota.as_deref()));
                    known.park(id, row.key.into(), usage);
                }
                None => {}
            }
        }
    }

    /// Counts calls that another process has counted. What is not known here any more is lost, as its counts are.
    pub fn add(&self, additions: Vec<Addition>, now: Now) {
        for (plan, key, calls) in additions {
            let (origin, id) = plan_of(&plan);
            let found = self.known.lock().entitled(origin, &key, &id);
            if let Some(of) = found {
                let due = of.of().is_some_and(|of| {
                    let quota = of.plan.quota.load();
                    of.usage.add(calls, quota.as_deref(), now)
                });
                self.keep_later(&of, due);
            }
        }
    }

    /// Plans and keys whose usage is of no use any more, by the names that they are kept under.
    pub fn forgotten(&self) -> Vec<(String, Box<str>)> {
        std::mem::take(&mut self.known.lock().forgotten)
    }
}
