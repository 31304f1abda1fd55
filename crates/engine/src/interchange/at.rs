//! Times of events: `YYYY-MM-DDTHH:MM:SSZ`, real dates and times of the years 1970 to 9999.

use crate::calendar::{DAY, date, days_before, days_in};

/// Seconds since 1970 of a time such as `2026-03-01T09:00:00Z`; `None` unless it is exactly of that form and real.
pub fn parse_at(text: &str) -> Option<i64> {
    let bytes: &[u8; 20] = text.as_bytes().try_into().ok()?;
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
    if marks.iter().any(|(place, mark)| bytes[*place] != *mark) {
        return None;
    }
    let (year, month, day) = (digits(&bytes[..4])?, digits(&bytes[5..7])?, digits(&bytes[8..10])?);
    let (hour, minute, second) = (digits(&bytes[11..13])?, digits(&bytes[14..16])?, digits(&bytes[17..19])?);
    let real = year >= 1970
        && (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    real.then(|| days_before(year, month, day) * DAY + hour * 3600 + minute * 60 + second)
}

/// The time in the form of the events; `None` outside the years 1970 to 9999.
pub fn format_at(seconds: i64) -> Option<String> {
    let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = if seconds < 0 { return None } else { date(days) };
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    (year <= 9999).then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

fn digits(bytes: &[u8]) -> Option<i64> {
    bytes
        .iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_times_are_read() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2026-03-01T09:00:00Z", 1_772_355_600),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(parse_at(text), Some(seconds), "{text}");
            assert_eq!(format_at(seconds).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_no_real_time_of_the_form_is_refused() {
        for text in [
            "2026-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T23:59:60Z",
            "1969-12-31T23:59:59Z",
            "2026-01-01t00:00:00Z",
            "2026-01-01T00:00:00z",
            "2026-01-01 00:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.0Z",
            "2026-01-01T00:00:00+00:00",
            "+026-01-01T00:00:00Z",
            "20260101T000000Z",
            "",
        ] {
            assert_eq!(parse_at(text), None, "{text}");
        }
        assert_eq!(format_at(-1), None);
        assert_eq!(format_at(253_402_300_800), None);
    }

    proptest! {
        #[test]
        fn times_round_trip(seconds in 0i64..253_402_300_800) {
            prop_assert_eq!(parse_at(&format_at(seconds).unwrap()), Some(seconds));
        }
    }
}
