//! Patience with a peer that is waited for: waiting uses it up, and what comes earns it back. Whoever sends a byte now and
//! then so gains nothing by it.

use std::num::NonZeroU32;
use std::time::Duration;

/// How slow a peer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The longest wait for nothing at all.
    pub most: Duration,
    /// Bytes a second that earn as much as is waited; none: any byte earns all of it.
    pub rate: Option<NonZeroU32>,
}

impl From<Duration> for Pace {
    /// No silence may be longer.
    fn from(most: Duration) -> Self {
        Self { most, rate: None }
    }
}

/// What is left of it.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pace: Pace,
    left: Duration,
}

impl Patience {
    /// All of it.
    pub fn new(pace: Pace) -> Self {
        Self {
            pace,
            left: pace.most,
        }
    }

    /// The peer was waited for, and so many bytes came or were taken meanwhile: those count first.
    pub fn passed(&mut self, waited: Duration, bytes: u64) {
        let gain = match self.pace.rate {
            _ if bytes == 0 => Duration::ZERO,
            // All of it, whatever the wait was.
            None => self.pace.most.saturating_add(waited),
            Some(rate) => Duration::from_millis(bytes.saturating_mul(1_000) / u64::from(rate.get())),
        };
        let left = self.left.saturating_add(gain).saturating_sub(waited);
        self.left = left.min(self.pace.most);
    }

    /// The peer was waited for.
    pub fn waited(&mut self, time: Duration) {
        self.passed(time, 0);
    }

    /// Bytes came, or were taken.
    pub fn earned(&mut self, bytes: u64) {
        self.passed(Duration::ZERO, bytes);
    }

    /// How much longer the peer may be waited for.
    pub fn left(&self) -> Duration {
        self.left
    }

    /// Whether it is used up.
    pub fn is_over(&self) -> bool {
        self.left.is_zero()
    }

    /// The longest silence.
    pub fn most(&self) -> Duration {
        self.pace.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn paced(rate: u32) -> Patience {
        Patience::new(Pace {
            most: 30 * SECOND,
            rate: NonZeroU32::new(rate),
        })
    }

    /// Seconds until a peer that sends so many bytes each second is given up.
    fn endures(mut patience: Patience, bytes: u64) -> Option<u32> {
        (1..=3_600).find(|_| {
            patience.passed(SECOND, bytes);
            patience.is_over()
        })
    }

    #[test]
    fn a_drip_is_given_up_as_silence_is() {
        assert_eq!(endures(paced(128), 0), Some(30));
        assert_eq!(endures(paced(128), 1), Some(31));
        assert_eq!(endures(paced(128), 8), Some(32));
    }

    #[test]
    fn whoever_keeps_the_rate_is_never_given_up() {
        assert_eq!(endures(paced(128), 128), None);
        assert_eq!(endures(paced(128), 1_000_000), None);
        assert_eq!(endures(paced(128), 64), Some(60));
    }

    #[test]
    fn without_a_rate_any_byte_will_do() {
        let silence = Patience::new(Pace::from(30 * SECOND));
        assert_eq!(endures(silence, 0), Some(30));
        assert_eq!(endures(silence, 1), None);
    }
}
