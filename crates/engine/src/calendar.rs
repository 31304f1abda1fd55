//! Days and months of UTC (proleptic Gregorian calendar), in seconds since 1970.

use std::fmt;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;
/// The last second of the year 9999: no event comes later.
pub(crate) const LAST_SECOND: i64 = 253_402_300_799;
/// The last day of the year 9999.
pub(crate) const LAST_DAY: i64 = LAST_SECOND / DAY;

/// A calendar month, counted from January 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(u32);

impl Month {
    /// The month of a time.
    ///
    /// # Panics
    /// If the time lies before 1970.
    pub fn of(at: i64) -> Month {
        let (year, month, _) = date(day(at));
        Month(u32::try_from((year - 1970) * 12 + month - 1).expect("times begin in 1970"))
    }

    /// 00:00 of the next month's first day.
    pub fn end(self) -> i64 {
        let next = i64::from(self.0) + 1;
        days_before(1970 + next / 12, 1 + next % 12, 1) * DAY
    }
}

impl fmt::Display for Month {
    /// As `YYYY-MM`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", 1970 + self.0 / 12, 1 + self.0 % 12)
    }
}

/// The day of a time, counted from 1970-01-01.
pub(crate) fn day(at: i64) -> i64 {
    at.div_euclid(DAY)
}

/// Year, month and day of the month of a day since 1970.
pub(crate) fn date(days: i64) -> (i64, i64, i64) {
    // No year is longer than 366 days, and 400 years have 146,097: the guess is never late and at most a year early.
    let mut year = 1970 + days * 400 / 146_098;
    while days_before(year + 1, 1, 1) <= days {
        year += 1;
    }
    let month = (2..=12).take_while(|month| days_before(year, *month, 1) <= days).last().unwrap_or(1);
    (year, month, days - days_before(year, month, 1) + 1)
}

pub(crate) fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to this date.
pub(crate) fn days_before(year: i64, month: i64, day: i64) -> i64 {
    const BEFORE_MONTH: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let leap_days = |years: i64| years / 4 - years / 100 + years / 400;
    let this_leap_day = i64::from(month > 2 && is_leap(year));
    (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969)
        + BEFORE_MONTH[month as usize - 1]
        + this_leap_day
        + day
        - 1
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_eight_thousand_years_has_its_date() {
        let mut expected = (1970, 1, 1);
        for day in 0..days_before(10_000, 1, 1) {
            assert_eq!(date(day), expected);
            let (year, month, of_month) = expected;
            expected = match (month, of_month) {
                (12, 31) => (year + 1, 1, 1),
                _ if of_month == days_in(year, month) => (year, month + 1, 1),
                _ => (year, month, of_month + 1),
            };
        }
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        let december = Month::of(1_798_761_599);
        assert_eq!(december.to_string(), "2026-12");
        assert_eq!(december.end(), 1_798_761_600);
        assert_eq!(Month::of(december.end()).to_string(), "2027-01");
        assert_eq!(Month::of(0).to_string(), "1970-01");
        assert_eq!(Month::of(1_709_164_800).end(), 1_709_251_200, "February 2024 has 29 days");
    }
}
