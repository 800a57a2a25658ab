//! What a look at a connection says: whether it goes on. No timer of a request, and nothing that a client could extend by a
//! byte now and then.

use std::time::Duration;

use tokio::time::Instant;

use super::cut::Cut;
use super::http2::Look;
use super::limits::Limits;
use crate::proxy::activity::{Activity, Counts};
use crate::proxy::patience::Patience;

/// What is to become of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It goes on.
    Go,
    /// It ends when what it is in has ended.
    Leave(Cut),
    /// It ends now.
    End(Cut),
}

/// What was seen of a connection.
#[derive(Debug)]
pub(super) struct Watch {
    began: Instant,
    looked: Instant,
    seen: Counts,
    turns: u64,
    /// Since when nothing was asked.
    idle: Instant,
    /// Since when a head is coming.
    head: Option<Instant>,
    write: Patience,
    life: Option<Duration>,
}

impl Watch {
    /// Begins with a connection.
    pub(super) fn new(limits: &Limits, now: Instant) -> Self {
        // Not all connections of one moment end in one moment.
        let life = limits.age.map(|age| age.mul_f64(0.9 + 0.1 * fastrand::f64()));
        Self {
            began: now,
            looked: now,
            seen: Counts::default(),
            turns: 0,
            idle: now,
            head: None,
            write: Patience::new(limits.write),
            life,
        }
    }

    /// Looks.
    pub(super) fn look(&mut self, activity: &Activity, limits: &Limits, now: Instant) -> Verdict {
        let passed = now - self.looked;
        let frames = activity.http2().map(|meter| meter.lock().look(passed));
        let verdict = self.judge(activity.counts(), frames, now, limits);
        self.looked = now;
        verdict
    }

    /// Whether nothing has been asked or was under way for so long, as of the last look.
    pub(super) fn is_quiet_for(&self, time: Duration) -> bool {
        self.seen.in_flight == 0 && self.looked - self.idle >= time
    }

    /// Whether there is nothing of a request that would be lost with what serves it.
    pub(super) fn may_rest(&self, time: Duration) -> bool {
        self.head.is_none() && self.is_quiet_for(time)
    }

    /// Bytes of a head have come with what was before it.
    pub(super) fn has_begun(&mut self) {
        self.head.get_or_insert(self.looked);
    }

    fn judge(&mut self, counts: Counts, frames: Option<Look>, now: Instant, limits: &Limits) -> Verdict {
        self.writes(counts, now - self.looked);
        self.reads(counts, frames, now);
        let slow_head = match frames {
            Some(look) => look.unfinished >= limits.head,
            None => self.head.is_some_and(|since| now - since >= limits.head),
        };
        let is_stalled = frames.is_some_and(|look| look.is_stalled);
        let is_idle = counts.in_flight == 0 && now - self.idle >= limits.idle;
        self.seen = counts;
        if self.write.is_over() {
            return Verdict::End(Cut::Write);
        }
        if slow_head {
            return Verdict::End(Cut::Head);
        }
        if is_stalled {
            return Verdict::Leave(Cut::Write);
        }
        if is_idle {
            return Verdict::Leave(Cut::Idle);
        }
        if self.life.is_some_and(|life| now - self.began >= life) {
            return Verdict::Leave(Cut::Age);
        }
        match limits.requests.is_some_and(|most| counts.requests >= most.get()) {
            true => Verdict::Leave(Cut::Requests),
            false => Verdict::Go,
        }
    }

    /// A client is waited for while there are bytes that it does not take.
    fn writes(&mut self, counts: Counts, passed: Duration) {
        match counts.is_blocked && self.seen.is_blocked {
            true => self.write.passed(passed, counts.written - self.seen.written),
            false => self.write.earned(u64::MAX),
        }
    }

