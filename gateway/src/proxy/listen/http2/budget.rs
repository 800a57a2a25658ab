//! What a client may send of frames that cost it nothing and the gateway something: so many at once, and so many new ones in
//! ten seconds. Honest work earns more.

use std::time::Duration;

use crate::proxy::listen::Flood;

/// In which time all of a budget comes back.
const PERIOD: Duration = Duration::from_secs(10);
/// How many budgets can be saved up by honest work.
const SAVED: u32 = 10;

/// What is left of each budget.
#[derive(Debug)]
pub(super) struct Budget {
    left: [u32; Flood::COUNT],
    /// What of a frame comes back, by budget, in millionths.
    parts: [u32; Flood::COUNT],
}

/// Frames in ten seconds beside what is earned. h2load, browsers and gRPC's clients need a tenth of it at the most.
pub(super) fn base(flood: Flood) -> u32 {
    match flood {
        Flood::Settings => 50,
        Flood::Ping | Flood::Reset | Flood::LocalReset | Flood::EmptyData | Flood::Unknown => 200,
        Flood::EmptyHeaders => 20,
        Flood::Priority => 500,
        Flood::WindowUpdate => 2_000,
        // Of one block of headers, or at one time: no budget.
        Flood::Continuation | Flood::Streams => 0,
    }
}

impl Budget {
    pub(super) fn new() -> Self {
        Self {
            left: Flood::ALL.map(base),
            parts: [0; Flood::COUNT],
        }
    }

    /// A frame came.
    pub(super) fn spend(&mut self, flood: Flood) -> Result<(), Flood> {
        let left = self.left.get_mut(flood as usize).ok_or(flood)?;
        *left = left.checked_sub(1).ok_or(flood)?;
        Ok(())
    }

    /// Something honest lets more come.
    pub(super) fn earn(&mut self, flood: Flood, frames: u32) {
        if let Some(left) = self.left.get_mut(flood as usize) {
            *left = left.saturating_add(frames).min(base(flood) * SAVED);
        }
    }

    /// Time has passed. It fills budgets, but not beyond what they began with.
    pub(super) fn passed(&mut self, time: Duration) {
        let millionths =
            u32::try_from(time.min(PERIOD).as_micros() / u128::from(PERIOD.as_secs())).unwrap_or(0);
        for ((flood, left), part) in Flood::ALL.into_iter().zip(&mut self.left).zip(&mut self.parts) {
            let base = base(flood);
            let gain = u64::from(base) * u64::from(millionths) + u64::from(*part);
            *part = u32::try_from(gain % 1_000_000).unwrap_or(0);
            let gain = u32::try_from(gain / 1_000_000).unwrap_or(u32::MAX);
            *left = (*left).max(left.saturating_add(gain).min(base));
        }
    }
}
