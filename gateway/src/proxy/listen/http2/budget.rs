//! What a client may send of frames that cost it nothing and the gateway something: so many at once, and so many new ones in
//! ten seconds. Honest work earns more.

use std::time::Duration;

use crate::proxy::listen::Abuse;

/// In which time all of a budget comes back.
const PERIOD: Duration = Duration::from_secs(10);
/// How many budgets can be saved up by honest work.
const SAVED: u32 = 10;

/// What is left of each budget.
#[derive(Debug)]
pub(super) struct Budget {
    left: [u32; Abuse::COUNT],
    /// What of a frame comes back, by budget, in millionths.
    parts: [u32; Abuse::COUNT],
}

/// Frames in ten seconds beside what is earned. h2load, browsers and gRPC's clients need a tenth of it at the most.
pub(super) fn base(abuse: Abuse) -> u32 {
    match abuse {
        Abuse::Settings => 50,
        Abuse::Ping | Abuse::Reset | Abuse::LocalReset | Abuse::EmptyData | Abuse::Unknown => 200,
        Abuse::EmptyHeaders => 20,
        Abuse::Priority => 500,
        Abuse::WindowUpdate => 2_000,
        // Of one block of headers, or at one time: no budget.
        Abuse::Continuation | Abuse::Streams | Abuse::NoSettings => 0,
    }
}

impl Budget {
    pub(super) fn new() -> Self {
        Self {
            left: Abuse::ALL.map(base),
            parts: [0; Abuse::COUNT],
        }
    }

    /// A frame came.
    pub(super) fn spend(&mut self, abuse: Abuse) -> Result<(), Abuse> {
        let left = self.left.get_mut(abuse as usize).ok_or(abuse)?;
        *left = left.checked_sub(1).ok_or(abuse)?;
        Ok(())
    }

    /// Something honest lets more come.
    pub(super) fn earn(&mut self, abuse: Abuse, frames: u32) {
        if let Some(left) = self.left.get_mut(abuse as usize) {
            *left = left.saturating_add(frames).min(base(abuse) * SAVED);
        }
    }

    /// Time has passed. It fills budgets, but not beyond what they began with.
    pub(super) fn passed(&mut self, time: Duration) {
        let millionths =
            u32::try_from(time.min(PERIOD).as_micros() / u128::from(PERIOD.as_secs())).unwrap_or(0);
        for ((abuse, left), part) in Abuse::ALL.into_iter().zip(&mut self.left).zip(&mut self.parts) {
            let base = base(abuse);
            let gain = u64::from(base) * u64::from(millionths) + u64::from(*part);
            *part = u32::try_from(gain % 1_000_000).unwrap_or(0);
            let gain = u32::try_from(gain / 1_000_000).unwrap_or(u32::MAX);
            *left = (*left).max(left.saturating_add(gain).min(base));
        }
    }
}
