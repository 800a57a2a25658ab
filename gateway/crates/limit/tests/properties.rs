//! What always holds of token buckets.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::FakeRelativeClock;
use governor::{Quota, RateLimiter};
use portcullis_limit::{Bucket, Limit, Tuning};
use proptest::prelude::*;

fn tuned(rate: f64, burst: u64) -> Tuning {
    Tuning::new(Some(Limit::new(rate, burst).unwrap()))
}

/// A bucket as one would write it down: tokens as a number, refilled at each step.
struct Model {
    tokens: f64,
    at: f64,
    rate: f64,
    burst: f64,
}

impl Model {
    fn refill(&mut self, now: f64) {
        self.tokens = (self.tokens + (now - self.at) * self.rate).min(self.burst);
        self.at = now;
    }
}

proptest! {
    /// An oracle that knows nothing of ours. Its cells are whole nanoseconds apart, so periods are, and such that their rates
    /// are numbers without a rounding.
    #[test]
    fn one_bucket_decides_as_governor_does(
        (twos, fives) in (4u32..11, 0u32..10),
        burst in 1u32..2_000,
        steps in prop::collection::vec((0u32..50, 1u8..8), 1..300),
    ) {
        let period = Duration::from_nanos(2u64.pow(twos) * 5u64.pow(fives));
        let clock = FakeRelativeClock::default();
        let quota = Quota::with_period(period).unwrap().allow_burst(NonZeroU32::new(burst).unwrap());
        let governor = RateLimiter::direct_with_clock(quota, clock.clone());
        let tuning = tuned(1e9 / period.as_nanos() as f64, burst.into());
        let bucket = Bucket::new();
        let mut now = Duration::ZERO;
        for (sixteenths, asks) in steps {
            // Ours counts in 16384ths of a token, which are no whole nanoseconds.
            let step = period / 16 * sixteenths;
            now += step;
            clock.advance(step);
            for _ in 0..asks {
                let expected = governor.check().is_ok();
                let ours = bucket.take(&tuning, now);
                prop_assert_eq!(ours, expected, "at {:?}", now);
            }
        }
    }

    #[test]
    fn never_more_than_the_burst_and_the_rate_allow(
        rate in 0.01f64..100_000.0,
        burst in 1u64..1_000,
        steps in prop::collection::vec(0u64..50_000_000, 1..500),
    ) {
        let tuning = tuned(rate, burst);
        let bucket = Bucket::new();
        let mut model = Model { tokens: burst as f64, at: 0.0, rate, burst: burst as f64 };
        let mut nanos = 0;
        for step in steps {
            nanos += step;
            let now = Duration::from_nanos(nanos);
            model.refill(nanos as f64 / 1e9);
            let passes = bucket.take(&tuning, now);
            // The model's own roundings are not held against the bucket.
            if passes {
                prop_assert!(model.tokens > 1.0 - 1e-3, "{} tokens, and one was taken", model.tokens);
                model.tokens = (model.tokens - 1.0).max(0.0);
            } else {
                prop_assert!(model.tokens < 1.0 + 1e-3, "{} tokens, and none was given", model.tokens);
            }
        }
    }

    #[test]
    fn what_is_given_back_was_never_taken(
        rate in 0.01f64..10_000.0,
        burst in 1u64..50,
        steps in prop::collection::vec((0u64..500_000_000, any::<bool>()), 1..200),
    ) {
        let tuning = tuned(rate, burst);
        let (with, without) = (Bucket::new(), Bucket::new());
        let mut nanos = 0;
        for (step, give_back) in steps {
            nanos += step;
            let now = Duration::from_nanos(nanos);
            if give_back {
                if with.take(&tuning, now) {
                    with.give_back(&tuning, now);
                }
            } else {
                prop_assert_eq!(with.take(&tuning, now), without.take(&tuning, now));
            }
            prop_assert_eq!(with.tokens(&tuning, now), without.tokens(&tuning, now));
        }
    }

    /// However often and however a limit is changed: not one token comes of it, and whoever slept through it all has what
    /// one has that was looked at each time.
    #[test]
    fn a_change_refills_nothing(
        changes in prop::collection::vec((prop::option::weighted(0.95, (0.01f64..1_000.0, 1u64..100)), 0u64..2_000), 1..40),
        taken in 1u64..100,
    ) {
        let tuning = tuned(10.0, 50);
        let (awake, asleep) = (Bucket::new(), Bucket::new());
        let mut now = Duration::from_secs(5);
        for _ in 0..taken {
            prop_assert_eq!(awake.take(&tuning, now), asleep.take(&tuning, now));
        }
        for (limit, later) in changes {
            let before = awake.tokens(&tuning, now);
            let limit = limit.map(|(rate, burst)| Limit::new(rate, burst).unwrap());
            tuning.set(limit, now);
            let after = awake.tokens(&tuning, now);
            match (before, after, limit) {
                (Some(before), Some(after), Some(limit)) => prop_assert_eq!(after, before.min(limit.burst())),
                (None, Some(after), Some(limit)) => prop_assert_eq!(after, limit.burst(), "after no limit"),
                (_, None, None) => {}
                other => prop_assert!(false, "{:?}", other),
            }
            now += Duration::from_millis(later);
            // Written, and so carried over, each time.
            if awake.take(&tuning, now) {
                awake.give_back(&tuning, now);
            }
            prop_assert_eq!(awake.tokens(&tuning, now), asleep.tokens(&tuning, now));
        }
    }
}

