//! Quotas: how many requests a day, a week or a month.

use crate::calendar::{civil, days};

/// How long a quota lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// A day in UTC.
    Day,
    /// Seven days.
    Week,
    /// A month.
    Month,
}

/// So many requests in each period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    limit: u64,
    period: Period,
    offset: u8,
}

impl Quota {
    /// `offset` is the day with which a period begins: of a week 0 to 6, 0 is Sunday; of a month 0 to 27, 0 is the first; of
    /// a day 0 (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-create-usage-plans.html>). Nothing
    /// where it is none of these, or the limit is 0 or above 2^53.
    pub fn new(limit: u64, period: Period, offset: u8) -> Option<Self> {
        let quota = Self {
            limit,
            period,
            offset,
        };
        ((1..=1 << 53).contains(&limit) && offset <= period.longest_offset()).then_some(quota)
    }

    /// Requests in a period.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// The first day of the period that a day is in, both as days since 1970.
    pub fn start(&self, day: i64) -> i64 {
        let offset = i64::from(self.offset);
        match self.period {
            Period::Day => day,
            // 1970 began with a Thursday.
            Period::Week => day - (day + 4 - offset).rem_euclid(7),
            Period::Month => {
                let (year, month, of_month) = civil(day);
                match (of_month > offset, month) {
                    (true, _) => days(year, month, offset + 1),
                    (false, 1) => days(year - 1, 12, offset + 1),
                    (false, _) => days(year, month - 1, offset + 1),
                }
            }
        }
    }
}

impl Period {
    /// The last day with which it may begin.
    pub fn longest_offset(self) -> u8 {
        match self {
            Self::Day => 0,
            Self::Week => 6,
            Self::Month => 27,
        }
    }
}

/// What one day had, and what was used of the quota at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayCount {
    /// Days since 1970.
    pub day: i64,
    /// Requests on that day.
    pub count: u64,
    /// Requests since the period began, as far as the quota counts them: less where more was granted.
    pub used: i64,
}

/// What is counted for one who has a quota, or could have one. There may be millions, so days are short.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    day: i32,
    since: i32,
    count: u64,
    used: i64,
}

impl Counts {
    /// Those that a day ended with, or has so far.
    pub fn of(kept: DayCount, quota: Option<&Quota>) -> Self {
        let day = short(kept.day);
        Self {
            day,
            since: start(quota, day),
            count: kept.count,
            used: kept.used,
        }
    }

    /// Brings them to a day. Gives back the day before, where that had anything.
    ///
    /// A clock that is set back by a day or less changes nothing, so that nothing is counted twice.
    pub fn roll(&mut self, quota: Option<&Quota>, today: i64) -> Option<DayCount> {
        let today = short(today);
        let mut ended = None;
        if today > self.day || today < self.day - 1 {
            ended = (self.count > 0).then(|| self.today());
            (self.day, self.count) = (today, 0);
        }
        let since = start(quota, self.day);
        // A longer period that a change of the quota brings goes on with what was counted of it.
        if since > self.since || self.since > self.day {
            (self.since, self.used) = (since, self.count.try_into().unwrap_or(i64::MAX));
        }
        ended
    }

    /// Whether one more is within the quota. Roll first.
    pub fn has_room(&self, quota: Option<&Quota>) -> bool {
        quota.is_none_or(|quota| i128::from(self.used) < i128::from(quota.limit))
    }

    /// Counts one, whether or not there is room. Roll first.
    pub fn count(&mut self) {
        self.count = self.count.saturating_add(1);
        self.used = self.used.saturating_add(1);
    }

    /// Counts calls that were counted elsewhere, fewer than none where some were taken back. Roll first.
    pub fn add(&mut self, calls: i64) {
        self.count = self.count.saturating_add_signed(calls);
        self.used = self.used.saturating_add(calls);
    }

    /// Takes one back that was counted.
    pub fn give_back(&mut self) {
        self.count = self.count.saturating_sub(1);
        self.used = self.used.saturating_sub(1);
    }

    /// Leaves so many of the quota for the rest of the period. Roll first.
    pub fn grant(&mut self, quota: &Quota, remaining: u64) {
        let limit = i64::try_from(quota.limit).unwrap_or(i64::MAX);
        self.used = limit.saturating_sub_unsigned(remaining);
    }

    /// The day that they are at.
    pub fn today(&self) -> DayCount {
        DayCount {
            day: self.day.into(),
            count: self.count,
            used: self.used,
        }
    }
}

/// Without a quota days are counted for themselves.
fn start(quota: Option<&Quota>, day: i32) -> i32 {
    quota.map_or(day, |quota| short(quota.start(day.into())))
}

