//! The rate and the burst of buckets, which change while the buckets are in use.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::pace::{COUNT, Limit, Pace, TOKEN};

/// Changes that a bucket can have slept through; one that was not used for longer is full.
const REMEMBERED: usize = 64;
/// Eras are numbered 1 to 255 and then anew; 0 is of a bucket that was never used.
const ERAS: u8 = 255;

/// What one bucket or many are limited by.
///
/// A change refills none of them: a bucket has as many tokens after it as before, or as many as it may have now.
#[derive(Debug)]
pub struct Tuning {
    era: ArcSwap<Era>,
}

/// The time between two changes.
#[derive(Debug)]
pub(crate) struct Era {
    pub(crate) number: u8,
    limit: Option<Limit>,
    /// None: no limit.
    pub(crate) pace: Option<Pace>,
    /// In nanoseconds.
    began: u64,
    /// The eras before, the latest first, each with its beginning.
    before: Vec<(Option<Pace>, u64)>,
}

/// What is in a bucket's word, for an era.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Units that are taken and not yet given again.
    Taken(u64),
    /// It is of a later era than this one.
    Later,
}

impl Default for Tuning {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Tuning {
    /// One that begins with this limit, or with none.
    pub fn new(limit: Option<Limit>) -> Self {
        Self {
            era: ArcSwap::from_pointee(Era {
                number: 1,
                limit,
                pace: limit.map(Pace::of),
                began: 0,
                before: Vec::new(),
            }),
        }
    }

    /// The limit, where there is one.
    pub fn limit(&self) -> Option<Limit> {
        self.era.load().limit
    }

    /// Another limit from now on. One that is the same changes nothing. Of two callers at once one may win: who changes
    /// tunings takes turns.
    pub fn set(&self, limit: Option<Limit>, now: Duration) {
        let old = self.era.load();
        if old.limit == limit {
            return;
        }
        let mut before = Vec::with_capacity((old.before.len() + 1).min(REMEMBERED));
        before.push((old.pace, old.began));
        before.extend(old.before.iter().take(REMEMBERED - 1));
        self.era.store(Arc::new(Era {
            number: old.number % ERAS + 1,
            limit,
            pace: limit.map(Pace::of),
            began: nanos(now),
            before,
        }));
    }

    pub(crate) fn era(&self) -> arc_swap::Guard<Arc<Era>> {
        self.era.load()
    }
}

/// A moment as the arithmetic has it. It is long enough for centuries.
pub(crate) fn nanos(now: Duration) -> u64 {
    u64::try_from(now.as_nanos()).unwrap_or(u64::MAX)
}

impl Era {
    /// What a bucket's count, made in the era `number`, is in this one.
    pub(crate) fn seen(&self, number: u8, count: u64, pace: &Pace, now: u64) -> Seen {
        if number == self.number {
            return Seen::Taken(taken(count, pace, now));
        }
        if number == 0 {
            return Seen::Taken(0);
        }
        let eras = usize::from(ERAS);
        let apart = (usize::from(self.number) + eras - usize::from(number)) % eras;
        if apart > eras / 2 {
            return Seen::Later;
        }
        let Some(first) = apart.checked_sub(1) else {
            return Seen::Taken(0);
        };
        Seen::Taken(self.carried(first, count, pace, now))
    }

    /// A count of the era `first` before this one, carried from change to change; 0 is the latest.
    fn carried(&self, first: usize, mut count: u64, pace: &Pace, now: u64) -> u64 {
        let Some(&(mut old, _)) = self.before.get(first) else {
            return 0;
        };
        for later in (0..=first).rev() {
            let next = match later.checked_sub(1) {
                Some(index) => self
                    .before
                    .get(index)
                    .map(|(next, began)| (next.as_ref(), *began)),
                None => Some((Some(pace), self.began)),
            };
            let Some((next, changed)) = next else { return 0 };
            count = match (&old, next) {
                (Some(old), Some(next)) => {
                    let left = old.burst - taken(count, old, changed);
                    next.given(changed) + (next.burst - left.min(next.burst))
                }
                // After a time without a limit it is full.
                (None, Some(next)) => next.given(changed),
                (_, None) => 0,
            } & COUNT;
            old = next.copied();
        }
        taken(count, pace, now)
    }
}

/// Units that are taken of a bucket and not yet given again.
///
/// Where more are than it has, another thread has counted by a time that is a little later than ours: it is empty. Where many
/// more are, the count is of a time so long ago that counts have come round since: it is full.
fn taken(count: u64, pace: &Pace, now: u64) -> u64 {
    let ahead = count.wrapping_sub(pace.given(now)) & COUNT;
    match ahead.checked_sub(pace.burst) {
        None => ahead,
        Some(more) if more <= pace.apart => pace.burst,
        Some(_) => 0,
    }
}

/// Whole tokens in so many units.
pub(crate) fn whole(units: u64) -> u64 {
    units / TOKEN
}