    fn reads(&mut self, counts: Counts, frames: Option<Look>, now: Instant) {
        let turned = match frames {
            // Pings are no requests.
            Some(look) => look.turns != self.turns || look.streams > 0,
            None => counts.written != self.seen.written || counts.is_blocked,
        };
        self.turns = frames.map_or(0, |look| look.turns);
        if counts.in_flight > 0 || counts.requests != self.seen.requests || turned {
            (self.idle, self.head) = (now, None);
        } else if counts.read != self.seen.read {
            self.head.get_or_insert(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::listen::http2::{Meter, PREFACE};

    const LOOK: Duration = Duration::from_secs(5);

    /// Looks every five seconds, after `does` was done; seconds until the verdict is not to go on.
    fn seconds(limits: &Limits, mut does: impl FnMut(&Activity, u64)) -> Option<(u64, Verdict)> {
        let activity = Activity::default();
        let began = Instant::now();
        let mut watch = Watch::new(limits, began);
        for second in 1..=600 {
            does(&activity, second);
            if second % LOOK.as_secs() == 0 {
                let verdict = watch.look(&activity, limits, began + Duration::from_secs(second));
                if verdict != Verdict::Go {
                    return Some((second, verdict));
                }
            }
        }
        None
    }

    fn limits() -> Limits {
        Limits {
            age: None,
            ..Limits::default()
        }
    }

    #[test]
    fn whoever_says_nothing_leaves() {
        let ended = seconds(&limits(), |_, _| {});
        assert_eq!(ended, Some((30, Verdict::Leave(Cut::Idle))));
    }

    #[test]
    fn a_head_that_drips_is_cut() {
        let ended = seconds(&limits(), |activity, _| activity.read(1));
        assert_eq!(ended, Some((25, Verdict::End(Cut::Head))));
    }

    #[test]
    fn requests_keep_a_connection() {
        let asks = |activity: &Activity, second| {
            if second % 20 == 0 {
                activity.read(100);
                activity.begun();
                activity.written(100);
                activity.ended();
            }
        };
        assert_eq!(seconds(&limits(), asks), None);
    }

    #[test]
    fn a_response_that_has_nothing_to_send_is_waited_for() {
        let streams = |activity: &Activity, second| {
            if second == 1 {
                activity.begun();
            }
        };
        assert_eq!(seconds(&limits(), streams), None);
    }

    #[test]
    fn whoever_takes_nothing_or_next_to_nothing_is_cut() {
        for bytes in [0, 1] {
            let reads = |activity: &Activity, second| {
                if second == 1 {
                    activity.begun();
                }
                activity.set_blocked(true);
                activity.written(bytes);
            };
            let ended = seconds(&limits(), reads);
            let (second, verdict) = ended.expect("an end");
            assert_eq!(verdict, Verdict::End(Cut::Write));
            assert!(second <= 30, "{second}");
        }
    }

    #[test]
    fn whoever_takes_slowly_is_not_cut() {
        let reads = |activity: &Activity, second| {
            if second == 1 {
                activity.begun();
            }
            activity.set_blocked(true);
            // A socket takes no bytes one by one.
            if second % 16 == 0 {
                activity.written(64 * 1024);
            }
        };
        assert_eq!(seconds(&limits(), reads), None);
    }

    #[test]
    fn pings_do_not_keep_a_connection_of_http2() {
        let pings = |activity: &Activity, second| {
            let limits = Limits::default();
            let mut meter = activity.speaks_http2(Meter::new(limits.write)).lock();
            if second == 1 {
                let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
                assert_eq!(meter.read(&settings), Ok(()));
            }
            let ping = [0, 0, 8, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, second as u8];
            activity.read(ping.len());
            assert_eq!(meter.read(&ping), Ok(()));
            activity.written(PREFACE.len());
        };
        let ended = seconds(&limits(), pings);
        assert_eq!(ended, Some((30, Verdict::Leave(Cut::Idle))));
    }

    #[test]
    fn age_and_requests_end_a_connection() {
        let asks = |activity: &Activity, _| {
            activity.begun();
            activity.ended();
        };
        let aged = Limits {
            age: Some(Duration::from_secs(60)),
            ..limits()
        };
        let (second, verdict) = seconds(&aged, asks).expect("an end");
        assert!((54..=60).contains(&second), "{second}");
        assert_eq!(verdict, Verdict::Leave(Cut::Age));
        let counted = Limits {
            requests: std::num::NonZeroU32::new(12),
            ..limits()
        };
        let ended = seconds(&counted, asks);
        assert_eq!(ended, Some((15, Verdict::Leave(Cut::Requests))));
    }
}