/// Enough for millions of years.
fn short(day: i64) -> i32 {
    day.try_into().unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{date, parse};

    fn quota(limit: u64, period: Period, offset: u8) -> Quota {
        Quota::new(limit, period, offset).unwrap()
    }

    #[test]
    fn periods_begin_with_their_offset() {
        for (period, offset, day, expected) in [
            (Period::Day, 0, "2026-11-26", "2026-11-26"),
            // A Thursday.
            (Period::Week, 0, "2026-11-26", "2026-11-22"),
            (Period::Week, 1, "2026-11-26", "2026-11-23"),
            (Period::Week, 4, "2026-11-26", "2026-11-26"),
            (Period::Week, 5, "2026-11-26", "2026-11-20"),
            (Period::Week, 0, "1970-01-01", "1969-12-28"),
            (Period::Month, 0, "2026-11-26", "2026-11-01"),
            (Period::Month, 25, "2026-11-26", "2026-11-26"),
            (Period::Month, 26, "2026-11-26", "2026-10-27"),
            (Period::Month, 27, "2026-01-01", "2025-12-28"),
            (Period::Month, 27, "2024-03-01", "2024-02-28"),
        ] {
            let start = quota(1, period, offset).start(parse(day).unwrap());
            assert_eq!(date(start), expected, "{period:?} {offset} {day}");
        }
    }

    #[test]
    fn every_day_is_in_the_period_that_it_begins() {
        for period in [Period::Day, Period::Week, Period::Month] {
            for offset in 0..=period.longest_offset() {
                let quota = quota(1, period, offset);
                for day in 19_000..20_500 {
                    let start = quota.start(day);
                    assert!(start <= day && day - start < 31);
                    assert_eq!(quota.start(start), start);
                    assert!(quota.start(day + 1) == start || quota.start(day + 1) == day + 1);
                }
            }
            assert_eq!(Quota::new(1, period, period.longest_offset() + 1), None);
        }
        assert_eq!(Quota::new(0, Period::Day, 0), None);
    }

    #[test]
    fn a_quota_is_used_up_and_comes_again() {
        let week = quota(3, Period::Week, 0);
        let sunday = parse("2026-11-22").unwrap();
        let mut counts = Counts::default();
        for (day, asked, passes) in [(0, 2, 2), (1, 2, 1), (6, 1, 0), (7, 5, 3)] {
            counts.roll(Some(&week), sunday + day);
            let mut passed = 0;
            for _ in 0..asked {
                if counts.has_room(Some(&week)) {
                    counts.count();
                    passed += 1;
                }
            }
            assert_eq!(passed, passes, "{day}");
        }
    }

    #[test]
    fn what_is_granted_lasts_for_the_period() {
        let day = quota(10, Period::Day, 0);
        let mut counts = Counts::default();
        counts.roll(Some(&day), 100);
        counts.count();
        counts.grant(&day, 12);
        assert_eq!(
            counts.today(),
            DayCount {
                day: 100,
                count: 1,
                used: -2
            }
        );
        let ended = counts.roll(Some(&day), 101).unwrap();
        assert_eq!((ended.count, ended.used), (1, -2));
        assert_eq!(counts.today().used, 0);
        counts.grant(&day, 0);
        assert!(!counts.has_room(Some(&day)));
    }

    #[test]
    fn a_clock_that_steps_back_gives_nothing_twice_and_is_believed_when_it_was_far_off() {
        let day = quota(1, Period::Day, 0);
        let mut counts = Counts::default();
        counts.roll(Some(&day), 100);
        counts.count();
        assert_eq!(counts.roll(Some(&day), 99), None);
        assert!(!counts.has_room(Some(&day)));
        counts.roll(Some(&day), 50);
        assert!(counts.has_room(Some(&day)));
        assert_eq!(counts.today().day, 50);
    }

    #[test]
    fn another_period_goes_on_with_what_was_counted_of_it() {
        let (day, month) = (quota(5, Period::Day, 0), quota(5, Period::Month, 0));
        let mut counts = Counts::default();
        let today = parse("2026-11-26").unwrap();
        counts.roll(Some(&day), today);
        counts.count();
        counts.roll(Some(&month), today);
        assert_eq!(counts.today().used, 1, "a month");
        counts.roll(Some(&month), today + 1);
        counts.count();
        assert_eq!(counts.today().used, 2);
        counts.roll(Some(&day), today + 1);
        assert_eq!(counts.today().used, 1, "a day again, with that day's");
        counts.roll(None, today + 1);
        assert_eq!(counts.today().used, 1);
    }

    #[test]
    fn kept_counts_go_on() {
        let month = quota(5, Period::Month, 0);
        let today = parse("2026-11-26").unwrap();
        let kept = DayCount {
            day: today - 3,
            count: 2,
            used: 4,
        };
        let mut counts = Counts::of(kept, Some(&month));
        let ended = counts.roll(Some(&month), today);
        assert_eq!(ended, Some(kept));
        assert_eq!(
            counts.today(),
            DayCount {
                day: today,
                count: 0,
                used: 4
            }
        );
        let mut counts = Counts::of(kept, Some(&month));
        counts.roll(Some(&month), parse("2026-12-01").unwrap());
        assert_eq!(counts.today().used, 0);
    }
}
