//! Which targets of a private upstream are asked: each in turn, and those that are down only where no other is left.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use super::address::Address;

/// How long a target is passed over that could not be connected to.
const DOWN: Duration = Duration::from_secs(10);
/// An attempt to connect that was given up after this time counts as a failed one: the request had no more time. One
/// that was given up sooner says nothing of the target; its client may just have left.
const SLOW: Duration = Duration::from_secs(1);

/// Targets of one private upstream: a set of their places needs 64 bits.
pub const MOST_TARGETS: usize = 64;

/// What is known of a private upstream, for all plans that use it, over reloads.
#[derive(Debug, Default)]
pub(super) struct LinkState {
    turn: AtomicUsize,
    targets: Mutex<HashMap<Address, Arc<Health>>>,
}

impl LinkState {
    /// Whose turn it is, as a number that grows.
    pub(super) fn turn(&self) -> usize {
        self.turn.fetch_add(1, Ordering::Relaxed)
    }

    /// What is known of these targets; what was known of others is forgotten.
    pub(super) fn of_targets(&self, targets: &[Address]) -> Vec<Arc<Health>> {
        let mut known = self.targets.lock();
        known.retain(|target, _| targets.contains(target));
        let health = targets
            .iter()
            .map(|target| known.entry(target.clone()).or_default().clone());
        health.collect()
    }
}

/// Whether one target can be connected to, as far as is known.
#[derive(Debug, Default)]
pub(super) struct Health {
    down_until: Mutex<Option<Instant>>,
}

impl Health {
    pub(super) fn is_down(&self, now: Instant) -> bool {
        self.down_until.lock().is_some_and(|until| now < until)
    }

    /// It cannot be connected to. True: that is news.
    pub(super) fn down(&self, now: Instant) -> bool {
        let mut until = self.down_until.lock();
        let news = until.is_none_or(|until| until <= now);
        *until = Some(now + DOWN);
        news
    }

    pub(super) fn up(&self) {
        *self.down_until.lock() = None;
    }

    /// An attempt to connect begins.
    pub(super) fn attempt(&self) -> Attempt<'_> {
        Attempt {
            health: self,
            since: Instant::now(),
            ended: false,
        }
    }
}

/// An attempt to connect to a target.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    health: &'a Health,
    since: Instant,
    ended: bool,
}

impl Attempt<'_> {
    /// It has ended. True: the target is down, and that is news.
    pub(super) fn end(mut self, connected: bool) -> bool {
        self.ended = true;
        if connected {
            self.health.up();
            return false;
        }
        self.health.down(Instant::now())
    }
}

impl Attempt<'_> {
    fn given_up(&self, now: Instant) {
        if !self.ended && now.duration_since(self.since) >= SLOW {
            self.health.down(now);
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.given_up(Instant::now());
    }
}

/// The places of some targets.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Places(u64);

impl Places {
    pub(super) fn of(places: impl Iterator<Item = usize>) -> Self {
        let mut set = Self::default();
        places.for_each(|place| set.add(place));
        set
    }

    pub(super) fn add(&mut self, place: usize) {
        self.0 |= u32::try_from(place)
            .ok()
            .and_then(|place| 1_u64.checked_shl(place))
            .unwrap_or(0);
    }

    fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// The one at whose turn it is, none of none.
    fn at(self, turn: usize) -> Option<usize> {
        let nth = turn.checked_rem(self.0.count_ones() as usize)?;
        let mut left = self.0;
        for _ in 0..nth {
            left &= left.wrapping_sub(1);
        }
        Some(left.trailing_zeros() as usize)
    }
}

/// Whom to ask next: of those not `tried` yet one that is not down; where all are, one of them all the same, so that a
/// mark never outlives a recovery.
pub(super) fn next(all: Places, down: Places, tried: Places, turn: usize) -> Option<usize> {
    let left = all.without(tried);
    left.without(down).at(turn).or_else(|| left.at(turn))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(places: &[usize]) -> Places {
        Places::of(places.iter().copied())
    }

    #[test]
    fn takes_turns_over_those_that_are_up() {
        let all = places(&[0, 1, 2]);
        for (name, down, tried, expected) in [
            ("all up", &[][..], &[][..], [Some(0), Some(1), Some(2), Some(0)]),
            ("one down", &[1], &[], [Some(0), Some(2), Some(0), Some(2)]),
            ("all down", &[0, 1, 2], &[], [Some(0), Some(1), Some(2), Some(0)]),
            ("one tried", &[], &[0], [Some(1), Some(2), Some(1), Some(2)]),
            ("only a down one is left", &[1], &[0, 2], [Some(1); 4]),
            ("none is left", &[1], &[0, 1, 2], [None; 4]),
        ] {
            let chosen = [0, 1, 2, 3].map(|turn| next(all, places(down), places(tried), turn));
            assert_eq!(chosen, expected, "{name}");
        }
        let most = Places::of(0..MOST_TARGETS);
        assert_eq!(next(most, Places::default(), Places::default(), 63), Some(63));
        assert_eq!(
            next(Places::default(), Places::default(), Places::default(), 1),
            None
        );
    }

    #[test]
    fn a_mark_lasts_ten_seconds() {
        let health = Health::default();
        let start = Instant::now();
        assert!(!health.is_down(start));
        assert!(health.down(start), "news");
        assert!(!health.down(start), "no news");
        for (millis, down) in [(0, true), (9_999, true), (10_000, false)] {
            assert_eq!(
                health.is_down(start + Duration::from_millis(millis)),
                down,
                "{millis}"
            );
        }
        assert!(health.down(start + DOWN), "news again");
        health.up();
        assert!(!health.is_down(start + DOWN));
    }

    #[test]
    fn an_attempt_that_is_given_up_counts_when_it_was_slow() {
        for (millis, down) in [(0, false), (999, false), (1_000, true)] {
            let health = Health::default();
            let attempt = health.attempt();
            let now = attempt.since + Duration::from_millis(millis);
            attempt.given_up(now);
            assert_eq!(health.is_down(now), down, "{millis}");
        }
        let health = Health::default();
        assert!(health.attempt().end(false), "failed: news");
        assert!(health.is_down(Instant::now()));
        health.attempt().end(true);
        assert!(!health.is_down(Instant::now()), "connected");
    }

    #[test]
    fn what_is_known_of_a_target_stays_while_it_is_one() {
        let state = LinkState::default();
        let targets: Vec<Address> = ["a:1", "b:1"]
            .map(|target| Address::parse(target).expect("a target"))
            .into();
        let before = state.of_targets(&targets);
        let after = state.of_targets(&targets[..1]);
        assert!(Arc::ptr_eq(&before[0], &after[0]));
        let again = state.of_targets(&targets);
        assert!(Arc::ptr_eq(&before[0], &again[0]));
        assert!(!Arc::ptr_eq(&before[1], &again[1]), "b was none for a while");
    }
}