#[test]
fn who_sleeps_through_changes_has_what_is_left() {
    let tuning = tuned(1.0, 10);
    let bucket = Bucket::new();
    let now = Duration::from_secs(100);
    for _ in 0..10 {
        assert!(bucket.take(&tuning, now));
    }
    // 2 s at 1/s, 2 s at 2/s with room for 3 (so it is full), 1 s at 5/s.
    tuning.set(Limit::new(2.0, 3), now + Duration::from_secs(2));
    tuning.set(Limit::new(5.0, 100), now + Duration::from_secs(4));
    assert_eq!(bucket.tokens(&tuning, now + Duration::from_secs(4)), Some(3));
    assert_eq!(bucket.tokens(&tuning, now + Duration::from_secs(5)), Some(8));
}

#[test]
fn after_more_changes_than_are_remembered_a_bucket_is_full() {
    let tuning = tuned(1.0, 10);
    let bucket = Bucket::new();
    assert!(bucket.take(&tuning, Duration::ZERO));
    for change in 1..=1_000u32 {
        let now = Duration::from_nanos(change.into());
        tuning.set(Limit::new(1.0, 10 + u64::from(change % 2)), now);
        assert!(
            bucket.tokens(&tuning, now).is_some_and(|tokens| tokens >= 9),
            "{change}"
        );
    }
    assert!(bucket.take(&tuning, Duration::from_secs(1)));
    assert_eq!(bucket.tokens(&tuning, Duration::from_secs(1)), Some(9));
}

#[test]
fn nothing_passes_without_a_rate_or_a_burst_and_everything_without_a_limit() {
    let now = Duration::from_secs(1_000_000);
    for tuning in [tuned(0.0, 5), tuned(5.0, 0)] {
        let bucket = Bucket::new();
        assert!(!bucket.has_token(&tuning, now) && !bucket.take(&tuning, now));
    }
    let (bucket, tuning) = (Bucket::new(), Tuning::default());
    assert!((0..1_000).all(|_| bucket.take(&tuning, now)));
    assert_eq!(bucket.tokens(&tuning, now), None);
}

/// A bucket that nobody asked for years has no more than its burst, and no less.
#[test]
fn a_long_sleep_fills_it_once() {
    for years in [1, 2, 10, 100] {
        let tuning = tuned(10_000.0, 5_000);
        let bucket = Bucket::new();
        assert!(bucket.take(&tuning, Duration::ZERO));
        let now = Duration::from_secs(years * 365 * 86_400 + 12_345);
        assert_eq!(bucket.tokens(&tuning, now), Some(5_000), "{years}");
        assert!((0..5_000).all(|_| bucket.take(&tuning, now)));
        assert!(!bucket.take(&tuning, now));
    }
}

/// A thread that has asked for the time and was put aside finds what others have left, and no full bucket.
#[test]
fn a_late_thread_gets_nothing_more() {
    for (rate, burst) in [(1_000.0, 500), (1.0, 1), (1e6, 10)] {
        let tuning = tuned(rate, burst);
        let bucket = Bucket::new();
        let late = Duration::from_secs(100);
        for later in [0, 1, 30, 59] {
            let now = late + Duration::from_secs(later);
            while bucket.take(&tuning, now) {}
            assert!(!bucket.take(&tuning, late), "{rate} {later}");
            assert_eq!(bucket.tokens(&tuning, now), Some(0), "{rate} {later}");
        }
    }
}

/// Many threads at one bucket at one moment get its burst, not one more.
#[test]
fn threads_share_a_bucket_exactly() {
    let tuning = tuned(1_000.0, 10_000);
    let bucket = Bucket::new();
    let passed = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for turn in 0..8_000u64 {
                    if bucket.take(&tuning, Duration::from_secs(1)) {
                        passed.fetch_add(1, Ordering::Relaxed);
                    }
                    // And what is given back can be taken by another.
                    if turn % 3 == 0 && bucket.take(&tuning, Duration::from_secs(1)) {
                        bucket.give_back(&tuning, Duration::from_secs(1));
                    }
                }
            });
        }
    });
    while bucket.take(&tuning, Duration::from_secs(1)) {
        passed.fetch_add(1, Ordering::Relaxed);
    }
    assert_eq!(passed.load(Ordering::Relaxed), 10_000);
}
