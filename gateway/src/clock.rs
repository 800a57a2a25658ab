//! Time, injected: nothing on the request path asks the machine for it directly.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use portcullis_limit::calendar;

/// Where time comes from.
pub trait Clock: std::fmt::Debug + Send + Sync + 'static {
    /// Monotonic time since some start.
    fn monotonic(&self) -> Duration;
    /// Time since 1970-01-01T00:00:00Z.
    fn wall(&self) -> Duration;
}

/// The machine's own clock.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts now.
    pub fn shared() -> Arc<dyn Clock> {
        Arc::new(Self {
            start: Instant::now(),
        })
    }
}

impl Clock for SystemClock {
    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    #[allow(clippy::disallowed_methods, reason = "this is the clock")]
    fn wall(&self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }
}

/// A clock that moves only when told to, for tests.
#[derive(Debug, Default)]
pub struct ManualClock {
    nanoseconds: AtomicU64,
}

impl ManualClock {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let nanoseconds = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn monotonic(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Ordering::SeqCst))
    }

    fn wall(&self) -> Duration {
        // 2026-01-01, so that dates look like dates.
        Duration::from_secs(1_767_225_600) + self.monotonic()
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
/// 1970-01-01 was a Thursday.
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// `EEE MMM dd HH:mm:ss UTC yyyy` of a time since 1970, as the log of a test invocation has it.
pub fn log_time(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let month = MONTHS.get(month - 1).copied().unwrap_or("Jan");
    let of_week = usize::try_from(days % 7).unwrap_or(0);
    let of_week = DAYS.get(of_week).copied().unwrap_or("Thu");
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{of_week} {month} {day:02} {hour:02}:{minute:02}:{second:02} UTC {year:04}")
}

/// `dd/MMM/yyyy:HH:mm:ss +0000` of a time since 1970.
pub fn clf_time(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let month = MONTHS.get(month - 1).copied().unwrap_or("Jan");
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{day:02}/{month}/{year:04}:{hour:02}:{minute:02}:{second:02} +0000")
}

/// `MMM d HH:mm:ss yyyy GMT` of a time since 1970, the day two characters wide, as OpenSSL and so API Gateway write the times
/// of certificates.
pub fn certificate_time(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let month = MONTHS.get(month - 1).copied().unwrap_or("Jan");
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{month} {day:2} {hour:02}:{minute:02}:{second:02} {year:04} GMT")
}

/// `yyyy-MM-ddTHH:mm:ssZ` of a time since 1970.
pub fn iso_time(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month (1 to 12) and day of a day since 1970.
fn civil(days: u64) -> (i64, usize, i64) {
    let (year, month, day) = calendar::civil(i64::try_from(days).unwrap_or(i64::MAX / 2));
    (year, usize::try_from(month).unwrap_or(1), day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: logs of test invocations of the real service, such as `Tue May 30 01:22:45 UTC 2023`. Epochs by `date -u`.
    #[test]
    fn log_times_are_those_of_the_console() {
        for (seconds, expected) in [
            (0, "Thu Jan 01 00:00:00 UTC 1970"),
            (951_782_399, "Mon Feb 28 23:59:59 UTC 2000"),
            (1_685_409_765, "Tue May 30 01:22:45 UTC 2023"),
        ] {
            assert_eq!(log_time(Duration::from_secs(seconds)), expected, "{seconds}");
        }
    }

    /// Source: api-gateway-lambda-authorizer-input.html, `validity` of a client's certificate.
    #[test]
    fn times_of_certificates_are_openssls() {
        for (seconds, expected) in [
            (1_559_046_602, "May 28 12:30:02 2019 GMT"),
            (1_628_156_164, "Aug  5 09:36:04 2021 GMT"),
        ] {
            assert_eq!(certificate_time(Duration::from_secs(seconds)), expected);
        }
    }

    /// Source: the mapping template reference, `requestTime`: `dd/MMM/yyyy:HH:mm:ss +-hhmm`. Epochs by `date -u`.
    #[test]
    fn request_times_are_those_of_common_log_format() {
        for (seconds, expected) in [
            (0, "01/Jan/1970:00:00:00 +0000"),
            (951_782_399, "28/Feb/2000:23:59:59 +0000"),
            (951_782_400, "29/Feb/2000:00:00:00 +0000"),
            (1_767_225_600, "01/Jan/2026:00:00:00 +0000"),
            (1_772_323_200, "01/Mar/2026:00:00:00 +0000"),
            (4_107_542_400, "01/Mar/2100:00:00:00 +0000"),
            (4_107_542_399, "28/Feb/2100:23:59:59 +0000"),
        ] {
            assert_eq!(clf_time(Duration::from_secs(seconds)), expected, "{seconds}");
        }
    }
}
