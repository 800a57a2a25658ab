//! At most so many log lines a second, so that a plugin that fails on every call cannot fill the disk.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

const LINES_A_SECOND: u32 = 20;

/// Lets some lines a second pass and counts the others.
#[derive(Debug)]
pub(crate) struct Throttle(Mutex<Window>);

#[derive(Debug)]
struct Window {
    start: Instant,
    passed: u32,
    suppressed: u64,
}

impl Throttle {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Window {
            start: Instant::now(),
            passed: 0,
            suppressed: 0,
        }))
    }

    /// Whether a line may be written now; if so, how many were not since the last one.
    pub(crate) fn pass(&self, now: Instant) -> Option<u64> {
        let mut window = self.0.lock();
        if now.saturating_duration_since(window.start) >= Duration::from_secs(1) {
            window.start = now;
            window.passed = 0;
        }
        if window.passed >= LINES_A_SECOND {
            window.suppressed += 1;
            return None;
        }
        window.passed += 1;
        Some(std::mem::take(&mut window.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suppresses_and_counts_beyond_the_rate() {
        let throttle = Throttle::new();
        let now = Instant::now();
        for _ in 0..LINES_A_SECOND {
            assert_eq!(throttle.pass(now), Some(0));
        }
        assert_eq!(throttle.pass(now), None);
        assert_eq!(throttle.pass(now), None);
        assert_eq!(throttle.pass(now + Duration::from_secs(1)), Some(2));
    }
}
