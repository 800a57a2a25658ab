//! A token bucket in one atomic.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::pace::{COUNT, COUNT_BITS, TOKEN};
use crate::tuning::{Era, Seen, Tuning, nanos, whole};

/// A token bucket, full at first. Its limit is its tuning's, which every call is passed.
///
/// The word holds what has been given up to the moment at which the bucket would be full again, and the era of the limit in
/// whose tokens that is counted: the generic cell rate algorithm (ATM Forum, Traffic Management Specification 4.0, section
/// 4.4.2, virtual scheduling), counting in tokens instead of in time.
#[derive(Debug, Default)]
pub struct Bucket {
    word: AtomicU64,
}

/// What is to be done with what is taken.
enum Step {
    Leave,
    Become(u64),
}

impl Bucket {
    /// A full one.
    pub const fn new() -> Self {
        Self {
            word: AtomicU64::new(0),
        }
    }

    /// Whether there is a token. It takes none.
    pub fn has_token(&self, tuning: &Tuning, now: Duration) -> bool {
        self.tokens(tuning, now).is_none_or(|tokens| tokens > 0)
    }

    /// Whole tokens that are there; nothing where there is no limit.
    pub fn tokens(&self, tuning: &Tuning, now: Duration) -> Option<u64> {
        let mut left = None;
        self.step(tuning, now, |burst, taken| {
            left = Some(whole(burst - taken));
            Step::Leave
        });
        left
    }

    /// Takes a token, if there is one. Without a limit there always is.
    pub fn take(&self, tuning: &Tuning, now: Duration) -> bool {
        let mut passes = true;
        self.step(tuning, now, |burst, taken| {
            passes = taken + TOKEN <= burst;
            match passes {
                true => Step::Become(taken + TOKEN),
                false => Step::Leave,
            }
        });
        passes
    }

    /// Gives a token back that was taken and not used.
    pub fn give_back(&self, tuning: &Tuning, now: Duration) {
        self.step(tuning, now, |_, taken| Step::Become(taken.saturating_sub(TOKEN)));
    }

    /// Does one thing, as if nobody else did: `make` is told the burst and what is taken, in units, and may be asked again.
    fn step(&self, tuning: &Tuning, now: Duration, mut make: impl FnMut(u64, u64) -> Step) {
        let now = nanos(now);
        let mut era = tuning.era();
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            let Some(pace) = era.pace else { return };
            let taken = match seen(&era, word, &pace, now) {
                Seen::Taken(taken) => taken,
                Seen::Later => {
                    let latest = tuning.era();
                    if latest.number != era.number {
                        era = latest;
                        continue;
                    }
                    // So many changes ago that their numbers have come round: it is full.
                    0
                }
            };
            let Step::Become(taken) = make(pace.burst, taken) else {
                return;
            };
            let count = (pace.given(now) + taken) & COUNT;
            let new = (u64::from(era.number) << COUNT_BITS) | count;
            match self
                .word
                .compare_exchange_weak(word, new, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return,
                Err(current) => word = current,
            }
        }
    }
}

fn seen(era: &Era, word: u64, pace: &crate::pace::Pace, now: u64) -> Seen {
    let number = u8::try_from(word >> COUNT_BITS).unwrap_or(0);
    era.seen(number, word & COUNT, pace, now)
}
