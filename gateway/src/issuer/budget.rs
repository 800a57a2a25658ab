//! How many requests an issuer gets at the most: six a minute, whatever clients send.
//!
//! A bucket of three, of which one comes back each 20 s. Three at once are a discovery, its key set, and one more for the
//! first key that is new; and however many tokens name keys that there are not, a real new key is found within 20 s.

use std::time::Duration;

/// Requests at once.
const MOST: u32 = 3;
/// One comes back after so long. In any minute there are no more than `MOST` and the three that come back in it.
const EACH: Duration = Duration::from_secs(20);

/// What is left.
#[derive(Debug)]
pub(super) struct Budget {
    left: u32,
    /// Since when the next one is coming back.
    since: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            left: MOST,
            since: Duration::ZERO,
        }
    }
}

impl Budget {
    /// Whether a request may be made.
    pub(super) fn has_some(&mut self, now: Duration) -> bool {
        while self.left < MOST && now.saturating_sub(self.since) >= EACH {
            self.left += 1;
            self.since += EACH;
        }
        self.left > 0
    }

    /// Takes one request, where there is one.
    pub(super) fn take(&mut self, now: Duration) -> bool {
        if !self.has_some(now) {
            return false;
        }
        if self.left == MOST {
            self.since = now;
        }
        self.left -= 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_minute_has_more_than_six() {
        // Whenever the flood begins, and however often it asks.
        for (start, step) in [(0, 1), (7, 3), (1_000, 19), (12_345, 20), (86_400, 21)] {
            let mut budget = Budget::default();
            let mut taken: Vec<u64> = Vec::new();
            for now in (start..start + 600).step_by(step) {
                while budget.take(Duration::from_secs(now)) {
                    taken.push(now);
                }
            }
            for first in &taken {
                let minute = taken.iter().filter(|at| (*first..first + 60).contains(at));
                assert!(minute.count() <= 6, "{start} {step}: {taken:?}");
            }
            assert!(taken.len() >= 20, "{start} {step}: one comes back each 20 s");
        }
    }

    #[test]
    fn it_is_full_after_a_minute() {
        let mut budget = Budget::default();
        let at = Duration::from_secs;
        let all = |budget: &mut Budget, now| (0..9).filter(|_| budget.take(at(now))).count();
        assert_eq!(all(&mut budget, 5), 3);
        assert_eq!(all(&mut budget, 24), 0);
        assert_eq!(all(&mut budget, 25), 1);
        assert_eq!(all(&mut budget, 3_600), 3);
    }
}
