//! Times of conditions: "one of the W3C implementations of the ISO 8601 date formats or […] epoch (UNIX) time".

/// Milliseconds since 1970 of a year (`2020`), a month, a day, a time with its zone, or of seconds since 1970.
///
/// Four digits are a year. Fractions beyond a millisecond are cut off.
pub(crate) fn parse(text: &str) -> Option<i64> {
    if text.len() != 4
        && let Some(seconds) = epoch(text)
    {
        return seconds.checked_mul(1000);
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let day = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    if parts.next().is_some() || (time.is_some() && date.len() != 10) {
        return None;
    }
    let days = days(year, month, day)?;
    Some(days * 86_400_000 + time.map_or(Some(0), milliseconds)?)
}

fn epoch(text: &str) -> Option<i64> {
    (text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

fn digits(text: &str, length: usize) -> Option<i64> {
    (text.len() == length).then(|| epoch(text)).flatten()
}

/// `hh:mm[:ss[.s…]]` and a zone, less the zone's offset.
fn milliseconds(text: &str) -> Option<i64> {
    let zone = text.find(['Z', '+', '-'])?;
    let (clock, zone) = text.split_at_checked(zone)?;
    let mut parts = clock.split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let (second, fraction) = match parts.next() {
        Some(part) => part
            .split_once('.')
            .map_or((part, None), |(second, fraction)| (second, Some(fraction))),
        None => ("00", None),
    };
    let second = digits(second, 2)?;
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let thousandths = match fraction {
        None => 0,
        Some(fraction) if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) => {
            return None;
        }
        Some(fraction) => {
            let three = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
            three.fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
        }
    };
    Some(((hour * 60 + minute) * 60 + second) * 1000 + thousandths - offset(zone)?)
}

/// `Z`, `+hh:mm` or `-hh:mm`.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60_000)
}

/// Days since 1970 of a date, if there is such a date.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Years begin in March, so that a leap day ends one.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_w3cs_forms() {
        // <https://www.w3.org/TR/NOTE-datetime>, with its own examples.
        let cases = [
            ("1997", 852_076_800_000),
            ("1997-07", 867_715_200_000),
            ("1997-07-16", 869_011_200_000),
            ("1997-07-16T19:20+01:00", 869_077_200_000),
            ("1997-07-16T19:20:30+01:00", 869_077_230_000),
            ("1997-07-16T19:20:30.45+01:00", 869_077_230_450),
            ("1994-11-05T08:15:30-05:00", 784_041_330_000),
            ("1994-11-05T13:15:30Z", 784_041_330_000),
            ("2020-02-29T00:00:00Z", 1_582_934_400_000),
            ("1585699200", 1_585_699_200_000),
            ("0", 0),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "-",
            "x",
            "2021-02-29",
            "2020-13-01",
            "2020-1-1",
            "2020-01-01T00:00",
            "2020-01-01T24:00Z",
            "2020-01T00:00Z",
            "2020-01-01T00:00:00.Z",
            "2020-01-01T00:00:00+1:00",
            "2020-01-01T00:00:00ZZ",
            "99999999999999999999",
            "2020-01-01-01",
            "2020-01-01T00:00:60Z",
            "2020-01-01T0０:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
