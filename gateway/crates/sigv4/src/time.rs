//! Times as signatures write them.

use std::fmt;

/// A time to the second, shown as `20150830T123600Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// The last second of the year 9999; beyond it four digits do not suffice.
const LAST: i64 = 253_402_300_799;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Timestamp {
    /// The time of so many seconds since 1970; what lies before or after 9999 becomes the nearest time between.
    pub fn from_unix(seconds: i64) -> Self {
        Self(seconds.clamp(0, LAST))
    }

    /// Seconds since 1970.
    pub fn unix(self) -> i64 {
        self.0
    }

    /// The day, as `20150830`.
    pub fn date(self) -> String {
        let (year, month, day) = civil(self.0.div_euclid(86_400));
        format!("{year:04}{month:02}{day:02}")
    }

    /// Reads ISO 8601's basic format, `20150830T123600Z`, and nothing else.
    pub(crate) fn parse_basic(text: &str) -> Option<Self> {
        let [y1, y2, y3, y4, m1, m2, d1, d2, b'T', h1, h2, n1, n2, s1, s2, b'Z'] = text.as_bytes() else {
            return None;
        };
        Self::new(
            number(&[*y1, *y2, *y3, *y4])?,
            number(&[*m1, *m2])?,
            number(&[*d1, *d2])?,
            [number(&[*h1, *h2])?, number(&[*n1, *n2])?, number(&[*s1, *s2])?],
        )
    }

    /// Reads HTTP's form, `Sun, 30 Aug 2015 12:36:00 GMT` (RFC 9110, section 5.6.7, without its obsolete forms).
    pub(crate) fn parse_http(text: &str) -> Option<Self> {
        let (_weekday, rest) = text.split_once(", ")?;
        let mut words = rest.split(' ');
        let day = number(words.next()?.as_bytes())?;
        let month = words.next()?;
        let month = MONTHS.iter().position(|name| *name == month)?;
        let year = number(words.next()?.as_bytes())?;
        let mut clock = words.next()?.split(':');
        let time = [
            number(clock.next()?.as_bytes())?,
            number(clock.next()?.as_bytes())?,
            number(clock.next()?.as_bytes())?,
        ];
        if words.next() != Some("GMT") || words.next().is_some() || clock.next().is_some() {
            return None;
        }
        Self::new(year, i64::try_from(month).ok()? + 1, day, time)
    }

    fn new(year: i64, month: i64, day: i64, [hour, minute, second]: [i64; 3]) -> Option<Self> {
        let days = days(year, month, day);
        let real = (1970..=9999).contains(&year) && civil(days) == (year, month, day);
        (real && hour < 24 && minute < 60 && second < 60)
            .then_some(Self(days * 86_400 + hour * 3600 + minute * 60 + second))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0.div_euclid(86_400));
        let second = self.0.rem_euclid(86_400);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(
            formatter,
            "{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z"
        )
    }
}

/// Up to four digits as a number.
fn number(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || digits.len() > 4 {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + i64::from(digit - b'0'))
    })
}

/// Days since 1970 of a date of the Gregorian calendar. Years begin in March, so that a leap day ends one.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day since 1970: [`days`] the other way.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes() {
        let time = Timestamp::parse_basic("20150830T123600Z").unwrap();
        assert_eq!((time.unix(), time.date().as_str()), (1_440_938_160, "20150830"));
        assert_eq!(Timestamp::parse_http("Sun, 30 Aug 2015 12:36:00 GMT"), Some(time));
        for text in [
            "19700101T000000Z",
            "20000229T235959Z",
            "20240229T000000Z",
            "21000228T000001Z",
            "99991231T235959Z",
        ] {
            assert_eq!(Timestamp::parse_basic(text).unwrap().to_string(), text);
        }
        assert_eq!(Timestamp::from_unix(i64::MAX).to_string(), "99991231T235959Z");
        assert_eq!(Timestamp::from_unix(i64::MIN).to_string(), "19700101T000000Z");
    }

    #[test]
    fn every_day_is_its_own() {
        for day in 0..2_932_897 {
            let (year, month, of_month) = civil(day);
            assert_eq!(days(year, month, of_month), day);
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "20150830",
            "20150230T000000Z",
            "20151301T000000Z",
            "20150830T240000Z",
            "20150830T126000Z",
            "2015083xT123600Z",
            "20150830T123600z",
            "20150830T123600.0Z",
            "00000000T000000Z",
            "２0150830T1236Z",
        ] {
            assert_eq!(Timestamp::parse_basic(text), None, "{text}");
        }
        for text in [
            "",
            "Sun, 30 Aug 2015 12:36:00",
            "Sun, 30 Aug 2015 12:36:00 CET",
            "Sun, 30 Aug 2015 12:36 GMT",
            "Sun, 31 Feb 2015 12:36:00 GMT",
            "Sunday, 30-Aug-15 12:36:00 GMT",
        ] {
            assert_eq!(Timestamp::parse_http(text), None, "{text}");
        }
    }
}
