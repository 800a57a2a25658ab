//! What a key uses of a plan: its bucket, those of methods, and its counts.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use parking_lot::Mutex;
use portcullis_limit::{Bucket, Counts, DayCount, Quota};

use crate::clock::Clock;

use super::plan::{Called, MethodLimit, UsagePlan};

/// When a call is.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// By the monotonic clock.
    pub monotonic: Duration,
    /// Since 1970.
    pub wall: Duration,
}

impl Now {
    /// What a clock says.
    pub fn by(clock: &dyn Clock) -> Self {
        Self {
            monotonic: clock.monotonic(),
            wall: clock.wall(),
        }
    }

    /// Days since 1970.
    pub(super) fn today(self) -> i64 {
        i64::try_from(self.wall.as_secs() / 86_400).unwrap_or(i64::MAX)
    }
}

/// Why a key may not call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// The plan's quota is used up.
    Quota,
    /// The plan's bucket is empty.
    Plan,
    /// The method's in the plan is.
    PlanMethod,
}

/// What one key uses of one plan. There may be a million, so it is small.
#[derive(Debug, Default)]
pub struct Usage {
    bucket: Bucket,
    counting: Mutex<Counting>,
    /// By the number of the method's limit.
    methods: ArcSwapOption<Buckets>,
}

type Buckets = papaya::HashMap<u32, Arc<Bucket>>;

#[derive(Debug, Default)]
struct Counting {
    counts: Counts,
    /// Days that are over and not yet kept.
    #[expect(clippy::box_collection, reason = "one word, of which there may be a million")]
    ended: Option<Box<Vec<DayCount>>>,
    /// Whether something is to be kept, so that it stands in the queue of what is.
    due: bool,
    /// Calls, less those that were taken back, since it was last kept.
    unkept: i32,
    /// The key is not in the plan any more: nothing is kept.
    closed: bool,
}

/// What was taken of a key's usage, until the call is admitted.
#[derive(Debug)]
pub(super) struct Taken {
    method: Option<(Arc<MethodLimit>, Arc<Bucket>)>,
}

impl Usage {
    /// One that goes on with what was kept.
    pub(super) fn of(kept: DayCount, quota: Option<&Quota>) -> Self {
        let usage = Self::default();
        usage.resume(kept, quota);
        usage
    }

    /// Goes on with what was kept.
    pub(super) fn resume(&self, kept: DayCount, quota: Option<&Quota>) {
        self.counting.lock().counts = Counts::of(kept, quota);
    }

    /// Takes a call from the quota and from the buckets, from all or from none. True in `due`: it is to be kept, and stands
    /// in no queue yet.
    pub(super) fn take(
        &self,
        plan: &UsagePlan,
        called: Called<'_>,
        now: Now,
        due: &mut bool,
    ) -> Result<Taken, Full> {
        let quota = plan.quota.load();
        let mut counting = self.counting.lock();
        counting.roll(quota.as_deref(), now.today());
        if !counting.counts.has_room(quota.as_deref()) {
            return Err(Full::Quota);
        }
        // Nobody else counts meanwhile, so nothing is counted that has to be taken back.
        if !self.bucket.take(&plan.tuning, now.monotonic) {
            return Err(Full::Plan);
        }
        let method = plan.method(called).map(|limit| {
            let bucket = self.method_bucket(limit.number);
            (limit, bucket)
        });
        if let Some((limit, bucket)) = &method
            && !bucket.take(&limit.tuning, now.monotonic)
        {
            self.bucket.give_back(&plan.tuning, now.monotonic);
            return Err(Full::PlanMethod);
        }
        counting.counts.count();
        counting.unkept = counting.unkept.saturating_add(1);
        *due = !std::mem::replace(&mut counting.due, true);
        Ok(Taken { method })
    }

    /// The call has been refused by another after all. True: it is to be kept, and stands in no queue yet.
    pub(super) fn give_back(&self, plan: &UsagePlan, taken: &Taken, now: Now) -> bool {
        self.bucket.give_back(&plan.tuning, now.monotonic);
        if let Some((limit, bucket)) = &taken.method {
            bucket.give_back(&limit.tuning, now.monotonic);
        }
        let mut counting = self.counting.lock();
        counting.counts.give_back();
        counting.unkept = counting.unkept.saturating_sub(1);
        !std::mem::replace(&mut counting.due, true)
    }

    fn method_bucket(&self, number: u32) -> Arc<Bucket> {
        let methods = self.methods.load_full().unwrap_or_else(|| {
            let made = Arc::<Buckets>::default();
            let before = self
                .methods
                .compare_and_swap(&None::<Arc<Buckets>>, Some(made.clone()));
            // Another call may have been quicker.
            before.clone().unwrap_or(made)
        });
        let methods = methods.pin();
        methods.get_or_insert_with(number, Arc::default).clone()
    }

    /// Leaves so many calls of the quota. True: it is to be kept, and stands in no queue yet. Nothing without a quota.
    pub(super) fn grant(&self, plan: &UsagePlan, remaining: u64, now: Now) -> Option<bool> {
        let quota = plan.quota.load_full()?;
        let mut counting = self.counting.lock();
        counting.roll(Some(&quota), now.today());
        counting.counts.grant(&quota, remaining);
        Some(!std::mem::replace(&mut counting.due, true))
    }

    /// Counts calls that another process has counted; they are of the day that is, also where they were of the one before.
    /// True: it is to be kept, and stands in no queue yet.
    pub(super) fn add(&self, calls: i64, quota: Option<&Quota>, now: Now) -> bool {
        let mut counting = self.counting.lock();
        counting.roll(quota, now.today());
        counting.counts.add(calls);
        counting.unkept = counting
            .unkept
            .saturating_add(i32::try_from(calls).unwrap_or(i32::MAX));
        !std::mem::replace(&mut counting.due, true)
    }

    /// What is to be kept: days that are over and the one that is, and how many calls have not been kept yet.
    pub(super) fn days(&self) -> (Vec<DayCount>, i32) {
        let mut counting = self.counting.lock();
        counting.due = false;
        let unkept = std::mem::take(&mut counting.unkept);
        let mut days = counting.ended.take().map_or_else(Vec::new, |ended| *ended);
        if counting.closed {
            return (Vec::new(), 0);
        }
        days.push(counting.counts.today());
        (days, unkept)
    }

    /// They could not be kept. True: it stands in no queue.
    pub(super) fn not_kept(&self, mut days: Vec<DayCount>, unkept: i32) -> bool {
        let mut counting = self.counting.lock();
        counting.unkept = counting.unkept.saturating_add(unkept);
        let today = counting.counts.today().day;
        days.retain(|day| day.day != today);
        if !days.is_empty() {
            counting.ended.get_or_insert_default().extend(days);
        }
        !std::mem::replace(&mut counting.due, true)
    }

    /// Nothing more of it is kept.
    pub(super) fn close(&self) {
        self.counting.lock().closed = true;
    }
}

impl Counting {
    fn roll(&mut self, quota: Option<&Quota>, today: i64) {
        if let Some(ended) = self.counts.roll(quota, today) {
            self.ended.get_or_insert_default().push(ended);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_small() {
        assert!(size_of::<Usage>() <= 64, "{}", size_of::<Usage>());
    }
}
